"""What a wording outside the vocabulary resembles, and that it is stored as what it learnt, not as what it learnt with."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from crmlab.faults.causes.lexicon import SymptomLexicon
from crmlab.faults.causes.likeness import PENALTY, VIEWS, Likeness
from crmlab.faults.causes.reading import Reader

PLAIN = {"disk light": "硬盘黄灯亮", "memory error": "DIMM报错", "no display": "开机无显"}


def wordings(symptoms):
    """Ten wordings of each symptom."""
    return pd.Series([f"{PLAIN[name]} {letter}" for name in symptoms for letter in "abcdefghij"])


@pytest.mark.parametrize("symptoms", [list(PLAIN)[:2], list(PLAIN)])
def test_it_says_what_the_logistic_regression_says(symptoms):
    texts = wordings(symptoms)
    frame = pd.DataFrame({"symptom": texts})
    reader = Reader(SymptomLexicon(), ()).fit(frame)
    likeness = Likeness().fit(reader, texts)
    calls = reader.read(frame)
    x, tags = calls.text_matrix(VIEWS), reader.lexicon.tags(texts)
    assert len(likeness.symptoms_) == len(symptoms)
    peer = LogisticRegression(C=PENALTY, max_iter=300, tol=1e-3).fit(x, tags)
    assert likeness.predict_proba(reader, texts) == pytest.approx(peer.predict_proba(x)[calls.text_of])
    assert b"sklearn" not in pickle.dumps(likeness), "a call is answered without importing what taught it"


def test_too_few_wordings_teach_no_likeness():
    texts = wordings(list(PLAIN)[:2])[:15]
    reader = Reader(SymptomLexicon(), ()).fit(pd.DataFrame({"symptom": texts}))
    assert np.array_equal(Likeness().fit(reader, texts).symptoms_, [])
