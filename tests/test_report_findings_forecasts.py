"""What to expect, and how well it was foreseen: every branch of each sentence, a model that loses among them."""

import pandas as pd
import pytest

from crmlab.purchases.buyers.outputs import BACKTEST, CUSTOMERS, DECILES, TRACKING
from crmlab.report.findings import forecasts, gaps
from crmlab.report.language import Language, catalogue
from crmlab.tables import conform, empty

EN, ZH = Language("en"), Language("zh")
SETTINGS = {"min_repeat_buyers": 100}
MODEL = {
    "n_customers": 900,
    "n_repeat": 700,
    "model": "MBGNBD",
    "line": "MBGNBD",
    "why": "default",
    "verdict": "better",
    "naive": "last_year_again",
    "horizon_days": 365,
    "expected": 1774.6,
    "expected_low": 1678.4,
    "expected_high": 1870.7,
    "expected_amount": 2_850_000_000,
    "backtest": {"origins": 3, "mae": 1.305, "mae_naive": 1.378},
}
NONE = MODEL | {
    "model": None,
    "line": "last_year_again",
    "expected": 1973.0,
    "expected_low": None,
    "expected_high": None,
}


def en(message):
    return message.in_language(EN) if hasattr(message, "in_language") else message


def bought(lately):
    names = [column.name for column in CUSTOMERS.columns]
    return conform(pd.DataFrame([{"customer_id": "A", "lately": lately}]).reindex(columns=names), CUSTOMERS)


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("naive is clearly better", "on earlier days a simple line (the same period once more) forecast purchases clearly better"),
        ("too few repeat buyers", "700 customers bought more than once, and at least 100 are needed"),
        ("history too short", "the sales on record span less than a year"),
        ("no maximum", "none fits these purchases"),
        ("something new", "No customer-base model is used."),
    ],
)  # fmt: skip
def test_the_page_says_plainly_why_no_model_is_used(why, said):
    sentence = en(forecasts.no_model(NONE | {"why": why}, SETTINGS))
    assert said in sentence
    assert sentence.endswith(
        "Forecasts rest on a simple line (the same period once more), and who still is a customer cannot be told."
    )


def test_without_any_line_nothing_is_forecast():
    short = NONE | {"why": "history too short", "line": None}
    assert en(forecasts.no_model(short, SETTINGS)).endswith(
        "Nothing is forecast, and who still is a customer cannot be told."
    )
    assert forecasts.no_model(MODEL, SETTINGS) is None
    assert forecasts.no_model({"n_customers": 0}, SETTINGS) is None, "there is nobody to forecast"


@pytest.mark.parametrize(
    ("lately", "said"),
    [
        (1500, "more than the 1,500 of the last 365: see that stock and staff suffice."),
        (1973, "fewer than the 1,973 of the last 365: new customers must make up for it."),
        (1800, "about as many as the 1,800 of the last 365."),
    ],
)
def test_what_is_expected_stands_beside_what_came_lately(lately, said):
    sentence = en(forecasts.expected(MODEL, bought(lately)))
    assert sentence.startswith(
        "1,775 purchases of today's customers are expected within 365 days (1,678 to 1,871)"
    )
    assert sentence.endswith(said)


def test_a_simple_line_expects_without_limits():
    said = en(forecasts.expected(NONE, bought(1973)))
    assert said.startswith("1,973 purchases are expected within 365 days, as many as the simple line says")
    assert forecasts.expected({"expected": None}, bought(3)) is None
    assert forecasts.expected({}, bought(3)) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "Expected within 365 days: 1,775 purchases (1,678 to 1,871), worth CN¥28.5M"),
        ({"expected_amount": None}, "Expected within 365 days: 1,775 purchases (1,678 to 1,871)"),
        ({"expected_low": None}, "Expected within 365 days: 1,775 purchases, without limits"),
        ({"expected": None}, "What customers will buy cannot be told"),
    ],
)
def test_the_finding_over_the_forecast_ahead(change, said):
    assert en(forecasts.ahead_title(MODEL | change, {})) == said


def test_a_short_history_says_what_is_missing():
    lacks = {"missing": [{"what": "a year of sales", "adds": gaps.EXPECTED_PURCHASES}]}
    assert en(forecasts.ahead_title({}, lacks)).endswith("Missing: a year of sales")
    assert en(forecasts.tracking_title(empty(TRACKING), lacks)).endswith("Missing: a year of sales")


