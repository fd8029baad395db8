"""Small tables of answers, as `clean` would write them."""

import numpy as np
import pandas as pd

from crmlab.service.settings import Settings
from crmlab.tables import CLEAN, conform

AS_OF, UNTIL = pd.Timestamp("2026-10-31"), "2026-10"
DAY = "2026-06-10"

SETTINGS = Settings(
    levels={},
    opens="09:00",
    country="CN",
    closed=(),
    worked=(),
    entry_days=0,
    keepable=0.95,
    faster=(),
    penalty=0,
    repeat_days=14,
    prompt_days=3,
    ignored_days=30,
    stay_days=365,
    survey_months=24,
    min_group=5,
    rates={"visit_cost": 120, "hour_cost": 90, "km_cost": 1.5},
)


def clean(name: str, rows: list[dict]) -> pd.DataFrame:
    """The clean table `name`; columns that no row names are missing."""
    columns = [c.name for c in CLEAN[name].kept]
    return conform(pd.DataFrame(rows, columns=columns).reset_index(drop=True), CLEAN[name])


def surveys(*sheets: list[dict]) -> pd.DataFrame:
    """The clean table surveys of some sheets."""
    return clean("surveys", [row for sheet in sheets for row in sheet])


def sheet(survey, customer, marks, at=DAY, ticket=None, top=10, kind="perception"):
    """One questionnaire: marks by (dimension, item), or by item alone."""
    rows = []
    for name, score in marks.items():
        dimension, item = name if isinstance(name, tuple) else (None, name)
        rows.append(
            {
                "survey_id": survey,
                "customer_id": customer,
                "answered_at": pd.Timestamp(at),
                "ticket_id": ticket,
                "item": item,
                "dimension": dimension,
                "kind": kind,
                "score": score,
                "scale_max": top,
            }
        )
    return rows


def gap_sheet(survey, customer, expected, met, dimension="reliability", at=DAY, top=10):
    """A questionnaire of two items of one dimension, each expected and met with the same mark."""
    items = [(dimension, "R1"), (dimension, "R2")]
    return sheet(survey, customer, dict.fromkeys(items, expected), at, top=top, kind="expectation") + sheet(
        survey, customer, dict.fromkeys(items, met), at, top=top
    )


def random_sheets(n, seed=1, customers=None, at=DAY):
    """`n` questionnaires of all five dimensions, two items each, in which one impression colours everything."""
    rng = np.random.default_rng(seed)
    names = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")
    made = []
    for i in range(n):
        mood = rng.normal(7, 1)
        marks = {
            (d, f"{d[:1]}{k}"): round(min(max(mood + rng.normal(0, 1), 0), 10)) for d in names for k in (1, 2)
        }
        marks["overall"] = round(min(max(mood + rng.normal(0, 0.5), 0), 10))
        made.append(sheet(f"S{i:04d}", f"C{i % (customers or n):04d}", marks, at))
    return made
