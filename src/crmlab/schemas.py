"""Schemas: what must hold in a table of the contract or of a stage, as pandera checks it.

The SQL of `clean` judges every exported row. A schema asserts the same of the table that comes out, so that neither a slip in a
rule nor a company's own rules.py can write what the contract does not allow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmlab.columns import STORED, Column, Table

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa
    import pyarrow

LOADED = {**STORED, "money": "Float64"}
"""Types, by kind, of a frame as `crmlab.load` gives it: money in whole units of the currency. Other kinds are text."""
CENTS = 100
"""Smallest units in a whole one."""
ARROW = {
    "date": "timestamp[ms]",
    "time": "timestamp[us]",
    "money": "int64",
    "count": "int64",
    "number": "double",
    "flag": "bool",
}
"""Types, by kind, of a written file; other kinds are text."""
_UNUSABLE = ("id", "date", "time", "money", "count", "number")
"""Kinds that make a row unusable when a required cell is empty; a required symptom may be empty, and is counted."""
_PERSON = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True)
class Failure:
    """The first thing that does not hold: where, what is there, and what was expected.

    `row` is the place in the frame, from 0; None where the whole column is wrong.
    """

    column: str
    expectation: str
    value: Any = None
    row: int | None = None


def schema(
    table: Table, stored: Mapping[str, Any] = LOADED, columns: Iterable[str] | None = None
) -> pa.DataFrameSchema:
    """What must hold in a frame of `table`: types, cells never empty, choices, signs, order of dates, one row per key.

    Parameters
    ----------
    stored : kind → type; the default is that of `crmlab.load`.
    columns : only these, and no look at whether the key is unique; default all.
    """
    import pandera.pandas as pa

    kept = [c for c in table.kept if columns is None or c.name in columns]
    names = {c.name for c in kept}
    return pa.DataFrameSchema(
        {
            c.name: pa.Column(
                stored.get(c.kind, stored.get("text", "string")),
                _checks(c),
                nullable=not never_empty(table, c),
            )
            for c in kept
        },
        checks=[_in_order(table, a, b) for a, b in table.ordered if {a, b} <= names],
        unique=list(table.key) if columns is None else None,
        name=table.name,
    )


def in_whole_units(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """`frame` as it is stored, with money in whole units of the currency (元, not 分)."""
    money = [c.name for c in table.kept if c.kind == "money"]
    return frame.assign(**{c: frame[c].astype(LOADED["money"]) / CENTS for c in money})


def never_empty(table: Table, column: Column) -> bool:
    """No row lacks this cell: it is part of the key (but a choice may be open), or a row without it cannot be used."""
    return (column.name in table.key and column.kind != "choice") or (
        column.required and column.kind in _UNUSABLE
    )


def first_failure(frame: pd.DataFrame, rules: pa.DataFrameSchema, table: Table) -> Failure | None:
    """The first thing in `frame` that does not hold, or None. Rows are counted by place, whatever the index."""
    from pandera.errors import SchemaError

    frame = frame.reset_index(drop=True)
    try:
        rules.validate(frame)
    except SchemaError as error:
        return _failure(error, frame, table)
    return None


def checked(
    table: Table, batches: Iterable[pyarrow.RecordBatch]
) -> Iterator[pyarrow.RecordBatch | pyarrow.Table]:
    """`batches` of a table that is about to be written, sorted by its key, passed on once they hold.

    Only columns with something to check are looked at, and the key is unique because each row's exceeds that of the row before: a
    million rows take a tenth of a second.

    Raises
    ------
    AssertionError : names table, column, row, value and what was expected.
    """
    import pandas as pd
    import pyarrow as pa

    stored = {kind: pd.ArrowDtype(pa.type_for_alias(name)) for kind, name in ARROW.items()}
    in_order = {name for pair in table.ordered for name in pair}
    names = [c.name for c in table.kept if never_empty(table, c) or _checks(c) or c.name in in_order]
    rules = schema(table, stored | {"text": pd.ArrowDtype(pa.string())}, names)
    before, last = 0, None
    for batch in batches:
        part = pa.table(batch.select(names))
        frame = part.to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)
        found = first_failure(frame, rules, table) or _out_of_order(part.select(list(table.key)), last)
        if found:
            row = "" if found.row is None else f", row {before + found.row + 1}"
            raise AssertionError(f"{table.name}.{found.column}{row}: {said(found)}")
        before += part.num_rows
        last = part.select(list(table.key)).slice(part.num_rows - 1) if part.num_rows else last
        yield batch


def check_table(path: Path, table: Table) -> int:
    """Look at a Parquet file of `table` as `checked` does, a row group at a time; its rows.

    Raises
    ------
    AssertionError : names table, column, row, value and what was expected; or a column or a type that the contract does not say.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for column in table.kept:
            expected = pa.type_for_alias(ARROW.get(column.kind, "string"))
            place = file.schema_arrow.get_field_index(column.name)
            if place < 0 or file.schema_arrow.field(place).type != expected:
                found = "is not there" if place < 0 else f"is {file.schema_arrow.field(place).type}"
                raise AssertionError(f"{table.name}.{column.name}: {found}; expected {expected}")
        groups = (file.read_row_group(n) for n in range(file.num_row_groups))
        return sum(group.num_rows for group in checked(table, groups))


