"""Why a row cannot be used: each reason names the column, shows the cell, and says in few words what is wrong with it.

The words are few and fixed, so that reasons can be counted without their values (reasons.sql) and translated.
"""

from __future__ import annotations

from dataclasses import dataclass

from crmlab.tables import Column, Table

LONGEST = 200
"""Characters; a longer number of a ticket or customer is a quote that was never closed."""
_DATES = {
    "is not in 1900 to 2099, the years that are read": "regexp_matches({x}, '^[0-9]{4}[-./年]') and not regexp_matches({x}, '^(19|20)')",
    "is not a date (year-month-day)": "true",
}
_AMOUNTS = {
    "is in powers of ten": "regexp_matches({x}, '^[-+]?[0-9]+([.,][0-9]+)?[eE][-+]?[0-9]+')",
    "has more than 15 digits": "regexp_matches(replace(replace({x}, ',', ''), '.', ''), '^[^0-9]*[0-9]{16}')",
    'is not an amount unless mapping.yaml states decimal: ","': "regexp_matches({x}, '^[^0-9]*([0-9]+|[0-9]{1,3}([. ][0-9]{3})+),[0-9]{1,2}[^0-9]*\\z')"
    " or regexp_matches({x}, '^[^0-9]*[0-9]{1,3}([. ][0-9]{3})+,[0-9]+[^0-9]*\\z')",
    "is not an amount": "true",
}
_NUMBERS = {"is not a number": "true"}
_WORDS = {"date": _DATES, "time": _DATES, "money": _AMOUNTS, "number": _NUMBERS, "count": _NUMBERS}
"""What can be wrong with a required cell `{x}` of a kind; the first that holds is said."""
ALIEN = "is in another currency than the books (mapping.yaml: currency)"
CELL = "{cell}"
_QUOTED = f"'''{CELL}'''"
LATE = "lies more than a year after every other day"


@dataclass(frozen=True)
class Reason:
    """Something wrong with a row: the column, the SQL that is true of the row, the words, and the SQL of what is shown around them.

    before, after : the cell, and what it is compared with; empty where nothing is shown.
    """

    column: str
    test: str
    words: str
    before: str = ""
    after: str = ""

    @property
    def sql(self) -> str:
        """A branch of a CASE."""
        parts = [
            f"'{self.column}: '",
            self.before,
            f"'{' ' if self.before else ''}{self.words}{self.after and ' '}'",
            self.after,
        ]
        return f"when {self.test} then concat({', '.join(p for p in parts if p)})"


def of_cells(table: Table, stated: bool, alien: str = "") -> tuple[list[Reason], str]:
    """What makes a row useless: its key, or a date, amount or number that the contract requires, cannot be used.

    Reads the columns of a row `s`, and as `written_<column>` what stands in a cell that could not be read. In the words `CELL` stands for
    the cell; the second of what is returned is its SQL, null where there is none.

    Parameters
    ----------
    stated : mapping.yaml states other dates than year-month-day.
    alien : a regular expression that finds another currency than that of the books; empty where any is read.
    """
    found, cells = [], []
    for c in table.columns:
        if c.kind == "id" and (c.required or c.name == table.key[0]):
            test = f"length(s.{c.name}) > {LONGEST}"
            found.append(Reason(c.name, test, f"is longer than {LONGEST} characters", _QUOTED))
            cells.append(f"when {test} then s.{c.name}")
        if not _needed(table, c):
            continue
        x = f"s.written_{c.name}"
        told = dict(_WORDS.get(c.kind, {}))
        if alien and c.kind == "money":
            told = {ALIEN: f"regexp_matches(upper({{x}}), '{alien}')", **told}
        for words, test in told.items():
            test = f"s.{c.name} is null and {x} is not null and ({test.replace('{x}', x)})"
            words = words.removesuffix(" (year-month-day)") if stated else words
            found.append(Reason(c.name, test, words, _QUOTED))
        found.append(Reason(c.name, f"s.{c.name} is null", "empty"))
        cells.append(f"when s.{c.name} is null then {x if c.kind in _WORDS else 'null'}")
    return found, "\n".join(["case", *cells, "end"]) if cells else "cast(null as varchar)"


def _needed(table: Table, column: Column) -> bool:
    return column.required and (column.name in table.key or column.kind in ("id", *_WORDS))


def contradictions(table: Table, twice: str = "false") -> list[Reason]:
    """What the contract says of two columns of a row, or of its sign, and the row `t` does not hold.

    A day without a time counts as any moment of that day. `twice` is true of a row in the hour that a clock shows twice.
    """
    found = []
    for a, b in table.ordered:
        dates = table.column(a).kind in ("date", "time")
        if dates:
            test = f"t.{b} < t.{a} and t.{b} <> t.{a}::date::timestamp and not {twice}"
            found.append(Reason(b, test, f"is before {a}", f"t.{b}::varchar", f"t.{a}::varchar"))
        else:
            found.append(Reason(a, f"t.{b} < t.{a}", f"is above {b}", _plain(f"t.{a}"), _plain(f"t.{b}")))
    negative = [c for c in table.columns if c.not_negative]
    return found + [Reason(c.name, f"t.{c.name} < 0", "negative") for c in negative]


def _plain(x: str) -> str:
    """A number without the zeros at its end, and without the exponents in which the engines differ."""
    return f"regexp_replace(try_cast({x} as decimal(30, 6))::varchar, '[.]?0+\\z', '', 'g')"


def case(reasons: list[Reason]) -> str:
    """The SQL of the first reason that holds; null where none does."""
    return "\n".join(["case", *(r.sql for r in reasons), "end"]) if reasons else "cast(null as varchar)"
