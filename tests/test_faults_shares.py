import numpy as np
import pandas as pd
import pytest

from crmlab.faults.causes.shares import cause_shares
from crmlab.intervals import wilson

TAGS = pd.Series(["disk light"] * 4 + ["no display"] * 2)
IDS = pd.Series(["a", "b", "c", "d", "e", "f"])


def recorded(*pairs):
    return pd.DataFrame(pairs, columns=["ticket_id", "cause"])


def test_shares_by_hand():
    # d has no recorded cause, b has two: of three disk lights, two were the disk and two the card
    shares = cause_shares(
        TAGS,
        IDS,
        recorded(("a", "disk"), ("b", "disk"), ("b", "card"), ("c", "card"), ("e", "board"), ("x", "disk")),
    )
    assert shares[["symptom", "cause", "hits", "n"]].to_numpy().tolist() == [
        ["disk light", "card", 2, 3],
        ["disk light", "disk", 2, 3],
        ["no display", "board", 1, 1],
    ]
    assert shares["share"].tolist() == pytest.approx([2 / 3, 2 / 3, 1])
    assert shares.loc[0, "low"] == pytest.approx(0.2077, abs=1e-4)
    assert shares.loc[0, "high"] == pytest.approx(0.9385, abs=1e-4)


def test_a_cause_written_twice_on_a_ticket_counts_once():
    shares = cause_shares(TAGS, IDS, recorded(("a", "disk"), ("a", "disk")))
    assert shares[["hits", "n"]].to_numpy().tolist() == [[1, 1]]


def test_no_recorded_cause_gives_no_shares():
    assert cause_shares(TAGS, IDS, recorded()).empty


def test_wilson_against_its_published_values():
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
    low, high = wilson(np.array([81, 15, 0, 1]), np.array([263, 148, 20, 29]))
    assert low == pytest.approx([0.2553, 0.0624, 0.0, 0.0061], abs=1e-4)
    assert high == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=1e-4)


def test_wilson_of_nothing_is_everything():
    assert [float(end) for end in wilson(0, 0)] == [0.0, 1.0]
