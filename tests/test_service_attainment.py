"""Shares of promises kept: in which period, in which groups, with which limits."""

import numpy as np
import pandas as pd
import pytest

from crmlab.files import CrmlabError
from crmlab.service.promises.attainment import attainment
from crmlab.service.promises.faster import extra_complaints, faster
from crmlab.service.promises.keepable import keepable, quantile_limits
from crmlab.service.promises.outputs import ATTAINMENT, FASTER, KEEPABLE, TICKETS
from crmlab.tables import CLEAN, conform, empty

AS_OF = pd.Timestamp("2026-06-30")


def judged(hours, response=None, reported_at="2026-06-01", **more):
    """Tickets that were answered after so many hours (NaN: not yet) under a promise of four."""
    took = np.array(hours, float)
    response = np.where(took <= 4, "kept", "broken") if response is None else response
    frame = pd.DataFrame(
        {"response_took": took * 3600, "response": response, "response_promised": 4 * 3600.0}
    )
    frame = frame.assign(
        ticket_id=[f"t{i:03d}" for i in range(len(frame))],
        level="7*24*4",
        fix="no promise",
        recorded="no promise",
    ).assign(**more)
    frame["reported_at"] = pd.to_datetime(reported_at, format="mixed")
    frame = frame.reindex(columns=[*(c.name for c in TICKETS.kept), "branch", "tier"])
    return conform(frame, TICKETS).assign(
        branch=frame["branch"].astype("string"), tier=frame["tier"].astype("string")
    )


def rows(card, of):
    return card[card["of"] == of].set_index("group")


def test_shares_are_of_those_that_can_be_told():
    verdicts = ["kept"] * 8 + ["broken"] * 2 + ["cannot tell"] * 3 + ["running", "no promise"]
    card = attainment(judged([1.0] * 15, verdicts, branch="杭州", tier="vip"), "2026-06", 5)
    assert list(card.columns) == [c.name for c in ATTAINMENT.kept]
    whole = card[(card["of"] == "all")].iloc[0]
    assert (whole["promise"], whole["group"], whole["n"], whole["kept"]) == ("response", "", 10, 8)
    assert (whole["share"], whole["unknown"]) == (0.8, 4)
    assert (round(whole["low"], 3), round(whole["high"], 3)) == (0.49, 0.943)
    # one branch only: its figures are those of the whole
    assert rows(card, "branch").loc["杭州", "share"] == 0.8
    assert rows(card, "tier").index.tolist() == ["vip"]
    assert rows(card, "level").index.tolist() == ["7*24*4"]


def test_months_go_back_and_the_rest_is_of_twelve_months():
    days = ["2025-05-31 23:59"] * 5 + ["2025-07-01"] * 5 + ["2026-06-30 23:59"] * 5 + ["2026-07-01"] * 5
    card = attainment(judged([1.0] * 20, reported_at=days), "2026-06", 5)
    assert rows(card, "month").index.tolist() == ["2025-05", "2025-07", "2026-06"]
    assert rows(card, "all").loc["", "n"] == 10


def test_groups_too_small_are_left_out_but_not_the_whole():
    card = attainment(judged([1.0] * 9, branch=["杭州"] * 5 + ["宁波"] * 4), "2026-06", 5)
    assert rows(card, "branch").index.tolist() == ["杭州"]
    assert set(attainment(judged([1.0] * 4, branch="杭州"), "2026-06", 5)["of"]) == {"all"}


def test_what_the_desk_put_down_is_a_promise_of_its_own():
    card = attainment(judged([1.0] * 10, recorded=["kept"] * 6 + ["broken"] * 4), "2026-06", 5)
    shares = rows(card, "all").set_index("promise")["share"].to_dict()
    assert shares == {"response": 1.0, "recorded": 0.6}  # nothing was promised of the repair


def test_nothing_that_can_be_told_has_no_rows():
    assert attainment(judged([1.0] * 9, "cannot tell"), "2026-06", 5).empty
    assert attainment(judged([]), "2026-06", 5).empty


def test_the_promise_that_could_be_kept():
    card = keepable(judged(np.arange(1, 101) / 10), "2026-06", 0.95, 5)
    assert list(card.columns) == [c.name for c in KEEPABLE.kept]
    row = card.iloc[0]
    assert (row["promise"], row["level"], row["n"], row["promised_h"], row["share"]) == (
        "response",
        "7*24*4",
        100,
        4,
        0.4,
    )
    assert row["hours"] == 9.5
    assert row["low"] < 9.5 < row["high"]


def test_tickets_that_still_wait_took_longest():
    # 90 of 100 were done; nothing that is known is long enough for 95 %
    waiting = judged([1.0] * 90 + [np.nan] * 10, ["kept"] * 90 + ["broken"] * 10)
    row = keepable(waiting, "2026-06", 0.95, 5).iloc[0]
    assert row["n"] == 100
    assert pd.isna(row["hours"])
    assert pd.isna(row["high"])
    assert keepable(waiting, "2026-06", 0.8, 5).iloc[0]["hours"] == 1
    # what runs or cannot be told is no case
    unknown = judged([1.0] * 5 + [np.nan] * 9, ["kept"] * 5 + ["running"] * 9)
    assert keepable(unknown, "2026-06", 0.95, 5).iloc[0]["n"] == 5


def test_too_few_cases_have_no_promise_and_few_have_no_upper_limit():
    assert keepable(judged([1.0] * 4), "2026-06", 0.95, 5).empty
    row = keepable(judged(np.arange(1, 21)), "2026-06", 0.95, 5).iloc[0]
    assert row["hours"] == 19
    assert pd.isna(row["high"])


