"""What each kind of expert says of tickets it has not learnt from, and the penalty with which it says it best."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlab.faults.causes.experts import KINDS, Linear, log_prior
from crmlab.faults.causes.reading import Calls
from crmlab.faults.causes.scores import FLOOR, positions
from crmlab.faults.causes.symptom_shares import SymptomShares
from crmlab.faults.causes.weights import best_weights

FOLDS = 3


def can_fit(causes: pd.Series, incidents: pd.Series) -> bool:
    """Whether there is anything to tell apart: two causes or more, and enough incidents to choose penalties on."""
    return causes.nunique() > 1 and incidents.nunique() >= 2 * FOLDS


class HeldOut:
    """Tickets parted into folds that tear no group apart; each fold is judged by experts that learnt from the others.

    Parameters
    ----------
    tickets, calls : the same tickets, as a table and as numbers. causes, groups : one per ticket. classes : every cause.

    Attributes
    ----------
    rows : the tickets that are in a fold; none where there is one group or one cause. truth : the column of each ticket's cause.

    Scores have one row per ticket and one column per cause; only those of `rows` mean anything.
    """

    def __init__(
        self,
        tickets: pd.DataFrame,
        calls: Calls,
        causes: np.ndarray,
        groups: np.ndarray,
        classes: Sequence[str],
    ):
        from sklearn.model_selection import GroupKFold

        self.tickets, self.calls, self.causes, self.classes = tickets, calls, causes, classes
        self.truth = positions(classes, causes)
        n = min(FOLDS, len(np.unique(groups)))
        folds = GroupKFold(n).split(tickets, groups=groups) if n > 1 else []
        self._folds = [(train, held) for train, held in folds if len(set(causes[train])) > 1]
        self.rows = np.concatenate([held for _, held in self._folds]) if self._folds else np.array([], int)

    def prior(self) -> np.ndarray:
        """Scores of who knows only how often each cause occurs."""
        scores = np.zeros((len(self.causes), len(self.classes)))
        for train, held in self._folds:
            scores[held] = log_prior(self.causes[train], self.classes)
        return scores

    def shares(self, expert: SymptomShares) -> np.ndarray:
        """Scores of the expert that counts, which itself learns nothing from this."""
        scores = np.zeros((len(self.causes), len(self.classes)))
        for train, held in self._folds:
            counted = copy.copy(expert).fit(self.tickets.iloc[train], self.causes[train])
            scores[held] = counted.scores(self.tickets.iloc[held])
        return scores

    def linear(self, name: str) -> tuple[float, np.ndarray | None]:
        """The penalty of a linear expert with the least log-loss, and the scores with it; no scores where there is no fold.

        It climbs from the start of its kind towards the better side until that gets worse. The stronger penalty is tried
        first, for it takes fewer steps to fit; where that is better, the weaker one need not be tried.
        """
        kind = KINDS[name]
        if not self._folds:
            return kind.start, None
        tried: dict[int, tuple[float, np.ndarray]] = {}

        def cost(step: int) -> float:
            if not 0 <= step < len(kind.strengths):
                return np.inf
            if step not in tried:
                scores = self._linear_scores(name, kind.strengths[step])
                tried[step] = self._loss(scores, kind.normalised), scores
            return tried[step][0]

        step = kind.strengths.index(kind.start)
        while True:
            better = next((side for side in (step - 1, step + 1) if cost(side) < cost(step)), None)
            if better is None:
                return kind.strengths[step], tried[step][1]
            step = better

    def _linear_scores(self, name: str, strength: float) -> np.ndarray:
        scores = np.full((len(self.causes), len(self.classes)), np.log(FLOOR))
        for train, held in self._folds:
            expert = Linear(name, strength).fit(self.calls.rows(train), self.causes[train])
            columns = positions(self.classes, expert.classes_)
            scores[np.ix_(held, columns)] = expert.scores(self.calls.rows(held))
        return scores

    def _loss(self, scores: np.ndarray, normalised: bool) -> float:
        # a margin is no probability before it has a weight; a logistic regression is judged as it stands, for
        # weights that mend a strong penalty on two thirds of the tickets are wrong on all of them
        if normalised:
            return -scores[self.rows, self.truth[self.rows]].mean()
        return best_weights([scores[self.rows]], self.truth[self.rows])[1]
