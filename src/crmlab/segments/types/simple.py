"""The simple lines beside the mixture: score + argmax, nearest prototype, and a mixture started at the prototypes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.segments.behaviour.catalogue import AXES, TIMES, TYPES, UNDETERMINED, VALUES


def highest_axes(axes: pd.DataFrame) -> pd.Series:
    """The literal reading of the seed: the highest of past, present and future crossed with the highest of the three values.

    Parameters
    ----------
    axes : (n, 6) from `ValueScorer.axis_scores`. A customer with none of the three known on either side is undetermined.

    Examples
    --------
    >>> axes = pd.DataFrame([[1.0, 0, 0, 0, 2, 0], [np.nan] * 6], columns=list(AXES))
    >>> highest_axes(axes).tolist()
    ['reckoner', 'undetermined']
    """
    cells = np.array([[TYPES_AT[t, v] for v in VALUES] for t in TIMES], dtype=object)
    times, values = axes[list(TIMES)].to_numpy(float), axes[list(VALUES)].to_numpy(float)
    known = np.isfinite(times).any(axis=1) & np.isfinite(values).any(axis=1)
    low = -np.inf
    time = np.where(np.isfinite(times), times, low).argmax(axis=1)
    value = np.where(np.isfinite(values), values, low).argmax(axis=1)
    return pd.Series(np.where(known, cells[time, value], UNDETERMINED), index=axes.index, dtype=object)


def nearest_prototype(axes: pd.DataFrame) -> pd.Series:
    """The type whose prototype lies nearest among the six axis scores; what is missing counts as average.

    Examples
    --------
    >>> nearest_prototype(pd.DataFrame([[0, 0, 2.0, 0, 1.5, 0]], columns=list(AXES))).tolist()
    ['planner']
    """
    apart = ((axes.fillna(0.0).to_numpy()[:, None] - axis_prototypes().to_numpy()[None]) ** 2).sum(axis=2)
    return pd.Series(np.array(list(TYPES), dtype=object)[apart.argmin(axis=1)], index=axes.index)


def started_mixture(axes: pd.DataFrame) -> pd.DataFrame:
    """(n, 9) probabilities of scikit-learn's Gaussian mixture on the six axis scores, one component started at each prototype.

    What is missing counts as average, for scikit-learn's mixture knows no missing values.

    Examples
    --------
    >>> axes = axis_prototypes().loc[list(TYPES) * 20].reset_index(drop=True)
    >>> axes += np.random.default_rng(0).normal(0, 0.1, axes.shape)
    >>> started_mixture(axes).idxmax(axis=1).head(3).tolist()
    ['traditionalist', 'reckoner', 'nostalgic']
    """
    from sklearn.mixture import GaussianMixture

    points = axes.fillna(0.0).to_numpy()
    start = axis_prototypes().to_numpy()
    mixture = GaussianMixture(
        len(TYPES), covariance_type="tied", means_init=start, random_state=0, max_iter=300
    )
    return pd.DataFrame(mixture.fit(points).predict_proba(points), index=axes.index, columns=list(TYPES))


def axis_prototypes() -> pd.DataFrame:
    """(9, 6) where a pure example of each type would lie: one standard deviation out on its two axes, past and future opposed."""
    opposite = {"past": "future", "future": "past"}
    rows = {
        name: {axis: 1.0 if axis in cell else -1.0 if opposite.get(axis) in cell else 0.0 for axis in AXES}
        for name, cell in TYPES.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(AXES))


TYPES_AT = {cell: name for name, cell in TYPES.items()}
"""Which type is where: (time, value) → type."""
