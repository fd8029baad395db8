"""The value to come as it would have been stated one year ago, against the profit that came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmlab.value.ledger import earned
from crmlab.value.lifetime_value import customer_values, monthly_rates
from crmlab.value.retention import contract_survival, purchase_survival

YEAR = pd.Timedelta(days=365)


def backtest(
    lines: pd.DataFrame, contracts: pd.DataFrame, open_then: pd.DataFrame, as_of: pd.Timestamp
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Value all customers one year before `as_of` for the twelve months after, undiscounted, and compare.

    Judged is the profit earned in the year: contracts by the share of their term that lies inside, all else when
    booked. Two naive lines stand beside: the profit of the last year again, and the monthly rates of the customer as
    if nobody left. Customers who came later are in no forecast and are left out.

    Parameters
    ----------
    open_then : data/processed/churn/backtest.parquet: the contracts open on earlier days, the stated one among them, with the
        chances of then.

    Returns
    -------
    mae, mae_naive, mae_mean_rate (minor units per customer), spearman and its two naive lines, bias (stated over
    actual − 1), n; and one row per customer: stated, actual, last_year, mean_rate. Both empty unless the ledger
    reaches back a year before the stated day.
    """
    cutoff = as_of - YEAR
    open_then = open_then[open_then.landmark == cutoff]
    end_of_day = cutoff + pd.Timedelta(days=1)
    income = lines[lines.kind != "service"]
    nothing = pd.DataFrame(columns=["stated", "actual", "last_year", "mean_rate"], dtype=float)
    if income.empty or income["at"].min() > end_of_day - YEAR:
        return {}, nothing
    before = lines[lines["at"] < end_of_day]
    living = None if contracts.empty else open_then
    survival = contract_survival(open_then, cutoff, 12), purchase_survival(before, cutoff, 12)
    stated = customer_values(before, living, *survival, cutoff, 0.0)
    compared = pd.DataFrame(
        {
            "stated": stated.to_come,
            "actual": earned(lines, contracts, end_of_day, as_of + pd.Timedelta(days=1)),
            "last_year": earned(before, contracts, end_of_day - YEAR, end_of_day),
            "mean_rate": monthly_rates(before, cutoff, living).sum(axis=1) * 12,
        }
    )
    compared = compared.reindex(stated.index).astype(float).fillna(0.0)
    return scores(compared), compared


def scores(compared: pd.DataFrame) -> dict[str, Any]:
    """Errors, ranks and bias of the stated value and of the naive lines."""
    if len(compared) < 2:
        return {"n": len(compared)}
    ranks = compared.rank().corr()["actual"]
    total = compared.actual.sum()
    found: dict[str, Any] = {"n": len(compared), "actual_mean": compared.actual.mean()}
    for column, suffix in (("stated", ""), ("last_year", "_naive"), ("mean_rate", "_mean_rate")):
        error = (compared[column] - compared.actual).abs()
        found[f"mae{suffix}"] = error.mean()
        found[f"spearman{suffix}"] = ranks[column]
        found[f"bias{suffix}"] = compared[column].sum() / total - 1 if total else np.nan
    gain = (compared.last_year - compared.actual).abs() - (compared.stated - compared.actual).abs()
    found["mae_gain"] = gain.mean()
    found["mae_gain_se"] = gain.std(ddof=1) / np.sqrt(len(gain))
    return found


def deciles(compared: pd.DataFrame) -> pd.DataFrame:
    """Tenths by stated value: decile, mean stated, actual and last_year (minor units), n."""
    if compared.empty:
        return pd.DataFrame({"decile": [], "stated": [], "actual": [], "last_year": [], "n": []})
    tenth = np.ceil(10 * compared.stated.rank(method="first") / len(compared)).astype(int)
    table = compared.groupby(tenth)[["stated", "actual", "last_year"]].mean().round()
    table["n"] = compared.groupby(tenth).size()
    return table.rename_axis("decile").reset_index()
