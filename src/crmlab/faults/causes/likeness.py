"""Which symptom a wording outside the vocabulary resembles: learnt from the wordings inside it, not from causes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import softmax

from crmlab.faults.causes.lexicon import NO_TEXT, OTHER
from crmlab.faults.causes.linear_fits import logistic
from crmlab.faults.causes.reading import Reader

VIEWS = ("words", "pieces", "concepts")
PENALTY = 3.0
FEW = 20
"""Different wordings below which there is nothing to learn a likeness from."""


class Likeness:
    """P(symptom | text) for texts that no pattern matches.

    A classifier of wordings into the symptoms that the vocabulary gave them. It sees every ticket, also those without a
    cause, and what it learns does not change with what breaks; so it carries over to wordings that no earlier ticket used.

    Attributes
    ----------
    symptoms_ : the tags, sorted; empty where there is too little to learn from.
    """

    def fit(self, reader: Reader, texts: pd.Series) -> Likeness:
        """Learn from the symptom texts of tickets; each different one counts once."""
        calls = reader.read(pd.DataFrame({"symptom": texts.drop_duplicates()}))
        tags = reader.lexicon.all_tags(texts.drop_duplicates())
        tag = tags.str[0].to_numpy(object)
        told = (tags.map(len) == 1).to_numpy() & ~np.isin(tag, [OTHER, NO_TEXT])
        self.symptoms_ = np.array([], dtype=object)
        if told.sum() >= FEW and len(set(tag[told])) > 1:
            x = calls.text_matrix(VIEWS)[calls.text_of]
            self.symptoms_, self._coefficients, self._intercepts = logistic(x[told], tag[told], PENALTY)
        return self

    def predict_proba(self, reader: Reader, texts: pd.Series) -> np.ndarray:
        """Texts × `symptoms_`."""
        calls = reader.read(pd.DataFrame({"symptom": texts}))
        scores = calls.text_matrix(VIEWS) @ self._coefficients + self._intercepts
        return softmax(scores, axis=1)[calls.text_of]
