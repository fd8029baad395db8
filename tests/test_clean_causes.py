"""Several causes in one cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlab.clean.judging.causes import cause_table, split_causes


@pytest.mark.parametrize(
    ("written", "causes"),
    [
        ("内存损坏", ["内存损坏"]),
        ("主板,内存皆损坏", ["主板损坏", "内存损坏"]),
        ("主板故障、内存损坏；风扇故障", ["主板故障", "内存损坏", "风扇故障"]),
        ("主板故障，主板故障", ["主板故障"]),
        ("主板故障, ,", ["主板故障"]),
        ("系统/驱动", ["系统/驱动"]),
        ("、", ["、"]),
    ],
)
def test_causes_of_one_cell(written, causes):
    assert split_causes(written) == causes


def test_a_slash_separates_only_causes_that_also_stand_alone():
    """Power/battery and 系统/驱动 are one cause each; 风扇故障/内存损坏 are two, because both occur by themselves."""
    table = cause_table(
        ["系统/驱动", "风扇故障/内存损坏", "风扇故障", "内存损坏,主板故障", "Power/battery", "battery"]
    )
    rows = list(zip(table["written"], table["cause_no"], table["cause"], strict=True))
    assert ("风扇故障/内存损坏", 2, "内存损坏") in rows
    assert ("系统/驱动", 1, "系统/驱动") in rows
    assert ("Power/battery", 1, "Power/battery") in rows


@given(st.lists(st.text(alphabet="主板内存皆、，,;；/ ab", min_size=1, max_size=12), max_size=12))
def test_every_cell_has_a_cause_and_they_are_numbered(cells):
    table = cause_table(cells)
    assert set(table["written"]) == set(cells)
    for cell in set(cells):
        numbers = [n for w, n in zip(table["written"], table["cause_no"], strict=True) if w == cell]
        assert numbers == list(range(1, len(numbers) + 1))
        assert {n for w, n in zip(table["written"], table["n_causes"], strict=True) if w == cell} == {
            len(numbers)
        }
