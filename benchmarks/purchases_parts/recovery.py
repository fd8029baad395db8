"""Customers simulated from each model: how often the truth lies within two standard errors of the estimates."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from crmlab.purchases import BGNBD, MBGCNBD, MBGNBD, DegenerateFit, GammaGamma, ParetoNBD
from crmlab.purchases.models.simulate import simulate_purchases, simulate_spend

CUSTOMERS, WEEKS = 2_000, (52.0, 104.0)
"""Customers per run, and the range of the time for which they have been observed."""
MODELS: dict[str, tuple[Any, dict[str, float]]] = {
    "BGNBD": (BGNBD, {"r": 0.7, "alpha": 6.0, "a": 0.8, "b": 2.4}),
    "MBGNBD": (MBGNBD, {"r": 0.7, "alpha": 6.0, "a": 0.9, "b": 1.6}),
    "MBGCNBD": (lambda: MBGCNBD(k=2), {"r": 0.9, "alpha": 4.0, "a": 0.8, "b": 2.4}),
    "ParetoNBD": (ParetoNBD, {"r": 0.7, "alpha": 8.0, "s": 0.6, "beta": 12.0}),
}
SPEND = {"p": 6.25, "q": 3.74, "gamma": 15.44}
TARGET = 0.90


def measured(runs: int) -> dict[str, dict[str, Any]]:
    """Model → share of runs in which each parameter lies within, all of them together, and how many fits had no maximum.

    `log_within` judges the logarithms, whose errors are closer to normal than those of the parameters themselves.
    """
    found = {}
    for name, (make, truth) in MODELS.items():
        k = getattr(make(), "k", 1)
        fits = []
        for seed in range(runs):
            T = np.random.default_rng([seed, 1]).uniform(*WEEKS, CUSTOMERS)
            x, t_x, _ = simulate_purchases(name, truth, T, seed=seed, k=k)
            fits.append(_fit(make, (x, t_x, T)))
        found[name] = _shares(fits, truth)
    fits = []
    for seed in range(runs):
        T = np.random.default_rng([seed, 1]).uniform(*WEEKS, CUSTOMERS)
        x, _, _ = simulate_purchases("MBGNBD", MODELS["MBGNBD"][1], T, seed=seed)
        fits.append(_fit(GammaGamma, (x, simulate_spend(SPEND, x, seed=seed))))
    found["GammaGamma"] = _shares(fits, SPEND)
    for name, row in found.items():
        each = ", ".join(f"{p} {share:.3f}" for p, share in row["within"].items())
        print(
            f"{name:<12} within 2 standard errors: {each}; mean {row['mean_within']:.3f} (at least {TARGET}); "
            f"all at once {row['all_within']:.3f}; no maximum {row['no_maximum']}"
        )
    return found


def _fit(make: Any, data: tuple[np.ndarray, ...]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateFit)
        return make().fit(*data)


def _shares(fits: list[Any], truth: dict[str, float]) -> dict[str, Any]:
    """A fit without a maximum has no standard errors, so it counts as a miss."""
    names = list(truth)
    values = np.array([[fit.params_[n] for n in names] for fit in fits])
    errors = np.array([[fit.standard_errors_[n] for n in names] for fit in fits])
    true = np.array([truth[n] for n in names])
    within = np.abs(values - true) <= 2 * errors
    by_logs = np.abs(np.log(values / true)) <= 2 * errors / values
    return {
        "within": dict(zip(names, within.mean(0).tolist(), strict=True)),
        "mean_within": float(within.mean()),
        "all_within": float(within.all(1).mean()),
        "log_within": dict(zip(names, by_logs.mean(0).tolist(), strict=True)),
        "no_maximum": sum(not fit.converged_ for fit in fits),
        "runs": len(fits),
        "customers": CUSTOMERS,
        "truth": truth,
        "median_estimate": dict(zip(names, np.median(values, axis=0).tolist(), strict=True)),
    }
