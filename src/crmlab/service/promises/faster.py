"""What faster promises would have cost last year, with the desk as it was."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlab.files import CrmlabError
from crmlab.intervals import wilson
from crmlab.service.complaints.record import known
from crmlab.service.promises.keepable import PROMISES, told
from crmlab.service.promises.outputs import FASTER
from crmlab.service.promises.period import twelve_months
from crmlab.tables import conform, empty


def faster(
    judged: pd.DataFrame,
    complaints: pd.DataFrame,
    until: str,
    as_of: pd.Timestamp,
    factors: Sequence[float],
    penalty: float,
    min_group: int,
) -> pd.DataFrame:
    """What promises of so much of today's time would have cost in the twelve months up to `until`: table `faster`.

    Each ticket keeps the time it took; its promise is shortened. Of the tickets that kept today's promise and would have broken
    the faster one, as many more bring a complaint as of broken promises more do than of kept ones, over all levels. That is
    no proof of cause: late repairs are also the hard ones. Where less complaints follow broken promises the number is negative
    and the cost is that of the penalties alone.

    Parameters
    ----------
    judged : table `tickets`.
    complaints : clean complaints: ticket_id, received_at, resolved_at, compensation (fen, may be missing). Where none of the
        year names its ticket, or fewer than `min_group` tickets kept or broke the promise, complaints and cost are missing; the
        cost, too, where no compensation is on record at all. Where there is one, a complaint without was paid nothing: most are
        never answered, so the mean of those paid would overstate what one more costs.
    factors : of today's promise, each between 0 and 1.
    penalty : due for one broken promise, in the currency of the books.

    Raises
    ------
    CrmlabError
        for a factor that is not between 0 and 1.

    Examples
    --------
    Of a hundred repairs that took 1 to 100 hours, all promised within 100, a promise of half of that would have broken fifty.

    >>> hours = pd.Series(np.arange(1.0, 101)) * 3600
    >>> judged = pd.DataFrame({"ticket_id": hours.index.astype(str), "level": "5*9", "reported_at": pd.Timestamp("2026-05-01")})
    >>> judged = judged.assign(fix="kept", fix_took=hours, fix_promised=360_000.0)
    >>> judged = judged.assign(response="no promise", response_took=pd.NA, response_promised=pd.NA)
    >>> from crmlab.tables import CLEAN
    >>> found = faster(judged, empty(CLEAN["complaints"]), "2026-10", pd.Timestamp("2026-10-31"), [0.5], penalty=0, min_group=5)
    >>> found[["promise", "promised_h", "share", "more_broken"]].values.tolist()
    [['fix', 50.0, 0.5, 50]]
    """
    if wrong := [f for f in factors if not 0 < f < 1]:
        raise CrmlabError(
            f"params.yaml service.faster: {wrong[0]!r} is no part of today's promise; write numbers between 0 and 1"
        )
    year = judged[twelve_months(judged["reported_at"], until)]
    named = _of_tickets(complaints, year["ticket_id"], as_of)
    compensation = _per_complaint(named)
    rows = []
    for promise in PROMISES:
        cases = told(year[year[promise].isin(("kept", "broken"))], promise)
        more = extra_complaints(
            cases[promise] == "kept", cases["ticket_id"].isin(named["ticket_id"]), min_group
        )
        more = more if len(named) else (np.nan,) * 3
        for level, group in cases.groupby("level"):
            if len(group) >= min_group:
                rows += [
                    {"promise": promise, "level": level, **_with(group, promise, f, more)}
                    for f in set(factors)
                ]
    if not rows:
        return empty(FASTER)
    frame = pd.DataFrame(rows)
    paid = frame["more_complaints"].clip(lower=0) * compensation
    frame["cost"] = (paid + frame["more_broken"] * penalty * 100).round().astype("Float64")
    return conform(frame.sort_values(list(FASTER.key), ignore_index=True), FASTER)


def extra_complaints(kept: pd.Series, complained: pd.Series, min_group: int) -> tuple[float, float, float]:
    """How many more of a hundred-percent bring a complaint when the promise is broken: share among broken less share among kept.

    With 95 % limits from the two Wilson intervals (Newcombe 1998, Statistics in Medicine 17:873, method 10). NaN where fewer
    than `min_group` kept it or broke it.

    Parameters
    ----------
    kept, complained : boolean, one entry per ticket.

    Examples
    --------
    >>> kept = pd.Series([True] * 100 + [False] * 100)
    >>> complained = pd.Series([True] * 2 + [False] * 98 + [True] * 10 + [False] * 90)
    >>> [round(x, 3) for x in extra_complaints(kept, complained, 5)]
    [0.08, 0.013, 0.156]
    """
    n = np.array([(~kept).sum(), kept.sum()])
    if (n < min_group).any():
        return np.nan, np.nan, np.nan
    share = np.array([complained[~kept].sum(), complained[kept].sum()]) / n
    low, high = wilson(share * n, n)
    more = share[0] - share[1]
    below = np.hypot(share[0] - low[0], high[1] - share[1])
    above = np.hypot(high[0] - share[0], share[1] - low[1])
    return float(more), float(more - below), float(more + above)


def _of_tickets(complaints: pd.DataFrame, ticket_ids: pd.Series, as_of: pd.Timestamp) -> pd.DataFrame:
    """The complaints received until the end of `as_of` about one of these tickets, with what was paid for them by then."""
    of_tickets = complaints["ticket_id"].isin(ticket_ids.dropna()).fillna(False)
    return known(complaints[of_tickets], as_of)


def _per_complaint(complaints: pd.DataFrame) -> float:
    """Mean compensation of a complaint; NaN where none is on record."""
    paid = complaints["compensation"].astype("Float64")
    return float(paid.fillna(0).mean()) if paid.notna().any() else np.nan


def _with(
    group: pd.DataFrame, promise: str, factor: float, more: tuple[float, float, float]
) -> dict[str, float]:
    promised = group[f"{promise}_promised"].to_numpy(float)
    in_time = group["took"].to_numpy() <= factor * promised
    broken = int(((group[promise] == "kept").to_numpy(bool) & ~in_time).sum())
    return {
        "promised_h": factor * float(np.median(promised)) / 3600,
        "n": len(group),
        "share": in_time.mean(),
        "more_broken": broken,
        **dict(zip(("more_complaints", "low", "high"), (broken * m for m in more), strict=True)),
    }
