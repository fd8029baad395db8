"""What a text says in numbers, whether it was learnt from, kept or read anew."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from crmlab.faults.causes import terms
from crmlab.faults.causes.lexicon import SymptomLexicon
from crmlab.faults.causes.reading import Reader
from crmlab.faults.causes.terms import Terms
from crmlab.faults.causes.text import SymptomTokenizer

SAID = ["硬盘黄灯亮", "hdd amber light", "", "2 disks, amber light"]
TIMES = np.array([3, 1, 2, 1])


@pytest.mark.parametrize(
    "analysis", [{"analyzer": SymptomTokenizer()}, {"analyzer": "char_wb", "ngram_range": (2, 5)}]
)
def test_terms_weigh_as_if_every_ticket_were_read(monkeypatch, analysis):
    monkeypatch.setattr(terms, "MAX_TERMS", 8)
    peer = TfidfVectorizer(**analysis, max_features=8).fit(np.repeat(SAID, TIMES))
    own = Terms(**analysis)
    learnt = own.fit_transform(SAID, TIMES)
    assert own.names_.tolist() == peer.get_feature_names_out().tolist()
    for weights in (learnt, own.transform(SAID)):
        assert np.array_equal(weights.toarray(), peer.transform(SAID).toarray())


def test_texts_without_terms_teach_none():
    own = Terms(analyzer="char_wb", ngram_range=(2, 5))
    assert own.fit_transform([""], np.array([4])).shape == (1, 0)
    assert own.transform(["disk", ""]).shape == (2, 0)


def test_texts_kept_and_texts_read_anew_are_the_same_numbers():
    reader = Reader(SymptomLexicon(), ()).fit(pd.DataFrame({"symptom": np.repeat(SAID, TIMES)}))
    asked = pd.DataFrame({"symptom": ["a fan is loud", SAID[1], "disk", SAID[0], SAID[1]]})
    kept, anew = reader.read(asked), pickle.loads(pickle.dumps(reader)).read(asked)
    assert kept.text_of.tolist() == [0, 1, 2, 3, 1]
    for view, matrix in anew.texts.items():
        assert np.array_equal(kept.texts[view].toarray(), matrix.toarray())
    assert kept.texts["words"][0].nnz < kept.texts["words"][1].nnz
