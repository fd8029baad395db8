"""Groups of a table: in which order and under which names they are shown, and which of them can be told apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmlab.intervals import Z95
from crmlab.report.messages import Message, count, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 30
"""Cases in each of two years below which they are not compared."""

_FALSE = 0.05  # chance to tell equal groups apart

KINDS = {
    "level": say("Service level"),
    "branch": say("Branch"),
    "tier": say("Customer tier"),
    "family": say("Machine family"),
}
"""Kinds of groups in words."""


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with every number as a float, missing ones as NaN, so that they can be compared."""
    import pandas as pd

    numbers = {
        name: column.to_numpy(float, na_value=math.nan)
        for name, column in frame.items()
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    }
    return frame.assign(**numbers)


def of(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The groups of one kind, the smallest share first."""
    rows = plain(frame[frame["of"] == kind])
    return rows.sort_values(["share", "group"], ignore_index=True)


def whole(frame: pd.DataFrame) -> pd.Series | None:
    """The row of all cases; None where there is none."""
    rows = plain(frame[frame["of"] == "all"])
    return None if rows.empty else rows.iloc[0]


def apart(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series] | None:
    """The two groups that differ most surely, the smaller share first; None where chance alone may have set them apart.

    Of many groups some two always lie far apart, so the difference is held against that between the farthest of as many equal
    groups (Tukey and Kramer's test at 5 %), with the standard errors that the limits imply.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"group": ["A", "B"], "share": [0.6, 0.8], "low": [0.5, 0.71], "high": [0.69, 0.87]})
    >>> [row["group"] for row in apart(rows)]
    ['A', 'B']
    """
    import numpy as np

    known = rows.dropna(subset=["share", "low", "high"]).sort_values(["share", "group"], ignore_index=True)
    if len(known) < 2:
        return None
    from scipy.stats import studentized_range

    share = known["share"].to_numpy(float)
    variance = ((known["high"] - known["low"]).to_numpy(float) / (2 * Z95)) ** 2
    error = np.sqrt((variance[:, None] + variance) / 2)
    far = np.divide(share - share[:, None], error, out=np.zeros_like(error), where=error > 0)
    less, more = np.unravel_index(far.argmax(), far.shape)
    sure = studentized_range.sf(far[less, more], len(known), np.inf) < _FALSE
    return (known.iloc[less], known.iloc[more]) if sure else None


def named(frame: pd.DataFrame, kinds: Sequence[str]) -> pd.DataFrame:
    """The groups of `kinds`, one kind after the other, with `name` and `kind` in words."""
    rows = plain(frame[frame["of"].isin(kinds)])
    rows = rows.assign(place=rows["of"].map({kind: i for i, kind in enumerate(kinds)}))
    rows = rows.sort_values(["place", "share", "group"], ignore_index=True)
    rows["name"] = [name(kind, group) for kind, group in zip(rows["of"], rows["group"], strict=True)]
    rows["kind"] = [KINDS[kind] for kind in rows["of"]]
    return rows


def name(kind: str, group: str) -> Message | str:
    """A group in words: a tier and a level have theirs, an office is called as it is recorded."""
    return term(kind, group) if kind in ("tier", "level") else group


def limits(row: Mapping[str, Any]) -> dict[str, Any]:
    """The share of a row with its limits and its cases, as figures of a sentence."""
    return {
        "share": percent(row["share"], 1),
        "low": percent(row["low"], 1),
        "high": percent(row["high"], 1),
        "n": count(row["n"]),
    }


def last_months(rows: pd.DataFrame, until: str, months: int = 24) -> pd.DataFrame:
    """The groups "2026-10" of the last `months` up to `until`, in their order."""
    rows = plain(rows[rows["of"] == "month"])
    return rows[rows["group"].isin(_months(until, months))].sort_values("group", ignore_index=True)


def year_on_year(months: pd.DataFrame, hits: str, until: str) -> tuple[str, float, float] | None:
    """Whether the share of `hits` in n rose, fell or held, in the twelve months to `until` against the twelve before.

    Returns
    -------
    ("rose", "fell" or "held", share now, share then); held where the difference is within two standard errors. None with fewer than
    `ENOUGH` cases in either year.
    """
    year = _months(until, 12)
    now, then = (
        months[months["group"].isin(chosen)][[hits, "n"]].sum()
        for chosen in (year, set(_months(until, 24)) - set(year))
    )
    if min(now["n"], then["n"]) < ENOUGH:
        return None
    shares = now[hits] / now["n"], then[hits] / then["n"]
    both = (now[hits] + then[hits]) / (now["n"] + then["n"])
    noise = 2 * math.sqrt(both * (1 - both) * (1 / now["n"] + 1 / then["n"]))
    moved = shares[0] - shares[1]
    return ("rose" if moved > noise else "fell" if moved < -noise else "held"), *map(float, shares)


def _months(until: str, n: int) -> list[str]:
    import pandas as pd

    return pd.period_range(end=pd.Period(until, "M"), periods=n, freq="M").astype(str).tolist()
