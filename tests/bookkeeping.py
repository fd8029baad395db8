"""Books of a company of a few lines, of which a test states only the cells it is about; money in minor units."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import count
from typing import Any

import pandas as pd
import pyarrow as pa

from crmlab.engine import DuckDB, Engine, Relation, Spark
from crmlab.tables import CLEAN, empty
from crmlab.value.books.books import READS, Books, ToDate
from crmlab.value.settings import Settings

DAY = pd.Timestamp("2026-06-30")
SETTINGS = Settings(
    horizon_months=36,
    annual_discount=0.1,
    margin={"product": 0.2, "service": 0.4, "part": 0.3, "contract": 0.5, "other": 0.0},
    visit_cost=100,
    hour_cost=60,
    km_cost=2,
    contact_cost=5,
)
KEYS = {
    "sales": "sale_id",
    "contracts": "contract_id",
    "interactions": "interaction_id",
    "complaints": "complaint_id",
    "machines": "serial_no",
}
"""Keys that rows get by their place where they state none: the first letter of the table, and a number from 1."""


@cache
def engine() -> DuckDB:
    return Engine(threads=1)


_NUMBER = count(1)


def books(on: DuckDB | Spark | None = None, settings: Mapping[str, Any] | None = None, **rows: Any) -> Books:
    """Books of these rows by table; the other tables are empty."""
    on = on or engine()
    tables = {name: _held(on, name, rows[name]) if rows.get(name) else _nothing(on, name) for name in READS}
    return Books(on, tables, replace(SETTINGS, **(settings or {})))


def to_date(day: str | pd.Timestamp = DAY, **rows: Any) -> ToDate:
    """What customers brought and cost by a day; the books come to what was booked."""
    found = books(**rows).to_date(pd.Timestamp(day))
    assert found.difference == 0
    return found


def nonzero(book: pd.Series, names: tuple[str, ...]) -> dict[str, int]:
    """The components of a row of the books that are not 0."""
    return {name: int(book[name]) for name in names if book[name]}


def sold(customer: str | None, day: str, amount: int, kind: str | None = "product", **cells: Any) -> dict:
    """A line of the ledger: `margin`, `cost`, `product_id` and so on by their names in the contract."""
    return {"customer_id": customer, "sold_at": day, "amount": amount, "line_kind": kind, **cells}


def term(customer: str, first: str, last: str, amount: int, **cells: Any) -> dict:
    """A term of a contract."""
    return {"customer_id": customer, "start_at": first, "end_at": last, "amount": amount, **cells}


def ticket(ticket_id: str, customer: str | None, day: str = "2026-06-01", **cells: Any) -> dict:
    """A ticket, closed on the day it was reported where `closed_at` does not say otherwise."""
    return {
        "ticket_id": ticket_id,
        "customer_id": customer,
        "reported_at": f"{day} 09:00",
        "closed_at": f"{day} 15:00",
        **cells,
    }


def visit(ticket_id: str, **cells: Any) -> dict:
    return {"ticket_id": ticket_id, "visit_no": 1, "arrived_at": "2026-06-01 10:00", **cells}


def used(ticket_id: str, part_no: str, qty: int, unit_cost: int | None = None, **cells: Any) -> dict:
    """A part that was built in."""
    return {
        "ticket_id": ticket_id,
        "visit_no": 1,
        "part_no": part_no,
        "qty_used": qty,
        "unit_cost": unit_cost,
    } | cells


@cache
def _schema(name: str) -> pa.Schema:
    """The stored types of a clean table."""
    return pa.Table.from_pandas(empty(CLEAN[name]), preserve_index=False).schema.remove_metadata()


def _held(on: DuckDB | Spark, name: str, rows: list[dict]) -> Relation:
    """A clean table of these rows; amounts stay whole numbers beside missing ones, as they would not in a frame."""
    schema, key = _schema(name), KEYS.get(name)
    days = {c.name for c in CLEAN[name].kept if c.kind in ("time", "date")}
    typed = []
    for n, row in enumerate(rows, 1):
        keyed = {key: f"{name[0].upper()}{n}", **row} if key else row
        assert set(keyed) <= set(schema.names), f"{name} has no {set(keyed) - set(schema.names)}"
        typed.append({c: pd.Timestamp(v).to_pydatetime() if c in days and v else v for c, v in keyed.items()})
    view = f"rows_{next(_NUMBER)}"
    on.connection.register(view, pa.Table.from_pylist(typed, schema))
    return on.adopt(view)


@cache
def _nothing(on: DuckDB | Spark, name: str) -> Relation:
    return _held(on, name, [])
