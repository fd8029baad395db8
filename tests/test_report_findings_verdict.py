"""When a page may call a model better than the simple line."""

import pytest

from crmlab.report.findings.verdict import verdict


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
