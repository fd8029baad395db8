"""The room as one whole: its tables, the figures of the last twelve months, and input of which parts are missing."""

import json

import numpy as np
import pandas as pd
import pytest

from crmlab.service.complaints.handled import handled
from crmlab.service.complaints.outputs import OUTPUTS
from crmlab.service.promises.workdays import Workdays
from crmlab.service.settings import Settings
from crmlab.tables import CONTRACT, conform, empty

AS_OF = pd.Timestamp("2026-10-31")
SETTINGS = Settings(
    levels={}, opens="09:00", country="CN", closed=(), worked=(), entry_days=0, keepable=0.95, faster=(), penalty=0, repeat_days=14,
    prompt_days=3, ignored_days=30, stay_days=365, survey_months=24, min_group=5, rates={},
)  # fmt: skip
CALENDAR = Workdays(np.datetime64("2024-01-01"), np.datetime64("2026-12-31"))


def clean(name, rows):
    table = CONTRACT[name]
    return conform(pd.DataFrame(rows).reindex(columns=[c.name for c in table.kept]).astype(object), table)


def complaints(n=12, first="2026-01-05 10:00", **columns):
    """Complaints of n customers, a week apart, each solved the day after; `columns` are values or lists of n."""
    received = pd.date_range(first, periods=n, freq="7D")
    frame = pd.DataFrame(
        {"complaint_id": [f"T{i:02d}" for i in range(n)], "customer_id": [f"c{i}" for i in range(n)]}
    )
    frame["received_at"] = received
    frame["resolved_at"] = received + pd.Timedelta(days=1)
    return clean(
        "complaints",
        frame.assign(kind="quality", **columns) if "kind" not in columns else frame.assign(**columns),
    )


def run(some, until="2026-10", as_of=AS_OF, **tables):
    others = {name: tables.get(name, empty(CONTRACT[name])) for name in ("contracts", "sales", "tickets")}
    tables, figures = handled(some, **others, settings=SETTINGS, until=until, as_of=as_of, workdays=CALENDAR)
    assert tables.keys() == OUTPUTS.keys()
    for name, table in tables.items():
        assert list(table.columns) == [c.name for c in OUTPUTS[name].kept]
        assert not table.duplicated(list(OUTPUTS[name].key)).any()
    json.dumps(figures)
    return tables, figures


def test_the_last_twelve_months_and_the_twelve_before():
    some = pd.concat(
        [
            complaints(8, compensation=1000, valid=[True] * 6 + [False] * 2, satisfied=[True] * 7 + [None]),
            complaints(6, "2025-02-03").assign(complaint_id=[f"old{i}" for i in range(6)]),
        ],
        ignore_index=True,
    )
    tables, figures = run(some)
    row = tables["complaint_kinds"].iloc[0]
    assert (row["kind"], row["n"], row["before"], row["judged"], row["valid"]) == ("quality", 8, 6, 8, 0.75)
    assert row["valid_low"] < 0.75 < row["valid_high"]
    assert (row["over"], row["solved"], row["promptly"], row["said"], row["satisfied"]) == (8, 1, 1, 7, 1)
    assert row["solved_low"] < 0.8  # eight of eight are no certainty
    assert (row["median_days"], row["compensation"]) == (1, 8000)
    assert figures["complaints"] == {"n": 14, "last_year": 8, "year_before": 6}
    assert figures["compensation"] == 8000


def test_groups_too_small_have_counts_and_no_shares():
    row = run(complaints(4, valid=True, satisfied=True))[0]["complaint_kinds"].iloc[0]
    assert row["n"] == 4
    assert (
        row[["valid", "valid_low", "solved", "promptly", "satisfied", "satisfied_high", "median_days"]]
        .isna()
        .all()
    )


