"""Who is to be told of a growing fault: those that reported it, and those that have the machines."""

import pandas as pd
import pytest

from crmlab.faults.failures.affected import affected
from crmlab.faults.failures.outputs import ALL, EMERGING, GROWTH
from crmlab.tables import conform, empty

CUSTOMERS = pd.DataFrame({"customer_id": ["A", "B", "C"], "customer_name": ["Bank", None, "Clinic"]})
TICKETS = pd.DataFrame(
    [
        ("t1", "A", "2026-10-02", "7979", "99K1"),
        ("t2", "A", "2026-08-01", "7979", "55X1"),
        ("t3", "A", "2026-07-31", "7979", "99K1"),  # a day too early
        ("t4", "B", "2026-10-03", "8840", "88A1"),  # another family
        ("t5", "B", "2026-11-01", "7979", "99K2"),  # after the last complete month
        ("t6", None, "2026-10-04", "7979", None),  # nobody's
    ],
    columns=["ticket_id", "customer_id", "reported_at", "machine_family", "serial_no"],
).assign(reported_at=lambda x: pd.to_datetime(x["reported_at"]))
CAUSES = pd.DataFrame({"ticket_id": TICKETS["ticket_id"], "cause": "fan"})
MACHINES = pd.DataFrame(
    [
        ("99K1", "A", "7979", "2023-08-01", None),
        ("99K2", "C", "7979", "2023-02-01", None),
        ("99K3", "C", "7979", "2023-08-01", "2026-01-01"),
        ("88A1", "B", "8840", "2023-08-01", None),
    ],
    columns=["serial_no", "customer_id", "machine_family", "installed_at", "retired_at"],
).assign(**{name: lambda x, name=name: pd.to_datetime(x[name]) for name in ("installed_at", "retired_at")})


def alarm(is_on: bool, prefix: str = ALL, half: str = ALL) -> pd.DataFrame:
    row = {"cause": "fan", "machine_family": "7979", "first_alarm": "2026-09", "is_on": is_on}
    row |= {"serial_prefix": prefix, "installed_half": half}
    return conform(pd.DataFrame([row], columns=[c.name for c in EMERGING.columns]), EMERGING)


def grew(z: float) -> pd.DataFrame:
    row = {"cause": "fan", "n_now": 9, "n_before": 1, "share_now": 0.9, "share_before": 0.1, "z": z}
    return conform(pd.DataFrame([row]), GROWTH)


def told(growth, emerging, machines=MACHINES) -> list[list]:
    found = affected(growth, emerging, TICKETS, CAUSES, machines, CUSTOMERS, "2026-10")
    columns = ["machine_family", "customer_id", "tickets", "machines"]
    return found[columns].astype(object).where(found[columns].notna(), None).values.tolist()


def test_an_alarm_names_who_reported_it_and_who_has_such_machines():
    assert told(empty(GROWTH), alarm(True)) == [["7979", "A", 2, 1], ["7979", "C", 0, 1]]


def test_an_alarm_on_a_batch_calls_those_of_the_batch():
    assert told(empty(GROWTH), alarm(True, prefix="99K")) == [["7979", "A", 1, 1], ["7979", "C", 0, 1]]
    assert told(empty(GROWTH), alarm(True, prefix="99K", half="2023H2")) == [["7979", "A", 1, 1]]


def test_without_a_machine_file_only_reports_count():
    assert told(empty(GROWTH), alarm(True), MACHINES.head(0)) == [["7979", "A", 2, None]]


def test_a_cause_that_grew_is_on_any_machine():
    assert told(grew(4.0), empty(EMERGING)) == [[ALL, "A", 2, None], [ALL, "B", 1, None]]


def test_an_alarm_says_more_than_growth_of_the_same_cause():
    assert {row[0] for row in told(grew(4.0), alarm(True))} == {"7979"}


@pytest.mark.parametrize("emerging", [empty(EMERGING), alarm(False)])
def test_nothing_grows_nobody_is_called(emerging):
    assert told(grew(1.0), emerging) == []
