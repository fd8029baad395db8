"""What params.yaml may say about types."""

import pytest

from crmlab.files import CrmlabError
from crmlab.segments.settings import Settings

SECTION = {"months": 24, "history": 24, "min_prob": 0.6, "min_axis": 0.7, "margin": 0.4, "patience": 2}
CHURN = {"at_risk": 0.7, "grace_days": 30}


def test_the_sections_are_read():
    found = Settings.read(SECTION, CHURN, {"levels": {"5*9": {"response_h": 9}}})
    assert (found.months, found.patience, found.grace_days) == (24, 2, 30)
    assert found.levels["5*9"] == {"response_h": 9}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"months": 3}, "segments.months: 3 found, a whole number of months from 6 to 60 is expected"),
        ({"history": 24.0}, "segments.history: 24.0 found"),
        ({"patience": True}, "segments.patience: True found"),
        ({"min_prob": 60}, "segments.min_prob: 60 found, a probability from 0.34 to 1 is expected"),
        ({"margin": "wide"}, "segments.margin: wide found"),
        ({"flicker": 1}, "segments: flicker missing or unknown; expected are history, margin"),
    ],
)
def test_what_cannot_be_is_named_with_what_is_expected(changed, said):
    with pytest.raises(CrmlabError, match=r"params\.yaml") as error:
        Settings.read(SECTION | changed, CHURN, {"levels": {}})
    assert said in str(error.value)


def test_a_missing_key_is_named():
    with pytest.raises(CrmlabError, match="segments: margin missing or unknown"):
        Settings.read({k: v for k, v in SECTION.items() if k != "margin"}, CHURN, {"levels": {}})
