"""The cause model: logistic regression on the words, characters and tag of the symptom and the ticket's fields."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from crmlab.faults.features import features, fields_known, refuse_later
from crmlab.faults.text import tokens

STRENGTHS = (0.3, 1.0, 3.0, 10.0)
"""The inverse penalties C to choose from. It matters more than any other choice here: short texts ask for a weak one."""
FOLDS = 3
MAX_TERMS = 8_000
"""Most frequent words, and as many pieces of words, that are read: rarer ones cost time and teach nothing."""
RARE = 5
"""A field's values on fewer tickets than this are read as one value, *rare*."""
_SOLVER = {"max_iter": 300, "tol": 5e-4}


class CauseModel:
    """Cause probabilities from what is known of a ticket at the call (or at dispatch).

    Parameters
    ----------
    at : "call" or "dispatch"; columns known later are refused.
    fields : the fields used besides the text; default all of them known `at` that moment.
    c : the inverse penalty; default chosen by cross-validation in which no incident is torn apart.

    Attributes
    ----------
    pipeline_ : the fitted scikit-learn Pipeline.
    fields_ : the fields that held more than one value.
    c_ : the inverse penalty used.
    classes_ : the causes, sorted; the columns of `predict_proba`.
    """

    def __init__(self, at: str = "call", fields: Sequence[str] | None = None, c: float | None = None):
        self.at = at
        self.fields = fields
        self.c = c

    def fit(self, tickets: pd.DataFrame, causes: pd.Series, incidents: pd.Series) -> CauseModel:
        """Learn from `tickets` (columns of the contract), the first recorded cause of each, and its incident.

        Raises
        ------
        CrmlabError : a field is known only after `at`.
        """
        fields = fields_known(self.at) if self.fields is None else tuple(self.fields)
        refuse_later(("symptom", *fields), self.at)
        table = features(tickets, fields)
        self.fields_ = tuple(name for name in fields if table[name].nunique() > 1)
        y = causes.to_numpy(object)
        self.pipeline_ = Pipeline(
            [("features", self._reader(table)), ("model", self._model(table, y, incidents))]
        )
        self.pipeline_.fit(table, y)
        model = self.pipeline_["model"]
        self.c_ = float(model.C_ if self.c is None else self.c)
        self.classes_ = model.classes_
        return self

    def predict_proba(self, tickets: pd.DataFrame) -> np.ndarray:
        """Probabilities, one row per ticket and one column per cause of `classes_`; rows sum to 1."""
        if tickets.empty:
            return np.empty((0, len(self.classes_)))
        return self.pipeline_.predict_proba(features(tickets, self.fields_))

    def _reader(self, table: pd.DataFrame) -> ColumnTransformer:
        words = TfidfVectorizer(analyzer=tokens, max_features=MAX_TERMS)
        parts = [("words", words, "symptom")]
        if (table["symptom"] != "").any():  # a vectorizer refuses to learn from nothing
            pieces = TfidfVectorizer(
                analyzer="char_wb", ngram_range=(2, 5), lowercase=False, max_features=MAX_TERMS
            )
            parts.append(("pieces", pieces, "symptom"))
        # the tag carries what the vocabulary knows over to wordings that no earlier ticket used
        encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE)
        parts.append(("fields", encoder, ["symptom_tag", *self.fields_]))
        return ColumnTransformer(parts)

    def _model(
        self, table: pd.DataFrame, y: np.ndarray, incidents: pd.Series
    ) -> LogisticRegression | LogisticRegressionCV:
        if self.c is not None:
            return LogisticRegression(C=self.c, **_SOLVER)
        folds = GroupKFold(FOLDS).split(table, y, incidents.to_numpy())
        return LogisticRegressionCV(
            Cs=list(STRENGTHS),
            cv=list(folds),
            scoring="neg_log_loss",
            l1_ratios=(0.0,),
            use_legacy_attributes=False,
            **_SOLVER,
        )


def can_fit(causes: pd.Series, incidents: pd.Series) -> bool:
    """Whether there is anything to tell apart: two causes or more, and enough incidents to choose C on."""
    return causes.nunique() > 1 and incidents.nunique() >= 2 * FOLDS
