"""The expert that counts: how often each cause lay behind the symptoms of a text on a family of machines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlab.faults.causes.lexicon import OTHER
from crmlab.faults.causes.likeness import Likeness
from crmlab.faults.causes.reading import Reader, as_text
from crmlab.faults.causes.scores import FLOOR, log_softmax, positions
from crmlab.faults.causes.shrunk import ShrunkTable


class SymptomShares:
    """Scores of causes from a `ShrunkTable` of symptoms and machine families, for texts that speak of none, one or several.

    Parameters
    ----------
    reader : its vocabulary names the symptoms. likeness : what a wording outside the vocabulary resembles.
    classes : the causes to score; the columns of `scores`.

    Examples
    --------
    >>> from crmlab.faults.causes.lexicon import SymptomLexicon
    >>> calls = pd.DataFrame({"symptom": ["disk light", "no display"] * 12})
    >>> reader = Reader(SymptomLexicon(), ()).fit(calls)
    >>> likeness = Likeness().fit(reader, calls["symptom"])
    >>> shares = SymptomShares(reader, likeness, ["disk", "memory"]).fit(calls, ["disk", "memory"] * 12)
    >>> np.exp(shares.scores(calls.head(2))).round(2).tolist()
    [[0.96, 0.04], [0.04, 0.96]]
    """

    def __init__(self, reader: Reader, likeness: Likeness, classes: Sequence[str]):
        self.reader = reader
        self.likeness = likeness
        self.classes = classes

    def fit(self, tickets: pd.DataFrame, causes: Sequence[str]) -> SymptomShares:
        """Count tickets with `symptom` and `machine_family` by cause; one that speaks of two symptoms counts by half for each."""
        symptoms, family = self._symptoms_and_family(tickets)
        each = symptoms.explode()
        share = 1 / symptoms.map(len).to_numpy()
        causes = np.asarray(causes, dtype=object)
        self._table = ShrunkTable().fit(
            each.to_numpy(object), family[each.index], causes[each.index], share[each.index]
        )
        return self

    def scores(self, tickets: pd.DataFrame) -> np.ndarray:
        """Tickets × `classes`: logarithms of the family's shares, with what each symptom adds to them.

        A wording outside the vocabulary adds what the symptoms it resembles would add, each by its likeness.
        """
        table = self._table
        symptoms, family = self._symptoms_and_family(tickets)
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
        if unknown.any() and len(self.likeness.symptoms_):
            shares[unknown] = self._of_likeness(tickets["symptom"][unknown], family[unknown])
        scores = np.full((len(symptoms), len(self.classes)), np.log(FLOOR))
        scores[:, positions(self.classes, table.causes_)] = np.log(np.maximum(shares, FLOOR))
        return scores

    def _of_likeness(self, texts: pd.Series, family: np.ndarray) -> np.ndarray:
        """Shares of the table's causes: those of each symptom, by how much the text resembles it."""
        alike = self.likeness.predict_proba(self.reader, texts)
        mixed = np.zeros((len(texts), len(self._table.causes_)))
        for tag, weight in zip(self.likeness.symptoms_, alike.T, strict=True):
            mixed += weight[:, None] * self._table.predict_proba([tag] * len(mixed), family)
        return mixed

    def _symptoms_and_family(self, tickets: pd.DataFrame) -> tuple[pd.Series, np.ndarray]:
        family = as_text(tickets, ["machine_family"])["machine_family"]
        symptoms = self.reader.lexicon.all_tags(tickets["symptom"])
        return symptoms.reset_index(drop=True), family.to_numpy(object)
