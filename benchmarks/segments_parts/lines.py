"""What each way of telling types says of one table of features: the mixture, the simple lines beside it, and the limit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from peers import first_light_segments
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from crmlab.segments.behaviour.catalogue import TIMES, TYPES, UNDETERMINED, VALUES
from crmlab.segments.types.mixture import NineTypeMixture
from crmlab.segments.types.scorer import ValueScorer
from crmlab.segments.types.simple import axis_prototypes, highest_axes, nearest_prototype, started_mixture

NAMES_OF_TYPES = np.array(list(TYPES), dtype=object)
SIMPLE = ("highest_axes", "nearest_prototype", "started_mixture")
"""The lines that would ship if the mixture did not beat them."""
OTHERS = ("kmeans", "seeded_kmeans", "two_mixtures", "first_light")


class Told(NamedTuple):
    """The best guess of each customer, and its probability where the line gives one."""

    guess: pd.Series
    p: pd.Series | None


def told(proba: pd.DataFrame) -> Told:
    """The likeliest type and its probability; no guess where there is no probability."""
    return Told(
        proba.fillna(0.0).idxmax(axis=1).where(proba.notna().all(axis=1), UNDETERMINED), proba.max(axis=1)
    )


def mixture_of(
    table: pd.DataFrame, belief: float | None = None, shrink: bool = True
) -> tuple[ValueScorer, NineTypeMixture]:
    """Scales and mixture fitted as the stage fits them."""
    scorer = ValueScorer(shrink=shrink)
    return scorer, NineTypeMixture(belief=belief).fit(scorer.fit_transform(table))


def answers(table: pd.DataFrame, truth: pd.Series) -> tuple[dict[str, Told], NineTypeMixture]:
    """What every line says, the limit (`all_labels`) included, and the fitted mixture.

    `claimed` is the mixture before it is asked how far to believe it, `unshrunk` the mixture of scores that few events count in full.
    """
    scorer, mixture = mixture_of(table)
    scores = scorer.transform(table)
    axes = scorer.axis_scores(scores)
    plain, claiming = ValueScorer(shrink=False), NineTypeMixture(belief=1.0)
    unshrunk = claiming.fit(plain.fit_transform(table)).predict_proba(plain.transform(table))
    first = first_light_segments.probabilities(plain.transform(table))
    found = {
        "mixture": told(mixture.predict_proba(scores)),
        "claimed": told(mixture_of(table, belief=1.0)[1].predict_proba(scores)),
        "unshrunk": told(unshrunk),
        "all_labels": all_labels(scores, truth),
        "highest_axes": Told(highest_axes(axes), None),
        "nearest_prototype": Told(nearest_prototype(axes), None),
        "started_mixture": told(started_mixture(axes)),
        "kmeans": Told(kmeans(axes, seeded=False), None),
        "seeded_kmeans": Told(kmeans(axes, seeded=True), None),
        "two_mixtures": told(two_mixtures(axes)),
    }
    return found | ({} if first is None else {"first_light": told(first)}), mixture


def all_labels(scores: pd.DataFrame, truth: pd.Series) -> Told:
    """The limit: a logistic regression that learnt from the labels of four fifths and is asked of the last fifth."""
    labels, numbers = np.unique(truth.to_numpy(), return_inverse=True)
    folds = StratifiedKFold(min(5, np.bincount(numbers).min()), shuffle=True, random_state=0)
    proba = cross_val_predict(
        LogisticRegression(C=0.3, max_iter=1000),
        scores.fillna(0.0),
        numbers,
        cv=folds,
        method="predict_proba",
    )
    return told(pd.DataFrame(proba, index=scores.index, columns=labels))


def kmeans(axes: pd.DataFrame, seeded: bool) -> pd.Series:
    """k-means of the axes, its clusters matched to the prototypes, or started at them."""
    points, pure = axes.fillna(0.0).to_numpy(), axis_prototypes().to_numpy()
    start = {"init": pure, "n_init": 1} if seeded else {"n_init": 10}
    found = KMeans(len(TYPES), random_state=0, **start).fit(points)
    matched = np.arange(len(TYPES))
    if not seeded:
        apart = ((found.cluster_centers_[:, None] - pure[None]) ** 2).sum(axis=2)
        matched = linear_sum_assignment(apart)[1]
    return pd.Series(NAMES_OF_TYPES[matched[found.labels_]], index=axes.index)


def two_mixtures(axes: pd.DataFrame) -> pd.DataFrame:
    """(n, 9) a mixture of three for the time and one of three for the value, multiplied."""
    sides = {}
    for names in (TIMES, VALUES):
        points = axes[list(names)].fillna(0.0)
        of_axis = [[axis in cell for cell in TYPES.values()] for axis in names]
        start = [axis_prototypes().loc[own, list(names)].mean() for own in of_axis]
        model = GaussianMixture(3, covariance_type="tied", means_init=start, reg_covar=1e-3, random_state=0)
        sides |= dict(zip(names, model.fit(points).predict_proba(points).T, strict=True))
    return pd.DataFrame({t: sides[a] * sides[b] for t, (a, b) in TYPES.items()}, index=axes.index)