def said(failure: Failure) -> str:
    """A failure in words, without the column.

    >>> said(Failure("billing", "is not one of free, paid", "gratis", 3))
    "'gratis' is not one of free, paid"
    """
    if failure.value is None:
        return failure.expectation
    shown = str(failure.value) if not isinstance(failure.value, str) else repr(failure.value)
    return f"{shown} {failure.expectation}"


def _checks(column: Column) -> list[pa.Check]:
    import pandera.pandas as pa

    checks = []
    if column.kind == "choice":
        expected = f"is not one of {', '.join(column.choices)}"
        checks.append(pa.Check.isin(list(column.choices), error=expected))
    if column.kind == "person":
        checks.append(pa.Check(_hashed, error="is no keyed hash of a person (16 hexadecimal digits)"))
    if column.not_negative:
        checks.append(pa.Check.ge(0, error="is negative"))
    return checks


def _hashed(ids: pd.Series) -> pd.Series:
    """Few people have many rows: each is looked at once."""
    return ~ids.isin([i for i in ids.unique() if not _PERSON.fullmatch(str(i))])


def _in_order(table: Table, a: str, b: str) -> pa.Check:
    """`a` does not exceed `b`."""
    import pandera.pandas as pa

    early = table.column(a).kind in ("date", "time")
    return pa.Check(
        lambda frame: ~(frame[b] < frame[a]).fillna(False).astype(bool),
        name=b,
        error=f"is {'before' if early else 'below'} {a}",
    )


def _failure(error: Any, frame: pd.DataFrame, table: Table) -> Failure:
    """pandera's error in the words of the contract."""
    from pandera.errors import SchemaErrorReason as Reason

    column, cases = error.schema.name, error.failure_cases
    if error.reason_code is Reason.COLUMN_NOT_IN_DATAFRAME:
        return Failure(str(cases), "is not there; expected the column of the contract")
    if error.reason_code is Reason.WRONG_DATATYPE:
        return Failure(column, f"is of type {cases}; expected {error.check}")
    if error.reason_code is Reason.DUPLICATES:
        row = int(frame.index[frame.duplicated(list(table.key))][0])
        return Failure(
            " + ".join(table.key), "occurs twice; expected one row per key", _key(frame, table, row), row
        )
    row = int(cases["index"].iloc[0])
    if error.reason_code is Reason.SERIES_CONTAINS_NULLS:
        return Failure(column, "is empty; expected a value in every row", None, row)
    expectation = error.check.error
    if column == table.name:  # a check over several columns bears the name of the one it judges
        column = error.check.name
        other = next(a for a, b in table.ordered if b == column)
        expectation += f", {frame[other].iloc[row]}"
    value = None if table.column(column).kind == "person" else frame[column].iloc[row]
    return Failure(column, expectation, value, row)


def _key(frame: pd.DataFrame, table: Table, row: int) -> str:
    return " + ".join(str(frame[k].iloc[row]) for k in table.key)


def _out_of_order(key: pyarrow.Table, last: pyarrow.Table | None) -> Failure | None:
    """The first row whose key does not exceed that of the row before; `last` is the row before the first.

    Arrow compares text as the engines sort it, byte by byte; an empty part of a key comes last.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = pa.concat_tables([last, key]) if last is not None else key
    if rows.num_rows < 2:
        return None
    exceeds = None
    for name in reversed(rows.column_names):
        column = rows[name].combine_chunks()
        column = column.fill_null("\U0010ffff") if column.null_count else column
        before, after = column[:-1], column[1:]
        more = pc.greater(after, before)
        exceeds = more if exceeds is None else pc.or_(more, pc.and_(pc.equal(after, before), exceeds))
    place = pc.index(exceeds, False).as_py()
    if place < 0:
        return None
    found = " + ".join(str(v) for v in rows.slice(place + 1, 1).to_pylist()[0].values())
    row = place + 1 - (last is not None)
    return Failure(
        " + ".join(rows.column_names),
        "does not exceed the key of the row before; expected one row per key, sorted",
        found,
        row,
    )
