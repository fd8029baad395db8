"""What a cause needs is what was built in: pairs, wrong labels and repairs without parts are all counted."""

import numpy as np
import pandas as pd
import pytest

from crmlab.faults.kits.needs import (
    count_needs,
    first_causes,
    joined,
    learn_needs,
    map_needs,
    parts_used,
)
from crmlab.faults.kits.outputs import NEEDS
from crmlab.files import CrmlabError
from crmlab.tables import TICKET_CAUSES, TICKET_PARTS, TICKETS, conform, empty


def desk(*repairs, is_open=()):
    """Tickets, causes and parts from (cause or causes, {part: pieces built in}), one repair a day."""
    ids = [f"T{i:02}" for i in range(len(repairs))]
    tickets = pd.DataFrame({"ticket_id": ids, "reported_at": pd.date_range("2026-01-01", periods=len(ids))})
    tickets["is_open"] = tickets.index.isin(is_open)
    causes, parts = [], []
    for ticket, (cause, used) in zip(ids, repairs, strict=True):
        named = (cause,) if isinstance(cause, str) else cause
        causes += [(ticket, number, name) for number, name in enumerate(named, 1)]
        parts += [(ticket, 1, part, 1, pieces) for part, pieces in used.items()]
    causes = pd.DataFrame(causes, columns=["ticket_id", "cause_no", "cause"])
    columns = ["ticket_id", "visit_no", "part_no", "qty_carried", "qty_used"]
    parts = pd.DataFrame(parts, columns=columns)
    for frame, table in ((tickets, TICKETS), (causes, TICKET_CAUSES), (parts, TICKET_PARTS)):
        for column in table.kept:
            if column.name not in frame:
                frame[column.name] = None
    return conform(tickets, TICKETS), conform(causes, TICKET_CAUSES), conform(parts, TICKET_PARTS)


def chances(needs, cause):
    row = needs.probabilities[needs.causes.index(cause)]
    return {joined(parts): round(float(p), 6) for parts, p in zip(needs.sets, row, strict=True) if p > 1e-6}


def test_pairs_and_wrong_labels_are_in_the_count():
    tickets, causes, parts = desk(
        ("memory", {"DIMM": 1}),
        ("memory", {"DIMM": 2, "MB": 1}),
        ("memory", {"DIMM": 0}),  # the service sheet says memory, nothing was built in
        ("slot", {"DIMM": 1}),
    )
    needs = count_needs(first_causes(causes), parts_used(tickets, parts), strength=0)
    third = pytest.approx(1 / 3, abs=1e-6)
    assert chances(needs, "memory") == {"": third, "DIMM": third, "DIMM、MB": third}
    assert chances(needs, "slot") == {"DIMM": 1.0}
    assert needs.parts == ("DIMM", "MB")
    assert needs.n.tolist() == [3, 1]


def test_the_first_recorded_cause_counts_whatever_the_order_of_rows():
    _, causes, _ = desk((("board", "memory"), {}))
    assert first_causes(causes.iloc[::-1]).tolist() == ["board"]


def test_parts_of_later_visits_count_and_a_part_twice_is_one():
    tickets, _, parts = desk(("board", {"MB": 1}), ("disk", {"HDD": 1}))
    again = parts.head(1).assign(visit_no=2)
    more = parts.head(1).assign(visit_no=2, part_no="DIMM")
    assert parts_used(tickets, pd.concat([parts, again, more])).to_dict() == {
        "T00": ("DIMM", "MB"),
        "T01": ("HDD",),
    }


def test_open_tickets_and_unwritten_pieces_are_left_out():
    tickets, _, parts = desk(
        ("a", {"HDD": 1}), ("b", {"MB": 1}), ("c", {"MB": None}), ("d", {"MB": 1}), is_open=[1]
    )
    assert parts_used(tickets, parts).index.tolist() == ["T00", "T03"]


def test_a_ticket_without_parts_needed_none_only_while_parts_were_recorded():
    tickets, _, parts = desk(("a", {}), ("b", {"HDD": 1}), ("c", {}), ("d", {"HDD": 1}), ("e", {}))
    assert parts_used(tickets, parts).to_dict() == {"T01": ("HDD",), "T02": (), "T03": ("HDD",)}


def test_a_rare_cause_is_drawn_towards_all_tickets_and_a_common_one_is_not():
    repairs = [("disk", {"HDD": 1})] * 400 + [("fan", {"FAN": 1})] * 40 + [("odd", {"FAN": 1})]
    tickets, causes, parts = desk(*repairs)
    needs = count_needs(first_causes(causes), parts_used(tickets, parts), strength=1.0)
    assert chances(needs, "disk")["HDD"] > 0.999
    assert chances(needs, "odd")["HDD"] == pytest.approx(0.5 * 400 / 441, abs=1e-3)
    assert needs.probabilities.sum(axis=1) == pytest.approx(1)


