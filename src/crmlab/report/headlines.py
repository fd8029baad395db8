"""The figures on top of a page that are kept from run to run, and how each stands against earlier runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from crmlab.report import history
from crmlab.report.blocks import Card
from crmlab.report.svg import polyline

_AMOUNT_MOVES = 0.01  # of an amount; less is told as before


class Headlines:
    """The cards of a page that have a key.

    Parameters
    ----------
    page : its name. records : what earlier runs said, the latest last.

    Attributes
    ----------
    before : the figures of the page in the latest of them, by key; empty without one.

    Examples
    --------
    >>> from crmlab.report.messages import count, say
    >>> told = Headlines("faults", [history.Record("2026-09-30", {"faults": {"open": 8}})])
    >>> card = Card(say("Open tickets"), count(83), key="open", better="lower")
    >>> told.keep([card])
    >>> told.figures, told.change(card).verdict
    ({'open': 83}, 'worse')
    """

    def __init__(self, page: str, records: Sequence[history.Record]):
        self._past = [record.pages.get(page, {}) for record in records]
        self._cards: dict[str, Card] = {}
        self.before: Mapping[str, float] = self._past[-1] if records else {}

    def keep(self, cards: Iterable[Card]) -> None:
        """Take up those of the cards that have a key; one with a known key takes its place."""
        self._cards |= {card.key: card for card in cards if card.key}

    @property
    def figures(self) -> dict[str, float | None]:
        """The figure of every card kept, by key."""
        return {key: card.value.value for key, card in self._cards.items()}

    def meaning(self, key: str) -> history.Meaning:
        """What the figure of a card kept is."""
        card = self._cards[key]
        material = card.material
        if card.value.kind == "money" and not card.value.missing:
            material = material or _AMOUNT_MOVES * abs(card.value.value)
        return history.Meaning(card.label, card.value.form, card.better, material)

    def change(self, card: Card) -> history.Change | None:
        """How the figure of a card kept differs from the previous run; None where it does not, or was not there."""
        if card.key not in self.before:
            return None
        before, now = ({card.key: x} for x in (self.before[card.key], card.value.value))
        return next(iter(history.changes(before, now, self.meaning)), None)

    def line(self, card: Card) -> str:
        """The points of the small line of a card; empty where it would have fewer than three."""
        values = list(card.line)
        if not values and card.key:
            past = [figures.get(card.key) for figures in self._past]
            values = [x for x in (*past, card.value.value) if x is not None]
        return polyline(values) if len(values) >= 3 else ""
