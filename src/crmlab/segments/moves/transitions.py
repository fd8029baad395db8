"""How tracked types move: relabelling as observed from month to month, which is not the change of a person's mind."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from crmlab import tables
from crmlab.segments.behaviour.catalogue import TYPES, UNDETERMINED
from crmlab.segments.outputs import TRANSITIONS


def transitions(tracked: pd.DataFrame) -> pd.DataFrame:
    """How often the tracked type went from each to each within a month, shrunk towards where all customers go.

    The row of a type is a Dirichlet posterior. Its prior is common to all types: the share that stays in any type, and the rest to each
    other type as often as all customers come to it (with one customer more for each type and half a stay and half a move more, or nobody
    could ever go where nobody went). What the prior is worth in customer-months is told by the marginal likelihood of all rows, a
    Dirichlet-multinomial: the mean degree of shrinkage under a uniform prior of it (Christiansen and Morris 1997, JASA 92:618), for the
    most likely degree is often all of it. Half of that is taken, because nine rows tell it badly: simulated shares then lie within their
    limits 87 to 97 times in 100 (with all of it 78 to 96), and are no farther off. Limits are of the beta distributions of the posterior.
    The first determination of a type is no move, and pairs of rows of a customer more than a month apart are left out.

    Parameters
    ----------
    tracked : from `crmlab.segments.moves.tracker.TypeTracker.track`; may be empty.

    Returns
    -------
    `crmlab.segments.outputs.TRANSITIONS`, each of the nine types to each (to itself: it stayed), in the order of TYPES; without rows where
    nobody was followed for a month. Share and limits are missing in the row of a type that nobody had.
    """
    steps = _steps(tracked)
    steps = steps[steps.months == 1]
    if steps.empty:
        return tables.empty(TRANSITIONS)
    names = list(TYPES)
    code = {name: number for number, name in enumerate(names)}
    n = np.zeros((len(names), len(names)))
    np.add.at(n, (steps["was"].map(code).to_numpy(), steps["type"].map(code).to_numpy()), 1)
    at = n.sum(axis=1)
    prior = _common(n)
    worth = _worth(n, prior)
    alpha = n + worth * prior
    total = alpha.sum(axis=1, keepdims=True)
    share = alpha / total
    low, high = (special.betaincinv(alpha, total - alpha, q) for q in (0.025, 0.975))
    high = np.maximum(high, share)  # the mean of a share next to nothing lies above all but its tail
    seen = np.repeat(at > 0, len(names))
    table = pd.DataFrame(
        {
            "type": np.repeat(names, len(names)),
            "next": np.tile(names, len(names)),
            "n": n.ravel().astype(int),
            "at": np.repeat(at, len(names)).astype(int),
            "share": np.where(seen, share.ravel(), np.nan),
            "low": np.where(seen, low.ravel(), np.nan),
            "high": np.where(seen, high.ravel(), np.nan),
        }
    )
    return tables.conform(table, TRANSITIONS)


def changes_per_year(tracked: pd.DataFrame) -> float:
    """Changes of the tracked type per customer-year since its first determination; NaN where nobody was followed for a month.

    >>> row = lambda customer, month, kind: {"customer_id": customer, "month": pd.Timestamp(month), "type": kind}
    >>> stays = [row("A", f"2026-{m:02d}-28", "planner") for m in range(1, 8)]
    >>> moves = [row("B", f"2026-{m:02d}-28", "planner" if m < 3 else "pioneer") for m in range(1, 8)]
    >>> changes_per_year(pd.DataFrame(stays + moves))
    1.0
    """
    steps = _steps(tracked)
    months = steps.months.sum()
    return float(12 * (steps["was"] != steps["type"]).sum() / months) if months else float("nan")


def agreement(before: pd.Series, after: pd.Series) -> tuple[float, int]:
    """Share of customers of the same type at both times, and of how many; NaN and 0 where none is determined at both.

    Told over two windows without a month in common: types of overlapping windows agree because they rest on the same records.

    Parameters
    ----------
    before, after : type or undetermined; index customer_id.

    Examples
    --------
    >>> before = pd.Series({"A": "planner", "B": "planner", "C": "undetermined"})
    >>> agreement(before, pd.Series({"A": "planner", "B": "pioneer", "C": "planner", "D": "planner"}))
    (0.5, 2)
    """
    both = pd.concat({"before": _determined(before), "after": _determined(after)}, axis=1, join="inner")
    if both.empty:
        return float("nan"), 0
    return float((both.before == both.after).mean()), len(both)


def _determined(types: pd.Series) -> pd.Series:
    return types[types.notna() & types.ne(UNDETERMINED)].astype(object)


def _steps(tracked: pd.DataFrame) -> pd.DataFrame:
    """Successive rows of a customer, both with a type: was, type and how many months they are apart."""
    rows = tracked[tracked["type"] != UNDETERMINED].sort_values(["customer_id", "month"])
    month = rows["month"].dt.year * 12 + rows["month"].dt.month
    follows = (rows["customer_id"] == rows["customer_id"].shift()).to_numpy(bool, na_value=False)
    steps = pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "month": rows["month"],
            "was": rows["type"].shift(),
            "type": rows["type"],
            "months": month.diff(),
        }
    )
    return steps[follows].astype({"months": int, "was": object, "type": object})


def _common(n: np.ndarray) -> np.ndarray:
    """(types, types) the share of each row that stays and goes where, as if all types were alike."""
    stayed = np.trace(n)
    stays = (stayed + 0.5) / (n.sum() + 1)
    comes = n.sum(axis=0) - np.diag(n) + 1
    goes = np.tile(comes, (len(n), 1))
    np.fill_diagonal(goes, 0)
    common = (1 - stays) * goes / goes.sum(axis=1, keepdims=True)
    np.fill_diagonal(common, stays)
    return common


def _worth(n: np.ndarray, prior: np.ndarray) -> float:
    """How many customer-months the prior counts for; see `transitions`."""
    usual = n.sum() / np.count_nonzero(n.sum(axis=1))
    shrunk = np.arange(0.5, 100) / 100
    worth = usual * shrunk / (1 - shrunk)
    alpha = worth[:, None, None] * prior
    rows = special.gammaln(worth)[:, None] - special.gammaln(worth[:, None] + n.sum(axis=1))
    cells = special.gammaln(alpha + n) - special.gammaln(alpha)
    likely = rows.sum(axis=1) + cells.sum(axis=(1, 2))
    weight = np.exp(likely - likely.max())
    mean = float((weight * shrunk).sum() / weight.sum())
    return usual * mean / (1 - mean) / 2