def test_the_weight_of_the_prior_follows_how_alike_the_causes_are():
    draw = np.random.default_rng(1)
    causes = pd.Series([f"cause {i % 8}" for i in range(800)])
    alike = pd.Series([("HDD",) if hdd else ("MB",) for hdd in draw.random(800) < 0.5])
    apart = pd.Series([("HDD",) if i % 8 < 4 else ("MB",) for i in range(800)])
    assert count_needs(causes, alike).strength > 20
    assert count_needs(causes, apart).strength < 1


def test_a_cause_never_seen_gets_the_row_of_all_tickets():
    tickets, causes, parts = desk(("disk", {"HDD": 1}), ("disk", {"HDD": 1}), ("fan", {"FAN": 1}))
    needs = count_needs(first_causes(causes), parts_used(tickets, parts))
    rows = needs.of(["new", "fan"])
    assert dict(zip(needs.sets, rows[0], strict=True)) == pytest.approx({("FAN",): 1 / 3, ("HDD",): 2 / 3})
    assert rows[1].tolist() == needs.probabilities[1].tolist()


def test_one_cause_alone_is_enough():
    needs = learn_needs(*desk(("disk", {"HDD": 1}), ("disk", {"HDD": 0})))
    assert needs.probabilities.tolist() == [pytest.approx([0.5, 0.5])]


def test_without_recorded_parts_the_map_stands_in_with_its_pairs():
    repairs = [("memory", {})] * 6 + [(("memory", "board"), {})] * 2 + [("slot", {})] * 2
    tickets, causes, _ = desk(*repairs)
    needs = learn_needs(
        tickets, causes, empty(TICKET_PARTS), {"memory": ["DIMM"], "board": ["MB"], "slot": []}
    )
    memory = chances(needs, "memory")
    assert list(memory) == ["DIMM", "DIMM、MB"]
    # 2 of 8 counted, drawn towards the 2 of 10 tickets that have a second cause
    assert 0.2 < memory["DIMM、MB"] <= 0.25
    assert chances(needs, "slot").keys() == {"", "MB"}
    # nobody recorded the board first: its own part is all there is, and no pair, for the second is the board itself
    assert chances(needs, "board") == {"MB": 1.0}


def test_parts_on_record_outweigh_the_map():
    tickets, causes, parts = desk(("memory", {"MB": 1}), ("memory", {"MB": 1}))
    needs = learn_needs(tickets, causes, parts, {"memory": ["DIMM"]})
    assert chances(needs, "memory") == {"MB": 1.0}


def test_a_map_that_forgets_a_cause_is_refused():
    _, causes, _ = desk(("memory", {}), ("fan", {}))
    with pytest.raises(CrmlabError, match=r"faults.parts: no line for fan; add one each"):
        map_needs(causes, {"memory": ["DIMM"]})


def test_a_map_of_bare_words_is_refused():
    _, causes, _ = desk(("memory", {}))
    with pytest.raises(CrmlabError, match=r"faults.parts, memory: 'DIMM' is no list; write \[DIMM\]"):
        map_needs(causes, {"memory": "DIMM"})


@pytest.mark.parametrize("parts_of", [None, {"memory": ["DIMM"]}])
def test_no_tickets_no_needs(parts_of):
    assert learn_needs(empty(TICKETS), empty(TICKET_CAUSES), empty(TICKET_PARTS), parts_of) is None


def test_causes_without_parts_or_map_give_no_needs():
    tickets, causes, _ = desk(("memory", {}))
    assert learn_needs(tickets, causes, empty(TICKET_PARTS)) is None


def test_counting_nothing_says_what_to_export():
    with pytest.raises(CrmlabError, match=r"qty_used.*or list the parts of each cause in params.yaml"):
        count_needs(pd.Series(dtype=object), pd.Series(dtype=object))


def test_the_table_keeps_its_contract():
    tickets, causes, parts = desk(("memory", {"DIMM": 1, "MB": 1}), ("slot", {}), ("slot", {"DIMM": 1}))
    table = learn_needs(tickets, causes, parts).table()
    assert list(table.columns) == [c.name for c in NEEDS.kept]
    assert not table.duplicated(list(NEEDS.key)).any()
    assert table["parts"].notna().all()
    assert table.loc[table["cause"] == "memory", "hits"].max() == 1
