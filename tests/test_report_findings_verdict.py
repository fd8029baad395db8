"""When a page may call a model better than the simple line."""

import pytest

from crmlab.report.findings.verdict import against, verdict


@pytest.mark.parametrize(
    ("gain", "error", "said"),
    [
        (0.41, 0.2, "better"),
        (0.39, 0.2, "even"),
        (-0.39, 0.2, "even"),
        (-0.41, 0.2, "worse"),
        (0.0, 0.0, "even"),
        (None, None, "unknown"),
        (0.4, None, "unknown"),
    ],
)
def test_two_standard_errors_decide(gain, error, said):
    assert verdict(gain, error) == said


def test_what_a_stage_did_not_compare_is_unknown():
    metrics = {"gain_over_by_symptom": 0.04, "gain_over_by_symptom_error": 0.01}
    assert against(metrics, "by_symptom") == "better"
    assert against(metrics, "remote_support") == "unknown"
