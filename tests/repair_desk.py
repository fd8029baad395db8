"""A desk of a few repairs: clean tables of which a test states only the cells it is about."""

from typing import Any

import numpy as np
import pandas as pd

from crmlab import tables
from crmlab.service.complaints.outputs import COMPLAINTS
from crmlab.service.promises.level_clocks import LevelClocks
from crmlab.service.promises.outputs import TICKETS
from crmlab.service.promises.workdays import Workdays
from crmlab.service.settings import Settings
from crmlab.service.visits.closed import closed_tickets

AS_OF, UNTIL = pd.Timestamp("2026-10-31"), "2026-10"
RATES = {"visit_cost": 120, "hour_cost": 90, "km_cost": 1.5}
SETTINGS = Settings(
    levels={"5*9": {"response_h": 9, "fix_h": 27}},
    opens="09:00",
    country="CN",
    closed=(),
    worked=(),
    entry_days=0,
    keepable=0.95,
    faster=(0.75,),
    penalty=0,
    repeat_days=14,
    prompt_days=3,
    ignored_days=30,
    stay_days=365,
    survey_months=24,
    min_group=1,
    rates=RATES,
)


def table(declared: tables.Table, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The table with these rows; cells not stated are missing."""
    names = [column.name for column in declared.kept]
    frame = pd.DataFrame(rows, columns=names).astype(object)
    frame = frame.where(frame.notna(), None)
    for column in declared.kept:
        if column.kind in ("time", "date"):
            frame[column.name] = pd.to_datetime(frame[column.name], format="ISO8601")
    return tables.conform(frame, declared)


def tickets(*rows: dict[str, Any]) -> pd.DataFrame:
    """Tickets T1, T2, … of customer C, reported on 2026-09-01 at nine and closed at three, where a row does not say otherwise."""
    usual = {"customer_id": "C", "reported_at": "2026-09-01 09:00", "closed_at": "2026-09-01 15:00"}
    return table(tables.TICKETS, [{"ticket_id": f"T{k}", **usual, **row} for k, row in enumerate(rows, 1)])


def visits(*rows: dict[str, Any]) -> pd.DataFrame:
    return table(tables.VISITS, list(rows))


def visit(ticket_id: str, visit_no: int = 1, outcome: str | None = "fixed", **cells: Any) -> dict[str, Any]:
    return {"ticket_id": ticket_id, "visit_no": visit_no, "outcome": outcome, **cells}


def customers(**tiers: str) -> pd.DataFrame:
    return table(tables.CUSTOMERS, [{"customer_id": who, "tier": tier} for who, tier in tiers.items()])


def judged(desk: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """What promises says of these tickets, with their own service level in force."""
    rows = desk[["ticket_id", "customer_id", "reported_at", "closed_at"]].assign(level=desk["service_level"])
    return tables.conform(rows.assign(**columns).reindex(columns=[c.name for c in TICKETS.kept]), TICKETS)


def complaints(*rows: dict[str, Any]) -> pd.DataFrame:
    return table(
        COMPLAINTS, [{"complaint_id": f"K{k}", "customer_id": "C", **row} for k, row in enumerate(rows)]
    )


def closed(desk: pd.DataFrame, as_of: pd.Timestamp = AS_OF, **tiers: str) -> pd.DataFrame:
    return closed_tickets(desk, judged(desk), customers(**tiers), as_of)


def clocks(first: str = "2023-12-01", last: str = "2026-11-30") -> LevelClocks:
    return LevelClocks(Workdays(np.datetime64(first), np.datetime64(last)), SETTINGS)


def row(frame: pd.DataFrame, **key: str) -> pd.Series:
    """The only row with this key."""
    found = frame
    for name, value in key.items():
        found = found[(found[name] == value).fillna(False)]
    assert len(found) == 1, f"{len(found)} rows with {key}"
    return found.iloc[0]
