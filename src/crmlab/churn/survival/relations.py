"""How long contract relations last: chains of renewals, Kaplan-Meier by segment, and whether segments differ."""

from __future__ import annotations

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from crmlab.churn.outputs import CURVES, SEGMENT_TESTS, SEGMENTS
from crmlab.tables import conform, empty

UNKNOWN = "unknown"
"""The group of relations of which a segment is not on record."""
YEAR = 365
"""Days between the rows that a curve has besides those on which something was lost."""


def relations(terms: pd.DataFrame, as_of: pd.Timestamp, customers: pd.DataFrame) -> pd.DataFrame:
    """Chains of renewals as one observation each.

    A loss falls on the day after the last one. What still runs is censored on `as_of`; customers that moved, closed or
    were merged end on their last day, which for leaving is censoring; an end that nobody recorded is censored there, too.

    Parameters
    ----------
    terms : from `crmlab.churn.spells.known.known_spells`, as of the same day.
    customers : the clean table.

    Returns
    -------
    By relation_id: `SEGMENTS` (of the first term, and of the customer file as it is now; "unknown" where nothing is on
    record), days (at least one), lost, and cause: one of `crmlab.churn.outputs.CAUSES`, missing where censored.
    """
    ordered = terms.sort_values(["relation_id", "start_at", "contract_id"])
    first = ordered.drop_duplicates("relation_id").set_index("relation_id")
    last = ordered.drop_duplicates("relation_id", keep="last").set_index("relation_id")
    by_customer = customers.drop_duplicates("customer_id").set_index("customer_id")
    lost = (last.fate == "lost").astype(bool)
    reason = last.end_reason.astype("string").where(last.fate == "competing")
    chains = pd.DataFrame({"service_level": first.service_level.astype("string")})
    for segment in SEGMENTS[1:]:
        chains[segment] = first.customer_id.map(by_customer[segment]).astype("string")
    chains = chains.replace("none", pd.NA).fillna(UNKNOWN)
    until = last.end_at.clip(upper=as_of)
    chains["days"] = (until - first.start_at).dt.days + last.fate.isin(["renewed", "lost"]).astype(int)
    chains["lost"] = lost
    chains["cause"] = reason.mask(lost, "left")
    return chains[chains.days > 0]


def curves(chains: pd.DataFrame, min_size: int = 20) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Share of relations still alive by segment and value, and a log-rank test of each segment.

    Parameters
    ----------
    chains : from `relations`.
    min_size : values with fewer relations are left out; "cannot tell".

    Returns
    -------
    `CURVES`: a row per day on which a relation was lost, the first and the last day, and every 365th, so that the numbers
    at risk can be printed by year; at_risk counts the relations observed until that day or longer. `SEGMENT_TESTS`: a
    row per segment; log_rank_p is missing where fewer than two values can be compared or nothing was lost.

    Examples
    --------
    >>> few = pd.DataFrame({"days": [365, 365, 730], "lost": [True, False, False]}).assign(**dict.fromkeys(SEGMENTS, "all"))
    >>> found, tests = curves(few, min_size=3)
    >>> found[found.segment == "tier"][["day", "at_risk", "survival", "low", "high"]].round(2).values.tolist()
    [[0, 3, 1.0, 1.0, 1.0], [365, 3, 0.67, 0.05, 0.95], [730, 1, 0.67, 0.05, 0.95]]
    """
    drawn, tests = [], []
    for segment in SEGMENTS:
        sizes = chains[segment].value_counts()
        values = sorted(sizes.index[sizes >= min_size])
        shown = chains[chains[segment].isin(values)]
        drawn += [
            _curve(shown[shown[segment] == value]).assign(segment=segment, value=value) for value in values
        ]
        tests.append(
            {
                "segment": segment,
                "values": len(values),
                "relations": len(shown),
                "lost": int(shown.lost.sum()),
                "log_rank_p": _log_rank(shown, segment),
            }
        )
    found = pd.concat(drawn, ignore_index=True) if drawn else empty(CURVES)
    key = list(CURVES.key)
    return (
        conform(found.sort_values(key, ignore_index=True), CURVES),
        conform(pd.DataFrame(tests).sort_values("segment", ignore_index=True), SEGMENT_TESTS),
    )


def _curve(group: pd.DataFrame) -> pd.DataFrame:
    days = np.sort(group.days.to_numpy())
    fit = KaplanMeierFitter().fit(group.days, group.lost)
    interval = fit.confidence_interval_survival_function_
    shown = np.unique(np.concatenate([group.days[group.lost], np.arange(0, days[-1] + 1, YEAR), days[-1:]]))
    at = np.searchsorted(fit.timeline, shown, side="right") - 1
    return pd.DataFrame(
        {
            "day": shown.astype(int),
            "at_risk": len(days) - np.searchsorted(days, shown, side="left"),
            "survival": fit.survival_function_.to_numpy()[at, 0],
            "low": interval.to_numpy()[at, 0],
            "high": interval.to_numpy()[at, 1],
        }
    )


def _log_rank(shown: pd.DataFrame, segment: str) -> float:
    """NaN where only one value was at risk on every day of a loss, so that nothing is compared."""
    lost = shown.days[shown.lost]
    still_there = shown.groupby(segment).days.max() >= (lost.min() if len(lost) else np.inf)
    if still_there.sum() < 2:
        return np.nan
    compared = shown[shown[segment].isin(still_there.index[still_there])]
    return float(multivariate_logrank_test(compared.days, compared[segment], compared.lost).p_value)
