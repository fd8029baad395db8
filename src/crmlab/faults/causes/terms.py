"""Which terms of texts are worth reading, and how much each says of a text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

MAX_TERMS = 8_000
"""Most frequent terms that are read: rarer ones cost time and teach nothing."""


class Terms:
    """Term weights of texts (tf-idf), as `TfidfVectorizer` gives them, learnt from each different text and how often it came.

    Parameters
    ----------
    analysis : how a text falls into terms, in the words of `CountVectorizer`.

    Attributes
    ----------
    names_ : the terms, sorted; the columns. vocabulary_ : term → column.

    Examples
    --------
    >>> terms = Terms()
    >>> terms.fit_transform(["disk light", "disk"], times=np.array([1, 2])).toarray().round(2).tolist()
    [[0.51, 0.86], [1.0, 0.0]]
    >>> terms.transform(["a light"]).toarray().tolist()
    [[0.0, 1.0]]
    """

    def __init__(self, **analysis):
        self.analysis = analysis

    def fit_transform(self, said: Sequence[str], times: np.ndarray) -> sparse.csr_matrix:
        """Learn from texts and on how many tickets each stands; returns texts × terms."""
        self.names_, self.vocabulary_ = np.array([], dtype=object), {}
        counter = CountVectorizer(**self.analysis)
        if not any(map(counter.build_analyzer(), said)):  # it refuses to learn from nothing
            return self.transform(said)
        counts = counter.fit_transform(said)
        frequent = np.sort((-(counts.T @ times)).argsort()[:MAX_TERMS])
        self.names_, counts = counter.get_feature_names_out()[frequent], counts[:, frequent]
        self.vocabulary_ = {name: column for column, name in enumerate(self.names_)}
        counter.vocabulary_, self._counter = self.vocabulary_, counter
        self._rarity = TfidfTransformer().fit(counts[np.repeat(np.arange(len(times)), times)])
        return self._weighted(counts)

    def transform(self, said: Sequence[str]) -> sparse.csr_matrix:
        """Texts × terms; a term not learnt counts for nothing."""
        if not len(self.names_):
            return sparse.csr_matrix((len(said), 0))
        return self._weighted(self._counter.transform(said))

    def _weighted(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        counts.sort_indices()  # so that sums come out the same to the last digit, learnt or only read
        return sparse.csr_matrix(self._rarity.transform(counts))
