"""One page: opened by a notebook, filled by one call per cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from crmlab.files import Project
from crmlab.report import history
from crmlab.report.badge import Quality, lack, lacking, read_status
from crmlab.report.blocks import SHOWN, Block, Card, Columns, block, grid, nine_cells
from crmlab.report.board import Question
from crmlab.report.compared import changes_grid, said
from crmlab.report.csv_file import csv_text
from crmlab.report.headlines import Headlines
from crmlab.report.language import Language
from crmlab.report.matrix import Matrix
from crmlab.report.messages import (
    MISSING,
    Message,
    Value,
    as_text,
    count,
    day,
    money,
    month,
    percent,
    say,
    term,
)
from crmlab.report.run import Run
from crmlab.report.symptom_card import SymptomCard

if TYPE_CHECKING:
    import pandas as pd

    from crmlab.report.charts import Chart

TITLES = {
    "overview": say("Overview"),
    "clean": say("Data quality"),
    "faults": say("Fault causes"),
    "service": say("Service promises"),
    "purchases": say("Purchases and sales"),
    "churn": say("Renewals and churn"),
    "value": say("Customer value"),
    "segments": say("Value types"),
    "review": say("Customer review"),
}
"""The pages in the order of their navigation, and what the navigation calls them."""

WhenEmpty = Literal["said", "title", "nothing"]
"""What stands in the place of a table or a chart without data: that there are none, the title alone where it says all, or nothing."""


class Page:
    """A page under construction; `open_page` makes it. Each method returns a Block that shows itself.

    Examples
    --------
    One call per cell; docs/how-to/add-a-page.md makes a page from nothing.

    >>> page = open_page("faults")  # doctest: +SKIP
    >>> page.header(say("Fault causes"), say("Which cause is behind which symptom"))  # doctest: +SKIP
    >>> page.figure(say("Disk lights"), bars(shares, "cause", "share"))  # doctest: +SKIP
    >>> page.closing()  # doctest: +SKIP
    """

    def __init__(
        self,
        name: str,
        project: Project,
        languages: list[Language],
        company: dict[str, Any],
        as_of: dict[str, str],
        status: dict[str, Any],
        params: dict[str, Any],
        quality: Quality,
        run: Run,
        records: Sequence[history.Record] = (),
    ) -> None:
        self.name = name
        self.project = project
        self.languages = languages
        self.company = company
        self.today: Value = day(as_of["as_of"])
        self.period: Value = month(as_of["report_month"])
        self.status = status
        self.params = params
        self.quality = quality
        self.run = run
        self.records = records
        comparable = [x for x in records if name == "clean" or x.withheld == frozenset(quality.withheld)]
        self.earlier = comparable[-1] if comparable else None
        self._headlines = Headlines(name, comparable)
        self._anchors: set[str] = set()
        self._charts = 0

    @property
    def mute(self) -> bool:
        """Whether the stage behind the page could not answer at all: then only its head, its attention and its end are written."""
        return self.status.get("state") == "empty"

    @property
    def stale_after(self) -> int:
        """Days after which a reader is told that the page is older than its schedule (params.yaml, report)."""
        return int((self.params.get("report") or {}).get("stale_after_days", 35))

    def _anchor(self, title: Message) -> str:
        """A readable id from the English title, the same in every language, unique on the page."""
        words = (
            re.sub(r"[^a-z0-9]+", "-", re.sub(r"\{.*?\}", "", title.text).lower()).strip("-")[:40].strip("-")
            or "part"
        )
        anchor, n = words, 2
        while anchor in self._anchors:
            anchor, n = f"{words}-{n}", n + 1
        self._anchors.add(anchor)
        return anchor

    def _texts(self, message: Any) -> dict[str, str]:
        return {language.tag: as_text(message, language) for language in self.languages}

    def _block(self, kind: str, notes: dict[str, Any] | None = None, **parts: Any) -> Block:
        if self.mute and kind not in ("header", "attention", "closing"):
            return Block(kind, {language.tag: "" for language in self.languages})
        return block(kind, self.languages, notes, **parts)

    def header(self, title: Message, lead: Message | None = None, reader: str = "") -> Block:
        """The head of the page: company, title, period, data as of, data quality; `reader` is a customer for whom the page is made."""
        notes = {"title": self._texts(title), "run": self.run.id, "reader": reader, **self.company}
        return self._block("header", notes, page=self, title=title, lead=lead)

    def attention(self, messages: Iterable[Message], calm: bool = False) -> Block:
        """What needs attention: three to five computed sentences, the most important first; `calm` when that one is good news."""
        title = say("What needs attention")
        anchor = self._anchor(title)
        notes = {"sections": [{"anchor": anchor, "title": self._texts(title)}]}
        return self._block("attention", notes, anchor=anchor, messages=list(messages), calm=calm)

    def cards(self, cards: Iterable[Card]) -> Block:
        """The figures on top; the first is the page's headline on the index. A card without a figure is left out.

        A card with a key tells how its figure changed, is kept for the next run, and stands among `changes`.
        """
        cards = [card for card in cards if not (isinstance(card.value, Value) and card.value.missing)]
        kept = self._headlines
        kept.keep(cards)
        shown = [(card, kept.change(card), kept.line(card)) for card in cards]
        notes = {
            "cards": [
                {
                    "label": self._texts(card.label),
                    "value": self._texts(card.value),
                    "change": self._texts(said(moved)) if moved else {},
                    "verdict": moved.verdict if moved else "",
                    "key": card.key,
                    "form": card.value.form if isinstance(card.value, Value) else "text",
                }
                for card, moved, _ in shown
            ],
            "figures": history.told({c.key: c.value.value for c in cards if c.key}, kept.meaning),
        }
        since = day(self.earlier.as_of) if self.earlier else None
        before = {card.key for card in cards if card.key in kept.before}
        return self._block("cards", notes, cards=shown, since=since, before=before, said=said)

    @property
    def previous_day(self) -> Value | None:
        """The as-of day of the previous run; None where it told nothing of this page."""
        return day(self.earlier.as_of) if self.earlier and self._headlines.before else None

    def changed(self, cards: Iterable[Card]) -> list[history.Change]:
        """How the figures of `cards` differ from the previous run; empty without one."""
        cards = list(cards)
        self._headlines.keep(cards)
        return [change for card in cards if card.key and (change := self._headlines.change(card))]

    def vanished(self, cards: Iterable[Card]) -> int:
        """How many figures of the previous run `cards` can no longer tell."""
        return len(set(self._headlines.before) - {card.key for card in cards})

    def board(self, questions: Sequence[Question]) -> Block:
        """A manager's questions with their answers, in one screen."""
        anchored = [(self._anchor(question.asked), question) for question in questions]
        notes = {
            "sections": [{"anchor": anchor, "title": self._texts(x.asked)} for anchor, x in anchored],
            "board": True,
        }
        return self._block("board", notes, questions=anchored)

    def section(self, title: Message, shown: bool = True) -> Block:
        """The heading of a section; nothing where it is not `shown`."""
        if not shown:
            return self._block("instead", title=None)
        anchor = self._anchor(title)
        notes = {"sections": [{"anchor": anchor, "title": self._texts(title)}]}
        return self._block("section", notes, anchor=anchor, title=title)

    def figure(
        self,
        title: Message,
        chart: Chart,
        note: Message | None = None,
        data: pd.DataFrame | None = None,
        columns: Columns | None = None,
        when_empty: WhenEmpty = "said",
    ) -> Block:
        """A chart under the finding it shows, with a note on how to read it and its data as a table.

        `when_empty` is what stands there when the chart has nothing to draw, as in `table`.
        """
        if chart.empty and when_empty != "said":
            return self._block("instead", title=title if when_empty == "title" else None)
        self._charts += 1
        drawn = (
            None
            if chart.empty
            else {
                language.tag: chart.drawings(language, title, f"chart{self._charts}")
                for language in self.languages
            }
        )
        behind = grid(data, columns) if data is not None and columns else None
        notes = (
            {} if drawn is None or self._charts > 1 else {"thumbnail": drawn[self.languages[0].tag]["narrow"]}
        )
        return self._block("figure", notes, title=title, svg=drawn, note=note, grid=behind)

    def table(
        self,
        title: Message,
        frame: pd.DataFrame,
        columns: Columns,
        note: Message | None = None,
        folded: bool = False,
        when_empty: WhenEmpty = "said",
        most: int = SHOWN,
    ) -> Block:
        """A table of at most `most` rows; `columns` maps a column to its heading and format, the first names the row.

        Parameters
        ----------
        folded : show only its title until a reader opens it.
        when_empty : what stands there without rows: the title and that there are none, the title alone where it says all, or
            nothing.
        most : rows shown; wide rows fill a page sooner. All of them stand in a file beside it.
        """
        cells, notes = grid(frame, columns, most), {}
        if cells.cut:
            name = f"{self.name}-{self._anchor(title)}.csv"
            notes = {
                "file": {"name": name, "text": {x.tag: csv_text(frame, columns, x) for x in self.languages}}
            }
            cells = replace(cells, file=name)
        return self._block(
            "table", notes, title=title, grid=cells, note=note, folded=folded, when_empty=when_empty
        )

    def matrix(self, title: Message, matrix: Matrix, note: Message | None = None) -> Block:
        """A table of one figure by two things, the larger the darker; nothing where it has no rows."""
        return self._block("matrix", title=title, matrix=matrix, note=note)

    def symptom_cards(self, cards: Sequence[SymptomCard], otherwise: Message) -> Block:
        """One card per symptom to print and hang beside the phone; `otherwise` stands there when there is none."""
        return self._block(
            "symptom_cards" if cards else "instead", **({"cards": cards} if cards else {"title": otherwise})
        )

    def changes(
        self,
        figures: Mapping[str, float | None] | None = None,
        meaning: Callable[[str], history.Meaning] | None = None,
    ) -> Block:
        """What differs from the previous as-of day: a section of its own, worst first; the figures enter the history.

        Parameters
        ----------
        figures : what is compared, by id; default the cards of the page that have a key.
        meaning : says of each id, also of one that is no more, what it is.
        """
        before = self._headlines.before
        if figures is None or meaning is None:
            figures, meaning = self._headlines.figures, self._headlines.meaning
            before = {key: x for key, x in before.items() if key in figures}
        title = say("Changes since the previous run")
        anchor = self._anchor(title)
        notes = {
            "sections": [{"anchor": anchor, "title": self._texts(title)}],
            "figures": history.told(figures, meaning),
        }
        found = history.changes(before, figures, meaning)
        return self._block(
            "changes",
            notes,
            anchor=anchor,
            title=title,
            earlier=self.earlier and day(self.earlier.as_of),
            known=bool(before),
            n=count(len(figures)),
            grid=changes_grid(found, self.earlier and self.earlier.as_of, self.today),
        )

    def nine_types(self, title: Message, frame: pd.DataFrame, note: Message | None = None) -> Block:
        """The nine value types as a 3 x 3 table; `frame` has columns type, n and to_come or median_to_come (minor units).

        With median_to_come a cell shows that and is darker the higher it is; without it, to_come and the number of customers.
        """
        types, undetermined = nine_cells(frame)
        return self._block(
            "nine_types",
            title=title,
            types=types,
            undetermined=undetermined,
            by_worth="median_to_come" in frame,
            note=note,
            term=term,
            percent=percent,
            money=money,
        )

    def pages(self, says: Mapping[str, Sequence[Message]]) -> Block:
        """What each other page says: its title as a link, whether its stage had all it needs, its first sentences.

        `says` maps a page to its sentences of attention.
        """
        entries = []
        for name, messages in says.items():
            status = read_status(self.project.processed(name) / "status.json", self.quality)
            missing = [lack(m) for m in lacking(status.get("missing", []), self.quality.exported)]
            state = status.get("state", "empty")
            entries.append((name, TITLES.get(name, name), state, missing, list(messages)))
        return self._block("pages", entries=entries)

    def closing(
        self,
        method: Iterable[Message] = (),
        list_missing: bool = True,
        words: Mapping[str, Message] | None = None,
    ) -> Block:
        """The end of the page: data quality, what was missing (unless the page lists it itself), parameters and method, the run.

        `words` names parameters whose key means something else on another page.
        """
        words = words or {}
        quality, how = say("Data quality"), say("Parameters and method")
        anchors = {"quality": self._anchor(quality), "method": self._anchor(how)}
        notes = {
            "sections": [
                {"anchor": anchors["quality"], "title": self._texts(quality)},
                {"anchor": anchors["method"], "title": self._texts(how)},
            ]
        }
        lacks = lacking(self.status.get("missing", []), self.quality.exported) if list_missing else []
        missing = [(lack(m), term("lacks", m["adds"])) for m in lacks]
        settings = self.params.get(self.name) or {}
        parameters = [
            (say("Company"), self.company["name"]),
            (say("Data as of"), self.today),
            *([(say("Compared with"), day(self.earlier.as_of))] if self.earlier else []),
            (say("Currency"), self.company["currency"]),
            *((words.get(key) or term("parameter", key), _written(value)) for key, value in settings.items()),
            (say("Version"), f"crmlab {self.run.version}"),
            (say("Code"), self.run.code),
            (say("Data"), self.run.data),
            (say("Run"), self.run.id),
        ]
        return self._block(
            "closing",
            notes,
            page=self,
            anchors=anchors,
            method=[] if self.mute else list(method),
            missing=missing,
            parameters=parameters,
        )


def _written(value: Any) -> str:
    """A parameter as params.yaml has it, on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{k} {_written(v)}" for k, v in value.items()) or MISSING
    if isinstance(value, list):
        return ", ".join(map(str, value)) or MISSING
    return str(value)
