"""Scores and mixture fitted together on one month's customers, and how far their labels hold on others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.segments.behaviour.catalogue import TYPES, UNDETERMINED
from crmlab.segments.settings import Settings
from crmlab.segments.types.mixture import NineTypeMixture, TooFew
from crmlab.segments.types.scorer import ValueScorer
from crmlab.segments.types.simple import highest_axes

REPLICATES = 10


@dataclass(frozen=True)
class Fitted:
    """A scorer and a mixture that belong together; the mixture is None where customers cannot be told apart."""

    scorer: ValueScorer
    mixture: NineTypeMixture | None

    @classmethod
    def on(
        cls,
        table: pd.DataFrame,
        settings: Settings,
        labels: pd.Series | None = None,
        belief: float | None = None,
    ) -> Fitted:
        """Fit on `table`, the features of one month.

        Parameters
        ----------
        labels : types that analysts named, by customer_id. belief : what log-odds count; default measured.
        """
        table = table.set_index("customer_id")
        scorer = ValueScorer()
        scores = scorer.fit_transform(table)
        mixture = NineTypeMixture(min_prob=settings.min_prob, min_axis=settings.min_axis, belief=belief)
        try:
            mixture.fit(
                scores,
                None
                if labels is None
                else labels.reindex(table.index).astype(object).where(lambda y: y.notna(), None),
            )
        except TooFew:
            return cls(scorer, None)
        return cls(scorer, mixture)

    def scores(self, table: pd.DataFrame) -> pd.DataFrame:
        """(n, features) scores of the customers of `table`, by customer_id."""
        return self.scorer.transform(table.set_index("customer_id"))

    def probabilities(self, table: pd.DataFrame) -> pd.DataFrame:
        """(n, 9) probability of each type of the customers of `table`, by customer_id; missing where nothing can be told."""
        scores = self.scores(table)
        if self.mixture is None:
            return pd.DataFrame(np.nan, index=scores.index, columns=list(TYPES))
        return self.mixture.predict_proba(scores)

    def told(self, probabilities: pd.DataFrame) -> pd.DataFrame:
        """type, axis, likeliest, p and runner_up of each row of `probabilities`; undetermined where nothing can be told."""
        if self.mixture is not None:
            return self.mixture.labels(probabilities)
        blank = dict.fromkeys(("axis", "likeliest", "p", "runner_up"))
        return pd.DataFrame({"type": UNDETERMINED} | blank, index=probabilities.index)


def same_label(
    fitted: Fitted, table: pd.DataFrame, settings: Settings, replicates: int = REPLICATES
) -> dict[str, float | None]:
    """How often a customer keeps its type when everything is fitted again on other customers.

    In each replicate scales and mixture are fitted on a bootstrap sample of the customers of `table`, and all of them are told again.

    Returns
    -------
    bootstrap_same_label : over the customers with a type, the share with the same one; becoming undetermined counts as a change.
    bootstrap_same_label_simple : over the same customers, the share with the same cell by the highest axes.
    """
    nothing = {"bootstrap_same_label": None, "bootstrap_same_label_simple": None}
    if fitted.mixture is None:
        return nothing
    was = fitted.mixture.predict(fitted.scores(table)).to_numpy()
    was_simple = highest_axes(fitted.scorer.axis_scores(fitted.scores(table))).to_numpy()
    told = was != UNDETERMINED
    generator = np.random.default_rng(0)
    same, same_simple = [], []
    for _ in range(replicates if told.any() else 0):
        sample = table.iloc[np.sort(generator.integers(len(table), size=len(table)))]
        again = Fitted.on(sample, settings, belief=fitted.mixture.belief_)
        scores = again.scores(table)
        now_simple = highest_axes(again.scorer.axis_scores(scores)).to_numpy()
        same_simple.append((now_simple == was_simple)[told].mean())
        if again.mixture is not None:
            same.append((again.mixture.predict(scores).to_numpy() == was)[told].mean())
    if not same:
        return nothing
    return {
        "bootstrap_same_label": float(np.mean(same)),
        "bootstrap_same_label_simple": float(np.mean(same_simple)),
    }
