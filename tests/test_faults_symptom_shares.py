"""The expert that counts: texts that speak of one symptom, of two, of none that the vocabulary knows."""

import numpy as np
import pandas as pd
import pytest

from crmlab.faults.causes.lexicon import OTHER, SymptomLexicon
from crmlab.faults.causes.likeness import Likeness
from crmlab.faults.causes.reading import Reader
from crmlab.faults.causes.symptom_shares import SymptomShares

DISK, MEMORY, BOARD = "硬盘物理损坏", "内存损坏", "主板故障"
CAUSES = [BOARD, MEMORY, DISK]


def calls(n=40):
    """Disk lights are disks and DIMM errors memory, nine times in ten; two families, alike; 20 wordings of each."""
    frame = pd.DataFrame(
        {
            "symptom": [
                f"{('硬盘黄灯亮', 'DIMM报错')[i % 2]} {'abcdefghijklmnopqrst'[i // 2 % 20]}" for i in range(n)
            ],
            "machine_family": [("7979", "8840")[i // 2 % 2] for i in range(n)],
        }
    )
    return frame, [BOARD if i % 20 > 17 else (DISK, MEMORY)[i % 2] for i in range(n)]


@pytest.fixture(scope="module")
def shares():
    frame, causes = calls()
    reader = Reader(SymptomLexicon(), ()).fit(frame)
    return SymptomShares(reader, Likeness().fit(reader, frame["symptom"]), CAUSES).fit(frame, causes)


def told(shares, symptom, family="7979"):
    return dict(
        zip(
            CAUSES,
            np.exp(shares.scores(pd.DataFrame({"symptom": [symptom], "machine_family": family})))[0],
            strict=True,
        )
    )


def test_a_symptom_has_the_causes_it_was_recorded_with(shares):
    found = told(shares, "硬盘黄灯亮")
    assert found[DISK] == pytest.approx(0.9, abs=0.05)
    assert found[MEMORY] < 0.03
    assert sum(found.values()) == pytest.approx(1, abs=1e-4)


def test_two_symptoms_speak_for_the_causes_of_both(shares):
    found = told(shares, "硬盘黄灯亮，还有DIMM报错")
    assert found[DISK] == pytest.approx(found[MEMORY], abs=0.02)
    assert min(found[DISK], found[MEMORY]) > 0.3


def test_a_wording_outside_the_vocabulary_has_the_causes_of_what_it_resembles(shares):
    assert SymptomLexicon().tags(pd.Series(["黄的 a"])).tolist() == [OTHER]
    found = told(shares, "黄的 a")
    assert found[DISK] > found[MEMORY]


def test_no_text_an_unseen_family_and_an_unheard_cause_still_have_a_share(shares):
    found = told(shares, None, "0000")
    assert found[DISK] == pytest.approx(found[MEMORY], abs=0.02)
    wider = SymptomShares(shares.reader, shares.likeness, [*CAUSES, "背板故障"]).fit(*calls())
    scores = wider.scores(calls(4)[0])
    assert np.isfinite(scores).all()
    assert (scores[:, 3] == np.log(1e-6)).all(), "a cause it never counted is as unlikely as can be"
