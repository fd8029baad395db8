"""Customers who behave exactly as a model says: for tests, benchmarks and parametric bootstraps."""

from __future__ import annotations

import numpy as np

from crmlab.purchases.models.histories import InputError

MODELS = ("BGNBD", "MBGNBD", "MBGCNBD", "ParetoNBD")


def simulate_purchases(
    model: str, params: dict[str, float], T: np.ndarray, *, seed: int, k: int = 1, ahead: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a history for each customer observed for T.

    Parameters
    ----------
    model : a name out of `MODELS`; k is the Erlang shape of MBGCNBD.
    params : as the model's `params_`, in the unit of T.
    T : time since the first purchase, one per customer.
    ahead : also count the purchases in (T, T + ahead].

    Returns
    -------
    frequency, recency, purchases ahead : one per customer.

    Examples
    --------
    >>> frequency, recency, ahead = simulate_purchases(
    ...     "MBGNBD", {"r": 0.5, "alpha": 6.0, "a": 0.9, "b": 1.6}, np.full(1000, 39.0), seed=1, ahead=39.0)
    >>> bool((recency <= 39).all()), bool((frequency[recency > 0] > 0).all())
    (True, True)
    """
    if model not in MODELS:
        raise InputError(f"model is {model!r}; one of {', '.join(MODELS)} was expected")
    random = np.random.default_rng(seed)
    T = np.asarray(T, float)
    n = len(T)
    rate = np.maximum(random.gamma(params["r"], 1 / params["alpha"], n), 1e-300)
    if model == "ParetoNBD":
        lifetime = random.exponential(1, n) / np.maximum(
            random.gamma(params["s"], 1 / params["beta"], n), 1e-300
        )
        leaves = np.zeros(n)
    else:
        lifetime = np.full(n, np.inf)
        leaves = random.beta(params["a"], params["b"], n)
    frequency, recency, later, now = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    here = np.arange(n)
    if model in ("MBGNBD", "MBGCNBD"):
        here = here[random.random(n) >= leaves]
    while len(here):
        now[here] += random.gamma(float(k), 1.0, len(here)) / rate[here]
        here = here[now[here] <= np.minimum(T[here] + ahead, lifetime[here])]
        seen = now[here] <= T[here]
        frequency[here[seen]] += 1
        recency[here[seen]] = now[here[seen]]
        later[here[~seen]] += 1
        here = here[random.random(len(here)) >= leaves[here]]
    return frequency, recency, later


def simulate_spend(params: dict[str, float], frequency: np.ndarray, *, seed: int) -> np.ndarray:
    """Mean amount per purchase of each customer as Gamma-Gamma says; 0 where frequency is 0.

    Examples
    --------
    >>> simulate_spend({"p": 6.0, "q": 4.0, "gamma": 15.0}, np.array([0, 3]), seed=1).round(1)
    array([ 0. , 17.9])
    """
    random = np.random.default_rng(seed)
    frequency = np.asarray(frequency, float)
    scale = 1 / random.gamma(params["q"], 1 / params["gamma"], len(frequency))
    bought = np.maximum(frequency, 1)
    return np.where(frequency > 0, random.gamma(params["p"] * bought) * scale / bought, 0.0)
