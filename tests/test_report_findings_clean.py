"""Sentences about data quality: each branch, in words."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from crmlab.clean.outputs import OUTPUTS
from crmlab.clean.quality.needs import gaps as needed
from crmlab.report.findings import clean, columns, compared, quality, volume
from crmlab.report.findings.scorecard import Scorecard
from crmlab.report.language import Language
from crmlab.report.messages import as_text
from crmlab.tables import CLEAN, CONTRACT, empty

EN, ZH = Language("en"), Language("zh")
WHEN = {"as_of": "2026-10-31", "report_month": "2026-10", "gap": None}
MONTHS = [f"{y}-{m:02d}" for y in (2024, 2025, 2026) for m in range(1, 13)][: 2 * 12 + 10]


def frame(name: str, *rows: dict) -> pd.DataFrame:
    """Rows of a table that `clean` writes; what a row does not say is empty."""
    table = OUTPUTS[name]
    found = pd.DataFrame([{c.name: row.get(c.name) for c in table.kept} for row in rows])
    if not rows:
        return empty(table)
    for column in table.kept:
        kinds = {"count": "Int64", "number": "Float64", "date": "datetime64[ms]", "flag": "boolean"}
        if column.kind in kinds:
            found[column.name] = found[column.name].astype(kinds[column.kind])
    return found


def counts(table: str, raw: int = 100, quarantined: int = 0, files: int = 1, **more: int) -> dict:
    row = {
        "table": table,
        "files": files,
        "raw": raw,
        "quarantined": quarantined,
        "duplicates": 0,
        "filtered": 0,
        "derived": 0,
    }
    row |= more
    row["clean"] = raw - quarantined - row["duplicates"] - row["filtered"]
    return row | {"bad_share": quarantined / (raw - row["filtered"]) if raw > row["filtered"] else None}


def scorecard(**tables: list[dict]) -> Scorecard:
    """A sound company of tickets alone, except for the tables given as rows."""
    months = [
        {"table": "tickets", "month": m, "rows": 300, "expected": 300, "low": 200, "high": 420, "verdict": ""}
        for m in MONTHS
    ]
    fresh = {
        "table": "tickets",
        "column": "reported_at",
        "last_day": "2026-10-31",
        "behind": 0,
        "pause": 3,
        "late": False,
    }
    sound = {
        "row_counts": [counts("tickets")],
        "quality": [column()],
        "uniqueness": [],
        "orphans": [],
        "freshness": [fresh],
        "volume": months,
        "files": [file("tickets.csv")],
        "quarantine_reasons": [],
        "gaps": [],
        "customer_aliases": [],
    }
    made = {name: frame(name, *tables.get(name, rows)) for name, rows in sound.items()}
    reasons, aliases = made.pop("quarantine_reasons"), made.pop("customer_aliases")
    return Scorecard(**made, reasons=reasons, aliases=aliases, as_of=WHEN, limit=0.05)


def column(
    name: str = "closed_at", rows: int = 100, filled: int = 100, unreadable: int = 0, table: str = "tickets"
) -> dict:
    shares = {
        "completeness": filled / rows if rows else None,
        "validity": 1 - unreadable / filled if filled else None,
    }
    figures = {"rows": rows, "filled": filled, "unreadable": unreadable}
    return {"table": table, "column": name, "exported": True, **figures, **shares}


def file(
    name: str, rows: int = 100, quarantined: int = 0, duplicates: int = 0, last: str = "2026-10-31"
) -> dict:
    fates = {
        "clean": rows - quarantined - duplicates,
        "quarantined": quarantined,
        "duplicates": duplicates,
        "filtered": 0,
    }
    return {
        "table": "tickets",
        "file": name,
        "rows": rows,
        **fates,
        "first_day": "2026-10-01",
        "last_day": last,
    }


def broken(found: Scorecard, verdicts: dict[str, tuple[str, int]], table: str = "tickets") -> Scorecard:
    """`found` with other rows in some months: month → (verdict, rows)."""
    changed = found.volume.copy()
    for month, (verdict, n) in verdicts.items():
        here = (changed["month"] == month) & (changed["table"] == table)
        changed.loc[here, ["verdict", "rows"]] = [verdict, n]
    return replace(found, volume=changed)


def said(found: Scorecard, language: Language = EN) -> list[str]:
    return [m.in_language(language) for m in clean.attention(found)]


def test_a_table_withheld_comes_first_and_says_why():
    rows = [counts("tickets"), counts("visits", raw=50, quarantined=6) | {"clean": 0, "unusable": 44}]
    why = {"visits": {"share": 0.12, "column": "arrived_at", "reason": "is not a date (year-month-day)"}}
    found = replace(scorecard(row_counts=rows), withheld=why)
    first, *others = said(found)
    assert first == (
        "visits are withheld, and the pages do without them: 12% of the rows cannot be used, above the limit of 5%; most often "
        "arrived_at is not a date (year-month-day). Mend the export."
    )
    assert not any("visits" in sentence.lower() for sentence in others)
    assert not clean.trusted(found)
    assert quality.rows_title(found).in_language(EN).endswith("filtered + withheld")
    assert "unusable" in quality.row_columns(found)


def test_sound_data_are_called_so():
    found = scorecard()
    assert said(found) == [
        "These figures can be trusted: 100.0% of 100 rows are used, no table is late, and no month of the last two years is out of line."
    ]
    assert clean.trusted(found)


def test_short_exports_are_not_trusted_beyond_what_they_show():
    found = replace(scorecard(), volume=frame("volume"))
    assert said(found)[0].startswith(
        "Nothing speaks against these figures: 100.0% of 100 rows are used. The exports are too short"
    )


def test_nothing_read_is_nothing_judged():
    found = scorecard(
        row_counts=[counts("tickets", raw=0)], freshness=[], volume=[], quality=[column(rows=0, filled=0)]
    )
    assert said(found) == ["No rows were read: there is nothing to judge."]
    assert not clean.trusted(found)
    assert quality.rows_title(found).in_language(EN) == "No rows were read"
    assert [
        c.label.in_language(EN) for c in clean.cards(found) if not getattr(c.value, "missing", False)
    ] == ["Tables exported"]


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        (
            {"2026-06": ("missing", 0)},
            "tickets: no row in June 2026, where about 300 a month were to be expected. Look for a missing file.",
        ),
        (
            {"2026-06": ("missing", 0), "2026-07": ("missing", 0)},
            "tickets: no row in June 2026 to July 2026, where about 300 a month were to be expected. Look for a missing file.",
        ),
        (
            {"2026-06": ("low", 100)},
            "tickets: only 100 rows in June 2026, where about 300 were to be expected. Look for a file that is cut short.",
        ),
        (
            {"2026-06": ("high", 600)},
            "tickets: 600 rows in June 2026, where about 300 were to be expected. Look for a file that is there twice.",
        ),
        (
            dict.fromkeys(("2026-08", "2026-09", "2026-10"), ("level", 100)),
            "tickets: a lower level in August 2026 to October 2026, about 100 rows a month instead of 300. If business did not shrink, a "
            "branch or a system is missing from the export.",
        ),
        (
            dict.fromkeys(("2026-08", "2026-09", "2026-10"), ("level", 700)),
            "tickets: a higher level in August 2026 to October 2026, about 700 rows a month instead of 300. If business did not grow, "
            "something is exported twice.",
        ),
    ],
)
def test_a_month_out_of_line_comes_first_with_what_to_look_for(verdicts, sentence):
    found = broken(scorecard(), verdicts)
    assert said(found)[0] == sentence
    assert not clean.trusted(found)
    assert not re.search("[A-Za-z]{3}", said(found, ZH)[0])


def test_the_gravest_months_come_first_and_old_ones_are_left_alone():
    found = broken(
        scorecard(), {"2024-02": ("missing", 0), "2025-06": ("low", 150), "2026-06": ("missing", 0)}
    )
    assert [b.first for b in volume.breaks(found.volume, "2026-10")] == ["2026-06", "2025-06"]
    assert (
        volume.title(found.volume, "2026-10").in_language(EN)
        == "Months of tickets out of line in the last two years: 2"
    )
    assert len(volume.table(found.volume, "2026-10")) == 2


def test_titles_over_the_months():
    assert (
        volume.title(scorecard().volume, "2026-10")
        .in_language(EN)
        .startswith("No month of the last two years")
    )
    assert volume.title(frame("volume"), "2026-10").in_language(EN).startswith("Too few months")
    two = pd.concat([(v := scorecard().volume), v.assign(table="sales")], ignore_index=True)
    two.loc[two["month"] == "2026-06", "verdict"] = "high"
    assert (
        volume.title(two, "2026-10").in_language(EN)
        == "Months out of line in the last two years: 2, in 2 tables"
    )
    filling = broken(scorecard(), {"2026-10": ("filling", 100)})
    assert (
        volume.title(filling.volume, "2026-10").in_language(EN).startswith("No month of the last two years")
    )


def test_the_chart_shows_broken_tables_first_and_marks_their_months():
    parts = [scorecard().volume.assign(table=t) for t in ("tickets", "quotes", *(f"t{n}" for n in range(9)))]
    many = pd.concat(parts, ignore_index=True)
    many.loc[(many["table"] == "quotes") & (many["month"] == "2026-03"), "verdict"] = "high"
    lines = volume.lines(many, "2026-10")
    assert list(dict.fromkeys(lines["table"]))[:2] == ["quotes", "tickets"]
    assert lines["table"].nunique() == 8
    assert lines.loc[lines["marked"], ["table", "month"]].to_numpy().tolist() == [["quotes", "2026-03"]]
    assert volume.by_month(lines).columns[:3].tolist() == ["month", "quotes", "tickets"]


@pytest.mark.parametrize(
    ("now", "finding"),
    [
        (5, "October 2026: 5 tickets, fewer than in any of the twelve months before (300 to 300)"),
        (999, "October 2026: 999 tickets, more than in any of the twelve months before (300 to 300)"),
        (300, "October 2026: 300 tickets, within the range of the twelve months before (300 to 300)"),
    ],
)
def test_the_newest_month_is_compared_with_the_year_before(now, finding):
    months = broken(scorecard(), {"2026-10": ("", now)}).volume
    assert volume.newest(months, "2026-10").in_language(EN) == finding
    assert (
        volume.newest(months[months["month"] > "2026-02"], "2026-10")
        .in_language(EN)
        .endswith("less than a year to compare with")
    )
    assert " sales, " in volume.newest(months.assign(table="sales"), "2026-10").in_language(EN)


LATE = {
    "table": "visits",
    "column": "arrived_at",
    "last_day": "2026-08-03",
    "behind": 89,
    "pause": 4,
    "late": True,
}


def test_a_late_table_is_to_be_exported_again():
    found = scorecard(
        freshness=[
            LATE,
            {**LATE, "table": "sales", "late": False, "behind": 20, "pause": 5},
            {"table": "products"},
        ]
    )
    assert said(found)[0] == (
        "visits end on 3 August 2026, 89 days before the data's last day, and never paused for more than 4 days in the two years "
        "before: export them again."
    )
    assert quality.freshness_title(found).in_language(EN) == "Late: visits"
    assert [v.in_language(EN) for v in quality.freshness(found)["verdict"]] == [
        "late",
        "quiet for longer than before",
    ]
    assert quality.undated(found).in_language(EN) == "Without days of their own: products."
    assert not quality.all_fresh(found)


def test_titles_over_the_last_days():
    assert quality.freshness_title(scorecard()).in_language(EN).startswith("Every table that can be judged")
    few = scorecard(freshness=[{**LATE, "late": None, "pause": None}])
    assert quality.freshness_title(few).in_language(EN) == "Too few days to say whether a table is late"
    assert [v.in_language(EN) for v in quality.freshness(few)["verdict"]] == ["too few days to tell"]
    assert [v.in_language(EN) for v in quality.freshness(scorecard())["verdict"]] == ["up to date"]
    assert quality.undated(scorecard()) is None
    assert quality.last_day(scorecard(freshness=[])).in_language(EN) == "no table has days"


def test_a_doubtful_day_is_doubted_before_all_else():
    gap = {"after": "2026-10-31", "rows": 1}
    found = replace(scorecard(freshness=[LATE]), as_of={**WHEN, "as_of": "2099-01-01", "gap": gap})
    assert said(found)[0] == (
        "The as-of day, 1 January 2099, lies more than a year after every row but 1; the others end on 31 October 2026. "
        "If it is mistyped, mend the row or state as_of in params.yaml."
    )


REASON = {"table": "tickets", "column": "closed_at", "reason": "is before reported_at", "n": 3}


@pytest.mark.parametrize(
    ("rows", "place", "sentence"),
    [
        (
            [counts("tickets", 1000, 3)],
            1,
            "tickets: 3 rows (0.3%) were set aside, most often because closed_at is before reported_at. See which to mend.",
        ),
        (
            [counts("tickets", 100, 4)],
            0,
            "tickets: 4 rows (4.0%) were set aside, near the limit of 5%; most often closed_at is before reported_at. Mend the export.",
        ),
    ],
)
def test_rows_set_aside_are_grave_only_near_the_limit(rows, place, sentence):
    assert said(scorecard(row_counts=rows, quarantine_reasons=[REASON]))[place] == sentence


def test_where_no_share_is_worrying_the_most_rows_are_told():
    rows = [counts("tickets", 10_000, 30), counts("quotes", 100, 1)]
    found = scorecard(row_counts=rows, quarantine_reasons=[REASON, {**REASON, "table": "quotes"}])
    assert said(found)[1].startswith("tickets: 30 rows (0.3%)")


def test_why_rows_were_set_aside():
    found = scorecard(quarantine_reasons=[{**REASON, "n": 1, "table": "sales"}, REASON])
    assert quality.reasons_title(found).in_language(EN) == (
        "75% of the rows set aside have one reason: closed_at of tickets, is before reported_at"
    )
    assert quality.reasons_title(scorecard()).in_language(EN) == "No row was set aside"


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (
            [file("a.csv", 50, duplicates=50)],
            "One file deserves a look, a.csv: most rows are there twice: remove the copy.",
        ),
        (
            [file("a.csv", 0, last=None), file("b.csv")],
            "One file deserves a look, a.csv: no rows: only headers, or the mapping keeps none.",
        ),
        (
            [file("b.csv"), file("a.csv", 100, quarantined=20)],
            "One file deserves a look, a.csv: 20.0% set aside, far more than in the other files.",
        ),
        (
            [file("a.csv", 0, last=None), file("b.csv", 0, last=None)],
            "2 files deserve a look, first a.csv: no rows: only headers, or the mapping keeps none.",
        ),
    ],
)
def test_a_bad_file_shows(files, sentence):
    found = scorecard(files=files)
    assert said(found)[0] == sentence
    odd = quality.files(found)
    assert odd["look"].notna().tolist() == sorted(odd["look"].notna(), reverse=True)
    assert quality.files_title(odd).in_language(EN).startswith("Files that deserve a look: ")


def test_files_without_fault_are_counted():
    files = quality.files(scorecard())
    assert quality.files_title(files).in_language(EN) == "Files that deserve a look: none of 1"
    assert quality.all_files_title(files).in_language(EN) == "All 1 files"
    many = quality.files(scorecard(files=[file(f"{n}.csv") for n in range(70)]))
    assert quality.all_files_title(many).in_language(EN) == "The 60 newest of 70 files"


def test_columns_that_deserve_a_look_stand_first():
    found = scorecard(
        quality=[
            column("symptom"),
            column("closed_at", unreadable=20),
            column("branch", filled=0),
            column("channel", filled=70),
            column("billing", filled=12),
            {**column("priority"), "exported": False},
        ]
    )
    seen = columns.columns(found)
    assert [(c, as_text(m, EN)) for c, m in columns.looked_at(seen)[["column", "look"]].to_numpy()] == [
        ("closed_at", "cells that cannot be read: 20"),
        ("branch", "always empty"),
        ("channel", "empty in 30% of rows"),
    ]
    assert columns.title(seen).in_language(EN) == (
        "Columns that deserve a look: 3 of 5, often empty or with cells that cannot be read"
    )
    assert as_text(columns.note(seen), EN).endswith("which may be their nature: billing.")
    assert "收费方式" in as_text(columns.note(seen), ZH)
    assert said(found)[1] == (
        "Only 80.0% of the filled cells of closed_at in tickets can be read; the others count as empty. See the examples below."
    )
    assert (
        columns.title(columns.columns(scorecard())).in_language(EN)
        == "Columns that deserve a look: none of 1"
    )
    assert columns.columns(scorecard(quality=[column(rows=0, filled=0)]))["look"].isna().all()


def unique(**more: int) -> dict:
    return {"table": "tickets", "key": "ticket_id", "repeated": 0, "copies": 0, "unnumbered": 0, **more}


@pytest.mark.parametrize(
    ("row", "title"),
    [
        (unique(), "Every key names one row"),
        (unique(repeated=5, copies=5), "Rows set aside as copies of another: 5"),
        (
            unique(repeated=5, copies=2),
            "Rows set aside because they repeat a key: 5; of these, 3 differ from the row that stays",
        ),
        (unique(unnumbered=7), "Rows without a key of their own: 7; copies among them cannot be seen"),
    ],
)
def test_titles_over_the_keys(row, title):
    found = scorecard(uniqueness=[row])
    assert quality.keys_title(found).in_language(EN) == title
    assert len(quality.keys(found)) == (row != unique())


ORPHAN = {
    "table": "tickets",
    "column": "customer_id",
    "refers_to": "customers",
    "rows": 1000,
    "orphans": 5,
    "example": "X1",
}


def test_references_that_lead_nowhere():
    found = scorecard(orphans=[{**ORPHAN, "orphans": 0, "column": "serial_no"}, ORPHAN])
    assert (
        said(found)[1]
        == "5 of 1,000 rows of tickets name a customer_id that customers do not know; they stay in. Add it there."
    )
    assert (
        quality.references_title(found).in_language(EN)
        == "References between tables with rows that lead nowhere: 1 of 2"
    )
    assert quality.references(found)["share"].tolist() == [0.005]
    assert (
        quality.references_title(scorecard()).in_language(EN) == "No table refers to another that is exported"
    )
    assert (
        quality.references_title(scorecard(orphans=[{**ORPHAN, "orphans": 0}]))
        .in_language(EN)
        .startswith("All 1 references")
    )


def test_names_to_confirm_and_rows_without_a_key_are_told():
    alias = {
        "raw_name": "维荣",
        "customer_id": "C1",
        "customer_name": "杭州维荣",
        "method": "similar",
        "score": 90,
        "rows": 4,
    }
    found = scorecard(
        customer_aliases=[alias, {**alias, "raw_name": "威荣", "rows": 9}], uniqueness=[unique(unnumbered=7)]
    )
    assert said(found)[1:] == [
        "Names that look like a known customer written otherwise: 2. Confirm them in customer_aliases.csv.",
        "7 rows of tickets have no key of their own, so a file exported twice would count twice: export ticket_id, too.",
    ]
    assert quality.aliases(found)["raw_name"].tolist() == ["威荣", "维荣"]
    assert (
        quality.aliases_title(found)
        .in_language(EN)
        .startswith("Unknown names that look like a known customer: 2;")
    )
    assert quality.aliases_title(scorecard()).in_language(EN) == "No unknown name looks like a known customer"


def test_tables_that_are_not_exported_are_one_sentence():
    one = scorecard(row_counts=[counts("tickets"), counts("visits", 0, files=0)])
    assert said(one)[-1] == "One table is not exported: visits."
    assert quality.absent(one).in_language(EN) == "Not exported: visits."
    two = scorecard(row_counts=[counts("tickets"), counts("visits", 0, files=0), counts("sales", 0, files=0)])
    assert said(two)[-1] == "2 tables are not exported, among them sales."
    assert quality.absent(two).in_language(ZH) == "未导出：销售记录、上门记录。"
    assert quality.absent(scorecard()) is None


def gaps_of(*tables: str) -> list[dict]:
    present = {t: {c.name for c in CONTRACT[t].columns} for t in tables}
    return [{"n": n, **vars(gap)} for n, gap in enumerate(needed(present), 1)]


def test_what_each_gap_costs():
    stopped = scorecard(gaps=gaps_of("tickets"))
    assert (
        quality.gaps_title(stopped)
        .in_language(EN)
        .startswith("For want of data, these pages cannot answer: Renewals and churn")
    )
    assert (
        said(stopped)[-1]
        == "Export sales to learn who still buys, what to expect of them, and what was sold."
    )
    shown = quality.gaps(stopped)
    assert as_text(shown["page"].iloc[0], EN) == "Purchases and sales (cannot answer)"
    for cell in shown.to_numpy().ravel():
        assert re.search("[\u4e00-\u9fff]", as_text(cell, ZH)), as_text(cell, EN)
    narrowed = scorecard(gaps=gaps_of(*(t for t in CONTRACT if t != "products")))
    assert (
        quality.gaps_title(narrowed).in_language(EN)
        == "Every page can answer; gaps that narrow what they say: 2"
    )
    assert (
        quality.gaps_title(scorecard(gaps=gaps_of(*CONTRACT))).in_language(EN)
        == "No page lacks a table or a column"
    )


def test_at_most_five_sentences():
    found = scorecard(
        row_counts=[counts("tickets", 100, 4)],
        quarantine_reasons=[REASON],
        freshness=[LATE],
        files=[file("a.csv", 0, last=None)],
        orphans=[ORPHAN],
        uniqueness=[unique(unnumbered=3)],
    )
    found = broken(found, {"2025-03": ("missing", 0), "2026-05": ("high", 700), "2026-08": ("low", 10)})
    assert len(said(found)) == 5


def test_columns_of_the_row_counts_in_which_nothing_happened_are_left_out():
    found = scorecard(row_counts=[counts("tickets", 100, 2, derived=3), counts("visits", 0, files=0)])
    assert list(quality.row_columns(found)) == [
        "table",
        "files",
        "raw",
        "clean",
        "quarantined",
        "derived",
        "bad_share",
    ]
    assert (
        as_text(quality.rows_note(found), EN)
        == "Added: customers that only other tables name. Not exported: visits."
    )
    assert as_text(quality.rows_note(scorecard()), EN) == ""
    filtered = scorecard(row_counts=[counts("tickets", 100, filtered=9)])
    assert as_text(quality.rows_note(filtered), EN).startswith("Filtered: ")
    assert "bad_share" not in quality.row_columns(filtered)
    assert quality.rows_title(found).in_language(EN).startswith("Every row is accounted for")


def test_cards():
    found = scorecard(row_counts=[counts("tickets", 1000, 40)], quarantine_reasons=[REASON])
    cards = {
        c.label.in_language(EN): (as_text(c.value, EN), as_text(c.beside, EN)) for c in clean.cards(found)
    }
    assert cards == {
        "Rows used": ("96.0%", "960 of 1,000 read"),
        "Set aside": ("4.00%", "40 rows"),
        "Tables up to date": ("1/1", "newest day 31 October 2026"),
        "Months out of line": ("0", "of 24 judged"),
        "Tables exported": ("1", "of 1 that can be used"),
    }


BEFORE = {
    "used": 1.0,
    "rows tickets": 200,
    "filled tickets closed_at": 1.0,
    "readable tickets closed_at": 1.0,
}


@pytest.mark.parametrize(
    ("before", "tables", "sentence"),
    [
        (
            BEFORE,
            {},
            "Rows of tickets: down 100 since 30 September 2026, though exports grow. Look for a file that is gone.",
        ),
        (
            {"rows visits": 5},
            {},
            "visits are no longer exported, as they were as of 30 September 2026: ask for them again.",
        ),
        (
            {"rows tickets": 90, "filled tickets branch": 0.9},
            {},
            "branch of tickets is no longer exported, as it was as of 30 September 2026: ask for it again.",
        ),
        (
            {"filled tickets closed_at": 1.0},
            {"quality": [column(filled=80)]},
            "closed_at of tickets is worse than as of 30 September 2026, down 20.0 points: see what changed in the export.",
        ),
        (
            {"readable tickets closed_at": 1.0},
            {"quality": [column(unreadable=10)]},
            "Fewer cells of closed_at in tickets can be read than as of 30 September 2026, down 10.0 points: see the examples below.",
        ),
        ({"rows tickets": 99, "filled tickets closed_at": 0.98, "filled tickets branch": 0.0}, {}, None),
    ],
)
def test_what_got_much_worse_since_the_previous_run(before, tables, sentence):
    found = replace(scorecard(**tables), before=before, earlier="2026-09-30")
    assert [m.in_language(EN) for m in compared.worse(found)] == ([sentence] if sentence else [])
    assert compared.worse(replace(found, earlier=None)) == []
    assert clean.trusted(found) == (sentence is None)


def test_every_figure_that_is_compared_has_a_meaning_in_both_languages():
    told = compared.figures(scorecard())
    assert set(told) == {
        "used",
        "rows tickets",
        "aside tickets",
        "behind tickets",
        "filled tickets closed_at",
        "readable tickets closed_at",
    }
    for name in told:
        label = compared.meaning(name).label
        assert label.in_language(EN) != label.in_language(ZH)
    assert compared.meaning("readable tickets closed_at").part_of == "filled tickets closed_at"


def test_every_table_column_and_reason_has_a_chinese_word():
    words = [("table", name) for name in CLEAN]
    words += [("column", c.name) for t in CONTRACT.values() for c in t.kept]
    for table in CONTRACT.values():
        for a, b in table.ordered:
            words.append(
                ("fault", f"is before {a}" if table.column(a).kind in ("date", "time") else f"is above {b}")
            )
    words += [("break", v) for v in ("missing", "low", "high", "fell", "rose")]
    words += [
        ("likeness", w)
        for w in ("same name", "same letters", "other company form", "other order of words", "similar")
    ]
    missing = {
        (context, word)
        for context, word in words
        if not re.search("[\u4e00-\u9fff]", ZH.look_up(word, context))
    }
    assert missing == set()