def test_every_complaint_has_its_row_and_those_after_the_day_have_none():
    tables, figures = run(complaints(12), as_of=pd.Timestamp("2026-02-02"), until="2026-01")
    assert tables["complaints"]["complaint_id"].tolist() == ["T00", "T01", "T02", "T03", "T04"]
    # the fifth came in on the day itself and was solved the day after
    assert tables["complaints"]["end"].tolist() == ["solved promptly"] * 4 + ["running"]
    assert figures["complaints"]["last_year"] == 4


def test_what_cannot_be_told_is_missing_and_money_nobody_put_down_is_no_zero():
    tables, figures = run(complaints(6, resolved_at=None))
    assert tables["complaints"]["end"].isna().all()
    assert tables["recovery"].empty
    assert tables["complaint_kinds"]["solved"].isna().all()
    assert figures["compensation"] is None
    assert figures["recovery"] == {}
    assert figures["rests_before"] is None
    assert figures["slowest_step"] is None


def test_kinds_are_read_where_the_record_has_none():
    some = complaints(
        6,
        kind=["delivery"] * 3 + [None] * 3,
        text=["物流太慢", "货还没到", "发票错了", "发票错了", "你好", None],
    )
    tables, figures = run(some)
    assert tables["complaints"]["kind"].tolist() == ["delivery"] * 3 + ["contract", "unknown", "unknown"]
    assert tables["complaint_kinds"].set_index("kind")["from_text"].to_dict() == {
        "contract": 1,
        "delivery": 0,
        "unknown": 0,
    }
    assert figures["kind_agreement"]["n"] == 3
    assert figures["kind_agreement"]["share"] == pytest.approx(2 / 3)


def test_the_figures_of_steps_and_recovery():
    received = pd.date_range("2025-01-06 10:00", periods=12, freq="7D")
    steps = {f"step_{k}_at": received + pd.Timedelta(hours=k) for k in (1, 2)}
    steps["step_3_at"] = [received[i] + pd.Timedelta(days=2) if i < 6 else None for i in range(12)]
    some = complaints(
        12,
        "2025-01-06 10:00",
        **steps,
        resolved_at=[received[i] + pd.Timedelta(days=3) if i < 6 else None for i in range(12)],
    )
    sales = clean(
        "sales",
        [
            {"sale_id": f"s{i}", "customer_id": f"c{i}", "sold_at": pd.Timestamp("2025-06-01")}
            for i in range(9)
        ]
        + [{"sale_id": "s", "customer_id": "z", "sold_at": pd.Timestamp("2024-12-01")}],
    )
    tables, figures = run(some, sales=sales)
    assert tables["complaints"]["rests_before"].isna().tolist() == [True] * 6 + [False] * 6
    assert (figures["rests_before"], figures["slowest_step"]) == (3, 3)
    found = figures["recovery"]
    assert {
        end: (row["complaints"], row["n"], row["stayed"], row["share"]) for end, row in found.items()
    } == {
        "ignored": (6, 6, 3, 0.5),
        "solved promptly": (6, 6, 6, 1),
    }
    assert found["ignored"].keys() == {
        "complaints",
        "of_all",
        "low",
        "high",
        "n",
        "stayed",
        "share",
        "share_low",
        "share_high",
    }


def test_solutions_before_the_complaint_are_counted():
    some = complaints(6)
    some.loc[0, "resolved_at"] = some.loc[0, "received_at"] - pd.Timedelta(days=2)
    tables, figures = run(some)
    assert figures["negative"] == 1
    assert tables["complaints"]["end"].iloc[0] == "solved"
    assert pd.isna(tables["complaints"]["working_days"].iloc[0])


def test_no_complaints_at_all():
    tables, figures = run(empty(CONTRACT["complaints"]))
    assert all(table.empty for table in tables.values())
    assert figures["complaints"] == {"n": 0, "last_year": 0, "year_before": 0}
    assert figures["kind_agreement"]["share"] is None


def test_one_run_like_another_whatever_the_order():
    some = complaints(12, valid=[True, False] * 6)
    first, second = run(some)[0], run(some.sample(frac=1, random_state=1))[0]
    for name in OUTPUTS:
        pd.testing.assert_frame_equal(first[name], second[name])
