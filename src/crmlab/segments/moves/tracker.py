"""Types as followed over the months: a label that changes only when the evidence has turned."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.segments.behaviour.catalogue import TYPES, UNDETERMINED

_ROUNDING = 1e-9
"""So that .7 against .3 is a margin of .4."""


class TypeTracker:
    """Follows the type of every customer from month to month without flicker.

    A customer is undetermined until a type first reaches `min_prob`. From then on it keeps its type until one other is the likeliest, and
    more probable than the held one by `margin`, for `patience` months running. The windows of two months running share all but a month of
    their records, so that a customer between two types wanders slowly from side to side of any single bound: patience alone does not
    stop that, a margin does, at the price of a later answer.

    Parameters
    ----------
    margin, patience, min_prob : see `crmlab.segments.settings.Settings`.

    Examples
    --------
    >>> p = [.9, .4, .2, .1]
    >>> months = pd.DataFrame(0.0, index=range(4), columns=list(TYPES)).assign(reckoner=p, planner=[1 - x for x in p])
    >>> months.insert(0, "customer_id", "C"), months.insert(1, "month", pd.date_range("2026-07-31", periods=4, freq="ME"))
    (None, None)
    >>> TypeTracker(margin=0.4).track(months)[["type", "likeliest", "p"]].values.tolist()
    [['reckoner', 'reckoner', 0.9], ['reckoner', 'planner', 0.6], ['reckoner', 'planner', 0.8], ['planner', 'planner', 0.9]]
    """

    def __init__(self, margin: float = 0.7, patience: int = 2, min_prob: float = 0.6) -> None:
        self.margin = margin
        self.patience = patience
        self.min_prob = min_prob

    def track(self, probabilities: pd.DataFrame) -> pd.DataFrame:
        """The type of every customer in every month in which it has a row, from the months up to it.

        A month without a row, or without probabilities, leaves everything as it is: the label stays, and months running neither
        end nor grow.

        Parameters
        ----------
        probabilities : customer_id, month and the nine columns list(TYPES); one row per customer and month, in any order.

        Returns
        -------
        customer_id, month, type (tracked), likeliest (of the month alone; missing without probabilities), p (its probability); sorted by
        customer_id and month.

        Raises
        ------
        ValueError : a customer has two rows of one month.
        """
        who, customers = pd.factorize(probabilities["customer_id"], sort=True)
        when = pd.factorize(probabilities["month"], sort=True)[0]
        order = np.lexsort((who, when))
        rows, who, when = probabilities.iloc[order], who[order], when[order]
        if (twice := (np.diff(who) == 0) & (np.diff(when) == 0)).any():
            first = rows.iloc[int(np.argmax(twice))]
            raise ValueError(
                f"probabilities: customer {first.customer_id} has two rows of {first.month:%Y-%m-%d}; one is expected"
            )
        p = rows[list(TYPES)].to_numpy(float)
        likeliest = np.where(np.isnan(p).any(axis=1), -1, np.argmax(p, axis=1)).astype(np.int8)
        followed = self._followed(p, likeliest, who, _runs(when), len(customers))
        names = np.array([*TYPES, UNDETERMINED], dtype=object)
        found = pd.DataFrame(
            {
                "customer_id": rows["customer_id"].astype("string").array,
                "month": rows["month"].array,
                "type": pd.array(names[followed], dtype="string"),
                "likeliest": pd.array(np.where(likeliest < 0, None, names[likeliest]), dtype="string"),
                "p": pd.array(np.where(likeliest < 0, np.nan, p.max(axis=1, initial=0.0)), dtype="Float64"),
            }
        )
        return found.iloc[np.lexsort((when, who))].reset_index(drop=True)

    def _followed(
        self, p: np.ndarray, likeliest: np.ndarray, who: np.ndarray, months: list[slice], n: int
    ) -> np.ndarray:
        """Number of the type held in each row; −1 while undetermined."""
        held, rival = np.full(n, -1, np.int8), np.full(n, -1, np.int8)
        run = np.zeros(n, np.int16)
        followed = np.empty(len(p), np.int8)
        for month in months:
            known = likeliest[month] >= 0
            there, top = who[month][known], likeliest[month][known]
            rows = np.flatnonzero(known) + month.start
            now, highest = held[there], p[rows, top]
            lead = highest - p[rows, np.maximum(now, 0)]
            turned = (now >= 0) & (top != now) & (lead >= self.margin - _ROUNDING)
            run[there] = np.where(turned, np.where(rival[there] == top, run[there], 0) + 1, 0)
            rival[there] = np.where(turned, top, -1)
            first = (now < 0) & (highest >= self.min_prob - _ROUNDING)
            changes = first | (run[there] >= self.patience)
            held[there] = np.where(changes, top, now)
            run[there[changes]] = 0
            rival[there[changes]] = -1
            followed[month] = held[who[month]]
        return followed


def _runs(values: np.ndarray) -> list[slice]:
    """Where equal values lie, in a sorted array."""
    ends = np.append(np.flatnonzero(np.diff(values)) + 1, len(values))
    return [slice(a, b) for a, b in zip([0, *ends[:-1]], ends, strict=True) if b > a]
