"""The simple lines read the six axes as their names say."""

from __future__ import annotations

import numpy as np
import pandas as pd
from simulated_types import features_of, simulated_scores

from crmlab.segments.behaviour.catalogue import AXES, TYPES, UNDETERMINED
from crmlab.segments.types.scorer import ValueScorer
from crmlab.segments.types.simple import axis_prototypes, highest_axes, nearest_prototype, started_mixture


def test_the_highest_time_crosses_the_highest_value():
    axes = pd.DataFrame(
        [[0.1, 0.2, 0.9, -1, 0.5, 0.4], [2, 1, 0, 0, 1, 3]], index=["A", "B"], columns=list(AXES)
    )
    assert highest_axes(axes).to_dict() == {"A": "planner", "B": "nostalgic"}


def test_one_side_unknown_leaves_it_undetermined_one_axis_does_not():
    axes = pd.DataFrame([[1.0, 0, 0, 0, 2, 0]] * 2, columns=list(AXES))
    axes.loc[0, ["functional", "economic", "psychological"]] = np.nan
    axes.loc[1, "present"] = np.nan
    assert highest_axes(axes).tolist() == [UNDETERMINED, "reckoner"]


def test_every_prototype_is_nearest_to_itself_and_has_its_own_highest_axes():
    pure = axis_prototypes()
    assert nearest_prototype(pure).tolist() == list(TYPES)
    assert highest_axes(pure).tolist() == list(TYPES)


def test_the_started_mixture_finds_types_that_are_loud():
    scores, truth = simulated_scores(900, loudness=2.0)
    table = features_of(scores)
    scorer = ValueScorer().fit(table)
    proba = started_mixture(scorer.axis_scores(scorer.transform(table)))
    assert np.allclose(proba.sum(axis=1), 1)
    assert (proba.idxmax(axis=1).to_numpy() == truth.to_numpy()).mean() > 0.7
