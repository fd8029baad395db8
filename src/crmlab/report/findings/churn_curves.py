"""Sentences and rows about how contracts have lasted: renewals by month, survival by segment, causes of the end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from crmlab.report.findings.churn_features import CALLED, LABELS
from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, Value, count, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

YEAR = 365
FIRST = "service_level"
"""The segment that is always shown."""
_FALSE = 0.05  # chance that segments without a difference are told apart, all of them together
_LEAST = 0.001  # p-values below it are not written out
_MOST = 6  # curves that a reader can follow
_BANDS = 3  # curves whose bands do not hide each other


def last_months(months: pd.DataFrame, window: int = 12, before: int = 0) -> tuple[int, int]:
    """Contracts due and renewed in the last `window` months of table renewals_by_month, `before` months earlier."""
    part = months.sort_values("month").iloc[: len(months) - before].tail(window)
    return int(part["due"].sum()), int(part["renewed"].sum())


def renewals_title(months: pd.DataFrame, window: int = 12) -> Message:
    """The finding over renewals by month: the last twelve months against the twelve before, beyond chance or not."""
    (n, kept), (m, held) = last_months(months, window), last_months(months, window, window)
    if min(n, m) < 30:
        return say("Renewals by month: too few to compare with the year before")
    both = (kept + held) / (n + m)
    noise = 2 * math.sqrt(both * (1 - both) * (1 / n + 1 / m))
    figures = {"now": percent(kept / n, 1), "then": percent(held / m, 1)}
    if kept / n - held / m > noise:
        return say(
            "Renewals rose: {now} of contracts due in the last year, {then} in the year before", **figures
        )
    if held / m - kept / n > noise:
        return say(
            "Renewals fell: {now} of contracts due in the last year, {then} in the year before", **figures
        )
    return say("Renewals held: {now} of contracts due in the last year, {then} in the year before", **figures)


def of_segment(curves: pd.DataFrame, segment: str | None) -> pd.DataFrame:
    """The curves of a segment as they are drawn, with `years`: the largest six values; bands only where they can be told apart."""
    rows = plain(curves[curves["segment"] == segment])
    sizes = rows.groupby("value")["at_risk"].max().sort_values(ascending=False, kind="stable")
    rows = rows[rows["value"].isin(sizes.index[:_MOST])].sort_values(["value", "day"], ignore_index=True)
    rows["years"] = rows["day"] / YEAR
    if len(sizes) > _BANDS:
        rows[["low", "high"]] = math.nan
    return rows


def by_year(curves: pd.DataFrame, segment: str | None) -> pd.DataFrame:
    """Every value of a segment on whole years, with the number observed: column `years`, from 0 on."""
    rows = plain(curves[(curves["segment"] == segment) & (curves["day"] % YEAR == 0)])
    rows["years"] = rows["day"] // YEAR
    return rows.sort_values(["value", "years"], ignore_index=True)


def vocabulary(segment: str | None) -> str:
    """The context of the catalogue that a segment's values are of."""
    return LABELS.get(segment or "", "")


def limit(tests: pd.DataFrame) -> float:
    """The p-value below which a segment differs: the tests share one chance of a false finding."""
    return _FALSE / max(int(tests["log_rank_p"].notna().sum()), 1)


def most_different(tests: pd.DataFrame) -> str | None:
    """The segment but `FIRST` whose values differ most surely; None where none differs beyond chance."""
    others = tests[(tests["segment"] != FIRST) & (tests["log_rank_p"] < limit(tests))]
    return None if others.empty else str(others.loc[others["log_rank_p"].astype(float).idxmin(), "segment"])


