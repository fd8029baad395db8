"""The promise that could be kept: the time within which the configured share of last year's cases were done."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.service.promises.outputs import KEEPABLE
from crmlab.service.promises.period import twelve_months
from crmlab.tables import conform, empty

CONFIDENCE = 0.95
PROMISES = ("response", "fix")


def keepable(judged: pd.DataFrame, until: str, share: float, min_group: int) -> pd.DataFrame:
    """The promise that would have been kept in `share` of the cases of the twelve months up to `until`: table `keepable`.

    A ticket whose promise is broken and that is still waiting took longer than any other; where so many wait that the promise
    would have to be longer than all that is known, it is missing. Each level with `min_group` tickets has its row, and its
    limits where the tickets suffice.

    Parameters
    ----------
    judged : table `tickets`.
    share : between 0 and 1, from params.yaml service.keepable.

    Examples
    --------
    A hundred repairs took 1 to 100 hours; a promise of 95 hours would have been kept in 95 of them.

    >>> judged = pd.DataFrame({"level": "5*9", "reported_at": pd.Timestamp("2026-05-01"), "fix_took": np.arange(1.0, 101) * 3600})
    >>> judged = judged.assign(fix="kept", fix_promised=pd.NA, response="no promise", response_took=pd.NA, response_promised=pd.NA)
    >>> keepable(judged, until="2026-10", share=0.95, min_group=5)[["promise", "hours", "low"]].values.tolist()
    [['fix', 95.0, 90.0]]
    """
    year = judged[twelve_months(judged["reported_at"], until) & judged["level"].notna()]
    rows = [
        {"promise": promise, "level": level, **_of(cases, promise, share)}
        for promise in PROMISES
        for level, cases in told(year, promise).groupby("level")
        if len(cases) >= min_group
    ]
    if not rows:
        return empty(KEEPABLE)
    frame = pd.DataFrame(rows).sort_values(list(KEEPABLE.key), ignore_index=True)
    return conform(frame, KEEPABLE)


def told(judged: pd.DataFrame, promise: str) -> pd.DataFrame:
    """The tickets of which can be told how long they took, as `took` (seconds): infinite where the promise is broken and they still wait."""
    took = judged[f"{promise}_took"].astype("Float64").to_numpy(float, na_value=np.nan)
    waits = np.isnan(took) & (judged[promise] == "broken").to_numpy(bool)
    frame = judged.assign(took=np.where(waits, np.inf, took))
    return frame[frame["took"].notna()]


def quantile_limits(
    values: np.ndarray, share: float, confidence: float = CONFIDENCE
) -> tuple[float, float, float]:
    """The smallest value that `share` of `values` do not exceed, and its lower and upper limit.

    The limits are order statistics, whatever the distribution is (David and Nagaraja 2003, Order Statistics, 7.1): the r-th
    smallest value lies above the quantile with the chance that fewer than r of n binomial draws fall below it. A limit is NaN
    where no order statistic reaches the confidence: 95 % above the 95 % quantile takes 72 values.

    Examples
    --------
    >>> quantile_limits(np.arange(1.0, 101.0), 0.5)
    (50.0, 40.0, 61.0)
    """
    from scipy.special import bdtr

    values, n = np.sort(values), len(values)
    tail = (1 - confidence) / 2
    # 0.95 of 20 is 19 values, not 20: floating point has 19.000000000000004 there
    at = max(int(np.ceil(np.round(share * n, 9))), 1)
    below = bdtr(np.arange(n + 1), n, share)  # P(at most so many of n lie below the quantile)
    low, high = np.searchsorted(below, [tail, 1 - tail]) + np.array([0, 1])
    return (
        float(values[at - 1]),
        float(values[low - 1]) if low >= 1 else np.nan,
        float(values[high - 1]) if high <= n else np.nan,
    )


def _of(cases: pd.DataFrame, promise: str, share: float) -> dict[str, float]:
    promised = cases[f"{promise}_promised"]
    judgeable = cases[promise].isin(("kept", "broken"))
    hours, low, high = (x if np.isfinite(x) else np.nan for x in quantile_limits(cases["took"], share))
    return {
        "n": len(cases),
        "promised_h": float(promised.median()) / 3600 if promised.notna().any() else np.nan,
        "share": (cases.loc[judgeable, promise] == "kept").mean(),
        "hours": hours / 3600,
        "low": low / 3600,
        "high": high / 3600,
    }
