"""Which table an export is, and which of its headers is which column: one to one, the best sum over the whole table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from crmlab.clean.draft.facts import Facts
from crmlab.clean.draft.fit import fit
from crmlab.clean.draft.names import Likeness, likeness
from crmlab.clean.reading.headers import STANDS_IN
from crmlab.tables import Column, Table

PLACED = 0.5
"""Confidence below which a header is not placed: an honest gap is better than a wrong column."""
SURE, LIKELY = 0.85, 0.65
_NEAR = 0.3
REQUIRED = 3.0
"""What a required column speaks for a table, and its lack against it; another column speaks 1."""
_GUESS = 0.5
_NAME = 0.55
"""Share of a confidence that the header alone can give; the values give the rest, and a veto."""


@dataclass(frozen=True)
class Placed:
    """One column of the contract in one column of the export.

    confidence : 0 to 1. guessed : the header says nothing, the values alone speak for it.
    """

    column: Column
    facts: Facts
    confidence: float
    likeness: Likeness
    guessed: bool = False

    @property
    def header(self) -> str:
        """The header in the export."""
        return self.facts.header

    @property
    def word(self) -> str:
        """The confidence in a word."""
        if self.guessed:
            return "guess"
        return "sure" if self.confidence >= SURE else "likely" if self.confidence >= LIKELY else "unsure"


@dataclass
class Placement:
    """An export seen as `table`: its columns, what could not be placed, and which required columns are missing."""

    table: Table
    placed: dict[str, Placed]
    left: list[Facts]
    missing: list[Column]
    near: dict[str, list[str]] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """How well the table explains the export; required columns count most, and a missing one against it."""
        found = sum(p.confidence * _weight(self.table, p.column) for p in self.placed.values())
        return found - REQUIRED * len(self.missing)


def place(columns: Sequence[Facts], table: Table) -> Placement:
    """The columns of an export as those of `table`."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    ours = [c for c in table.columns if c.kind != "private"]
    like = [[likeness(f.header, table, c) for c in ours] for f in columns]
    private = [
        any(likeness(f.header, table, c).alias for c in table.columns if c.kind == "private") for f in columns
    ]
    scores = np.zeros((len(columns), len(ours)))
    for n, facts in enumerate(columns):
        for m, column in enumerate(ours):
            scores[n, m] = 0.0 if private[n] else _confidence(facts, table, column, like[n][m])
    _closing_comes_last(columns, ours, scores)
    worth = np.where(scores >= PLACED, scores, 0.0)
    placed: dict[str, Placed] = {}
    for n, m in zip(*linear_sum_assignment(-worth), strict=True):
        if worth[n, m]:
            placed[ours[m].name] = Placed(ours[m], columns[n], float(scores[n, m]), like[n][m])
    found = Placement(table, placed, [], [])
    _guess(found, columns, private)
    taken = {p.header for p in found.placed.values()}
    found.left = [f for f in columns if f.header not in taken]
    found.missing = [
        c
        for c in table.columns
        if c.required and c.name not in found.placed and not _stands_in(c, found.placed)
    ]
    for column in found.missing:
        m = ours.index(column)
        near = sorted(((like[n][m].score, f) for n, f in enumerate(columns)), key=lambda one: -one[0])[:3]
        found.near[column.name] = [
            f"{f.header} (about people: name it yourself if they are your customers)"
            if f.people
            else f.header
            for score, f in near
            if score >= _NEAR
        ]
    return found


def _confidence(facts: Facts, table: Table, column: Column, like: Likeness) -> float:
    if facts.people and not like.alias and column.kind != "person":
        return 0.0
    values = fit(facts, table, column)
    if values == 0:
        return 0.0
    return round(like.score * (_NAME + (1 - _NAME) * values), 3)


def _closing_comes_last(columns: Sequence[Facts], ours: list[Column], scores) -> None:
    """A closing time that lies before the opening is none: halve what speaks for it."""
    names = [c.name for c in ours]
    for a, b in (
        ("reported_at", "closed_at"),
        ("start_at", "end_at"),
        ("received_at", "resolved_at"),
        ("opened_at", "closed_at"),
    ):
        if a not in names or b not in names:
            continue
        m, k = names.index(a), names.index(b)
        first = max(range(len(columns)), key=lambda n: scores[n, m], default=None)
        if first is None or not columns[first].at:
            continue
        for n, facts in enumerate(columns):
            if n != first and scores[n, k] and facts.at and _before(facts, columns[first]) > 0.05:
                scores[n, k] /= 2


def _before(later: Facts, earlier: Facts) -> float:
    """Rows in which `later` lies before `earlier`, of those that have both."""
    both = [(a, b) for a, b in zip(later.at, earlier.at, strict=True) if a and b]
    return sum(a[:10] < b[:10] for a, b in both) / len(both) if both else 0.0


def _guess(found: Placement, columns: Sequence[Facts], private: list[bool]) -> None:
    """One required column that no header names, where the values leave one candidate only.

    Two other columns must speak for the table, and all else that is required must be there.
    """
    open_ = [c for c in found.table.columns if c.name not in found.placed and not _stands_in(c, found.placed)]
    if len(found.placed) < 2 or sum(c.required for c in open_) > 1:
        return
    for column in found.table.columns:
        if (
            column.name in found.placed
            or not _guessable(column, found.table)
            or _stands_in(column, found.placed)
        ):
            continue
        taken = {p.header for p in found.placed.values()}
        free = [
            f
            for f, hidden in zip(columns, private, strict=True)
            if f.header not in taken and not f.people and not hidden
        ]
        candidates = [f for f in free if _alone(f, found.table, column)]
        if len(candidates) == 1:
            found.placed[column.name] = Placed(column, candidates[0], _GUESS, Likeness(0.0), guessed=True)


def _guessable(column: Column, table: Table) -> bool:
    key = column.name == table.key[0] and column.kind == "id"
    return key or (column.required and column.kind in ("time", "date", "text"))


def _alone(facts: Facts, table: Table, column: Column) -> bool:
    """Whether the values could hardly be anything else."""
    if column.kind in ("time", "date"):
        return facts.share("time") >= 0.9 and facts.share_filled > 0.8
    if column.kind == "text":
        return facts.words >= 3 and facts.unique > 0.2 and facts.share_filled > 0.5
    return (
        facts.unique == 1
        and facts.share_filled == 1
        and facts.rows > 20
        and fit(facts, table, column) > 0.9
        and facts.words <= 3
    )


def _stands_in(column: Column, placed: dict[str, Placed]) -> bool:
    return STANDS_IN.get(column.name) in placed


def _weight(table: Table, column: Column) -> float:
    if column.required or column.name == table.key[0]:
        return REQUIRED
    return 1.0