def curves_title(curves: pd.DataFrame, tests: pd.DataFrame, segment: str | None, years: int = 2) -> Message:
    """The finding over the curves of a segment: which value leaves soonest, if the log-rank test sees a difference."""
    what = CALLED.get(segment or "", segment)
    p = tests.loc[tests["segment"] == segment, "log_rank_p"].dropna()
    left = of_segment(curves, segment)
    left = left[left["day"] <= years * YEAR].groupby("value")["survival"].last()
    seen = curves[curves["segment"] == segment].groupby("value")["day"].max()
    left = left[left.index.isin(seen.index[seen >= years * YEAR])]
    if len(left) < 2 or p.empty:
        return say("How long contracts last by {segment}: groups cannot be told apart", segment=what)
    if p.iloc[0] >= limit(tests):
        return say("How long contracts last does not differ beyond chance by {segment}", segment=what)
    worst, best = left.idxmin(), left.idxmax()
    return say(
        "Groups differ: after {years} years {low} of {worst} are left, fewest of all, and {high} of {best}",
        worst=term(vocabulary(segment), worst),
        low=percent(left[worst]),
        years=count(years),
        high=percent(left[best]),
        best=term(vocabulary(segment), best),
    )


def segments(tests: pd.DataFrame) -> pd.DataFrame:
    """Table segment_tests, the surest difference first, with `name` and `p` in words."""
    rows = plain(tests).sort_values(["log_rank_p", "segment"], ignore_index=True)
    rows["name"] = [CALLED.get(segment, segment) for segment in rows["segment"]]
    rows["p"] = [_p_value(p) for p in rows["log_rank_p"]]
    return rows


def _p_value(p: float) -> Message | Value:
    return say("below {high}", high=number(_LEAST, 3)) if p < _LEAST else number(p, 3)


def segments_title(tests: pd.DataFrame) -> Message:
    """The finding over the tests: by what contracts differ most surely in how long they last."""
    rows = segments(tests)
    if rows["log_rank_p"].isna().all():
        return say("By what contracts differ in how long they last cannot be told")
    first = rows.iloc[0]
    if first["log_rank_p"] >= limit(tests):
        return say(
            "By none of {n} groupings do contracts differ beyond chance in how long they last",
            n=count(len(rows)),
        )
    return say("How long contracts last differs most surely by {segment}", segment=first["name"])


def causes(incidence: pd.DataFrame) -> pd.DataFrame:
    """Table incidence as it is drawn, each cause from nothing on: with `years` since the relation began."""
    import pandas as pd

    rows = plain(incidence)
    begin = rows.drop_duplicates("cause").assign(day=0.0, at_risk=math.nan, share=0.0, low=0.0, high=0.0)
    rows = pd.concat([begin, rows[rows["day"] > 0]]).sort_values(["cause", "day"], ignore_index=True)
    return rows.assign(years=rows["day"] / YEAR)


def causes_by_year(incidence: pd.DataFrame) -> pd.DataFrame:
    """Share that has ended by cause after whole years, as long as relations are observed: cause, years, share, low, high."""
    import pandas as pd

    rows = causes(incidence)
    last = 0 if rows.empty else int(rows["day"].max()) // YEAR
    if not last:
        return rows.head(0)
    rows = rows.drop(columns="years")
    whole = pd.MultiIndex.from_product([range(1, last + 1), rows["cause"].unique()], names=["years", "cause"])
    asked = whole.to_frame(index=False).assign(day=lambda x: x["years"] * float(YEAR))
    found = pd.merge_asof(asked, rows.sort_values("day"), on="day", by="cause")
    return found.sort_values(["cause", "years"], ignore_index=True)


def causes_title(incidence: pd.DataFrame, years: int = 3) -> Message:
    """The finding over the causes: how many have left after `years` (or as many as are seen), and how many for other causes."""
    rows = causes_by_year(incidence)
    if rows.empty:
        return say("How contracts end cannot be told: none has ended, or none is a year old")
    after = rows[rows["years"] == min(years, rows["years"].max())]
    left = after.loc[after["cause"] == "left", "share"].sum()
    others = after.loc[after["cause"] != "left", "share"].sum()
    said = {"years": count(after["years"].iloc[0]), "left": percent(left, 1), "others": percent(others, 1)}
    if not others:
        return say("By the end of year {years} {left} have left; none moved, closed or merged", **said)
    return say(
        "By the end of year {years} {left} have left; another {others} moved, closed or merged, which is no leaving",
        **said,
    )


CURVES = say(
    "Share of contracts, with their renewals, that are still alive (Kaplan-Meier); bands are 95 % limits. Who moved, closed or merged "
    "counts until then. Drawn are the six largest groups; the table has all of them, with the number observed year by year."
)
"""How to read the curves."""
