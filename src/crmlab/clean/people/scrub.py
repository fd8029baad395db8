"""Text without people: phone, identity card and e-mail patterns, and the person that the same row names in a column of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crmlab.clean.judging.kinds import patterns, read
from crmlab.clean.people.privacy import hash_person
from crmlab.engine import DuckDB, Relation
from crmlab.tables import Column, Table

_LEAST = {"name": 2, "phone": 6}
"""Characters; a shorter name or number is also part of other words."""
_PHONE_OR_NEXT = "[ ]*[0-9+()（）:：,，;；/、|].*"
"""What may follow a name in its cell."""

_PARTY = {"customer_id", "parent_id"}
"""Numbers for which a name may stand."""
WHO = (*sorted(_PARTY), "customer_name")
"""Columns by which rows join: where something was taken out of a cell, a keyed hash of the whole keeps apart what differs."""
_CODE = "^[-A-Za-z0-9_./#]*\\z"
"""A number of a customer, which may look like a telephone number and stays as it is, so that rows join."""


def unmarked(column: Column, x: str) -> str:
    """A cell of `column` as it is kept: free text, names and other words without patterns of people; a customer's number unless it is a code."""
    if column.kind in ("text", "label"):  # a label may be the name of a customer who is called Mr. Wang
        return read("prose" if column.kind == "text" else "scrub", x)
    if column.name in _PARTY:
        return f"case when regexp_matches({x}, '{_CODE}') then {x} else {read('scrub', x)} end"
    return x


def hidden(
    engine: DuckDB, cells: str, inputs: Mapping[str, Relation], column: Column, key: str
) -> dict[str, str]:
    """Those of the folded `cells` (a SELECT of one column `cell`) that tell who somebody is, and what is kept in their place.

    Two customers who are known by their e-mail addresses alone stay two: `[email] 26889df7` and `[email] 9fb25d21`.
    """
    unlike = f"""
        select d.cell, {unmarked(column, "d.cell")} as shown
        from (select distinct c.cell from ({cells}) c) d
    """
    rows = engine.rows(
        "select u.cell, u.shown from unlike u where u.shown <> u.cell", {**inputs, "unlike": unlike}
    )
    return {cell: f"{shown} {hash_person(cell, key)[:8]}" for cell, shown in rows}


def words(table: Table, present: Iterable[str]) -> list[Column]:
    """The columns in which anything may be written, as far as the export has them."""
    return [
        c for c in table.columns if c.kind in ("text", "label") and c.name in present and c.name not in WHO
    ]


def suspects_sql(columns: list[Column]) -> str:
    """The rows of `text` in which a cell of `columns` may tell who somebody is. All cells of a row are looked at together."""
    cells = ", ".join(f"t.{c.name}" for c in columns)
    pattern = f"{patterns.UNFOLDED_SUSPECT}|{patterns.SUSPECT_NAME}"
    return f"select {cells} from text t where regexp_matches(concat_ws('|', {cells}), '{pattern}')"


def shown_sql(columns: list[Column]) -> str:
    """`column_name`, `written` (folded), `shown`: the cells of `suspects` that do tell who somebody is, and what is kept of them.

    The expressions are long, and their patterns dear to prepare: they stand once, for all columns.
    """
    cells = "\nunion all\n".join(
        f"select '{c.name}' as column_name, '{c.kind}' as kind, {read('trim' if c.kind == 'text' else 'fold', f't.{c.name}')} as written "
        f"from (select distinct s.{c.name} from suspects s) t"
        for c in columns
    )
    return f"""
        with cells as ({cells}),
        pairs as (
            select
                c.column_name, c.written,
                case when c.kind = 'text' then {read("prose", "c.written")} else {read("scrub", "c.written")} end as shown
            from cells c
        )
        select distinct b.column_name, b.written, b.shown from pairs b where b.shown <> b.written
    """


def people(table: Table, present: Iterable[str]) -> list[str]:
    """The columns of `table` that tell who somebody is and are never kept, as far as the export has them."""
    return [c.name for c in table.columns if c.kind == "private" and c.name in present]


def named(table: Table, present: Iterable[str], row: str = "", plain: str = "false") -> list[str]:
    """The people of a row of text as `person_<column>`, which `nameless` looks for: a phone number, or the first name in the cell.

    plain : whether the cells of the row need no folding.
    """
    found = []
    for name in people(table, present):
        person = f"case when {plain} then nullif({row + name}, '') else {read('fold', row + name)} end"
        if _mark(name) == "name":
            person = f"regexp_replace({person}, '{_PHONE_OR_NEXT}', '', 'g')"
        found.append(f"{person} as person_{name}")
    return found


def people_join(table: Table, present: Iterable[str], row: str, few: str = "") -> str:
    """The join that finds the people of the rows of `row` in `text` and calls them `p`; nothing where the export names none.

    few : a relation of the only `_row` that are asked for, so that no other row is looked at.
    """
    listed = ", ".join(named(table, present, "t."))
    rows = f"text t semi join {few} few on few._row = t._row" if few else "text t"
    return f"join (select t._row, {listed} from {rows}) p on p._row = {row}._row" if listed else ""


def nameless(x: str, table: Table, present: Iterable[str], row: str = "") -> str:
    """`x` with [name] and [phone] for the people of its row; `row` is the alias, with its dot, of what holds the columns of `named`."""
    for name in people(table, present):
        person, mark = f"{row}person_{name}", _mark(name)
        found = f"length({person}) >= {_LEAST[mark]} and contains({x}, {person})"
        x = f"case when {found} then replace({x}, {person}, '[{mark}]') else {x} end"
    return x


def scrubbed(x: str, table: Table, present: Iterable[str], row: str = "") -> str:
    """`x` without patterns of people and without the people of its row, as `nameless` finds them."""
    return nameless(read("prose", x), table, present, row)


def _mark(name: str) -> str:
    return "phone" if "phone" in name else "name"
