"""The cause model: a pool of experts, each weighted by how well it told the causes of tickets it had not learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GroupKFold
from sklearn.utils.validation import check_is_fitted

from crmlab.faults.causes.experts import KINDS, Linear
from crmlab.faults.causes.features import fields_known, refuse_later, telling
from crmlab.faults.causes.lexicon import OTHER, SymptomLexicon
from crmlab.faults.causes.likeness import Likeness
from crmlab.faults.causes.reading import Calls, Reader, as_text
from crmlab.faults.causes.scores import log_softmax
from crmlab.faults.causes.shrunk import ShrunkTable
from crmlab.faults.causes.text import fold, known_share

SIMPLE = "wording"
"""The expert that is the simple line: the tuned logistic regression, alone."""
EXPERTS = ("prior", "shares", *KINDS)
FOLDS = 3
TUNED_ON = 10_000
"""Tickets, the last ones, on which penalties and weights are chosen: more would change neither."""
LEARNT_FROM = 200_000
"""Tickets, the last ones, from which the linear experts learn; the tables count all."""
LEAST_WEIGHT = 0.02
"""An expert with less say than this is left out."""
FLOOR = 1e-6
"""The least probability of a cause, so that no logarithm is infinite."""


class FaultPool(ClassifierMixin, BaseEstimator):
    """Cause probabilities: a log-linear pool of experts with non-negative weights (Genest and Zidek 1986).

    The experts are the prior, the shrunk shares by symptom and family, and linear models that read the words of a text, the
    concepts it speaks of, or both, beside the fields. Penalties and weights are chosen by the log-loss on folds that tear
    no group apart. So a pool of one expert is that expert with its probabilities calibrated.

    Parameters
    ----------
    at : "call" or "dispatch"; columns known later are refused.
    fields : the fields used besides the text; default all of them known `at` that moment.
    experts : some of `EXPERTS`.
    lexicon : the vocabulary of symptoms; default the embedded one.
    keep_simple : fit the simple line too where it has no weight, for `simple_proba`.
    like : a fitted pool whose penalties and weights are taken instead of chosen anew.

    Attributes
    ----------
    classes_ : the causes, sorted; the columns of `predict_proba`.
    weights_ : expert → weight. strengths_ : linear expert → its inverse penalty C.
    fields_ : the fields used, those that go with the causes beyond chance.
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

        if "shares" in self.experts:
            self._likeness = Likeness().fit(self._reader, X["symptom"].iloc[recent])
        if self.like is not None:
            self.weights_, self.strengths_ = dict(self.like.weights_), dict(self.like.strengths_)
        else:
            last = slice(max(len(X) - TUNED_ON, 0), None)
            self._weigh(*self._tune(X.iloc[last], causes[last], groups[last]), self._positions(causes[last]))
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
        column = self._positions(np.asarray(causes, dtype=object))
        found = []
        for name, weight in self.weights_.items():
            if name in self._linear:
                found += self._pieces(name, weight, calls, X, column)
            else:
                scores = weight * _centred(self._table_scores(name, X))
                said = "how often it occurs"
                if name == "shares":
                    said = self._reader.lexicon.all_tags(X["symptom"]).map(", ".join)
                found.append(
                    pd.DataFrame(
                        {
                            "ticket": np.arange(len(X)),
                            "expert": name,
                            "part": "symptom" if name == "shares" else "prior",
                            "value": np.asarray(said, dtype=object),
                            "log_odds": scores[np.arange(len(X)), column],
                        }
                    )
                )
        whole = pd.concat(found, ignore_index=True)
        whole.insert(1, "cause", self.classes_[column][whole["ticket"]])
        return whole.sort_values(["ticket", "expert", "part", "value"], ignore_index=True)

    def __getstate__(self) -> dict:
        return {k: v for k, v in self.__dict__.items() if k not in ("cross_validated_", "_held", "like")} | {
            "like": None
        }

    def _positions(self, causes: np.ndarray) -> np.ndarray:
        return pd.Index(self.classes_).get_indexer(causes)

    def _pooled(self, calls: Calls, X: pd.DataFrame) -> np.ndarray:
        total = np.zeros((len(X), len(self.classes_)))
        for name, weight in self.weights_.items():
            linear = self._linear.get(name)
            total += weight * (linear.scores(calls) if linear else self._table_scores(name, X))
        return total

    def _table_scores(self, name: str, X: pd.DataFrame) -> np.ndarray:
        if name == "prior":
            return np.tile(self._prior, (len(X), 1))
        return self._of_table(self._table, *_symptoms_and_family(X, self._reader.lexicon), X["symptom"])

    def _of_table(
        self, table: ShrunkTable, symptoms: pd.Series, family: np.ndarray, texts: pd.Series
    ) -> np.ndarray:
        """Logarithms of the shares of `classes_`: the family's, and what each symptom adds to them.

        A wording outside the vocabulary adds what the symptoms it resembles would add, each by its likeness.
        """
        unknown = (symptoms == (OTHER,)).to_numpy()
        pairs = pd.MultiIndex.from_arrays([symptoms, family])
        unique = pairs.unique()
        base = np.log(table.predict_proba([None] * len(unique), unique.get_level_values(1)))
        each = pd.Series(unique.get_level_values(0)).explode()
        each = each[each != OTHER]
        of_symptom = np.log(
            table.predict_proba(each.to_numpy(object), unique.get_level_values(1)[each.index])
        )
        total = base.copy()
        np.add.at(total, each.index.to_numpy(), of_symptom - base[each.index])
        shares = np.exp(log_softmax(total))[unique.get_indexer(pairs)]
        if unknown.any() and len(self._likeness.symptoms_):
            alike = self._likeness.predict_proba(self._reader, texts[unknown])
            mixed = np.zeros((int(unknown.sum()), len(table.causes_)))
            for tag, weight in zip(self._likeness.symptoms_, alike.T, strict=True):
                mixed += weight[:, None] * table.predict_proba([tag] * len(mixed), family[unknown])
            shares[unknown] = mixed
        scores = np.full((len(symptoms), len(self.classes_)), np.log(FLOOR))
        scores[:, self._positions(table.causes_)] = np.log(np.maximum(shares, FLOOR))
        return scores

    def _tune(
        self, X: pd.DataFrame, causes: np.ndarray, groups: np.ndarray
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Scores by expert on folds not learnt from, and those of the prior; chooses the penalties on the way."""
        calls = self._reader.read(X)
        truth = self._positions(causes)
        n = min(FOLDS, len(np.unique(groups)))
        folds = list(GroupKFold(n).split(X, groups=groups)) if n > 1 else []
        folds = [(train, held) for train, held in folds if len(set(causes[train])) > 1]
        self._held = np.concatenate([held for _, held in folds]) if folds else np.array([], dtype=int)
        scores: dict[str, np.ndarray] = {}
        self.strengths_ = {}
        symptoms, family = _symptoms_and_family(X, self._reader.lexicon)
        prior = np.zeros((len(X), len(self.classes_)))
        for train, held in folds:
            prior[held] = _log_shares(causes[train], self.classes_)
        for name in self.experts:
            if name in KINDS:
                self.strengths_[name], scores[name] = self._climb(name, calls, causes, truth, folds)
            elif name == "prior":
                scores[name] = prior
            else:
                scores[name] = np.zeros_like(prior)
                for train, held in folds:
                    shares = _counted(symptoms.iloc[train], family[train], causes[train])
                    scores[name][held] = self._of_table(
                        shares, symptoms.iloc[held], family[held], X["symptom"].iloc[held]
                    )
        return scores, prior

    def _climb(self, name, calls, causes, truth, folds) -> tuple[float, np.ndarray | None]:
        """The penalty with the least log-loss: from the start towards the better side until it gets worse."""
        kind = KINDS[name]
        if not folds:
            return kind.start, None
        tried: dict[int, tuple[float, np.ndarray]] = {}

        def cost(step: int) -> float:
            if not 0 <= step < len(kind.strengths):
                return np.inf
            if step not in tried:
                scores = np.full((len(causes), len(self.classes_)), np.log(FLOOR))
                for train, held in folds:
                    linear = Linear(name, kind.strengths[step]).fit(calls.rows(train), causes[train])
                    scores[np.ix_(held, self._positions(linear.classes_))] = linear.scores(calls.rows(held))
                held = self._held
                # a margin is no probability before it has a weight; a logistic regression is judged as it stands, for
                # weights that mend a strong penalty on two thirds of the tickets are wrong on all of them
                loss = -scores[held, truth[held]].mean()
                if not kind.normalised:
                    loss = best_weights([scores[held]], truth[held])[1]
                tried[step] = (loss, scores)
            return tried[step][0]

        step = kind.strengths.index(kind.start)
        while True:
            better = min((step, step + 1, step - 1), key=cost)
            if better == step:
                return kind.strengths[step], tried[step][1]
            step = better

    def _weigh(self, scores: dict[str, np.ndarray], prior: np.ndarray, truth: np.ndarray) -> None:
        held = self._held
        if not len(held):
            only = next((name for name in self.experts if name in KINDS), self.experts[0])
            self.weights_, self.cross_validated_ = {only: 1.0}, None
            return
        kept = list(scores)
        while True:
            weights, _ = best_weights([scores[name][held] for name in kept], truth[held])
            strong = [name for name, weight in zip(kept, weights, strict=True) if weight >= LEAST_WEIGHT]
            if len(strong) == len(kept) or not strong:
                break
            kept = strong
        if strong:
            self.weights_ = dict(zip(kept, weights.tolist(), strict=True))
        else:  # nobody tells more than chance: how often each cause occurs is all there is to say
            self.weights_, scores = {"prior": 1.0}, {"prior": prior}
        pooled = np.exp(log_softmax(sum(w * scores[name] for name, w in self.weights_.items())))
        self.cross_validated_ = np.full_like(pooled, np.nan)
        self.cross_validated_[held] = pooled[held]

    def _learn(self, X: pd.DataFrame, causes: np.ndarray, recent: slice) -> None:
        """Fit what has a weight: the linear experts on the recent tickets, the tables on all."""
        wanted = [name for name in KINDS if name in self.weights_]
        if self.keep_simple and SIMPLE not in wanted:
            wanted.append(SIMPLE)
            self.strengths_.setdefault(SIMPLE, KINDS[SIMPLE].start)
        calls = self._reader.read(X.iloc[recent])
        self._linear = {
            name: _aligned(Linear(name, self.strengths_[name]).fit(calls, causes[recent]), self.classes_)
            for name in wanted
            if len(self.classes_) > 1
        }
        self._prior = _log_shares(causes, self.classes_)
        if "shares" in self.weights_:
            self._table = _counted(*_symptoms_and_family(X, self._reader.lexicon), causes)
        if len(self.classes_) == 1:
            self.weights_ = {"prior": 1.0}

    def _pieces(self, name, weight, calls, X, column) -> list[pd.DataFrame]:
        """The log-odds that one linear expert adds, by word and field."""
        linear, kind = self._linear[name], KINDS[name]
        text, fields, intercept = (
            weight * _centred(block) for block in (linear.text_, linear.fields_, linear.intercept_[None, :])
        )
        rows = np.arange(len(X))
        found = [_frame(rows, name, "prior", "how often it occurs", intercept[0][column])]
        start = 0
        for view in kind.views:
            names = self._reader.names_[view]
            cells = calls.texts[view][calls.text_of].tocoo()
            found.append(
                _frame(
                    cells.row,
                    name,
                    view,
                    names[cells.col],
                    cells.data * text[start + cells.col, column[cells.row]],
                )
            )
            start += len(names)
        if not self.fields_:
            return found
        cells = calls.fields.tocoo()
        values = as_text(X, self.fields_).to_numpy(object)
        of_field = self._field_of_column()
        which = of_field[cells.col]
        part = np.array([*self.fields_, ""], dtype=object)[which]
        found.append(
            _frame(
                cells.row,
                name,
                part,
                values[cells.row, which],
                cells.data * fields[cells.col, column[cells.row]],
            )
        )
        return found

    def _field_of_column(self) -> np.ndarray:
        """Which field each column of the field matrix belongs to."""
        encoder = self._reader._encoder
        counts = []
        for number, categories in enumerate(encoder.categories_):
            rare = encoder.infrequent_categories_[number]
            counts.append(len(categories) - (len(rare) - 1 if rare is not None else 0))
        return np.repeat(np.arange(len(counts)), counts)


def can_fit(causes: pd.Series, incidents: pd.Series) -> bool:
    """Whether there is anything to tell apart: two causes or more, and enough incidents to choose penalties on."""
    return causes.nunique() > 1 and incidents.nunique() >= 2 * FOLDS


def best_weights(scores: Sequence[np.ndarray], truth: np.ndarray) -> tuple[np.ndarray, float]:
    """The non-negative weights of a log-linear pool with the least log-loss, and that loss.

    Parameters
    ----------
    scores : one array per expert, tickets × causes. truth : the column of what happened.
    """
    from scipy.optimize import minimize

    stacked, rows = np.stack(scores), np.arange(len(truth))
    given = stacked[:, rows, truth].mean(axis=1)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logs = log_softmax(np.tensordot(weights, stacked, 1))
        expected = np.einsum("tc,etc->e", np.exp(logs), stacked) / len(truth)
        return -logs[rows, truth].mean() + _RIDGE * weights @ weights, expected - given + 2 * _RIDGE * weights

    start = np.full(len(scores), 1 / len(scores))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(scores))
    return found.x, float(found.fun)


_RIDGE = 1e-4
"""Keeps the weights of experts that say the same from running apart."""


def _centred(scores: np.ndarray) -> np.ndarray:
    return scores - scores.mean(axis=1, keepdims=True)


def _log_shares(causes: np.ndarray, classes: np.ndarray) -> np.ndarray:
    counts = pd.Series(causes).value_counts().reindex(classes).fillna(0).to_numpy(float)
    return np.log((counts + 0.5) / (counts + 0.5).sum())


def _symptoms_and_family(X: pd.DataFrame, lexicon: SymptomLexicon) -> tuple[pd.Series, np.ndarray]:
    family = as_text(X, ["machine_family"])["machine_family"]
    return lexicon.all_tags(X["symptom"]).reset_index(drop=True), family.to_numpy(object)


def _counted(symptoms: pd.Series, family: np.ndarray, causes: np.ndarray) -> ShrunkTable:
    """The table of shares; a ticket that speaks of two symptoms counts by half for each."""
    each = symptoms.reset_index(drop=True).explode()
    share = 1 / symptoms.map(len).to_numpy()
    return ShrunkTable().fit(each.to_numpy(object), family[each.index], causes[each.index], share[each.index])


def _aligned(linear: Linear, classes: np.ndarray) -> Linear:
    """The expert with a column for every cause; one that its tickets never had is as unlikely as can be."""
    missing = [cause for cause in classes if cause not in set(linear.classes_)]
    if missing:
        columns = pd.Index(classes).get_indexer(linear.classes_)

        def widen(block: np.ndarray, fill: float) -> np.ndarray:
            wide = np.full((len(block), len(classes)), fill)
            wide[:, columns] = block
            return wide

        linear.text_, linear.fields_ = widen(linear.text_, 0.0), widen(linear.fields_, 0.0)
        linear.intercept_ = widen(linear.intercept_[None, :], np.log(FLOOR))[0]
        linear.classes_ = classes
    return linear


def _frame(ticket, expert, part, value, log_odds) -> pd.DataFrame:
    return pd.DataFrame(
        {"ticket": ticket, "expert": expert, "part": part, "value": value, "log_odds": log_odds}
    )
