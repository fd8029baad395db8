"""A small service company drawn at random, its tables by name, for the tests of contracts on landmarks."""

import numpy as np
import pandas as pd
from test_churn_terms import contracts

from crmlab import tables
from crmlab.churn.landmarks.occasions import Occasions
from crmlab.churn.landmarks.record import FROM_SERVICE, READS, ServiceRecord
from crmlab.churn.spells.frames import held
from crmlab.engine import Engine
from crmlab.service.complaints.outputs import COMPLAINTS
from crmlab.service.promises.outputs import TICKETS as PROMISED_TICKETS

SCHEMAS = {name: tables.CLEAN[name] for name in (*READS, "contracts")} | {
    "promises": PROMISED_TICKETS,
    "complaints": COMPLAINTS,
}


def filled(name, **columns):
    """The table `name` with these columns, the others missing."""
    frame = pd.DataFrame(columns)
    for column in SCHEMAS[name].kept:
        if column.name not in frame:
            frame[column.name] = None
    return tables.conform(frame, SCHEMAS[name])


NOTHING = {name: tables.empty(table) for name, table in SCHEMAS.items()}


def nothing():
    """Every table, empty."""
    return dict(NOTHING)


def company(seed=1, customers=80, begin="2022-01-01", end="2026-10-31"):
    """Every table, full of events at random: nothing goes with anything."""
    rng = np.random.default_rng(seed)
    days = (pd.Timestamp(end) - pd.Timestamp(begin)).days

    def dates(n, after=0):
        return pd.Timestamp(begin) + pd.to_timedelta(rng.integers(after, days, n), unit="D")

    who = np.array([f"C{k:03d}" for k in range(customers)], dtype=object)

    def some(n):
        return rng.choice(who, n)

    terms = []
    for customer in who:
        start, k = pd.Timestamp(begin) + pd.Timedelta(days=int(rng.integers(0, 500))), 0
        while start < pd.Timestamp(end):
            last = start + pd.Timedelta(days=364)
            outcome = "open" if last > pd.Timestamp(end) else rng.choice(["renewed", "lost"], p=[0.8, 0.2])
            following = f"{customer}-{k + 1}" if outcome == "renewed" else None
            terms.append((f"{customer}-{k}", customer, start, last, outcome, None, following))
            if outcome != "renewed":
                break
            start, k = last + pd.Timedelta(days=1), k + 1
    made = contracts(*terms)
    made["signed_at"] = made.start_at - pd.to_timedelta(rng.integers(0, 60, len(made)), unit="D")
    made["amount"] = pd.array(rng.integers(90_000, 130_000, len(made)), dtype="Int64")
    n = 12 * customers
    called, late = dates(n), pd.to_timedelta(rng.integers(0, 40, n), unit="D")
    ids = np.array([f"T{k:05d}" for k in range(n)], dtype=object)
    whose = some(n)
    received = dates(n // 4)
    due = dates(n)
    installed = dates(4 * customers)
    ends, took = rng.choice(["solved", "solved promptly", "ignored"], n // 4), rng.integers(1, 100, n // 4)
    return {
        "contracts": made,
        "customers": filled("customers", customer_id=who, tier=rng.choice(["vip", "small"], customers)),
        "tickets": filled(
            "tickets", ticket_id=ids, customer_id=whose, reported_at=called, closed_at=called + late,
            billing=rng.choice(["free", "paid"], n),
        ),
        "visits": filled(
            "visits", ticket_id=np.repeat(ids, 2), visit_no=np.tile([1, 2], n),
            arrived_at=np.repeat(called, 2) + np.tile(pd.to_timedelta([1, 9], unit="D"), n),
        ),
        "promises": filled("promises", ticket_id=ids, customer_id=whose, broken_at=called + late),
        "machines": filled(
            "machines", serial_no=[f"S{k}" for k in range(4 * customers)], customer_id=some(4 * customers),
            installed_at=installed, retired_at=installed + pd.to_timedelta(rng.integers(100, 2000, 4 * customers), unit="D"),
        ),
        "complaints": filled(
            "complaints", complaint_id=[f"P{k}" for k in range(n // 4)], customer_id=some(n // 4), received_at=received,
            end=ends, ended_at=received + pd.to_timedelta(np.where(ends == "ignored", 60, took), unit="D"),
        ),
        "surveys": filled(
            "surveys", survey_id=[f"Q{k}" for k in range(n)], item="q1", kind="perception", customer_id=some(n),
            answered_at=dates(n), score=rng.integers(1, 6, n), scale_max=5,
        ),
        "payments": filled(
            "payments", payment_id=[f"R{k}" for k in range(n)], customer_id=some(n), due_at=due, amount=1000,
            paid_at=due + pd.to_timedelta(rng.integers(-10, 90, n), unit="D"),
        ),
        "sales": filled(
            "sales", order_id=[f"O{k}" for k in range(n)], customer_id=some(n), sold_at=dates(n), amount=1000,
            is_return=rng.random(n) < 0.1,
        ),
        "quotes": filled(
            "quotes", quote_id=[f"A{k}" for k in range(n)], customer_id=some(n), quoted_at=dates(n),
            amount=rng.integers(80_000, 150_000, n),
        ),
    }  # fmt: skip


def occasions(made, grace=30, **settings):
    """These tables as `Occasions`."""
    engine = Engine(threads=1)
    sources = {name: held(engine, made[name]) for name in (*READS, *FROM_SERVICE)}
    record = ServiceRecord(engine, sources, **settings)
    return Occasions(record, held(engine, made["contracts"]), made["customers"], grace)
