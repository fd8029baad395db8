"""A Cox model of losing a contract term, on the rows and features of the hazard: a line to compare with, and ratios to read."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.exceptions import ConvergenceError, ConvergenceWarning
from scipy.optimize import brentq

from crmlab.churn.outputs import HAZARD_RATIOS
from crmlab.churn.survival.design import MIN_LOSSES, Design
from crmlab.churn.survival.ratios import ratios
from crmlab.files import CrmlabError
from crmlab.tables import conform

STEPS = (0.3, 0.1)
"""First steps of lifelines' search. Its own, .95, leaps too far where many losses fall on one day, and then goes astray."""
YEAR = 365


def clocked(X: pd.DataFrame, y: np.ndarray | None, years: pd.Series) -> pd.DataFrame:
    """Occasions as rows of survival: each is at risk from its landmark to the day after the last one.

    The clock is days since the term began, shifted so that the last day of a term of n years is day 365 n: leap years and
    odd lengths then do not scatter the ends. A term in its grace days stands where it stood on its last day.

    Parameters
    ----------
    X : contract_id, customer_id and days_to_end, from `crmlab.churn.landmarks.occasions.Occasions`.
    y : 1 renewed, 0 lost, in the order of X; None where it is not known yet.
    years : length of each term by contract_id, as of `crmlab.churn.spells.known.known_spells`.

    Returns
    -------
    contract_id, customer_id, years, entry, duration (whole days, entry < duration), lost; index as X.

    Examples
    --------
    >>> X = pd.DataFrame({"contract_id": ["a", "a"], "customer_id": "A", "days_to_end": [90, -10]})
    >>> clocked(X, np.array([0, 0]), pd.Series({"a": 2}))[["entry", "duration", "lost"]].values.tolist()
    [[640, 731, True], [730, 731, True]]
    """
    rows = X[["contract_id", "customer_id"]].assign(years=X.contract_id.map(years))
    if rows.years.isna().any():
        unknown = rows.contract_id[rows.years.isna()].iloc[0]
        raise CrmlabError(f"clocked: contract {unknown} has no length; `years` of every contract is expected")
    last = YEAR * rows.years.astype(int)
    return rows.assign(
        years=rows.years.astype(int),
        entry=np.minimum(last - X.days_to_end, last).astype(int),
        duration=last + 1,
        lost=False if y is None else np.asarray(y) == 0,
    )


def fitted_on(X: pd.DataFrame, y: np.ndarray, years: pd.Series, with_ratios: bool = True) -> RenewalCox:
    """A Cox model of the occasions of a `RenewalHazard`, on one month end in three: the latest, and every quarter before it.

    lifelines takes a second per thousand rows and more, and the months between say next to nothing anew. All are taken where nobody was
    lost on the others.

    Parameters
    ----------
    X, y, years : as of `clocked`.
    """
    month = X.landmark.dt.year * 12 + X.landmark.dt.month
    kept = ((month.max() - month) % 3 == 0).to_numpy()
    if not (y[kept] == 0).any():
        kept[:] = True
    X, y = X[kept].reset_index(drop=True), y[kept]
    return RenewalCox().fit(X, clocked(X, y, years), with_ratios)


def hazard_ratios(model: RenewalCox) -> pd.DataFrame:
    """The ratios of a fitted model as table `HAZARD_RATIOS`, sorted by feature."""
    return conform(model.summary_.sort_values("feature", ignore_index=True), HAZARD_RATIOS)


