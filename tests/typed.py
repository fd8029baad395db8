"""Tables of the segments stage by hand, as small as a test can see through."""

import pandas as pd

from crmlab.report.language import Language
from crmlab.segments.outputs import OUTPUTS
from crmlab.tables import conform, empty

EN, ZH = Language("en"), Language("zh")
NINE = (
    "traditionalist",
    "reckoner",
    "nostalgic",
    "pragmatist",
    "bargain-seeker",
    "status-seeker",
    "pioneer",
    "planner",
    "perfectionist",
)
FIGURES = {
    "n": 1000,
    "determined_share": 0.62,
    "axis_share": 0.1,
    "unknown_labels": [],
    "reasons": {"some_records": 80, "between": 300},
    "n_features": 27,
    "features_silent": [],
    "contradicts": [],
    "bootstrap_same_label": 0.92,
    "bootstrap_same_label_simple": 0.8,
    "em_steps": 40,
    "tied": False,
    "reference": "2025-12-31",
    "drifting": [],
    "changes_per_year": 0.2,
    "agreement": 0.7,
    "agreement_n": 300,
    "months": 24,
    "unrecognised": {"tickets": 0.6, "surveys": 0.7},
    "overlap_simple_scheme": 0.05,
    "at_risk": 120,
    "to_come_at_risk": 900_000_00,
}
"""Of reports/metrics/segments.json, what the page reads."""


def said(message, language=EN):
    return message.in_language(language)


def table(name, *rows):
    """Rows of a table of the stage; columns that a row does not name are missing."""
    columns = {column.name: None for column in OUTPUTS[name].kept}
    if not rows:
        return empty(OUTPUTS[name])
    return conform(pd.DataFrame([columns | row for row in rows]).astype(object), OUTPUTS[name])


def types(**n):
    """The ten rows of table types: customers by type, worth 100 yuan each and more for later types, scores of 0 but for pioneers."""
    total = max(sum(n.values()), 1)
    axes = ("past", "present", "future", "functional", "economic", "psychological")
    rows = [
        {
            "type": name,
            "n": n.get(name.replace("-", "_"), 0),
            "share": n.get(name.replace("-", "_"), 0) / total,
            "n_likeliest": n.get(name.replace("-", "_"), 0),
            "median_to_come": 100_00 * (place + 1),
            **dict.fromkeys(axes, 0.0),
        }
        for place, name in enumerate([*NINE, "undetermined"])
    ]
    rows[6]["future"] = 1.44
    return table("types", *rows)


def customer(ident, **known):
    """A planner of high value in retention, sure and safe, where nothing else is said."""
    return {
        "customer_id": ident,
        "type": "planner",
        "labelled": False,
        "likeliest": "planner",
        "p": 0.9,
        "runner_up": "bargain-seeker",
        "n_features": 9,
        "stage": "retention",
        "at_risk": False,
        "action": "Open the renewal half a year ahead, with the price locked for the next term.",
        "value_band": "high",
        "to_come": 5_000_00,
        "at_stake": 1_000_00,
        **known,
    }


def reason(ident, rank, feature, value, typical, above=True):
    """One reason why a customer is a planner rather than a bargain-seeker."""
    return {
        "customer_id": ident,
        "rank": rank,
        "likeliest": "planner",
        "runner_up": "bargain-seeker",
        "feature": feature,
        "above": above,
        "value": value,
        "typical": typical,
        "log_odds": 2.0 - rank / 2,
    }


def cell(kind, band, risk, n, at_stake=0):
    """A cell of types × value × risk."""
    return {
        "type": kind,
        "value_band": band,
        "risk": risk,
        "n": n,
        "n_determined": n,
        "to_come": 10 * at_stake,
        "at_stake": at_stake,
        "effort": f"effort {band} {risk}",
        "manner": f"manner {kind}",
    }


def outcome(name, verdict, gain=0.02, low=0.01, high=0.03):
    """Whether types help to foresee one outcome."""
    return {
        "outcome": name,
        "n": 400,
        "measure": "log_loss",
        "without": 0.5,
        "with_types": 0.49,
        "gain": gain,
        "low": low,
        "high": high,
        "verdict": verdict,
    }
