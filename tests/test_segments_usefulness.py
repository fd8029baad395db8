"""Types are useful where they foretell what nothing else foretells, in a year that no model has seen."""

import numpy as np
import pandas as pd
import pytest

from crmlab.engine import Engine
from crmlab.segments.behaviour.catalogue import TYPES
from crmlab.segments.use.outcomes import READS, Outcomes
from crmlab.segments.use.usefulness import compared, usefulness
from crmlab.service.promises.levels import Levels
from crmlab.tables import CLEAN, conform, empty

THEN = pd.Timestamp("2025-10-31")
BEFORE = pd.Timestamp("2024-10-31")


def company(tmp_path, **rows):
    """Clean tables of these rows, and no others."""
    for name in READS:
        table = CLEAN[name]
        frame = pd.DataFrame(rows.get(name, []))
        for column in table.kept:
            if column.kind in ("date", "time") and column.name in frame:
                frame[column.name] = pd.to_datetime(frame[column.name])
        frame = frame.reindex(columns=[c.name for c in table.kept])
        made = conform(frame, table) if len(frame) else empty(table)
        made.to_parquet(tmp_path / f"{name}.parquet")
    return {name: tmp_path / f"{name}.parquet" for name in READS}


def outcomes(tmp_path, **rows):
    return Outcomes(Engine(threads=1), company(tmp_path, **rows), Levels({}))


def sold(customer, day, amount=100, **cells):
    return {"sale_id": f"{customer}{day}", "customer_id": customer, "sold_at": day, "amount": amount, **cells}


def test_how_a_customer_stood_says_nothing_of_what_came_later(tmp_path):
    sales = [
        sold("A", "2025-10-01", 5_000, cost=1_000),
        sold("A", "2024-10-31", 700, cost=500),
        sold("A", "2025-11-01", 90_000, cost=1),
        sold("A", "2025-10-20", -300, cost=0, is_return=True),
        sold("B", "2025-11-05"),
    ]
    tickets = [{"ticket_id": "T", "customer_id": "A", "reported_at": "2023-10-31", "symptom": "x"}]
    machines = [
        {"serial_no": "1", "customer_id": "A", "machine_model": "M", "installed_at": "2024-01-01"},
        {"serial_no": "2", "customer_id": "A", "machine_model": "M", "installed_at": "2024-01-01", "retired_at": "2025-10-31"},
        {"serial_no": "3", "customer_id": "A", "machine_model": "M", "installed_at": "2025-11-01"},
    ]  # fmt: skip
    found = outcomes(tmp_path, sales=sales, tickets=tickets, machines=machines).standing(THEN)
    assert found.index.tolist() == ["A"]
    a = found.loc["A"]
    days = {"recency": 30, "frequency": 1, "tenure": 731, "tickets": 0, "machines": 1}
    for name, value in days.items():
        assert np.isclose(a[name], np.log1p(value)), name
    assert np.isclose(a["money"], np.log1p(47))  # 50.00 − 3.00 that came back
    assert np.isclose(a["profit"], np.log1p(39))  # 40.00 + 2.00 − 3.00


def test_a_discount_is_that_of_the_year_after_and_its_past_that_of_two_years_before(tmp_path):
    sales = [
        sold("A", "2025-11-01", rate=0.2),
        sold("A", "2026-10-31", 300, qty=2.0, list_price=250),  # 40 % off
        sold("A", "2026-05-01", rate=0.9, line_kind="part"),
        sold("A", "2026-11-01", rate=0.9),
        sold("A", "2025-10-31", rate=0.1),
        sold("A", "2023-11-01", rate=0.3),
        sold("A", "2023-10-31", rate=0.9),
        sold("B", "2025-10-31", rate=0.1),
        sold("C", "2025-12-01"),
    ]
    found = outcomes(tmp_path, sales=sales).discount(THEN)
    assert found.index.tolist() == ["A"]
    assert np.allclose(found.loc["A"], [0.3, 0.2, np.log1p(2)])


