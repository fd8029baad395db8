"""Whether contracts of customers that met broken promises, second visits or complaints renewed less often than those alike."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab import tables
from crmlab.churn.landmarks.occasions import Occasions
from crmlab.churn.outputs import ASSOCIATIONS
from crmlab.churn.standardised import standardised_differences
from crmlab.intervals import clustered_share

GROUPS = {
    "promises": ("none", "some"),
    "second_visits": ("none", "some"),
    "complaints": ("none", "solved promptly", "solved", "ignored"),
}
"""What a customer may have met, and the groups of contracts by it; the first is what the others are held against."""
AHEAD = 90
"""Days before the last day of a contract from which on nothing is counted: what comes later may come of the leaving itself."""
MOST_DAYS = 365
"""Days before the last day beyond which a landmark says too little of how a contract ended."""
MIN_CONTRACTS = 20
"""Contracts below which a group is not compared, and below which a service level or a year is not told apart."""
MIN_OF_EACH = 5
"""Renewed, and lost, contracts below which a group is not compared."""


def associations(occasions: Occasions, as_of: pd.Timestamp) -> pd.DataFrame:
    """How many contracts renewed by what the customer had met, beside others alike: associations, no effects.

    The share that renewed is as counted; its limits take a customer for one witness, and are Wilson's where no customer has
    two contracts. The difference is adjusted for machines, tickets of the year, tenure, yearly price, price change, service
    level and year of the end: the share foretold by a logistic regression with every contract put into the group, less with
    every contract put into `none` (see `crmlab.churn.standardised`). What no column records (a new manager, a rival's price)
    stays in it.

    A group is compared with at least 20 contracts and 5 of each outcome, in it and in `none`; else its difference is missing.

    Parameters
    ----------
    occasions : contracts and what happened to their customers.
    as_of : a day at midnight; contracts count once their grace days are past.

    Returns
    -------
    `crmlab.churn.outputs.ASSOCIATIONS`, in the order of `GROUPS`, of groups that have a contract. What no customer met is
    left out, and so is everything where no contract has ended.
    """
    ended = met(occasions, as_of)
    rows: list[dict] = []
    for what, groups in GROUPS.items():
        told = ended[ended[what].notna()]
        if (told[what] == groups[0]).all():
            continue
        adjusted = _adjusted(told, what)
        for group in groups:
            part = told[told[what] == group]
            if part.empty:
                continue
            share, low, high = clustered_share(part.renewed.to_numpy(), part.customer_id.to_numpy(str))
            difference = adjusted.get(group, (np.nan,) * 3)
            rows.append(
                {
                    "what": what,
                    "group": group,
                    "n": len(part),
                    "customers": part.customer_id.nunique(),
                    "renewed": share,
                    "low": low,
                    "high": high,
                    "difference": difference[0],
                    "difference_low": difference[1],
                    "difference_high": difference[2],
                }
            )
    return tables.conform(pd.DataFrame(rows), ASSOCIATIONS) if rows else tables.empty(ASSOCIATIONS)


def met(occasions: Occasions, as_of: pd.Timestamp) -> pd.DataFrame:
    """Every contract renewed or lost by `as_of`, with what its customer had met `AHEAD` days before its last day.

    A contract is looked at on the latest month end at least `AHEAD` and at most `MOST_DAYS` days before its last day on which
    its renewal had not been signed yet. One that was too short, or was signed too late, to have such a day is left out.

    Returns
    -------
    One row per contract, sorted by contract_id: contract_id, customer_id, landmark, renewed (1 or 0) and

    - promises, second_visits: none or some in the year before the landmark
    - complaints: how the one of two years ended whose end was known last (an ignored one before others of the same day);
      none without a complaint, missing where none of them had ended yet
    - machines, tickets, tenure, yearly_amount (log2), price_change (steps of 10 %), service_level, year: what they are alike in
    """
    terms = occasions.terms(as_of)
    over = terms[terms.fate.isin(["renewed", "lost"])]
    days = pd.date_range(over.known_at.min() if len(over) else as_of, as_of, freq="ME")
    known = occasions.record.known_at(over, list(days), occasions.grace_days, MOST_DAYS)
    known = known[known.days_to_end >= AHEAD].drop_duplicates("contract_id", keep="last")
    known = known.reset_index(drop=True)
    term = over.set_index("contract_id").loc[known.contract_id].reset_index(drop=True)
    first = known.customer_id.map(terms.groupby("customer_id").start_at.min())
    return known[["contract_id", "customer_id", "landmark"]].assign(
        renewed=(term.fate == "renewed").astype(int),
        promises=np.where(known.broken_promises_365 > 0, "some", "none"),
        second_visits=np.where(known.second_visits_365 > 0, "some", "none"),
        complaints=_last_end(known),
        machines=np.log2(known.machines.clip(lower=1)),
        tickets=np.log2(1 + known.tickets_365),
        tenure=np.log2(1 + (known.landmark - first).dt.days.clip(lower=0) / 365.25),
        yearly_amount=np.log2(1 + term.yearly_amount),
        price_change=term.price_change,
        service_level=term.service_level.astype(object),
        year=term.end_at.dt.year.astype(object),
    )


def _last_end(known: pd.DataFrame) -> np.ndarray:
    """How the complaint ended whose end was known last."""
    solved, promptly, ignored = (
        known[f"days_since_{end}"].astype(float).fillna(np.inf) for end in ("solved", "promptly", "ignored")
    )
    return np.select(
        [
            np.isfinite(ignored) & (ignored <= solved),
            np.isfinite(promptly) & (promptly <= solved),
            np.isfinite(solved),
            known.complaints_730 == 0,
        ],
        ["ignored", "solved promptly", "solved", "none"],
        default=None,
    )


def _adjusted(told: pd.DataFrame, what: str) -> dict[str, tuple[float, float, float]]:
    """Difference from `none` and its limits by group, of the groups that can be compared."""
    none = GROUPS[what][0]
    counts = told.groupby(what).renewed.agg(["size", "sum"])
    fewest = np.minimum(counts["sum"], counts["size"] - counts["sum"])
    enough = counts.index[(counts["size"] >= MIN_CONTRACTS) & (fewest >= MIN_OF_EACH)]
    groups = [group for group in GROUPS[what][1:] if group in enough]
    if none not in enough:
        return {}
    rows = told[told[what].isin([none, *groups])]
    membership = np.column_stack([rows[what] == group for group in groups]) if groups else np.zeros((0, 0))
    found = standardised_differences(
        rows.renewed.to_numpy(), membership, _alike(rows), rows.customer_id.to_numpy(str)
    )
    return {none: (0.0, 0.0, 0.0)} | dict(zip(groups, found, strict=True))


def _alike(rows: pd.DataFrame) -> np.ndarray:
    """What contracts are made alike in, a column each; a level or year of few contracts goes with the commonest."""
    columns = [
        rows[name].fillna(rows[name].median()).to_numpy(float)
        for name in ("machines", "tickets", "tenure", "yearly_amount", "price_change")
    ]
    for label in ("service_level", "year"):
        counts = rows[label].value_counts()
        counts = counts[counts >= MIN_CONTRACTS].sort_index().sort_values(ascending=False, kind="stable")
        columns += [(rows[label] == value).to_numpy(float) for value in counts.index[1:]]
    return np.column_stack(columns)
