"""The second link, and the fourth: renewals as stage churn compares them, and what the difference is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.intervals import Z95
from crmlab.value.chain.groups import FIGURES
from crmlab.value.equity import Worth

YEAR = pd.Timedelta(days=365)


def renewal_figures(associations: pd.DataFrame) -> dict[tuple[str, str], dict[str, float]]:
    """Table `associations` of stage churn by what and group: n, customers, difference in the share renewed and its standard error."""
    rows = associations.set_index(["what", "group"])
    figures = {}
    for key in FIGURES["renewal"]:
        if key not in rows.index:
            figures[key] = {"n": 0, "customers": 0, "difference": np.nan, "error": np.nan}
            continue
        row = rows.loc[key]
        low, high = (_number(row[name]) for name in ("difference_low", "difference_high"))
        figures[key] = {
            "n": int(row["n"]),
            "customers": int(row["customers"]),
            "difference": _number(row["difference"]),
            "error": (high - low) / (2 * Z95),
        }
    return figures


def value_figures(
    associations: pd.DataFrame, terms: pd.DataFrame, worth: Worth | None
) -> dict[tuple[str, str], dict[str, float]]:
    """The difference in renewals in money: × what one renewal is worth, per contract that met it.

    share says how often it happens: contracts with it that end, per customer with a contract and year. It is counted, and taken as
    known. The difference d and the worth w come from different sources and are taken for independent; the error of their product is
    √(d²·v² + w²·u² + u²·v²), u and v being their standard errors (Goodman 1960, JASA 55:708). So limits that are clear of zero for
    renewals may hold it here, where the worth is unsure.

    Parameters
    ----------
    associations : of stage churn. terms : from `crmlab.churn.spells.known.known_spells`, as of today.
    worth : from `crmlab.value.equity.worth_of_renewal`, in minor units; None where it cannot be told.

    Returns
    -------
    By what and group: n and customers as of the renewals, difference in minor units, its standard error, and share.
    """
    ends = ended_a_year(terms)
    contracts = associations.groupby("what")["n"].sum()
    w, v = (worth.money, worth.error) if worth else (np.nan, np.nan)
    figures = {}
    for (what, group), renewal in renewal_figures(associations).items():
        d, u = renewal["difference"], renewal["error"]
        of_all = renewal["n"] / contracts[what] if contracts.get(what, 0) else np.nan
        figures[what, group] = renewal | {
            "difference": d * w,
            "error": float(np.sqrt((d * v) ** 2 + (w * u) ** 2 + (u * v) ** 2)),
            "share": ends * of_all,
        }
    return figures


def ended_a_year(terms: pd.DataFrame) -> float:
    """Contracts that were renewed or lost in the last year of which that is known, per customer with a contract then.

    NaN where none was.
    """
    over = terms[terms["fate"].isin(["renewed", "lost"])]
    if over.empty:
        return np.nan
    last = over["end_at"].max()
    lived = (terms["start_at"] <= last) & (terms["end_at"] > last - YEAR)
    return float((over["end_at"] > last - YEAR).sum() / terms.loc[lived, "customer_id"].nunique())


def _number(value: object) -> float:
    return np.nan if pd.isna(value) else float(value)
