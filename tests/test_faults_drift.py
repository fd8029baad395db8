"""The alarm rings when a cause comes more often than the model expects, again and again, and not by chance."""

import numpy as np
import pandas as pd
import pytest

from crmlab.faults.desk.drift import alarms, drift
from crmlab.faults.desk.outputs import DRIFT

CAUSES = ["board", "disk", "fan"]


def world(months, seed=0, per_month=300, shares=(0.2, 0.7, 0.1), start="2026-01"):
    """Tickets whose causes come as the model expects, or by the shares given for a month."""
    draw = np.random.default_rng(seed)
    truth, at = [], []
    for number, real in enumerate(months):
        month = pd.Period(start) + number
        truth.append(draw.choice(CAUSES, per_month, p=real or shares).astype(object))
        at.append(month.start_time + pd.to_timedelta(draw.integers(0, 28, per_month), "D"))
    truth = pd.Series(np.concatenate(truth))
    p = np.tile(shares, (len(truth), 1))
    return p, CAUSES, truth, pd.Series(np.concatenate(at))


def test_what_was_expected_raises_no_alarm():
    rang = [alarms(drift(*world([None] * 12, seed))) for seed in range(30)]
    assert all(a.empty for a in rang)


def test_a_cause_that_doubled_alarms_in_its_second_block():
    changed = (0.2, 0.55, 0.25)
    frame = drift(*world([None, None, changed, changed]))
    rang = frame[frame["alarm"]]
    assert set(zip(rang["cause"], rang["first_month"], strict=True)) == {
        ("fan", "2026-04"),
        ("disk", "2026-04"),
    }
    assert alarms(frame)["cause"].tolist() == ["disk", "fan"]
    assert (rang.set_index("cause")["z"] > 0).to_dict() == {"disk": False, "fan": True}


def test_one_odd_month_alone_is_none():
    assert alarms(drift(*world([None, (0.1, 0.4, 0.5), None]))).empty


def test_two_odd_months_to_different_sides_are_none():
    frame = drift(*world([(0.0, 0.7, 0.3), (0.3, 0.7, 0.0)]))
    assert (frame["z"].abs() > 4).sum() == 4
    assert alarms(frame).empty


def test_among_very_many_tickets_a_hair_s_breadth_is_none():
    frame = drift(*world([(0.21, 0.69, 0.1)] * 2, per_month=60_000))
    assert (frame.loc[frame["cause"] == "board", "z"] > 4).all()
    assert alarms(frame).empty


def test_a_new_cause_that_the_model_never_saw_alarms():
    p, classes, truth, at = world([None, None])
    truth[truth.index % 20 == 0] = "firmware"
    rang = alarms(drift(p, classes, truth, at))
    assert "firmware" in rang["cause"].tolist()


def test_a_cause_hardly_expected_needs_more_than_four_tickets():
    p, classes, truth, at = world([(0.2, 0.8, 0.0)] * 2, shares=(0.2, 0.8, 0.0))
    truth[(truth.index % 300) < 4] = "fan"
    assert alarms(drift(p, classes, truth, at)).empty
    truth[(truth.index % 300) < 6] = "fan"
    assert alarms(drift(p, classes, truth, at))["cause"].tolist() == ["fan"]


def test_thin_months_are_joined():
    frame = drift(*world([None] * 5, per_month=90))
    blocks = frame.drop_duplicates("block")[["first_month", "last_month", "n"]]
    assert blocks.to_numpy().tolist() == [["2026-01", "2026-03", 270], ["2026-04", "2026-05", 180]]


def test_every_ticket_is_expected_and_observed_once():
    frame = drift(*world([None] * 3))
    assert list(frame.columns) == [c.name for c in DRIFT.kept]
    assert not frame.duplicated(list(DRIFT.key)).any()
    assert frame["observed"].sum() == 900
    assert frame["expected"].sum() == pytest.approx(900)


def test_no_ticket_no_block():
    none = drift(np.empty((0, 3)), CAUSES, pd.Series(dtype=object), pd.Series(dtype="datetime64[us]"))
    assert none.empty
    assert alarms(none).empty