@dataclass
class RenewalCox:
    """A Cox model of losing a contract term, with a baseline per term length of which `MIN_LOSSES` were lost.

    lifelines fits the coefficients (late entry, strata, Efron ties), twice: with a ridge for chances, and with next to none for
    ratios, so that shrinking does not pass for knowledge. Standard errors with customers as clusters and the test of
    proportional hazards are our own (`crmlab.churn.survival.partial_likelihood` says why), and so are the baselines: lifelines counts
    rows at risk before their entry, and its Breslow step makes exp(−0.2) of a day on which a fifth of all terms are lost. Ours
    lets each step lose exactly as many as were lost (Kalbfleisch and Prentice 1973, Biometrika 60:267).

    Parameters
    ----------
    penalizer : the ridge for chances, on standardised features and per row.

    Attributes
    ----------
    summary_ : from `crmlab.churn.survival.ratios.ratios`; empty where it was not asked for, or no feature tells contracts apart.
    penalizer_, ratio_penalizer_ : the ridges of the two fits: ten times as strong each time that lifelines found no end.
    concordance_ : of the rows fitted on, within term lengths; NaN where no two of them can be compared, or without ratios.

    Examples
    --------
    >>> X = pd.DataFrame({"contract_id": [f"K{n}" for n in range(400)], "customer_id": [f"C{n}" for n in range(400)],
    ...     "landmark": pd.Timestamp("2025-01-31"), "days_to_end": 60, "complaints": [0.0, 1.0] * 200})
    >>> y = np.where(X.complaints == 1, np.arange(400) % 4 != 1, np.arange(400) % 5 != 0).astype(int)
    >>> rows = clocked(X, y, pd.Series(1, index=X.contract_id))
    >>> model = RenewalCox().fit(X, rows)                       # half of those with a complaint are lost, a fifth of the others
    >>> hazard_ratios(model)[["feature", "hazard_ratio", "n"]].round(1).values.tolist()
    [['complaints', 3.0, 200]]
    """

    penalizer: float = 0.1
    penalizer_: float = field(default=float("nan"), init=False)
    ratio_penalizer_: float = field(default=float("nan"), init=False)
    design_: Design = field(default=Design((), {}, {}), init=False)
    coefficients_: dict[str, float] = field(default_factory=dict, init=False)
    means_: dict[str, float] = field(default_factory=dict, init=False)
    baselines_: dict[int, tuple[list[int], list[float]]] = field(default_factory=dict, init=False)
    summary_: pd.DataFrame = field(default_factory=pd.DataFrame, init=False)
    concordance_: float = field(default=float("nan"), init=False)

    def fit(self, features: pd.DataFrame, rows: pd.DataFrame, with_ratios: bool = True) -> RenewalCox:
        """Fit on what was known of contracts on landmarks, and what came of them.

        Parameters
        ----------
        features : numbers (missing ones stand at the median) and labels; the columns of `KEYS` are none.
        rows : from `clocked`, index by index.
        with_ratios : make `summary_` and `concordance_`; without, the fit takes half the time.

        Raises
        ------
        CrmlabError : nobody was lost, or no ridge is strong enough for lifelines to find an end.
        """
        lost = rows[rows.lost].drop_duplicates("contract_id")
        if lost.empty:
            raise CrmlabError("RenewalCox: no contract was lost; there is nothing to learn leaving from")
        losses = lost.years.value_counts().sort_index()
        kept = [int(y) for y in losses.index[losses >= MIN_LOSSES]] or [int(losses.idxmax())]
        self.baselines_ = {years: ([], []) for years in kept}
        stratum = self._stratum(rows.years)
        self.design_ = Design.chosen(features, rows, stratum)
        design = self.design_.table(features)
        self.means_ = design.mean().to_dict()
        self.coefficients_ = dict.fromkeys(design, 0.0)
        observed = pd.DataFrame({"stratum": stratum, **self._times(rows), "lost": rows.lost})
        observed = observed[observed.entry < observed.duration]
        table = pd.concat([design.loc[observed.index], observed], axis=1)
        self.summary_ = pd.DataFrame({c.name: [] for c in HAZARD_RATIOS.columns})
        if len(design.columns):
            cox, self.penalizer_ = _fitted(table, self.penalizer)
            self.coefficients_ = {name: float(cox.params_[name]) for name in design}
        if len(design.columns) and with_ratios:
            self.concordance_ = _concordance(cox)
            cox, self.ratio_penalizer_ = _fitted(table, 1 / len(table))
            whose = rows.loc[observed.index]
            slopes = cox.params_[list(design)]
            self.summary_ = ratios(table, slopes, self.ratio_penalizer_, whose.customer_id, whose.contract_id)
        risk = self._risk(design)
        for years in kept:
            own = observed[observed.stratum == years]
            self.baselines_[years] = _baseline(own, risk[own.index])
        return self

    def survival(
        self, features: pd.DataFrame, rows: pd.DataFrame, times: np.ndarray, conditional_after: np.ndarray
    ) -> np.ndarray:
        """P(not lost by day `times` of its clock, given that it was not lost by day `conditional_after`), per row.

        Both are whole days of the clock of `clocked`; `rows` needs the column years.
        """
        stratum = self._stratum(rows.years)
        shift = ((stratum - rows.years) * YEAR).to_numpy()
        lost = np.zeros(len(rows))
        for years, (days, hazard) in self.baselines_.items():
            own = (stratum == years).to_numpy()
            steps = np.concatenate([[0.0], np.cumsum(hazard)])
            until = np.searchsorted(days, (times + shift)[own], side="right")
            since = np.searchsorted(days, (conditional_after + shift)[own], side="right")
            lost[own] = steps[np.maximum(until, since)] - steps[since]
        return np.exp(-lost * self._risk(self.design_.table(features)).to_numpy())

    def renewal_probability(self, X: pd.DataFrame, years: pd.Series) -> np.ndarray:
        """P(renewed at its end) of contracts that nobody has renewed or lost so far, in the order of `X`; see `clocked`."""
        rows = clocked(X, None, years)
        return self.survival(X, rows, rows.duration.to_numpy(), rows.entry.to_numpy())

    def _risk(self, design: pd.DataFrame) -> pd.Series:
        pull = (design.to_numpy() - list(self.means_.values())) @ list(self.coefficients_.values())
        return pd.Series(np.exp(pull), index=design.index)

    def _stratum(self, years: pd.Series) -> pd.Series:
        """The term length with a baseline that is nearest to each of `years`."""
        return years.map({y: min(self.baselines_, key=lambda k: (abs(k - y), k)) for y in years.unique()})

    def _times(self, rows: pd.DataFrame) -> dict[str, pd.Series]:
        shift = (self._stratum(rows.years) - rows.years) * YEAR
        return {"entry": (rows.entry + shift).clip(lower=0), "duration": rows.duration + shift}


