"""How long contracts last: Kaplan-Meier by service level, and a Cox model of losing a term."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test
from scipy.optimize import brentq

MIN_LOSSES = 20
"""Losses below which a term length gets no baseline of its own, and a label no coefficient."""


def relations(terms: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Chains of renewals as one observation each: service_level (of the first term), days, lost.

    Open relations are censored on `as_of`, moved, closed and merged customers on their last day.
    """
    last = terms.sort_values(["relation_id", "start_at", "contract_id"]).groupby("relation_id").last()
    first = terms.sort_values(["relation_id", "start_at", "contract_id"]).groupby("relation_id").first()
    until = np.minimum(last.end_at, as_of)
    chains = pd.DataFrame(
        {
            "service_level": first.service_level,
            "days": (until - first.start_at).dt.days + last.fate.isin(["renewed", "lost"]).astype(int),
            "lost": last.fate == "lost",
        }
    )
    return chains[chains.days > 0]


def kaplan_meier(chains: pd.DataFrame, min_size: int = 20) -> tuple[pd.DataFrame, float]:
    """Share of relations still alive, by service level, and the p-value of the log-rank test between levels.

    Parameters
    ----------
    chains : from `relations`.
    min_size : levels with fewer relations are left out; "cannot tell".

    Returns
    -------
    service_level, day, at_risk, survival, low, high (95 %), one row per day on which a relation was lost, plus the
    first and the last day; and the p-value, NaN with fewer than two levels.
    """
    sizes = chains.service_level.value_counts()
    shown = chains[chains.service_level.isin(sizes.index[sizes >= min_size])]
    curves = []
    for level, group in shown.groupby("service_level"):
        fit = KaplanMeierFitter().fit(group.days, group.lost)
        interval = fit.confidence_interval_survival_function_
        curve = pd.DataFrame(
            {
                "service_level": level,
                "day": fit.survival_function_.index.astype(int),
                "at_risk": fit.event_table.at_risk.astype(int).to_numpy(),
                "survival": fit.survival_function_.iloc[:, 0].to_numpy(),
                "low": interval.iloc[:, 0].to_numpy(),
                "high": interval.iloc[:, 1].to_numpy(),
            }
        )
        changes = (fit.event_table.observed > 0).to_numpy()
        changes[[0, -1]] = True
        curves.append(curve[changes])
    if not curves:
        return pd.DataFrame(columns=["service_level", "day", "at_risk", "survival", "low", "high"]), np.nan
    p_value = np.nan
    if len(curves) > 1 and shown.lost.any():
        p_value = multivariate_logrank_test(shown.days, shown.service_level, shown.lost).p_value
    return pd.concat(curves, ignore_index=True), float(p_value)


