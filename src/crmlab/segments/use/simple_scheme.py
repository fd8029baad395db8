"""The seed's simpler scheme beside the nine types: profit × loyalty × satisfaction (Sargeant and West 2001, as the seed cites them)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab import tables
from crmlab.segments.outputs import LEVELS, SIMPLE_SCHEME
from crmlab.service.surveys.answers import MET, answers

PARTS = ("profit", "loyalty", "satisfaction")


def scheme(value: pd.DataFrame, surveys: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """How each customer stands on profit, loyalty and satisfaction: high, low or unknown.

    Profit to date is high above the median of those of whom it is known; the chance to stay, and the mean of a customer's answers about
    what it met, at or above theirs.

    Parameters
    ----------
    value : table `customers` of stage value: customer_id, historical, p_retained.
    surveys : the clean table; may be empty. as_of : last day whose answers count.

    Returns
    -------
    profit, loyalty, satisfaction, indexed by customer_id.
    """
    by_customer = value.set_index("customer_id")
    profit, loyalty = (by_customer[c].astype("Float64").astype(float) for c in ("historical", "p_retained"))
    made = answers(surveys, as_of)
    content = made[made["kind"] == MET].groupby("customer")["value"].mean().reindex(by_customer.index)
    return pd.DataFrame(
        {
            "profit": _level(profit, above=True),
            "loyalty": _level(loyalty),
            "satisfaction": _level(content),
        },
        index=by_customer.index,
    )


def simple_scheme(standing: pd.DataFrame, likeliest: pd.Series, to_come: pd.Series) -> pd.DataFrame:
    """Every combination of the three that somebody is in, and the commonest best guess of the type there: table `simple_scheme`.

    Parameters
    ----------
    standing : from `scheme`.
    likeliest, to_come : best guess of the type, and value to come, by customer_id. Customers without a guess are left out.
    """
    placed = standing.assign(likeliest=likeliest, to_come=to_come).dropna(subset=["likeliest"])
    if placed.empty:
        return tables.empty(SIMPLE_SCHEME)
    of_type = placed.groupby([*PARTS, "likeliest"]).size().rename("n_type").reset_index()
    # of types that are equally common the first by name, so that two runs agree
    commonest = of_type.sort_values([*PARTS, "n_type", "likeliest"], ascending=[True] * 3 + [False, True])
    commonest = commonest.drop_duplicates(list(PARTS)).rename(columns={"likeliest": "commonest"})
    found = placed.groupby(list(PARTS)).agg(n=("likeliest", "size"), to_come=("to_come", "sum")).reset_index()
    found = found.merge(commonest, on=list(PARTS))
    found["commonest_share"] = found["n_type"] / found["n"]
    found = found.sort_values(list(PARTS), key=lambda c: c.map(list(LEVELS).index), ignore_index=True)
    return tables.conform(found, SIMPLE_SCHEME)


def overlap(standing: pd.DataFrame, likeliest: pd.Series) -> float:
    """How much the simple scheme says of the type: adjusted mutual information, 1 for all, 0 for no more than by chance.

    Vinh, Epps and Bailey 2010 (JMLR 11:2837). NaN where all customers are alike in either, so that there is nothing to say.

    Parameters
    ----------
    standing : from `scheme`. likeliest : best guess of the type, by customer_id.
    """
    placed = standing.assign(likeliest=likeliest).dropna(subset=["likeliest"])
    cell = placed.groupby(list(PARTS)).ngroup()
    if cell.nunique() < 2 or placed["likeliest"].nunique() < 2:
        return np.nan
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score(cell.to_numpy(), placed["likeliest"].to_numpy(str)))


def _level(known: pd.Series, above: bool = False) -> pd.Series:
    """Above the median, or at it as well; unknown where missing."""
    median = known.dropna().median()
    high = known > median if above else known >= median
    return pd.Series(np.where(known.isna(), "unknown", np.where(high, "high", "low")), index=known.index)
