"""The overview repeats other pages, and stands it when they have nothing to say."""

import pandas as pd

from crmlab.report.findings import overview
from crmlab.report.language import Language

EN = Language("en")
VOLUME = pd.DataFrame(
    {
        "table": ["tickets", "tickets", "tickets", "sales", "visits", "tickets"],
        "month": ["2025-10", "2026-09", "2026-10", "2026-10", "2026-10", "2026-11"],
        "rows": [391, 419, 403, 800, 500, 3],
    }
)
METRICS = {
    "value": {"n_valued": 1200, "to_come": 817_800_000, "horizon_months": 36},
    "churn": {"due": {"365": {"n": 300, "amount": 90_000_000, "expected_loss": 12_000_000}}},
    "faults": {"accuracy": 0.71, "by_symptom_accuracy": 0.55},
    "segments": {"determined_share": 0.62, "n": 1200},
}


def test_one_figure_per_stage_with_the_simple_line_beside_it():
    cards = overview.cards(METRICS, VOLUME, "2026-10")
    assert [(c.value.text(EN), c.beside.in_language(EN)) for c in cards] == [
        ("403", "October 2025: 391"),
        ("CN¥8.2M", "1,200 customers over 36 months"),
        ("CN¥120K", "of CN¥900K in 300 contracts that end"),
        ("71.0%", "most frequent cause of the symptom: 55.0%"),
        ("62.0%", "of 1,200 customers with a record in the window"),
    ]
    assert cards[0].label.in_language(EN) == "Tickets in the reporting month"
    assert list(cards[0].line) == [391, 419, 403]


def test_stages_without_an_answer_have_no_card():
    empty = {
        "value": {"n_customers": 0},
        "churn": {"n_ended": 3},
        "faults": {"n_labelled": 0},
        "segments": {"determined_share": None},
    }
    assert overview.cards(empty, VOLUME.head(0), "2026-10") == []
    assert overview.cards({}, VOLUME.head(1), "2026-10") == []
    assert overview.cards({}, VOLUME.tail(4).head(1), "2026-10")[0].beside is None


def test_activity_stops_at_the_reporting_month_and_goes_back_three_years():
    assert set(overview.activity(VOLUME, "2026-10")["month"]) == {"2025-10", "2026-09", "2026-10"}
    assert set(overview.activity(VOLUME, "2026-10")["table"]) == {"tickets", "sales"}
    long = pd.DataFrame(
        {
            "table": "tickets",
            "month": [f"{y}-{m:02d}" for y in range(2020, 2026) for m in range(1, 13)],
            "rows": 1,
        }
    )
    assert len(overview.activity(long, "2025-12")) == 36