def tracking(actual, low=90.0, high=110.0):
    rows = [
        ("held_out", 30, "2026-01-30", 10.0, 8.0, 12.0, 11.0, 9),
        ("held_out", 365, "2026-12-31", 100.0, low, high, 120.0, actual),
        ("ahead", 30, "2027-01-30", 9.0, 7.0, 11.0, 9.0, None),
    ]
    names = ["part", "days", "until", "expected", "low", "high", "naive", "actual"]
    frame = pd.DataFrame(rows, columns=names)
    return conform(frame.assign(until=pd.to_datetime(frame["until"])), TRACKING)


@pytest.mark.parametrize(
    ("actual", "low", "said"),
    [
        (105, 90.0, "365 days ago 100 purchases were forecast (90 to 110); 105 came, within the limits"),
        (115, 90.0, "365 days ago 100 purchases were forecast (90 to 110); 115 came, more than the limits"),
        (80, 90.0, "365 days ago 100 purchases were forecast (90 to 110); 80 came, fewer than the limits"),
        (80, None, "365 days ago 100 purchases were forecast by the simple line; 80 came"),
    ],
)
def test_the_finding_over_an_earlier_forecast(actual, low, said):
    assert en(forecasts.tracking_title(tracking(actual, low=low), {})) == said


def test_no_earlier_forecast_is_said():
    assert en(forecasts.tracking_title(empty(TRACKING), {})).startswith(
        "How well an earlier forecast did cannot"
    )


def test_lines_keep_their_order_and_only_the_forecast_has_limits():
    rows = forecasts.followed(tracking(105), "held_out")
    assert rows["line"].unique().tolist() == list(forecasts.LINES.values())
    assert rows.groupby("line", sort=False)["low"].count().tolist() == [2, 0, 0]
    ahead = forecasts.followed(tracking(105), "ahead")
    assert ahead["line"].tolist() == ["forecast", "the same period once more"]
    assert forecasts.followed(empty(TRACKING), "ahead").empty
    assert len(forecasts.by_day(tracking(105), "held_out")) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "by 1.38: the model is better"),
        ({"verdict": "no clear difference"}, "by 1.38: cannot tell which is better"),
        ({"verdict": "worse"}, "more than the simple line (the same period once more) with 1.38: do not trust it for one customer"),
        ({"verdict": None}, "there is no earlier day to judge them on"),
        (
            {"model": None, "verdict": "worse", "why": "naive is clearly better", "naive": "mean_rate"},
            "The customer-base model lost to the simple line (each customer's mean rate) on earlier days: it is not used",
        ),
    ],
)  # fmt: skip
def test_the_verdict_against_the_simple_line(change, said):
    assert en(forecasts.verdict(MODEL | change)).endswith(said)


def test_the_verdict_reads_the_same_in_chinese():
    assert forecasts.verdict(MODEL).in_language(ZH).endswith("为 1.38 次：模型更好")
    words = catalogue("zh")
    assert all(words.get(line, "purchase line") for line in forecasts.LINES.values())


def test_tenths_and_earlier_days():
    rows = pd.DataFrame(
        {"decile": [2, 1], "n": 9, "expected": 1.0, "naive": 1, "actual": 1, "low": 0, "high": 2}
    )
    assert forecasts.tenths(conform(rows, DECILES))["tenth"].tolist() == ["1", "2"]
    names = [column.name for column in BACKTEST.columns]
    tested = pd.DataFrame(
        [
            {"origin": "2025-10-31", "forecast": "MBGCNBD-2", "mae": 1.2, "chosen": True},
            {"origin": "2025-10-31", "forecast": "mean_rate", "mae": 1.3, "chosen": False},
            {"origin": "2024-10-31", "forecast": "ParetoNBD", "mae": 1.1, "chosen": False},
        ]
    ).reindex(columns=names)
    tested = conform(tested.assign(origin=pd.to_datetime(tested["origin"])), BACKTEST)
    shown = forecasts.earlier_days(tested)
    assert [en(name) for name in shown["name"]] == ["MBG/CNBD-2", "each customer's mean rate", "Pareto/NBD"]
    assert [en(said) if said else said for said in shown["chosen_said"]] == ["used", None, None]
    assert en(forecasts.earlier_days_title(tested)).startswith("Every way to forecast on 2 earlier days")
    assert en(forecasts.earlier_days_title(empty(BACKTEST))).startswith("No earlier day can be forecast")