PRODUCTS = [
    {"product_id": f"{series}{g}", "series": series, "generation": g, "launch_at": f"20{10 + 5 * g}-01-01"}
    for series in "XY"
    for g in (1, 2, 3)
] + [{"product_id": "memory", "series": "X", "category": "option", "generation": 3}]


def machine(customer, model, day, **cells):
    return {"serial_no": f"{customer}{model}{day}", "customer_id": customer, "machine_model": model, "installed_at": day, **cells}  # fmt: skip


def term(customer, first, last, level="5*9", **cells):
    return {
        "contract_id": f"{customer}{first}",
        "customer_id": customer,
        "start_at": first,
        "end_at": last,
        "amount": 1_000,
        "service_level": level,
        **cells,
    }


def test_who_can_move_up_and_who_did(tmp_path):
    old = "2020-06-01"
    machines = [
        machine("newer", "X1", old), machine("newer", "X2", "2026-01-01"),
        machine("same", "X2", old), machine("same", "X2", "2026-01-01"),
        machine("other series", "X1", old), machine("other series", "Y3", "2026-01-01"),
        machine("too late", "X1", old), machine("too late", "X2", "2026-11-01"),
        machine("bought", "Y1", old),
        machine("gone", "X1", old, retired_at="2025-10-01"),
    ]  # fmt: skip
    contracts = [
        term("raised", "2025-01-01", "2025-12-31"), term("raised", "2026-01-01", "2026-12-31", "7*24*4"),
        term("lowered", "2025-01-01", "2025-12-31", "7*24*4"), term("lowered", "2026-01-01", "2026-12-31", "7*24*8"),
        term("settled before", "2025-01-01", "2025-12-31"),
        term("settled before", "2026-01-01", "2026-12-31", "7*24*4", signed_at="2025-10-15"),
    ]  # fmt: skip
    sales = [
        sold("bought", "2026-02-01", product_id="Y2"),
        sold("same", "2026-02-01", product_id="X1"),
        sold("same", "2026-02-02", product_id="memory"),
    ]
    record = outcomes(tmp_path, machines=machines, contracts=contracts, sales=sales, products=PRODUCTS)
    found = record.upgrade(THEN)
    assert found.index[found["y"] == 1].tolist() == ["bought", "newer", "raised"]
    assert found.index[found["y"] == 0].tolist() == ["lowered", "other series", "same", "settled before", "too late"]  # fmt: skip
    assert found["behind"].dropna().to_dict() == {"bought": 2, "newer": 2, "other series": 2, "same": 1, "too late": 2}  # fmt: skip
    assert found["place"].dropna().to_dict() == {"lowered": 2, "raised": 0, "settled before": 0}


def test_of_contracts_that_ended_those_that_tell_nothing_are_left_out(tmp_path):
    first, last = "2025-03-01", "2026-02-28"
    contracts = [
        term("kept", "2024-03-01", "2025-02-28"), term("kept", first, last), term("kept", "2026-03-01", "2027-02-28"),
        term("lost", first, last, outcome="lost", end_reason="left"),
        term("moved", first, last, outcome="lost", end_reason="moved"),
        term("undecided", first, last),
        term("in its grace days", "2025-10-20", "2026-10-19", outcome="lost"),
        term("over before", "2024-03-01", "2025-02-28", outcome="lost"),
        term("begun after", "2025-11-05", "2026-02-28", outcome="lost"),
    ]  # fmt: skip
    found = outcomes(tmp_path, contracts=contracts).renewal(THEN)
    assert found["y"].to_dict() == {"kept": 1.0, "lost": 0.0}
    assert found.loc["kept", "past"] == 1.0
    assert np.isnan(found.loc["lost", "past"])


def shares(rng, n):
    """Types of `n` customers, some surer than others."""
    ids = pd.Index([f"C{i:04d}" for i in range(n)], name="customer_id")
    return pd.DataFrame(rng.dirichlet(np.full(9, 0.2), n), index=ids, columns=list(TYPES))


