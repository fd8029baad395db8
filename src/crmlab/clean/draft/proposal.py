"""One table as the draft proposes it: the keys of its part of mapping.yaml, each with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from crmlab.clean.draft import shapes
from crmlab.clean.draft.days import SPOKEN, moment_of, swapped
from crmlab.clean.draft.exports import Group
from crmlab.clean.draft.facts import Facts
from crmlab.clean.draft.fit import reads_as
from crmlab.clean.draft.names import file_likeness, likeness
from crmlab.clean.draft.placement import LIKELY, REQUIRED, Placed, Placement, place
from crmlab.clean.reading.headers import STANDS_IN
from crmlab.tables import Column, Table

NAMED_LIKE_IT = 2.0
"""What the name of a file is worth, beside required columns at REQUIRED each."""
_ASKED = 5.0
"""What a questionnaire says for surveys."""


@dataclass
class Proposal:
    """A kind of file as one table.

    sql, constants : column → (expression or value, reason). files : the pattern, empty where the files are found by their name.
    dates, undecided : forms that mapping.yaml must state, and cells whose day and month could be either.
    missing : required columns that nothing supplies. notes : what a person should know.
    """

    group: Group
    table: Table
    placement: Placement
    columns: Sequence[Facts]
    files: str = ""
    sql: dict[str, tuple[str, str]] = field(default_factory=dict)
    constants: dict[str, tuple[str, str]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    undecided: list[str] = field(default_factory=list)
    keep: shapes.Log | None = None
    unpivot: shapes.Questionnaire | None = None
    copies: int = 0
    decimal: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def given(self) -> set[str]:
        """Columns that no header supplies."""
        melted = {"item", "score"} if self.unpivot else set()
        return set(self.sql) | set(self.constants) | melted

    @property
    def missing(self) -> list[Column]:
        """Required columns that nothing supplies."""
        return [c for c in self.placement.missing if c.name not in self.given]

    @property
    def score(self) -> float:
        """How well the table explains the files."""
        named = NAMED_LIKE_IT * any(file_likeness(n, self.table) for n in self.group.names)
        wide = _ASKED if self.unpivot else 0.0
        supplied = len(self.placement.missing) - len(self.missing)
        return self.placement.score + 2 * REQUIRED * supplied + named + wide

    @property
    def near(self) -> float:
        """The same without what is missing: which table the files come nearest to."""
        return self.score + 2.5 * len(self.missing)

    @property
    def encoding(self) -> str:
        """Of text files that are neither UTF-8 nor GB18030."""
        found = self.group.peeks[0].encoding
        return "" if found in ("", "utf-8", "utf-8-sig", "gb18030") else found

    @property
    def header(self) -> int:
        """The line of the headers, where it is not the first."""
        lines = {p.header for p in self.group.peeks}
        return lines.pop() if len(lines) == 1 and lines != {1} else 0

    @property
    def lines(self) -> list[Placed]:
        """Columns that need a line: not recognised by themselves, or by two headers."""
        return [
            p
            for p in self.placement.placed.values()
            if p.column.name not in self.given and not self._recognised(p)
        ]

    @property
    def recognised(self) -> list[Placed]:
        """Columns that need no line."""
        return [
            p
            for p in self.placement.placed.values()
            if p.column.name not in self.given and self._recognised(p)
        ]

    def _recognised(self, placed: Placed) -> bool:
        rivals = [f.header for f in self.columns if likeness(f.header, self.table, placed.column).alias]
        return rivals == [placed.header]


def propose(group: Group, columns: Sequence[Facts], table: Table) -> Proposal:
    """The files of `group` as `table`."""
    found = Proposal(group, table, place(columns, table), columns)
    if table.name == "surveys":
        _as_questionnaire(found)
    _state_dates(found)
    _name_choices(found)
    if table.name == "tickets":
        _as_event_log(found)
    if table.name == "sales":
        _as_sales(found)
    used = [p.facts for p in found.placement.placed.values()]
    if any(f.comma > 0.3 for f in used) and not any(f.points > 0.3 for f in used if f.share("number") > 0.5):
        found.decimal = ","
    return found


def _as_questionnaire(found: Proposal) -> None:
    taken = {p.header for p in found.placement.placed.values() if p.column.name not in ("item", "score")}
    asked = shapes.questionnaire(found.columns, taken)
    if asked is None or {"item", "score"} & set(found.placement.placed):
        return
    found.unpivot = asked
    if "scale_max" not in found.placement.placed:
        found.constants["scale_max"] = (
            str(asked.scale_max),
            "the highest answer seen; the scale may go further",
        )
    if "survey_id" not in found.placement.placed:
        found.sql["survey_id"] = ("'R' || row_number() over ()", "each line is one questionnaire")


def _state_dates(found: Proposal) -> None:
    """Day forms that `clean` does not read by itself, for the columns that are placed."""
    placed = [p for p in found.placement.placed.values() if p.column.kind in ("date", "time")]
    certain = {form: None for p in placed if not p.facts.order for form in p.facts.formats}
    for p in (p for p in placed if p.facts.order):
        decided = [form for form in p.facts.formats if form in certain or swapped(form) in certain]
        if not decided:
            found.undecided += [p.header]
        for form in p.facts.formats:
            certain.setdefault(swapped(form) if swapped(form) in certain else form, None) if decided else None
    clash = [form for form in certain if swapped(form) != form and swapped(form) in certain]
    if clash:
        found.notes.append(
            f"dates: some columns are written {clash[0]}, others {swapped(clash[0])}; the first form that fits is used for all"
        )
    found.dates = tuple(certain)
    for p in (p for p in placed if p.facts.spoken):
        expression = SPOKEN[p.facts.spoken].replace("{x}", shapes.identifier(p.header))
        found.sql[p.column.name] = (expression, f"{p.header} holds dates as {p.facts.spoken}")


def _name_choices(found: Proposal) -> None:
    """A header that names a choice, but whose words are none of it: what must be translated."""
    for column in (
        c for c in found.table.columns if c.kind == "choice" and c.name not in found.placement.placed
    ):
        for f in found.placement.left:
            if (
                f.filled
                and not f.people
                and f.distinct <= 12
                and likeness(f.header, found.table, column).score >= LIKELY
            ):
                words = ", ".join(v for v, _ in f.top[:6])
                found.notes.append(
                    f"{f.header} is named like {column.name}, but its words ({words}) are none of {', '.join(column.choices)}. To use it: "
                    f"sql: {{{column.name}: case {shapes.identifier(f.header)} when '{f.top[0][0]}' then '{next(iter(column.choices))}' … end}}"
                )


def _as_event_log(found: Proposal) -> None:
    key = found.placement.placed.get("ticket_id")
    if key is None or key.facts.unique > 0.8:
        return
    found.keep = shapes.event_log(found.columns, found.group.rows, key.header)
    if found.keep is None:
        found.notes.append(
            f"{key.header} repeats ({key.facts.filled / key.facts.distinct:.1f} rows each), and no column tells which row is the last: "
            "the ticket closed last stays, the others count as duplicates"
        )
        return
    last = next(f for f in found.columns if f.header == found.keep.last_by)
    opened = found.placement.placed.get("reported_at")
    if last.at and (opened is None or opened.facts is last):
        found.placement.placed.pop("reported_at", None)
        moment = moment_of(shapes.identifier(last.header), last.formats, last.spoken)
        first = f"min({moment}) over (partition by {shapes.identifier(found.keep.per)})"
        found.sql["reported_at"] = (
            first,
            f"no column says when it was opened; the first {last.header} of each",
        )


def _as_sales(found: Proposal) -> None:
    placed = found.placement.placed
    qty, amount, price = placed.get("qty"), placed.get("amount"), placed.get("unit_price")
    if qty and amount and not amount.likeness.alias and price is None and shapes.is_price(amount):
        column = found.table.column("unit_price")
        placed["unit_price"] = price = Placed(
            column, amount.facts, amount.confidence, likeness(amount.header, found.table, column)
        )
        del placed["amount"]
        found.placement.missing.append(found.table.column("amount"))
        amount = None
    if amount is None and qty and price:
        found.sql["amount"] = (
            shapes.amount(qty.facts, price.facts),
            f"no amount of the line; {qty.header} times {price.header}",
        )
    signed = next((p.facts for p in (qty, amount) if p and p.facts.negative), None)
    if (
        "is_return" not in placed
        and signed
        and (told := shapes.returns(found.placement, found.columns, found.group.rows, signed))
    ):
        found.sql["is_return"] = told
    copies = shapes.copies(found.group.rows)
    timed = "sold_at" in placed and any(
        a and a[11:19] not in ("", "00:00:00") for a in placed["sold_at"].facts.at[:200]
    )
    if copies > 0.0005 * len(found.group.rows):
        if "order_id" in placed and timed:
            found.copies = copies
        else:
            found.notes.append(
                f"{copies:,} of {len(found.group.rows):,} rows looked at repeat another in every cell; kept, for without an order number and a time "
                "of day two purchases may look the same. If they are copies: drop_duplicates: true"
            )


def why(placed: Placed, table: Table) -> str:
    """Why a header was placed, in a few words."""
    values = reads_as(placed.facts)
    if placed.guessed:
        return f"{values}, and no other column is; the name says nothing"
    if placed.likeness.alias:
        return f"a known header; {values}"
    return f"like {placed.likeness.phrase.replace('_', ' ')!r}; {values}"


def incomplete(found: Proposal) -> list[str]:
    """What is missing, one line per required column, with the nearest candidates and what else would do."""
    lines = []
    for column in found.missing:
        near = found.placement.near.get(column.name, [])
        hint = f"nearest by name: {', '.join(near)}" if near else "no header comes near"
        stand_in = STANDS_IN.get(column.name)
        either = (
            f" or {stand_in}" if stand_in and any(c.name == stand_in for c in found.table.columns) else ""
        )
        lines.append(
            f"{column.name}{either} ({column.meaning}) is missing; {hint}{_instead(found.table, column)}"
        )
    return lines


def _instead(table: Table, column: Column) -> str:
    """What to write where the export has no such column."""
    if column.kind in ("date", "time"):
        return f'; if one day holds for all rows: constants: {{{column.name}: "2026-06-30"}}'
    if column.kind == "id" and column.name == table.key[0]:
        return f"; if each line is one: sql: {{{column.name}: row_number() over ()}}"
    if column.name == "customer_id":
        return "; if each line is a customer of its own: sql: {customer_id: \"'R' || row_number() over ()\"}"
    return ""
