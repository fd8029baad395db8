"""What every model of this package shares with scikit-learn's estimators, and how its fit is told."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np

from crmlab.purchases.models.histories import DegenerateFit, InputError
from crmlab.purchases.models.newton import Maximum

FLAT = 5.0
"""A standard error of a log-parameter above this means the data say nothing of it: e to its power is 150-fold."""


class Estimator:
    """Constructors store only; what `fit` learns ends in an underscore; `get_params` and `set_params` as in scikit-learn.

    Attributes
    ----------
    params_ : the estimates by name, in the unit of the data given.
    standard_errors_ : theirs, from the analytic Hessian at the maximum; NaN where the fit is degenerate.
    log_likelihood_ : the maximum, in the unit of the data given.
    converged_ : True only at a true maximum that the data determine.
    n_evaluations_ : evaluations of the likelihood over all data.
    """

    names: tuple[str, ...]
    remedies: ClassVar[dict[tuple[str, str], str]]
    """(parameter, 'up' or 'down') → why it runs away and what to do."""
    constants: ClassVar[dict[tuple[str, str], str]]
    """Two parameters of one distribution → what it means when both run away."""
    settings: tuple[str, ...] = ()

    params_: dict[str, float]
    standard_errors_: dict[str, float]
    log_likelihood_: float
    converged_: bool
    n_evaluations_: int

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """What the constructor stored."""
        return {name: getattr(self, name) for name in self.settings}

    def set_params(self, **values: Any) -> Estimator:
        """Replace what the constructor stored."""
        for name, value in values.items():
            if name not in self.settings:
                raise InputError(
                    f"{type(self).__name__} has no setting {name!r}; it has {list(self.settings)}"
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        settings = ", ".join(f"{k}={v!r}" for k, v in self.get_params().items())
        return f"{type(self).__name__}({settings})"

    def _parameters(self) -> np.ndarray:
        if not hasattr(self, "params_"):
            raise InputError(f"this {type(self).__name__} is not fitted yet; call fit first")
        return np.array([self.params_[name] for name in self.names])

    def _keep(self, found: Maximum, units: np.ndarray, log_likelihood: float) -> None:
        """Store a maximum found in the inner unit; `units` carries each parameter to the unit of the data."""
        values = np.exp(found.at) * units
        self.params_ = {name: float(v) for name, v in zip(self.names, values, strict=True)}
        self.log_likelihood_ = float(log_likelihood)
        self.n_evaluations_ = found.evaluations
        self._covariance = np.full((len(values), len(values)), np.nan)
        reasons = self._faults(found)
        self.converged_ = not reasons
        errors = np.sqrt(np.diag(self._covariance)) * values
        self.standard_errors_ = {name: float(e) for name, e in zip(self.names, errors, strict=True)}
        for reason in reasons:
            warnings.warn(f"{type(self).__name__}: {reason}", DegenerateFit, stacklevel=3)

    def _faults(self, found: Maximum) -> list[str]:
        if found.away.any():
            return self._runaways(found.at)
        if not found.converged:
            return ["no maximum was found; check the histories for a wrong time unit or mixed-up columns"]
        covariance = np.linalg.inv(-found.hessian)
        errors = np.sqrt(np.diag(covariance))
        if not (errors < FLAT).all():
            flat = [n for n, e in zip(self.names, errors, strict=True) if not e < FLAT]
            return [f"the data hardly tell {' and '.join(flat)}; use more customers or a longer time"]
        self._covariance = covariance
        return []

    def _runaways(self, at: np.ndarray) -> list[str]:
        """Why parameters left every sensible range: a Gamma or Beta whose two parameters grow together is a constant."""
        far = np.abs(at) > 0.6 * np.abs(at).max()
        for (one, other), what in self.constants.items():
            i, j = self.names.index(one), self.names.index(other)
            if far[i] and far[j] and at[i] > 0 and at[j] > 0:
                return [f"{one} and {other} run away to infinity together: {what}"]
        told = []
        for name, way, leads in zip(self.names, at, np.abs(at) == np.abs(at).max(), strict=True):
            if leads:
                why = self.remedies.get(
                    (name, "up" if way > 0 else "down"),
                    "the data do not determine it; use more or longer data",
                )
                told.append(f"{name} runs away to {'infinity' if way > 0 else '0'}: {why}")
        return told
