"""Renewal rates of contract terms, by service level and by month, and what a term costs a month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.churn.spells.known import price_of_a_month

YEAR = 365
MIN_ENDED = 20
"""Ended terms below which a renewal rate is not taken for a chance."""


def monthly_price(terms: pd.DataFrame) -> pd.Series:
    """Price of each term a month, in minor units: `amount` over its length in whole months, at least one."""
    return price_of_a_month(terms.amount, terms.start_at, terms.end_at)


def renewal_rate(terms: pd.DataFrame) -> float:
    """Renewed over renewed and lost; NaN where none ended."""
    ended = terms.fate.isin(["renewed", "lost"])
    return float((terms.fate[ended] == "renewed").mean())


def base_rates(terms: pd.DataFrame, level: pd.Series) -> pd.Series:
    """The naive line: the renewal rate of all terms of a service level that have ended.

    A level with fewer than `MIN_ENDED` ended terms gets the rate of all, NaN if all are fewer than that. Returns one
    rate per entry of `level`.
    """
    over = terms[terms.fate.isin(["renewed", "lost"])]
    by_level = (over.fate == "renewed").groupby(over.service_level).agg(["mean", "size"])
    rates = by_level.loc[by_level["size"] >= MIN_ENDED, "mean"]
    of_all = renewal_rate(over) if len(over) >= MIN_ENDED else np.nan
    return level.map(rates).astype(float).fillna(of_all)


def renewals_by_month(terms: pd.DataFrame, months: int = 24) -> pd.DataFrame:
    """Contracts due and renewed by the month of their last day: the latest `months` that are settled to their end.

    Every month between the first and the last is there, without a rate where nothing was due.
    """
    month = terms.end_at.dt.strftime("%Y-%m")
    unsettled = month[terms.fate.isin(["open", "signed"])].min()
    due = terms.fate.isin(["renewed", "lost"])
    if isinstance(unsettled, str):
        due &= month < unsettled
    table = (terms.fate[due] == "renewed").groupby(month[due]).agg(["size", "sum"])
    table.columns = ["due", "renewed"]
    table["rate"] = table.renewed / table.due
    if len(table):
        table = table.reindex(pd.period_range(table.index[0], table.index[-1], freq="M").astype(str))
        table[["due", "renewed"]] = table[["due", "renewed"]].fillna(0).astype(int)
    return table.tail(months).rename_axis("month").reset_index()