@dataclass
class RenewalCox:
    """A Cox model of losing a contract term, with a baseline per term length.

    lifelines fits the coefficients (delayed entry, strata, Efron ties). The baselines are our own, for two reasons:
    lifelines counts rows at risk before their entry, and its Breslow step makes exp(−0.2) of a day on which a fifth
    of all terms are lost. Ours lets each step lose exactly as many as were lost (Kalbfleisch and Prentice 1973).

    Attributes
    ----------
    summary_ : hazard ratios with limits, per feature.
    concordance_ : of the rows fitted on; NaN where no two of them can be compared.
    """

    penalizer: float = 0.01
    coefficients_: dict[str, float] = field(default_factory=dict)
    means_: dict[str, float] = field(default_factory=dict)
    medians_: dict[str, float] = field(default_factory=dict)
    baselines_: dict[int, tuple[list[int], list[float]]] = field(default_factory=dict)
    summary_: pd.DataFrame = field(default_factory=pd.DataFrame)
    concordance_: float = float("nan")

    def fit(self, features: pd.DataFrame, rows: pd.DataFrame) -> RenewalCox:
        """Fit on `features` (from `as_of_features`) of `rows` (years, entry, duration, lost), index by index."""
        losses = rows.groupby("years").lost.sum()
        kept = [int(y) for y in losses.index[losses >= MIN_LOSSES]] or [int(losses.idxmax())]
        self.baselines_ = {years: ([], []) for years in kept}
        self.medians_ = features.select_dtypes("number").median().dropna().to_dict()
        self.coefficients_ = dict.fromkeys(self._columns(features, rows.lost), 0.0)
        design = self._design(features)
        self.means_ = design.mean().to_dict()
        observed = design.assign(stratum=self._stratum(rows.years), **self._times(rows), lost=rows.lost)
        observed = observed[observed.entry < observed.duration]
        cox = CoxPHFitter(penalizer=self.penalizer)
        with warnings.catch_warnings():
            # Labels without a loss in some term length are held by the penalizer; lifelines warns of each.
            warnings.simplefilter("ignore")
            cox.fit(observed, "duration", "lost", entry_col="entry", strata=["stratum"])
        self.coefficients_ = {name: float(cox.params_[name]) for name in design}
        try:
            self.concordance_ = float(cox.concordance_index_)
        except ZeroDivisionError:  # no pair of terms of one length of which one outlasted the other
            self.concordance_ = float("nan")
        self.summary_ = self._hazard_ratios(cox, design, rows)
        risk = self._risk(design)
        for years in kept:
            own = observed.stratum == years
            self.baselines_[years] = _baseline(observed[own], risk[observed.index[own]])
        return self

    def survival(
        self, features: pd.DataFrame, rows: pd.DataFrame, times: np.ndarray, conditional_after: np.ndarray
    ) -> np.ndarray:
        """P(not lost by day `times` of its clock, given that it was not lost by day `conditional_after`), per row.

        Both are whole days of the clock of `landmark_rows`; `rows` needs the column years.
        """
        stratum = self._stratum(rows.years)
        shift = ((stratum - rows.years) * 365).to_numpy()
        lost = np.zeros(len(rows))
        for years, (days, hazard) in self.baselines_.items():
            own = (stratum == years).to_numpy()
            steps = np.concatenate([[0.0], np.cumsum(hazard)])
            until = np.searchsorted(days, (times + shift)[own], side="right")
            since = np.searchsorted(days, (conditional_after + shift)[own], side="right")
            lost[own] = steps[np.maximum(until, since)] - steps[since]
        return np.exp(-lost * self._risk(self._design(features)).to_numpy())

    def reason(self, features: pd.DataFrame) -> pd.Series:
        """What raises each row's hazard most above that of the mean contract; missing where nothing does.

        Only features that go with leaving beyond chance (the lower limit of the hazard ratio is above 1) are reasons.
        """
        sure = self.summary_.feature[self.summary_.low > 1].tolist()
        if not sure:
            return pd.Series(pd.NA, index=features.index, dtype="string")
        design = self._design(features)[sure]
        pull = (design - pd.Series(self.means_)[sure]) * pd.Series(self.coefficients_)[sure]
        return pull.idxmax(axis=1).astype("string").where(pull.max(axis=1) > 0)

    def _columns(self, features: pd.DataFrame, lost: pd.Series) -> list[str]:
        """Numbers that vary, and per label the values with `MIN_LOSSES`, but for the commonest."""
        columns = [name for name in self.medians_ if features[name].fillna(self.medians_[name]).nunique() > 1]
        for label in features.select_dtypes(exclude="number"):
            counts = features[label].value_counts()
            rare = lost.groupby(features[label]).sum() < MIN_LOSSES
            columns += [f"{label}={value}" for value in sorted(counts.index[1:]) if not rare[value]]
        return columns

    def _design(self, features: pd.DataFrame) -> pd.DataFrame:
        columns = {}
        for name in self.coefficients_:
            label, _, value = name.partition("=")
            if value:
                columns[name] = (features[label] == value).fillna(False).astype(float)
            else:
                columns[name] = features[name].fillna(self.medians_[name]).astype(float)
        return pd.DataFrame(columns, index=features.index)

    def _risk(self, design: pd.DataFrame) -> pd.Series:
        return np.exp((design - pd.Series(self.means_)) @ pd.Series(self.coefficients_))

    def _stratum(self, years: pd.Series) -> pd.Series:
        """The term length with a baseline that is nearest to each of `years`."""
        return years.map({y: min(self.baselines_, key=lambda k: (abs(k - y), k)) for y in years.unique()})

    def _times(self, rows: pd.DataFrame) -> dict[str, pd.Series]:
        shift = (self._stratum(rows.years) - rows.years) * 365
        return {"entry": (rows.entry + shift).clip(lower=0), "duration": rows.duration + shift}

    @staticmethod
    def _hazard_ratios(cox: CoxPHFitter, design: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
        found = cox.summary
        terms_with = {name: rows.contract_id[design[name] != 0].nunique() for name in design}
        return pd.DataFrame(
            {
                "feature": found.index.astype("string"),
                "hazard_ratio": found["exp(coef)"].to_numpy(),
                "low": found["exp(coef) lower 95%"].to_numpy(),
                "high": found["exp(coef) upper 95%"].to_numpy(),
                "p_value": found["p"].to_numpy(),
                "n": [terms_with[name] for name in found.index],
            }
        )


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
