"""Cards to hang beside the phone, and the table of rates: what stands on them, and where they are silent."""

import pandas as pd

from crmlab.report.blocks import block
from crmlab.report.findings import symptom_cards
from crmlab.report.language import Language
from crmlab.report.matrix import matrix
from crmlab.report.messages import say

EN, ZH = Language("en"), Language("zh")
SHARES = pd.DataFrame(
    [
        ("no display", "主板故障", 60, 100, 0.6, 0.5, 0.69),
        ("no display", "插槽松动", 40, 100, 0.4, 0.31, 0.5),
        ("other wording", "主板故障", 60, 200, 0.3, 0.2, 0.4),
        ("hangs", "主板故障", 5, 9, 0.5, 0.2, 0.8),
    ],
    columns=["symptom", "cause", "hits", "n", "share", "low", "high"],
)
KITS = pd.DataFrame(
    [
        ("no display", "7978", 50, "MB", 0.6),
        ("no display", "7979", 30, "MB", 0.7),
        ("no display", "8840", 40, "DIMM", 0.9),
    ],
    columns=["symptom", "machine_family", "n", "parts", "first_time_fix"],
)
MINUTES = pd.DataFrame({"cause": ["主板故障", "插槽松动"], "n": [9, 9], "minutes": [84.0, 13.0]})
PAIRS = pd.DataFrame(
    [("主板故障", "内存损坏", 20, 100, 0.2, 0.13, 0.29)],
    columns=["cause", "with_cause", "together", "n", "share", "low", "high"],
)
NAMES = {"MB": "主板", "DIMM": "内存"}


def lines(card):
    return [line.in_language(EN) for line in card.lines]


def test_a_card_says_what_to_check_carry_and_look_for_besides():
    (card,) = symptom_cards.cards(SHARES, KITS, MINUTES, PAIRS, NAMES)
    assert card.symptom.in_language(ZH) == "开机无显"
    assert [(c.cause.in_language(EN), c.minutes.value) for c in card.checks] == [
        ("loose slot", 13),
        ("mainboard", 84),
    ]
    assert (
        card.finding.in_language(EN)
        == "Look at loose slot first: mainboard is more frequent, but takes longer to check."
    )
    assert lines(card) == [
        "Carry mainboard: enough at the first visit in 64% of cases.",
        "On families 8840 rather memory.",
        "Found mainboard? Check memory as well: both in 20% of such tickets.",
    ]


def test_without_visits_and_parts_the_most_frequent_comes_first_and_nothing_is_carried():
    (card,) = symptom_cards.cards(SHARES, KITS.head(0), MINUTES.head(0), PAIRS.head(0), {})
    assert not card.timed
    assert (
        card.finding.in_language(EN) == "Look at mainboard first: it is the most frequent, in 60% of tickets."
    )
    assert lines(card) == []


def test_a_kit_without_parts_is_told_as_such():
    (card,) = symptom_cards.cards(SHARES, KITS.assign(parts=""), MINUTES, PAIRS.head(0), {})
    assert lines(card) == ["Carry nothing: parts rarely help."]


def test_rare_symptoms_have_no_card():
    assert symptom_cards.cards(SHARES.tail(2), KITS, MINUTES, PAIRS, NAMES) == []


def test_cards_and_the_sentence_in_their_place():
    cards = symptom_cards.cards(SHARES, KITS, MINUTES, PAIRS, NAMES)
    html = block("symptom_cards", [EN], cards=cards).html["en"]
    assert html.count("<h3>") == 1
    assert html.count('<th scope="col"') == 3
    untimed = symptom_cards.cards(SHARES, KITS, MINUTES.head(0), PAIRS, NAMES)
    assert block("symptom_cards", [EN], cards=untimed).html["en"].count('<th scope="col"') == 2
    assert "No ticket is open." in block("instead", [EN], title=say("No ticket is open.")).html["en"]
    assert block("instead", [EN], title=None).html["en"] == ""


def test_a_matrix_is_darkest_where_the_figure_is_largest_and_empty_where_there_is_none():
    frame = pd.DataFrame(
        {"part": ["硬盘", "硬盘", "风扇"], "family": ["A", "B", "A"], "rate": [50.0, 10.0, 0.4]}
    )
    table = matrix(frame, "part", "family", "rate", say("Part"), term="part")
    (disk, first), (_, second) = table.rows
    assert disk.in_language(EN) == "disk"
    assert [cell.shade for cell in first] == [5, 1]
    assert [cell.shade for cell in second] == [0, 0]
    html = block("matrix", [EN], title=say("Rate"), matrix=table, note=None).html["en"]
    assert 'class="shade-5"' in html
    assert "–" in html
    nothing = matrix(frame.head(0), "part", "family", "rate", say("Part"))
    assert block("matrix", [EN], title=say("Rate"), matrix=nothing, note=None).html["en"] == ""
