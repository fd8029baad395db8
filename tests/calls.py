"""A service desk whose callers name the cause plainly: the clean tables of stage faults, with only what a test states."""

from dataclasses import replace

import pandas as pd
from threadpoolctl import threadpool_limits

from crmlab.faults.diagnosis import Diagnosis, diagnose
from crmlab.faults.settings import Settings
from crmlab.tables import CLEAN, TICKET_CAUSES, TICKETS, conform, empty

SAID = {"硬盘物理损坏": "硬盘黄灯亮", "内存损坏": "DIMM报错", "主板故障": "开机无显"}
CAUSES = list(SAID)
PARTS = {"硬盘物理损坏": ["HDD"], "内存损坏": ["DIMM"], "主板故障": ["MB"]}
SETTINGS = Settings(
    at="call",
    incident_days=3,
    test_share=0.2,
    min_labelled=40,
    confident=0.35,
    max_parts=2,
    objective="first_time_fix",
    handling_cost=0,
    carrying_rate=0.01,
    parts={},
    check_minutes=30,
    setup_minutes=0,
    min_group=5,
    false_alarms=0.05,
    rates={"visit_cost": 100, "hour_cost": 60, "km_cost": 2},
)


def cause_of(i: int) -> str:
    """The cause of ticket i: each as often as the others, in no order that three folds could follow."""
    return CAUSES[(i + i // 3) % 3]


def tickets(n: int = 90, n_open: int = 5, **columns) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tickets and their causes: `n` closed, one every four days, and `n_open` open ones after them."""
    total = n + n_open
    causes = [cause_of(i) for i in range(total)]
    frame = pd.DataFrame({c.name: None for c in TICKETS.kept}, index=range(total))
    frame["ticket_id"] = [f"T{i:03}" for i in range(total)]
    frame["reported_at"] = pd.date_range("2025-01-01", periods=total, freq="4D")
    frame["closed_at"] = (frame["reported_at"] + pd.Timedelta(days=1)).where(frame.index < n)
    frame["is_open"] = frame.index >= n
    frame["symptom"] = [SAID[cause] for cause in causes]
    frame["machine_family"] = "7979"
    frame["machine_model"] = "7979Q7C"
    frame["cause_predicted"] = "内存损坏"
    frame = frame.assign(**columns)
    recorded = pd.DataFrame({"ticket_id": frame["ticket_id"][:n], "cause_no": 1, "cause": causes[:n]})
    return conform(frame, TICKETS), conform(recorded, TICKET_CAUSES)


def table(name: str, rows: dict) -> pd.DataFrame:
    """A clean table of the contract from some of its columns."""
    frame = pd.DataFrame(rows)
    return conform(frame.reindex(columns=[c.name for c in CLEAN[name].kept]), CLEAN[name])


def parts_used(n: int = 90) -> pd.DataFrame:
    """Table ticket_parts: each of the closed tickets of `tickets` needed the part of its cause."""
    ids = [f"T{i:03}" for i in range(n)]
    used = [PARTS[cause_of(i)][0] for i in range(n)]
    return table(
        "ticket_parts", {"ticket_id": ids, "visit_no": 1, "part_no": used, "qty_carried": 1, "qty_used": 1}
    )


def ask(calls: pd.DataFrame, causes: pd.DataFrame, tables: dict | None = None, **settings) -> Diagnosis:
    """Stage faults on these tickets; tables not given are empty."""
    given = {
        name: empty(CLEAN[name]) for name in ("visits", "ticket_parts", "parts", "machines", "customers")
    }
    as_of = calls["reported_at"].max()
    as_of = pd.Timestamp("2026-01-31") if pd.isna(as_of) else as_of.normalize()
    with threadpool_limits(1):  # as a stage runs
        return diagnose(
            calls,
            causes,
            replace(SETTINGS, **settings),
            until=f"{as_of:%Y-%m}",
            as_of=as_of,
            **given | (tables or {}),
        )


def one(symptom: str | None, **columns) -> pd.DataFrame:
    """One open ticket, reported after all of those in `tickets`."""
    frame, _ = tickets(0, 1, symptom=symptom, **columns)
    return frame.assign(reported_at=pd.Timestamp("2026-02-01"))