def _fitted(table: pd.DataFrame, ridge: float) -> tuple[CoxPHFitter, float]:
    """lifelines' fit, and the ridge with which its search found an end."""
    for strength in (ridge, 10 * ridge, 100 * ridge, 1000 * ridge):
        for step in STEPS:
            cox = CoxPHFitter(penalizer=strength)
            try:
                with warnings.catch_warnings():
                    # Of features that hardly differ it warns too: the ridge holds them.
                    warnings.simplefilter("ignore")
                    warnings.filterwarnings("error", message="Newton-Raphson failed to converge")
                    cox.fit(
                        table,
                        "duration",
                        "lost",
                        entry_col="entry",
                        strata=["stratum"],
                        fit_options={"step_size": step},
                    )
                return cox, strength
            except (ConvergenceError, ConvergenceWarning):
                continue
    raise CrmlabError(
        f"RenewalCox: lifelines found no end with a ridge of {ridge:g} to {1000 * ridge:g}; is a feature the outcome itself?"
    )


def _concordance(cox: CoxPHFitter) -> float:
    try:
        return float(cox.concordance_index_)
    except ZeroDivisionError:  # no pair of terms of one length of which one outlasted the other
        return float("nan")


def _baseline(rows: pd.DataFrame, risk: pd.Series) -> tuple[list[int], list[float]]:
    """Days with losses and the hazard of each, such that the expected losses of a day are those observed."""
    days, hazards = [], []
    for day, lost in rows.groupby("duration").lost.sum().items():
        if not lost:
            continue
        at_risk = risk[(rows.entry < day) & (rows.duration >= day)].to_numpy()
        most = 50 / at_risk.min()  # all at risk were lost: no finite hazard is large enough
        hazard = (
            brentq(lambda h, r=at_risk, n=lost: np.sum(1 - np.exp(-h * r)) - n, 0, most)
            if lost < len(at_risk)
            else most
        )
        days.append(int(day))
        hazards.append(float(hazard))
    return days, hazards