def year(rng, types, strength, measure):
    """A year in which one known thing, and bargain-seekers by `strength`, drive what happens."""
    known = rng.normal(size=len(types))
    drive = 0.7 * known + strength * (types["bargain-seeker"] - types["status-seeker"])
    noise = rng.normal(size=len(types)) if measure == "squared_error" else rng.logistic(size=len(types))
    y = drive + noise
    return types.assign(known=known, y=y if measure == "squared_error" else (y > 0).astype(float))


@pytest.mark.parametrize("measure", ["squared_error", "log_loss"])
def test_a_type_that_drives_what_happens_helps_and_noise_does_not(measure):
    rng = np.random.default_rng(3)
    types = shares(rng, 700)
    found = compared(year(rng, types, 2.0, measure), year(rng, types, 2.0, measure), measure)
    assert found["verdict"] == "helps"
    assert found["with_types"] < found["without"]
    assert 0 < found["low"] < found["gain"] < found["high"]
    noise = compared(year(rng, types, 0.0, measure), year(rng, types, 0.0, measure), measure)
    assert noise["verdict"] == "does_not"
    assert noise["high"] < 0.01
    assert noise["n"] == 700


def test_a_type_that_drove_last_year_only_does_not_help():
    rng = np.random.default_rng(5)
    types = shares(rng, 700)
    fit, judged = (year(rng, types, s, "squared_error") for s in (2.0, 0.0))
    assert compared(fit, judged, "squared_error")["gain"] < 0


def test_too_few_cannot_tell():
    rng = np.random.default_rng(4)
    types = shares(rng, 700)
    fit, judged = (year(rng, types, 2.0, "log_loss") for _ in range(2))
    for few in (compared(fit.iloc[:99], judged, "log_loss"), compared(fit, judged.iloc[:99], "log_loss")):
        assert few["verdict"] == "cannot_tell"
        assert np.isnan(few["gain"])
    never = fit.assign(y=0.0)
    assert compared(never, judged, "log_loss")["verdict"] == "cannot_tell"


def test_that_nothing_was_learnt_from_few_does_not_say_that_there_is_nothing():
    rng = np.random.default_rng(6)
    found = []
    for _ in range(6):
        types = shares(rng, 200)
        found.append(compared(*(year(rng, types, 0.0, "squared_error") for _ in range(2)), "squared_error"))
    assert min(f["high"] for f in found) < 0.01
    assert {f["verdict"] for f in found} == {"cannot_tell"}


def test_customers_are_the_witnesses_not_their_contracts():
    """Ten contracts of one customer tell as much as one of them: the limits are no narrower."""
    rng = np.random.default_rng(7)
    types = shares(rng, 400)
    fit, judged = (year(rng, types, 1.0, "squared_error") for _ in range(2))
    once, often = (
        compared(fit, judged, "squared_error"),
        compared(fit, pd.concat([judged] * 10), "squared_error"),
    )
    assert often["n"] == once["n"] == 400
    assert np.isclose(often["low"], once["low"])


def test_planted_types_are_found_in_the_tables_of_a_company(tmp_path):
    rng = np.random.default_rng(8)
    types = shares(rng, 400)
    sales = [
        sold(customer, day, rate=float(np.clip(0.1 + 0.2 * p + 0.03 * rng.normal(), 0, 1)))
        for day in ("2025-06-15", "2026-06-15")
        for customer, p in types["bargain-seeker"].items()
    ]
    calls = {"reported_at": "2024-01-05", "symptom": "x"}
    tickets = [{"ticket_id": customer, "customer_id": customer, **calls} for customer in types.index]
    clean, told = company(tmp_path, sales=sales, tickets=tickets), types.reset_index()
    found = usefulness(Engine(threads=1), clean, told, told, THEN).set_index("outcome")
    assert found.index.tolist() == ["discount", "renewal", "upgrade"]
    assert found.loc["discount", ["n", "verdict"]].tolist() == [400, "helps"]
    assert found.loc["renewal", "verdict"] == "cannot_tell"
    assert found.loc["upgrade", ["n", "measure"]].tolist() == [0, "log_loss"]
    assert usefulness(Engine(threads=1), clean, told.iloc[:0], told, THEN).empty
