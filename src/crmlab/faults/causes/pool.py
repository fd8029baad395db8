"""The cause model: a pool of experts, each weighted by how well it told the causes of tickets it had not learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from crmlab.faults.causes.experts import KINDS, Linear, log_prior
from crmlab.faults.causes.explanation import PRIOR, linear_pieces, whole_piece
from crmlab.faults.causes.features import fields_known, refuse_later, telling
from crmlab.faults.causes.held_out import HeldOut
from crmlab.faults.causes.lexicon import SymptomLexicon
from crmlab.faults.causes.likeness import Likeness
from crmlab.faults.causes.reading import Calls, Reader, as_text
from crmlab.faults.causes.scores import log_softmax, positions
from crmlab.faults.causes.symptom_shares import SymptomShares
from crmlab.faults.causes.text import fold, known_share
from crmlab.faults.causes.weights import heard

SIMPLE = "wording"
"""The expert that is the simple line: the tuned logistic regression, alone."""
EXPERTS = ("prior", "shares", *KINDS)
TUNED_ON = 10_000
"""Tickets, the last ones, on which penalties and weights are chosen: more would change neither."""
LEARNT_FROM = 200_000
"""Tickets, the last ones, from which the linear experts learn; the tables count all."""


class FaultPool(ClassifierMixin, BaseEstimator):
    """Cause probabilities: a log-linear pool of experts with non-negative weights (Genest and Zidek 1986).

    The experts are the prior, the shrunk shares by symptom and family, and linear models that read the words of a text, the
    concepts it speaks of, or both, beside the fields. Penalties and weights are chosen by the log-loss on folds that tear
    no group apart. So a pool of one expert is that expert with its probabilities calibrated.

    Parameters
    ----------
    at : "call" or "dispatch"; columns known later are refused.
    fields : those that may be read besides the text; default all that are known `at` that moment.
    experts : some of `EXPERTS`.
    lexicon : the vocabulary of symptoms; default the embedded one.
    keep_simple : fit the simple line too where it has no weight, for `simple_proba`.
    like : a fitted pool whose penalties and weights are taken instead of chosen anew.

    Attributes
    ----------
    classes_ : the causes, sorted; the columns of `predict_proba`.
    weights_ : expert → weight. strengths_ : linear expert → its inverse penalty C.
    fields_ : the fields read: those whose word, learnt on the earlier half of the tickets, holds in the later half by more
        than three standard errors (`telling`).
    shares_ : the expert that counts; None where it is none of `experts`.
    cross_validated_ : probabilities of the last `TUNED_ON` tickets from models that had not learnt from them, tickets ×
        causes; not kept when the model is stored.

    Examples
    --------
    >>> calls = pd.DataFrame({"symptom": ["disk light", "no display"] * 12})
    >>> pool = FaultPool(fields=(), experts=("prior", "both")).fit(calls, ["disk", "memory"] * 12)
    >>> pool.predict(pd.DataFrame({"symptom": ["a light on one disk"]})).tolist()
    ['disk']
    """

    def __init__(
        self,
        at: str = "call",
        fields: Sequence[str] | None = None,
        experts: Sequence[str] = EXPERTS,
        lexicon: SymptomLexicon | None = None,
        keep_simple: bool = False,
        like: FaultPool | None = None,
    ):
        self.at = at
        self.fields = fields
        self.experts = experts
        self.lexicon = lexicon
        self.keep_simple = keep_simple
        self.like = like

    def fit(self, X: pd.DataFrame, y: Sequence[str], groups: Sequence | None = None) -> FaultPool:
        """Learn from tickets in order of time, the first recorded cause of each, and its incident.

        Parameters
        ----------
        X : column `symptom` (text, may be missing) and any of the fields; a field without a column is not used.
        y : one cause per ticket. groups : tickets that no fold may tear apart; default those with the same text.

        Raises
        ------
        CrmlabError : a field is known only after `at`.
        """
        # the matrices are small: with every core at work the same fit takes four times the processor time
        with threadpool_limits(1):
            return self._fit(X, y, groups)

    def _fit(self, X: pd.DataFrame, y: Sequence[str], groups: Sequence | None) -> FaultPool:
        fields = fields_known(self.at) if self.fields is None else tuple(self.fields)
        refuse_later(("symptom", *fields), self.at)
        causes = np.asarray(y, dtype=object)
        self.classes_ = np.array(sorted(set(causes)), dtype=object)
        recent = slice(max(len(X) - LEARNT_FROM, 0), None)
        self.fields_ = telling(as_text(X.iloc[recent], fields), causes[recent])
        if self.lexicon is None:
            self.lexicon = SymptomLexicon()
        self._reader = Reader(self.lexicon, self.fields_).fit(X.iloc[recent])
        groups = pd.factorize(fold(X["symptom"]))[0] if groups is None else np.asarray(groups)

        self.shares_ = None
        if "shares" in self.experts:
            likeness = Likeness().fit(self._reader, X["symptom"].iloc[recent])
            self.shares_ = SymptomShares(self._reader, likeness, self.classes_)
        if self.like is not None:
            self.weights_, self.strengths_ = dict(self.like.weights_), dict(self.like.strengths_)
        else:
            last = slice(max(len(X) - TUNED_ON, 0), None)
            self._weigh(X.iloc[last], causes[last], groups[last])
        self._learn(X, causes, recent)
        return self

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Probabilities, one row per ticket and one column per cause of `classes_`; rows sum to 1."""
        check_is_fitted(self, "weights_")
        if X.empty:
            return np.empty((0, len(self.classes_)))
        total = self._pooled(self._reader.read(X), X)
        return np.exp(log_softmax(total))

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """The most probable cause of each ticket."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def simple_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Probabilities of the tuned logistic regression alone, the line to beat."""
        return np.exp(self._linear[SIMPLE].scores(self._reader.read(X)))

    def known_share(self, X: pd.DataFrame) -> np.ndarray:
        """Share of each text's words that the model has learnt from; 0 for a ticket without text."""
        return known_share(fold(X["symptom"]), self._reader.vocabulary_)

    def explain(self, X: pd.DataFrame, causes: Sequence[str] | None = None) -> pd.DataFrame:
        """What speaks for a cause, piece by piece: log-odds against the (geometric) mean of all causes.

        Parameters
        ----------
        X : tickets. causes : one cause per ticket; default the most probable one.

        Returns
        -------
        One row per ticket and piece: `ticket` (position in X), `cause`, `expert`, `part` (words, pieces, symptom, concepts,
        prior, or the name of a field), `value`, `log_odds`. Those of a ticket add up to log p − mean log p over the causes.
        """
        calls = self._reader.read(X)
        if causes is None:
            causes = self.classes_[self._pooled(calls, X).argmax(axis=1)]
        column = positions(self.classes_, causes)
        found = []
        for name, weight in self.weights_.items():
            if name in self._linear:
                found += linear_pieces(self._linear[name], weight, self._reader, X, calls, column)
                continue
            part, value = "prior", PRIOR
            if name == "shares":
                part, value = "symptom", self._reader.lexicon.all_tags(X["symptom"]).map(", ".join)
            found.append(whole_piece(name, part, value, weight * self._scores(name, calls, X), column))
        whole = pd.concat(found, ignore_index=True)
        whole.insert(1, "cause", self.classes_[column][whole["ticket"]])
        return whole.sort_values(["ticket", "expert", "part", "value"], ignore_index=True)

    def __getstate__(self) -> dict:
        return {k: v for k, v in self.__dict__.items() if k not in ("cross_validated_", "like")} | {
            "like": None
        }

    def _scores(self, name: str, calls: Calls, X: pd.DataFrame) -> np.ndarray:
        """What one expert says, tickets × causes."""
        if name in self._linear:
            return self._linear[name].scores(calls)
        return np.tile(self._prior, (len(X), 1)) if name == "prior" else self.shares_.scores(X)

    def _pooled(self, calls: Calls, X: pd.DataFrame) -> np.ndarray:
        total = np.zeros((len(X), len(self.classes_)))
        for name, weight in self.weights_.items():
            total += weight * self._scores(name, calls, X)
        return total

    def _weigh(self, X: pd.DataFrame, causes: np.ndarray, groups: np.ndarray) -> None:
        """Choose penalties and weights by what each expert says of tickets it has not learnt from."""
        trial = HeldOut(X, self._reader.read(X), causes, groups, self.classes_)
        self.strengths_ = {}
        scores: dict[str, np.ndarray] = {}
        for name in self.experts:
            if name in KINDS:
                self.strengths_[name], scores[name] = trial.linear(name)
            else:
                scores[name] = trial.prior() if name == "prior" else trial.shares(self.shares_)
        if not len(trial.rows):
            only = next((name for name in self.experts if name in KINDS), self.experts[0])
            self.weights_, self.cross_validated_ = {only: 1.0}, None
            return
        rows = trial.rows
        self.weights_ = heard({name: said[rows] for name, said in scores.items()}, trial.truth[rows])
        if not self.weights_:  # how often each cause occurs is all there is to say
            self.weights_, scores = {"prior": 1.0}, {"prior": trial.prior()}
        pooled = np.exp(log_softmax(sum(w * scores[name] for name, w in self.weights_.items())))
        self.cross_validated_ = np.full_like(pooled, np.nan)
        self.cross_validated_[rows] = pooled[rows]

    def _learn(self, X: pd.DataFrame, causes: np.ndarray, recent: slice) -> None:
        """Fit what has a weight: the linear experts on the recent tickets, the counts on all."""
        wanted = [name for name in KINDS if name in self.weights_]
        if self.keep_simple and SIMPLE not in wanted:
            wanted.append(SIMPLE)
            self.strengths_.setdefault(SIMPLE, KINDS[SIMPLE].start)
        calls = self._reader.read(X.iloc[recent])
        self._linear = {
            name: Linear(name, self.strengths_[name]).fit(calls, causes[recent]).widened(self.classes_)
            for name in wanted
            if len(self.classes_) > 1
        }
        self._prior = log_prior(causes, self.classes_)
        if "shares" in self.weights_:
            self.shares_.fit(X, causes)
        if len(self.classes_) == 1:
            self.weights_ = {"prior": 1.0}
