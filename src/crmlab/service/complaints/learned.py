"""A simple text model of the kinds of complaints, used only where it reads better than the vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmlab.faults.causes.text import SymptomTokenizer

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

LABELLED = 200
"""Complaints with text and kind below which no model is tried."""
LATER = 0.3
"""Share of them, the latest, on which model and vocabulary are compared."""


def learned(texts: pd.Series, kinds: pd.Series, by_lexicon: pd.Series) -> Pipeline | None:
    """A model fitted on all labelled texts, if one fitted on the earlier ones beat the vocabulary on the later ones; else None.

    Words, logistic regression. To beat is to be right more often by more than two standard errors of the paired difference.

    Parameters
    ----------
    texts, kinds, by_lexicon : folded text, recorded kind and the vocabulary's, in the order in which they came in.
    """
    n = len(texts)
    if n < LABELLED:
        return None
    x, y = texts.to_numpy(object), kinds.to_numpy(str)
    cut = n - int(LATER * n)
    if len(np.unique(y[:cut])) < 2:
        return None
    right = _model().fit(x[:cut], y[:cut]).predict(x[cut:]) == y[cut:]
    gain = right.astype(float) - (by_lexicon.to_numpy(str)[cut:] == y[cut:])
    if gain.mean() <= 2 * gain.std(ddof=1) / np.sqrt(len(gain)):
        return None
    return _model().fit(x, y)


def _model() -> Pipeline:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(analyzer=SymptomTokenizer(), sublinear_tf=True)
    return make_pipeline(words, LogisticRegression(C=10, max_iter=1000))
