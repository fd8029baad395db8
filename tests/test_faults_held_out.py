"""How the penalty of an expert is sought: downhill from its start, and not on a side that need not be tried."""

import numpy as np
import pytest
from calls import cause_of, tickets

from crmlab.faults.causes.experts import KINDS
from crmlab.faults.causes.held_out import HeldOut
from crmlab.faults.causes.lexicon import SymptomLexicon
from crmlab.faults.causes.reading import Reader

STRENGTHS = KINDS["both"].strengths


@pytest.mark.parametrize(
    ("losses", "chosen", "tried"),
    [
        ((3, 2, 3, 4, 5), 0.3, {0.1, 0.3, 1.0}),
        ((1, 2, 3, 4, 5), 0.1, {0.1, 0.3}),
        ((5, 4, 3, 2, 3), 3.0, {0.1, 0.3, 1.0, 3.0, 10.0}),
        ((5, 4, 3, 2, 1), 10.0, {0.1, 0.3, 1.0, 3.0, 10.0}),
        ((2, 2, 2, 2, 2), 0.3, {0.1, 0.3, 1.0}),
    ],
)
def test_the_penalty_is_sought_downhill(monkeypatch, losses, chosen, tried):
    frame, _ = tickets(30, 0)
    calls = Reader(SymptomLexicon(), ()).fit(frame).read(frame)
    causes = np.array([cause_of(i) for i in range(30)], dtype=object)
    trial = HeldOut(frame, calls, causes, np.arange(30) // 3, sorted(set(causes)))
    seen = []
    monkeypatch.setattr(trial, "_linear_scores", lambda _, strength: seen.append(strength) or strength)
    monkeypatch.setattr(trial, "_loss", lambda strength, _: losses[STRENGTHS.index(strength)])
    assert trial.linear("both") == (chosen, chosen)
    assert set(seen) == tried
    assert len(seen) == len(tried), "no penalty is tried twice"
