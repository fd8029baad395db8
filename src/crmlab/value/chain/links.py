"""The chain from service to value, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist

import numpy as np
import pandas as pd

from crmlab.engine import DuckDB, Input, Spark
from crmlab.tables import conform
from crmlab.value.chain.complaints import cases, complaint_figures
from crmlab.value.chain.groups import FIGURES
from crmlab.value.chain.money import renewal_figures, value_figures
from crmlab.value.chain.profits import DAYS, met, profit_figures
from crmlab.value.equity import Worth
from crmlab.value.outputs import CHAIN

FALSE = 0.05
"""Chance of an error that all figures of a link share."""
_MOST_MONEY = 2.0**62


def chain(
    engine: DuckDB | Spark,
    tables: Mapping[str, Input],
    service: Mapping[str, Input],
    associations: pd.DataFrame,
    terms: pd.DataFrame,
    margin_before: pd.Series,
    profit_after: pd.Series,
    worth: Worth | None,
    as_of: pd.Timestamp,
    ignored_days: int = 30,
) -> pd.DataFrame:
    """What second visits, broken promises and complaints go with: complaints, renewals, profit, and value in money.

    - *complaint*: share of tickets followed by a complaint; see `crmlab.value.chain.complaints.complaint_figures`.
    - *renewal*: share of contracts renewed, as stage churn compares them.
    - *profit*: of the year after, per customer with a contract a year before `as_of`; see
      `crmlab.value.chain.profits.profit_figures`. In money: × share of customers to whom it happens in a year.
    - *value*: the difference in renewals × the worth of one; see `crmlab.value.chain.money.value_figures`. In money: × contracts
      with it that end per customer and year.

    Associations, no effects: customers to whom something happens may differ in what no column records. Rows overlap, as one
    customer may have met several things, and profit of a year is part of value: neither rows nor links may be added up.

    All figures of a link that can be told share one chance of error of 5 % (Bonferroni): the limits hold all of them at once, and
    so are wider than those of stage churn. `verdict` is cannot_tell where they hold zero, or where there are no limits.

    Parameters
    ----------
    tables : clean tickets, visits, complaints and machines, as relations of `engine` or Parquet files.
    service : tables `tickets` and `complaints` of stage service, likewise, as of the same day.
    associations : the table of stage churn, as of the same day.
    terms : from `crmlab.churn.spells.known.known_spells` as of the same day.
    margin_before, profit_after : margin, before the cost to serve, between as_of − 730 and as_of − 365 days, and profit from then
        to as_of, by customer_id, in minor units; differences of `crmlab.value.books.books.ToDate.customers`.
    worth : of one renewal, from `crmlab.value.equity.worth_of_renewal`; None where it cannot be told.
    as_of : a day at midnight.
    ignored_days : service.ignored_days, after which a complaint not solved is ignored.

    Returns
    -------
    `crmlab.value.outputs.CHAIN`: all rows of `FIGURES`, in that order, with missing numbers where nothing can be told.
    """
    landmark = as_of - pd.Timedelta(days=DAYS)
    figures = {
        "complaint": complaint_figures(cases(engine, tables, service, as_of)),
        "renewal": renewal_figures(associations),
        "profit": profit_figures(
            met(engine, tables, service, terms, landmark, ignored_days), margin_before, profit_after
        ),
        "value": value_figures(associations, terms, worth),
    }
    rows = [
        {"link": link, "what": what, "group": group, "share": np.nan, **figures[link][what, group]}
        for link, keys in FIGURES.items()
        for what, group in keys
    ]
    return conform(with_limits(pd.DataFrame(rows)), CHAIN)


def with_limits(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with limits that all told figures of a link share, the same in money, and the verdict.

    Parameters
    ----------
    rows : link, difference, error (its standard error), share (how often it happens per customer and year; missing where the
        difference is no money), and anything else.
    """
    told = rows["difference"].notna() & rows["error"].notna()
    z = told.groupby(rows["link"]).transform("sum").map(_normal_quantile)
    difference = rows["difference"].where(told)
    low, high = difference - z * rows["error"], difference + z * rows["error"]
    return rows.assign(
        difference=difference,
        low=low,
        high=high,
        money=_money(difference * rows["share"]),
        money_low=_money(low * rows["share"]),
        money_high=_money(high * rows["share"]),
        verdict=np.select([low > 0, high < 0], ["more", "less"], default="cannot_tell"),
    )


def _normal_quantile(figures: int) -> float:
    """How many standard errors away the limits of so many figures are."""
    return NormalDist().inv_cdf(1 - FALSE / 2 / max(figures, 1))


def _money(amount: pd.Series) -> pd.Series:
    """Whole minor units; missing where no integer could hold them."""
    return amount.where(amount.abs() < _MOST_MONEY).round().astype("Float64")
