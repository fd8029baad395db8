"""Sentences about data quality: each branch, in words."""

import pandas as pd
import pytest

from crmlab.report.findings import clean
from crmlab.report.language import Language

EN = Language("en")
COLUMNS = ["table", "files", "raw", "clean", "quarantined", "duplicates", "bad_share"]
NO_REASONS = pd.DataFrame(columns=["table", "column", "reason", "n"])
NO_QUALITY = pd.DataFrame(columns=["table", "column", "exported", "unreadable", "completeness", "validity"])
NO_ORPHANS = pd.DataFrame(columns=["table", "column", "refers_to", "rows", "orphans"])


def rows(*tables: tuple) -> pd.DataFrame:
    return pd.DataFrame(tables, columns=COLUMNS)


def said(
    counts: pd.DataFrame, quality=NO_QUALITY, reasons=NO_REASONS, orphans=NO_ORPHANS, limit=0.05, gap=None
) -> list[str]:
    when = {"as_of": "2099-01-01", "gap": gap}
    return [m.in_language(EN) for m in clean.attention(counts, quality, reasons, orphans, limit, when)]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (rows(("tickets", 0, 0, 0, 0, 0, None)), "No rows were read: there is nothing to judge."),
        (rows(("tickets", 1, 9, 9, 0, 0, 0.0)), "Every row could be used: none was set aside as faulty."),
        (
            rows(("tickets", 1, 1000, 990, 10, 0, 0.01), ("sales", 1, 100, 100, 0, 0, 0.0)),
            "Weakest table: tickets. 10 rows (1.0%) were set aside, well below the limit of 5%.",
        ),
        (
            rows(("tickets", 1, 1000, 990, 10, 0, 0.01), ("sales", 1, 100, 96, 4, 0, 0.04)),
            "Weakest table: sales. 4 rows (4.0%) were set aside, near the limit of 5%: mend the export.",
        ),
    ],
)
def test_first_sentence_is_about_the_weakest_table(counts, sentence):
    assert said(counts)[0] == sentence


def test_the_limit_is_that_of_the_company():
    counts = rows(("sales", 1, 1000, 800, 200, 0, 0.2))
    assert said(counts, limit=0.25)[0].endswith(
        "200 rows (20.0%) were set aside, near the limit of 25%: mend the export."
    )


def test_a_day_that_few_rows_make_is_doubted_before_all_else():
    counts = rows(("tickets", 1, 9, 9, 0, 0, 0.0))
    assert said(counts, gap={"after": "2026-10-31", "rows": 1})[0] == (
        "The as-of day, 1 January 2099, lies more than a year after every row but 1; the others end on 31 October 2026. "
        "If it is mistyped, mend the row or state as_of in params.yaml."
    )


def test_further_sentences_name_what_to_mend():
    counts = rows(("tickets", 1, 10, 10, 0, 0, 0.0), ("visits", 0, 0, 0, 0, 0, None))
    reasons = pd.DataFrame(
        [("sales", "amount", "empty", 3), ("tickets", "reported_at", "is not a date (year-month-day)", 7)],
        columns=["table", "column", "reason", "n"],
    )
    quality = pd.DataFrame(
        [
            ("tickets", "closed_at", True, 20, 1.0, 0.9),
            ("tickets", "appointed_at", True, 1, 1.0, 0.99),
            ("visits", "left_at", False, 0, None, None),
        ],
        columns=["table", "column", "exported", "unreadable", "completeness", "validity"],
    )
    orphans = pd.DataFrame(
        [("tickets", "customer_id", "customers", 1000, 5), ("visits", "ticket_id", "tickets", 10, 0)],
        columns=["table", "column", "refers_to", "rows", "orphans"],
    )
    assert said(counts, quality, reasons, orphans)[1:] == [
        "The most frequent reason: reported_at of tickets, is not a date (year-month-day) (7 rows).",
        "Only 90.0% of the filled cells of closed_at in tickets can be read; the others count as empty.",
        "5 of 1,000 rows of tickets name a customer_id that customers do not know; they stay in.",
        "One table is not exported: visits.",
    ]


def test_several_tables_not_exported():
    counts = rows(
        ("tickets", 1, 1, 1, 0, 0, 0.0), ("visits", 0, 0, 0, 0, 0, None), ("sales", 0, 0, 0, 0, 0, None)
    )
    assert said(counts)[-1] == "2 tables are not exported, among them sales."


def test_cards_sum_the_tables_and_stand_for_none():
    figures = [c.value.text(EN) for c in clean.cards(rows(("tickets", 1, 1000, 950, 40, 10, 0.04)))]
    assert figures == ["950", "4.00%", "10", "1"]
    assert clean.cards(rows(("tickets", 0, 0, 0, 0, 0, None)))[1].value.text(EN) == "–"


@pytest.mark.parametrize(
    ("now", "finding"),
    [
        (5, "October 2026: 5 tickets, fewer than in any of the twelve months before (10 to 21)"),
        (99, "October 2026: 99 tickets, more than in any of the twelve months before (10 to 21)"),
        (15, "October 2026: 15 tickets, within the range of the twelve months before (10 to 21)"),
    ],
)
def test_volume_is_compared_with_the_year_before(now, finding):
    months = [f"2025-{m:02d}" for m in (10, 11, 12)] + [f"2026-{m:02d}" for m in range(1, 10)]
    before = pd.DataFrame({"table": "tickets", "month": months, "rows": range(10, 22)})
    current = pd.DataFrame({"table": ["tickets"] * 2, "month": ["2026-10", "2026-11"], "rows": [now, 1]})
    volume = pd.concat([before, current])
    assert clean.volume_title(volume, "2026-10").in_language(EN) == finding
    short = volume[volume["month"] >= "2026-01"]
    assert clean.volume_title(short, "2026-10").in_language(EN).endswith("less than a year to compare with")
    sales = volume.assign(table="sales")
    assert " sales, " in clean.volume_title(sales, "2026-10").in_language(EN)


def test_titles_without_rows():
    assert clean.rows_title(rows()).in_language(EN) == "No rows were read"
    assert clean.quality_title(NO_QUALITY).in_language(EN).startswith("0 of 0 exported columns")
    assert clean.rows_title(rows(("tickets", 1, 1, 1, 0, 0, 0.0))).in_language(EN).startswith("Every row")


def test_quality_counts_columns_that_are_filled_and_readable():
    quality = pd.DataFrame(
        [(True, 1.0, 1.0), (True, 0.96, None), (True, 0.5, 1.0), (True, 1.0, 0.5), (False, None, None)],
        columns=["exported", "completeness", "validity"],
    )
    assert clean.quality_title(quality).in_language(EN).startswith("2 of 4 exported columns")
