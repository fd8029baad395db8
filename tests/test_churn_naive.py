"""Chances of renewal that need no model."""

import numpy as np
import pandas as pd
import pytest
from test_churn_scores import DAY

from crmlab.churn.naive import last_years_rate


def test_last_years_rate_is_of_what_was_settled_in_the_year():
    ends = pd.to_datetime(["2025-03-01"] * 30 + ["2024-01-01"] * 30)
    terms = pd.DataFrame({"end_at": ends, "fate": (["renewed"] * 20 + ["lost"] * 10) + ["lost"] * 30})
    assert last_years_rate(terms, DAY, 30) == pytest.approx(2 / 3)
    assert np.isnan(last_years_rate(terms.head(19), DAY, 30))
