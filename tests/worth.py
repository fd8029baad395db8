"""Tables of the value stage by hand, as small as a test can see through."""

import pandas as pd

from crmlab.report.language import Language
from crmlab.tables import conform, empty
from crmlab.value.outputs import OUTPUTS

EN, ZH = Language("en"), Language("zh")

YEAR = {
    "n": 1200,
    "n_open": 900,
    "actual": 4_000_000_00,
    "stated": 3_900_000_00,
    "low": 3_500_000_00,
    "high": 4_300_000_00,
    "best_line": "mean_retained",
    "mae": 3_200_00,
    "mae_last_year": 5_000_00,
    "mae_mean_retained": 4_900_00,
    "mae_open": 4_200_00,
    "mae_open_last_year": 6_600_00,
    "mae_open_mean_retained": 6_400_00,
    "gain": 1_700_00,
    "gain_error": 200_00,
    "spearman": 0.52,
    "spearman_last_year": 0.35,
    "spearman_mean_retained": 0.32,
    "bias": -0.025,
    "bias_last_year": 0.09,
    "bias_mean_retained": -0.24,
    "coverage": 0.88,
}
CHANGE = {
    "since": "2026-09-30",
    "then": 10_000_000_00,
    "now": 9_000_000_00,
    "new": 100_000_00,
    "lost": -200_000_00,
    "price": 0,
    "chances": -700_000_00,
    "purchases": -150_000_00,
    "replacements": 0,
    "cost": -50_000_00,
}
METRICS = {
    "n_customers": 1300,
    "n_valued": 1258,
    "n_left": 366,
    "n_to_come": 888,
    "n_unknown": 2,
    "historical": 18_000_000_00,
    "margin": 41_000_000_00,
    "service_cost": 23_000_000_00,
    "unearned": 4_000_000_00,
    "to_come": 9_000_000_00,
    "low": 7_000_000_00,
    "high": 11_000_000_00,
    "current": 4_000_000_00,
    "renewals": 7_000_000_00,
    "potential": 15_000_000_00,
    "cost_to_come": 10_000_000_00,
    "n_negative": 3,
    "negative_to_come": -600_00,
    "share_negative": 0.075,
    "n_surely_negative": 1,
    "top_fifth_profit": 0.85,
    "share_for_80": 0.17,
    "revenue_based_share": 0.0,
    "ledger_difference": 0,
    "nobody": 0,
    "n_lines": 19_372,
    "n_returns": 1_016,
    "horizon_months": 36,
    "annual_discount": 0.1,
    "renewal_rate": 0.865,
    "price_rise": 0.035,
    "moved_a_year": 0.016,
    "heard_again": 0.2,
    "models": {"contract": "MBGNBD", "none": "mean_rate"},
    "stretch_below": 1.39,
    "stretch_above": 1.0,
    "verdict": "better",
    "best_line": "mean_retained",
    "backtest": {"1": YEAR, "2": YEAR},
    "change": CHANGE,
}


def said(messages, language=EN):
    """Messages as the page of a language has them; one alone as one."""
    if isinstance(messages, list):
        return [said(message, language) for message in messages]
    return messages if isinstance(messages, str) else messages.in_language(language)


def table(name, *rows, **columns):
    """Table `name` of the stage: `rows` as dictionaries, each with `columns` where it has none of its own."""
    declared = OUTPUTS[name]
    if not rows:
        return empty(declared)
    frame = pd.DataFrame([columns | row for row in rows])
    return conform(frame.reindex(columns=[c.name for c in declared.columns]), declared)


def customer(ident, to_come, half=100_00, **more):
    """A customer worth `to_come`, with limits `half` away on either side."""
    return {
        "customer_id": ident,
        "known": True,
        "standing": "contract",
        "is_new": False,
        "to_come": to_come,
        "low": to_come - half,
        "high": to_come + half,
        "p_retained": 0.9,
        "estimated_share": 0.0,
    } | more


def stage(**tables):
    """Every table of the stage: those given, the others empty."""
    return {name: tables.get(name, empty(declared)) for name, declared in OUTPUTS.items()}


LOSERS = table(
    "customers",
    customer(
        "a", -300_00, customer_name="宁波旅馆", reason="low_price", reason_ratio=0.5, reason_money=420_00
    ),
    customer("b", -250_00, reason="low_price", reason_ratio=0.6),
    customer("c", -50_00, reason="many_tickets", reason_ratio=2.24),
    customer("d", 900_00),
)
CHAIN = table(
    "chain",
    {"link": "complaint", "what": "second_visits", "group": "some", "n": 90, "customers": 60, "difference": 0.04, "low": 0.01, "high": 0.07, "verdict": "more"},
    {"link": "renewal", "what": "promises", "group": "some", "n": 80, "customers": 50, "difference": -0.06, "low": -0.1, "high": -0.02, "verdict": "less"},
    {"link": "renewal", "what": "complaints", "group": "solved", "n": 9, "customers": 8, "verdict": "cannot_tell"},
    {"link": "profit", "what": "promises", "group": "some", "n": 80, "customers": 50, "difference": -900_00, "low": -1800_00, "high": 50_00, "money": -90_00, "money_low": -180_00, "money_high": 5_00, "verdict": "cannot_tell"},
    {"link": "value", "what": "promises", "group": "some", "n": 80, "customers": 50, "difference": -400_00, "low": -600_00, "high": -200_00, "money": -40_00, "money_low": -60_00, "money_high": -20_00, "verdict": "less"},
)  # fmt: skip
