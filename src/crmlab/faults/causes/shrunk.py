"""Symptom × machine family → cause, each share drawn towards what is known of the family and of the symptom."""

from __future__ import annotations

import numpy as np
import pandas as pd

STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0)
"""Imaginary tickets with which a share is drawn towards its prior, to choose from."""
_LEAST = 1e-4
"""The least share of a cause in the whole table, so that no logarithm is infinite."""


class ShrunkTable:
    """Shares of causes by symptom and machine family (empirical Bayes): few tickets say little, many speak for themselves.

    Four levels, each a Dirichlet prior for the next: all tickets → family, all tickets → symptom, then symptom × family
    around the product of both. How many imaginary tickets a prior is worth is chosen by the marginal likelihood of the
    counts (the Dirichlet-multinomial of Good 1965). Only counts are needed, so any number of tickets fits.

    Attributes
    ----------
    causes_ : the causes, sorted. overall_ : their shares. counts_ : tickets, symptom × family × cause, as a Series.
    strengths_ : imaginary tickets per level: family, symptom, both.

    Examples
    --------
    >>> table = ShrunkTable().fit(["hot"] * 4 + ["dark"] * 4, ["A"] * 8, ["fan"] * 4 + ["memory", "memory", "memory", "fan"])
    >>> table.predict_proba(["hot", "dark", "unheard of"], ["A", "A", "B"]).round(2).tolist()
    [[0.92, 0.08], [0.33, 0.67], [0.62, 0.38]]
    """

    def fit(self, symptoms, families, causes, weights=None) -> ShrunkTable:
        """Count tickets (or their `weights`) by symptom, family and cause: three sequences of equal length."""
        frame = pd.DataFrame({"symptom": symptoms, "family": families, "cause": causes}, dtype=object)
        frame["family"] = frame["family"].fillna("")
        frame["n"] = 1.0 if weights is None else np.asarray(weights, float)
        self.counts_ = frame.groupby(["symptom", "family", "cause"])["n"].sum()
        self.causes_ = np.array(sorted(frame["cause"].unique()), dtype=object)
        overall = self._by([]).sum(axis=0).to_numpy() + _LEAST
        self.overall_ = overall / overall.sum()
        self.strengths_ = {}
        self._family = self._posterior("family", self._by(["family"]), self.overall_)
        self._symptom = self._posterior("symptom", self._by(["symptom"]), self.overall_)
        both = self._by(["symptom", "family"])
        self._both = self._posterior("both", both, self._prior_of(both))
        return self

    def predict_proba(self, symptoms, families) -> np.ndarray:
        """Shares of `causes_` for pairs of symptom and family, rows × causes; a pair never seen gets its priors."""
        pairs = pd.MultiIndex.from_arrays(
            [pd.Series(symptoms, dtype=object), pd.Series(families, dtype=object).fillna("")]
        )
        unique = pairs.unique()
        seen = self._both.reindex(unique).to_numpy()
        shares = np.where(np.isnan(seen), self._product(unique), seen)
        return shares[unique.get_indexer(pairs)]

    def shares(self) -> pd.DataFrame:
        """Every symptom × family with its causes: `symptom, family, cause, hits, n, share, low, high` (95 %, Beta)."""
        from scipy.stats import beta

        counts = self._by(["symptom", "family"])
        prior = self._prior_of(counts) * self.strengths_["both"]
        a = prior + counts.to_numpy()
        rest = a.sum(axis=1, keepdims=True) - a
        long = counts.stack().rename("hits").reset_index()
        long.columns = ["symptom", "family", "cause", "hits"]
        long["n"] = np.repeat(counts.sum(axis=1).to_numpy(), len(self.causes_))
        long["share"] = (a / (a + rest)).ravel()
        long["low"], long["high"] = (beta.ppf(q, a, rest).ravel() for q in (0.025, 0.975))
        return long

    def _by(self, levels: list[str]) -> pd.DataFrame:
        """Counts by `levels`, one column per cause."""
        counts = self.counts_.reset_index()
        index = levels or [np.zeros(len(counts))]
        return counts.pivot_table(index=index, columns="cause", values="n", aggfunc="sum", fill_value=0.0)[
            self.causes_
        ]

    def _product(self, pairs: pd.MultiIndex) -> np.ndarray:
        """Family and symptom taken together, as if each spoke for itself: share by family × share by symptom / overall."""
        family = self._family.reindex(pairs.get_level_values(1)).to_numpy()
        symptom = self._symptom.reindex(pairs.get_level_values(0)).to_numpy()
        family, symptom = (np.where(np.isnan(part), self.overall_, part) for part in (family, symptom))
        return self._together(family, symptom)

    def _prior_of(self, both: pd.DataFrame) -> np.ndarray:
        """What the other tickets of its family and of its symptom say of each pair of `both`.

        Its own tickets are left out: counted twice, they would agree with themselves, and the intervals be too narrow.
        """
        parts = []
        for level in ("family", "symptom"):
            counts = self._by([level]).reindex(both.index.get_level_values(level)).to_numpy()
            others = np.maximum(counts - both.to_numpy(), 0) + self.strengths_[level] * self.overall_
            parts.append(others / others.sum(axis=1, keepdims=True))
        return self._together(*parts)

    def _together(self, family: np.ndarray, symptom: np.ndarray) -> np.ndarray:
        product = family * symptom / self.overall_
        return product / product.sum(axis=1, keepdims=True)

    def _posterior(self, level: str, counts: pd.DataFrame, prior: np.ndarray) -> pd.DataFrame:
        prior = np.broadcast_to(prior, counts.shape)
        evidence = [_log_evidence(counts.to_numpy(), strength * prior) for strength in STRENGTHS]
        best = self.strengths_[level] = STRENGTHS[int(np.argmax(evidence))]
        shares = counts + best * prior
        return shares.div(shares.sum(axis=1), axis=0)


def _log_evidence(counts: np.ndarray, prior: np.ndarray) -> float:
    """Logarithm of the Dirichlet-multinomial probability of the counts, up to a constant."""
    from scipy.special import gammaln

    totals = gammaln(prior.sum(axis=1)) - gammaln((prior + counts).sum(axis=1))
    return float((totals + (gammaln(prior + counts) - gammaln(prior)).sum(axis=1)).sum())
