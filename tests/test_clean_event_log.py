"""Of an event log the last row of each thing stays, by what its cells mean and not by how they are written."""

import pandas as pd
import pytest
from exports import cleaned, ingested
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.files import CrmlabError

MAPPING = """
tables:
  tickets:
    columns: {ticket_id: number, reported_at: opened, symptom: what}
    keep: {last_by: updated, per: number}
"""


def log(*events: tuple[str, str, str]) -> str:
    """Events (number, updated, what) of tickets opened on one day."""
    return "number,opened,updated,what\n" + "".join(f"{n},2026-10-01,{at},{what}\n" for n, at, what in events)


def kept(tmp_path, text, mapping=MAPPING):
    files = text if isinstance(text, dict) else {"tickets.csv": text}
    return [r["symptom"] for r in ingested(tmp_path, files, mapping)]


def test_the_last_by_time_is_not_the_last_as_text(tmp_path):
    text = log(
        ("A", "9/2/2026 10:00", "early"),
        ("A", "10/2/2026 9:00", "late"),
        ("B", "1/3/2026 0:00", "late"),
        ("B", "28/2/2026 0:00", "early"),
    )
    mapping = MAPPING + '    dates: ["%d/%m/%Y %H:%M", "%Y-%m-%d"]\n'
    assert kept(tmp_path, text, mapping) == ["late", "late"]


def test_the_forms_that_are_always_read(tmp_path):
    assert kept(
        tmp_path,
        log(("A", "2026年10月9日", "early"), ("A", "2026/10/10 9:05", "late"), ("A", "2026-10-08", "early")),
    ) == ["late"]


def test_numbers_are_compared_as_numbers(tmp_path):
    assert kept(tmp_path, log(("A", "9", "early"), ("A", "10", "late"), ("A", "-11", "early"))) == ["late"]


def test_of_equal_rows_the_later_line_is_the_last(tmp_path):
    assert kept(tmp_path, log(("A", "2026-10-01", "first"), ("A", "2026-10-01", "second"))) == ["second"]


def test_what_cannot_be_read_comes_first(tmp_path):
    assert kept(tmp_path, log(("A", "2026-10-01", "late"), ("A", "soon", "early"), ("A", "", "early"))) == [
        "late"
    ]


def test_rows_about_nothing_all_stay(tmp_path):
    done = cleaned(
        tmp_path,
        {"tickets.csv": log(("", "1", "a"), ("", "2", "b"), ("A", "1", "c"), ("A", "2", "d"))},
        MAPPING,
    )
    assert done.counts("tickets") == {
        "raw": 4,
        "clean": 3,
        "quarantined": 0,
        "duplicates": 0,
        "filtered": 1,
        "unusable": 0,
    }


def test_the_last_may_be_in_another_file(tmp_path):
    files = {
        "tickets/09.csv": log(("A", "2026-09-30", "a"), ("B", "2026-09-30", "b")),
        "tickets/10.csv": log(("A", "2026-10-01", "c")),
    }
    assert kept(tmp_path, files) == ["b", "c"]


def test_rows_that_where_leaves_out_are_no_last_rows(tmp_path):
    mapping = MAPPING + "    where: \"what <> 'cancelled'\"\n"
    text = log(("A", "2026-10-01", "open"), ("A", "2026-10-02", "cancelled"))
    assert kept(tmp_path, text, mapping) == ["open"]


def test_times_with_a_zone_are_compared_as_moments(tmp_path):
    assert kept(
        tmp_path, log(("A", "2026-10-01T09:00:00+08:00", "early"), ("A", "2026-10-01T02:00:00Z", "late"))
    ) == ["late"]


def test_a_copied_file_is_duplicates_of_what_stays_and_filtered_like_the_rest(tmp_path):
    text = log(("A", "1", "early"), ("A", "2", "late"))
    done = cleaned(tmp_path, {"tickets/a.csv": text, "tickets/b.csv": text}, MAPPING)
    assert done.counts("tickets") == {
        "raw": 4,
        "clean": 1,
        "quarantined": 0,
        "duplicates": 1,
        "filtered": 2,
        "unusable": 0,
    }
    assert done.table("quarantine/tickets")["reason"].tolist() == ["copy of tickets/a.csv:3"]


def test_a_header_that_is_not_there_is_named(tmp_path):
    with pytest.raises(
        CrmlabError,
        match=r"tickets.csv line 1: mapping.yaml says tables.tickets.keep goes by 'updated_at', but there is no such header; nearest: 'updated'",
    ):
        kept(tmp_path, log(("A", "1", "x")), MAPPING.replace("updated,", "updated_at,"))


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"), st.datetimes(pd.Timestamp("1950-01-01"), pd.Timestamp("2090-01-01"))
        ),
        min_size=1,
        max_size=30,
    )
)
def test_it_is_what_sorting_by_parsed_time_gives(tmp_path_factory, events):
    rows = [
        (n, f"{at.day}/{at.month}/{at.year} {at.hour}:{at.minute:02}", str(i))
        for i, (n, at) in enumerate(events)
    ]
    mapping = MAPPING + '    dates: ["%d/%m/%Y %H:%M"]\n'
    frame = pd.DataFrame(
        {"n": [n for n, _ in events], "at": [at.replace(second=0, microsecond=0) for _, at in events]}
    )
    last = frame.sort_values("at", kind="stable").groupby("n").tail(1).index
    assert kept(tmp_path_factory.mktemp("log"), log(*rows), mapping) == [str(i) for i in sorted(last)]


def test_numbers_are_read_as_the_mapping_says(tmp_path):
    mapping = "null_markers: ['?']" + MAPPING + '    decimal: ","\n'
    text = log(("A", '"1.000,5"', "late"), ("A", '"998,5"', "early"), ("A", "?", "unknown"))
    assert kept(tmp_path, text, mapping) == ["late"]


def test_numbers_beside_a_cell_that_is_none_are_numbers(tmp_path):
    assert kept(tmp_path, log(("A", "10", "late"), ("A", "9", "early"), ("A", "soon", "unread"))) == ["late"]


def test_rows_about_what_means_nothing_all_stay(tmp_path):
    text = log(("?", "9", "a"), ("?", "10", "b"), ("", "8", "c"), ("A", "1", "early"), ("A", "3", "late"))
    assert kept(tmp_path, text, "null_markers: ['?']" + MAPPING) == ["a", "b", "c", "late"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            ("v9", "v10"),
            r"tickets.csv line 2, updated: 'v9' is neither a date nor a number.*tables.tickets.keep",
        ),
        (("02/02/2026", "03/02/2026"), r"tickets.csv line 3, updated: '03/02/2026' can be .*say which"),
        (("31/01/2026", "2026-02-02"), r"tickets.csv line 2, updated: '31/01/2026' .* day first; say which"),
    ],
)
def test_what_tells_no_order_is_refused(tmp_path, cells, said):
    with pytest.raises(CrmlabError, match=said) as caught:
        kept(tmp_path, log(*(("A", at, "x") for at in cells)))
    assert "\n" not in str(caught.value)


def test_an_event_log_is_no_questionnaire(tmp_path):
    with pytest.raises(CrmlabError, match=r"tables\.tickets: keep and unpivot do not go together"):
        kept(
            tmp_path,
            log(("A", "1", "x")),
            MAPPING + "    unpivot: {columns: [w*], name: symptom, value: cause_actual}\n",
        )