def test_all_cases_equal():
    row = keepable(judged([2.0] * 100), "2026-06", 0.95, 5).iloc[0]
    assert (row["low"], row["hours"], row["high"]) == (2, 2, 2)


def test_limits_of_a_quantile_hold_the_true_one_in_95_of_100_samples():
    rng = np.random.default_rng(3)
    true = np.log(20)  # the 95 % quantile of an exponential
    held = 0
    for _ in range(600):
        _, low, high = quantile_limits(rng.exponential(size=200), 0.95)
        held += low <= true <= high
    assert 0.94 <= held / 600 <= 0.99


def complaints(*ticket_ids, received_at="2026-06-10", compensation=None):
    frame = pd.DataFrame({"ticket_id": list(ticket_ids)}).assign(
        complaint_id=[f"b{i}" for i in range(len(ticket_ids))],
        received_at=pd.to_datetime(received_at),
        compensation=compensation,
    )
    return conform(frame.reindex(columns=[c.name for c in CLEAN["complaints"].kept]), CLEAN["complaints"])


def cost(frame, complaints, factors=(0.5,), penalty=0, min_group=5):
    return faster(frame, complaints, "2026-06", AS_OF, factors, penalty, min_group)


# forty tickets at one hour, forty at three, twenty at five: half the promise breaks the forty
DESK = [1.0] * 40 + [3.0] * 40 + [5.0] * 20


def test_what_a_faster_promise_would_have_cost():
    # one of the kept and four of the broken brought a complaint: 0.2 − 0.0125
    said = complaints("t000", "t080", "t081", "t082", "t083", compensation=1000)
    card = cost(judged(DESK), said, penalty=10)
    assert list(card.columns) == [c.name for c in FASTER.kept]
    row = card.iloc[0]
    assert (row["promised_h"], row["n"], row["share"], row["more_broken"]) == (2, 100, 0.4, 40)
    assert row["more_complaints"] == pytest.approx(40 * (4 / 20 - 1 / 80))
    assert row["low"] < row["more_complaints"] < row["high"]
    assert row["cost"] == 7500 + 40 * 10 * 100  # fen


def test_without_a_ticket_on_the_complaints_the_cost_is_missing():
    for said in (complaints(None, None, compensation=1000), complaints(), complaints("elsewhere")):
        row = cost(judged(DESK), said).iloc[0]
        assert row["more_broken"] == 40
        assert row[["more_complaints", "low", "high", "cost"]].isna().all()


def test_without_compensation_on_record_the_cost_is_missing():
    row = cost(judged(DESK), complaints("t080")).iloc[0]
    assert row["more_complaints"] > 0
    assert pd.isna(row["cost"])


def test_a_complaint_without_compensation_was_paid_nothing():
    said = complaints("t080", "t081", "t082", "t083", compensation=[4000, None, None, None])
    assert cost(judged(DESK), said).iloc[0]["cost"] == 40 * (4 / 20) * 1000


def test_what_was_paid_later_is_not_known():
    said = complaints("t080", "t081", compensation=[4000, 2000])
    later = said.assign(resolved_at=pd.to_datetime(["2026-07-01", "2026-06-30"]))
    assert cost(judged(DESK), later).iloc[0]["cost"] == 40 * (2 / 20) * 1000


def test_complaints_received_later_do_not_count():
    row = cost(judged(DESK), complaints("t080", received_at="2026-07-01", compensation=1000)).iloc[0]
    assert pd.isna(row["more_complaints"])


def test_where_less_complaints_follow_broken_promises_only_penalties_cost():
    row = cost(judged(DESK), complaints("t000", "t001", compensation=1000), penalty=1).iloc[0]
    assert row["more_complaints"] < 0
    assert row["cost"] == 4000


def test_tickets_with_promises_of_their_own_are_shortened_each():
    promised = [2 * 3600.0] * 50 + [8 * 3600.0] * 50
    frame = judged([3.0] * 100, response_promised=promised, response=["broken"] * 50 + ["kept"] * 50)
    row = cost(frame, complaints()).iloc[0]
    assert (row["promised_h"], row["more_broken"], row["share"]) == (2.5, 0, 0.5)


def test_too_few_broken_tell_nothing_of_complaints_and_small_levels_are_left_out():
    few = judged([1.0] * 40 + [5.0] * 4)
    assert pd.isna(cost(few, complaints("t041", compensation=1)).iloc[0]["more_complaints"])
    assert cost(judged([1.0] * 4), complaints()).empty
    assert cost(judged([]), complaints()).equals(empty(FASTER))


def test_the_same_factor_twice_is_one_row_and_a_longer_promise_is_refused():
    assert len(cost(judged(DESK), complaints(), factors=[0.5, 0.5, 0.75])) == 2
    for factor in (1.5, 1, 0, -1):
        with pytest.raises(CrmlabError, match=r"service\.faster"):
            cost(judged(DESK), complaints(), factors=[factor])


def test_the_difference_of_two_shares_has_the_limits_of_newcombe():
    # Newcombe 1998, table II (a): 56/70 less 48/80
    kept = pd.Series([False] * 70 + [True] * 80)
    complained = pd.Series([True] * 56 + [False] * 14 + [True] * 48 + [False] * 32)
    assert [round(x, 4) for x in extra_complaints(kept, complained, 5)] == [0.2, 0.0524, 0.3339]
