"""How tickets become numbers: one sparse matrix of what their texts say, one of their fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction import DictVectorizer
from sklearn.preprocessing import OneHotEncoder

from crmlab.faults.causes.lexicon import SymptomLexicon
from crmlab.faults.causes.terms import Terms
from crmlab.faults.causes.text import SymptomTokenizer, fold

RARE = 5
"""A field's values on fewer tickets than this are read as one value, *rare*."""
VIEWS = ("words", "pieces", "symptom", "concepts")
"""What a text is read as: tokens, character n-grams, its symptoms, the components and signs it speaks of."""


@dataclass(frozen=True)
class Calls:
    """Tickets as numbers: `texts` by view, one row per different text; `text_of` the row of each ticket; `fields`."""

    texts: dict[str, sparse.csr_matrix]
    text_of: np.ndarray
    fields: sparse.csr_matrix

    def __len__(self) -> int:
        return len(self.text_of)

    def matrix(self, views: Sequence[str]) -> sparse.csr_matrix:
        """One row per ticket: the columns of `views`, then those of the fields."""
        return sparse.hstack([self.text_matrix(views)[self.text_of], self.fields]).tocsr()

    def text_matrix(self, views: Sequence[str]) -> sparse.csr_matrix:
        """One row per different text: the columns of `views`."""
        return sparse.hstack([self.texts[view] for view in views]).tocsr()

    def rows(self, chosen: np.ndarray) -> Calls:
        """Some of the tickets."""
        return Calls(self.texts, self.text_of[chosen], self.fields[chosen])


class Reader:
    """Learns the words and values worth reading; each different text is read once, however many tickets use it.

    What it read in the texts it learnt from is kept, for folds and look-backs ask for them again; it is not stored.

    Attributes
    ----------
    vocabulary_ : the tokens known. names_ : of the columns, by view. field_of_ : the number of the field that each column of
        `Calls.fields` belongs to.
    """

    def __init__(self, lexicon: SymptomLexicon, fields: Sequence[str]):
        self.lexicon = lexicon
        self.fields = fields

    def __getstate__(self) -> dict:
        return self.__dict__ | {"_said": self._said[:0], "_views": {v: m[:0] for v, m in self._views.items()}}

    def fit(self, tickets: pd.DataFrame) -> Reader:
        """Learn from tickets with `symptom` and the fields; what only few of them hold is not read."""
        text_of, said = pd.factorize(fold(tickets["symptom"]))
        times = np.bincount(text_of)
        self._words = Terms(analyzer=SymptomTokenizer())
        self._pieces = Terms(analyzer="char_wb", ngram_range=(2, 5), lowercase=False)
        self._symptom, self._concepts = DictVectorizer(), DictVectorizer()
        self._said = pd.Index(said)
        self._views = {
            "words": self._words.fit_transform(said, times),
            "pieces": self._pieces.fit_transform(said, times),
            "symptom": self._symptom.fit_transform(self._symptoms(said)),
            "concepts": self._concepts.fit_transform(self._named(said)),
        }
        self._encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE)
        if self.fields:
            self._encoder.fit(_values(tickets, self.fields))
        self.names_ = {
            "words": self._words.names_,
            "pieces": self._pieces.names_,
            "symptom": self._symptom.get_feature_names_out(),
            "concepts": self._concepts.get_feature_names_out(),
        }
        self.vocabulary_ = self._words.vocabulary_  # no set: its order changes from run to run
        self.field_of_ = np.repeat(np.arange(len(self.fields)), self._columns_of_fields())
        return self

    def read(self, tickets: pd.DataFrame) -> Calls:
        """The tickets as numbers."""
        text_of, said = pd.factorize(fold(tickets["symptom"]))
        fields = (
            self._encoder.transform(_values(tickets, self.fields)).tocsr()
            if self.fields and len(tickets)
            else sparse.csr_matrix((len(tickets), len(self.field_of_)))
        )
        return Calls(self._read(said), text_of, fields)

    def _read(self, said: np.ndarray) -> dict[str, sparse.csr_matrix]:
        """One row per text, by view."""
        row = self._said.get_indexer(said)
        new = row < 0
        if not new.any():
            return {view: matrix[row] for view, matrix in self._views.items()}
        row[new] = len(self._said) + np.arange(new.sum())
        read = {
            "words": self._words.transform(said[new]),
            "pieces": self._pieces.transform(said[new]),
            "symptom": self._symptom.transform(self._symptoms(said[new])),
            "concepts": self._concepts.transform(self._named(said[new])),
        }
        return {view: sparse.vstack([self._views[view], read[view]]).tocsr()[row] for view in VIEWS}

    def _symptoms(self, said: np.ndarray) -> list[dict[str, float]]:
        return _ones(self.lexicon.all_tags(pd.Series(said, dtype=object)))

    def _named(self, said: np.ndarray) -> list[dict[str, float]]:
        return _ones(self.lexicon.concepts(pd.Series(said, dtype=object)))

    def _columns_of_fields(self) -> list[int]:
        """How many columns each field has: one per value, one for all rare ones."""
        if not self.fields:
            return []
        encoder = self._encoder
        rare = [0 if few is None else len(few) - 1 for few in encoder.infrequent_categories_]
        return [len(values) - less for values, less in zip(encoder.categories_, rare, strict=True)]


def as_text(tickets: pd.DataFrame, fields: Sequence[str]) -> pd.DataFrame:
    """The fields as text, "" where missing or where there is no such column."""
    columns = {
        name: tickets[name].astype("string").fillna("").astype(object) if name in tickets else ""
        for name in fields
    }
    return pd.DataFrame(columns, index=tickets.index)


def _values(tickets: pd.DataFrame, fields: Sequence[str]) -> np.ndarray:
    # no DataFrame, for whose column names scikit-learn would import another library before it answers
    return as_text(tickets, fields).to_numpy(object)


def _ones(found: pd.Series) -> list[dict[str, float]]:
    return [dict.fromkeys(names, 1.0) for names in found]
