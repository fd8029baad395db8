"""What customers of each type get, and how they move between types and stages: each branch by its figures."""

import csv
from importlib.resources import files

import pandas as pd
import pytest
from typed import NINE, ZH, cell, customer, said, table

from crmlab.report.findings import segments_cells, segments_moves, segments_stages
from crmlab.report.language import catalogue

CELLS = table(
    "cells",
    cell("planner", "high", "safe", 20),
    cell("planner", "high", "at_risk", 6, 600_00),
    cell("reckoner", "low", "at_risk", 9, 300_00),
    cell("reckoner", "loss", "unknown", 2),
)


def test_the_matrix_shows_who_is_at_risk_and_where_most_is_at_stake():
    matrix = segments_cells.by_band(CELLS)
    assert [said(heading) for heading in matrix.headings] == ["high", "low", "loss"]
    (first, reckoner), (second, planner) = matrix.rows
    assert [said(first), said(second)] == ["reckoner", "planner"]
    assert [(planner[0].value.value, said(planner[0].more), planner[0].shade)] == [(26, "(6)", 5)]
    assert reckoner[0].value == "–", "no reckoner is of high value"
    assert [(x.value.value, x.shade, x.more) for x in reckoner[2:]] == [(2, 0, None)]


def test_title_of_the_cells():
    assert said(segments_cells.title(CELLS)) == (
        "Most is at stake with the planner, high value: 6 customers at risk, CN¥600"
    )
    safe = table("cells", cell("planner", "high", "safe", 20))
    assert said(segments_cells.title(safe)) == "Nothing is at stake: nobody of value is at risk"
    unknown = table("cells", cell("planner", "high", "unknown", 20))
    assert said(segments_cells.title(unknown)).endswith("who is at risk cannot be told")
    assert said(segments_cells.title(table("cells"))).endswith("no value is known")


def test_how_and_how_much_are_told_once_each():
    manners = segments_cells.manners(CELLS)
    assert manners[["type", "n", "at_risk", "manner"]].to_numpy().tolist() == [
        ["reckoner", 11, 9, "manner reckoner"],
        ["planner", 26, 6, "manner planner"],
    ]
    efforts = segments_cells.efforts(CELLS)
    assert efforts["effort"].tolist() == [
        "effort high at_risk",
        "effort high safe",
        "effort low at_risk",
        "effort loss unknown",
    ]
    assert segments_cells.at_stake(CELLS)["type"].tolist() == ["planner", "reckoner"]


def test_the_policy_is_shown_where_there_are_customers():
    customers = table(
        "customers",
        customer("a"),
        customer("b", type="undetermined"),
        customer("c", stage="extension", action="Go on."),
        customer("d", stage=None, action=None),
    )
    rows = segments_cells.by_stage(customers)
    assert [(said(stage), n) for stage, n in zip(rows["stage_said"], rows["n"], strict=True)] == [
        ("retention", 2),
        ("extension", 1),
    ]


@pytest.mark.parametrize(
    ("overlap", "title"),
    [
        (None, "The simpler scheme, profit × loyalty × satisfaction"),
        (0.04, "The simpler scheme says something else: it shares 0.04 of 1 with the types"),
        (0.3, "The simpler scheme says part of what the types say: 0.30 of 1"),
        (0.8, "The simpler scheme says much the same as the types: 0.80 of 1"),
    ],
)
def test_the_simpler_scheme_is_held_beside_the_types(overlap, title):
    assert said(segments_cells.scheme_title(overlap)) == title


def test_the_commonest_type_of_few_is_not_told():
    row = {"profit": "high", "loyalty": "high", "commonest": "planner", "commonest_share": 1.0}
    found = segments_cells.scheme(
        table(
            "simple_scheme",
            row | {"satisfaction": "high", "n": 4, "to_come": 9},
            row | {"satisfaction": "low", "n": 5, "to_come": 1},
            row | {"satisfaction": "unknown", "n": 0, "to_come": 0},
        )
    )
    assert found["commonest"].isna().tolist() == [True, False]
    assert found["commonest_share"].isna().tolist() == [True, False]


def months(**last):
    """Customers of each type by month: ten planners in each of fourteen months, in the last month as told."""
    counts = [{"planner": 10, "undetermined": 3}] * 13 + [last]
    days = pd.date_range("2025-09-30", periods=14, freq="ME")
    rows = [
        {"customer_id": f"{kind}{i}", "month": day, "type": kind, "likeliest": kind if kind in NINE else None}
        for day, told in zip(days, counts, strict=True)
        for kind, n in told.items()
        for i in range(n)
    ]
    return table("months", *rows)


def test_types_by_month_count_everybody_but_the_undetermined():
    rows = segments_moves.by_month(months(planner=16))
    assert rows[(rows["type"] == "planner")]["n"].tolist() == [10] * 13 + [16]
    assert rows[(rows["type"] == "reckoner")]["n"].sum() == 0
    years = segments_moves.by_year(months(planner=16)).set_index("type").loc["planner"]
    assert years.tolist() == [16, 10, None]


@pytest.mark.parametrize(
    ("last", "title"),
    [
        ({"planner": 16}, "In 12 months planner grew most, from 10 to 16 customers"),
        ({"planner": 2}, "In 12 months planner shrank most, from 10 to 2 customers"),
        ({"planner": 12}, "In 12 months no type gained or lost 5 customers"),
    ],
)
def test_title_of_the_types_by_month(last, title):
    assert said(segments_moves.by_month_title(months(**last))) == title


def test_one_month_tells_no_change():
    one = months(planner=3)
    assert "fewer than two months are known" in said(
        segments_moves.by_month_title(one[one["month"] == one["month"].max()])
    )
    assert "fewer than two months are known" in said(segments_moves.by_month_title(one.head(0)))
    assert segments_moves.by_month(one.head(0)).empty


def move(was, now, n, at=1000):
    """So many moves."""
    return {"type": was, "next": now, "n": n, "at": at, "share": n / at, "low": 0.0, "high": 1.0}


def test_small_counts_of_moves_are_withheld():
    found = table(
        "transitions",
        move("planner", "planner", 900),
        move("planner", "reckoner", 20),
        move("planner", "pioneer", 4),
        move("undetermined", "planner", 80),
    )
    matrix = segments_moves.between(found)
    planner = {said(h): x.value for h, x in zip(matrix.headings, matrix.rows[7][1], strict=True)}
    assert said(matrix.rows[7][0]) == "planner"
    assert planner["planner"] == ""
    assert planner["pioneer"] == "–"
    assert planner["reckoner"].value == 0.02
    assert said(segments_moves.between_title(found)) == (
        "The most frequent move is from planner to reckoner: 20 times, 2.0% a month"
    )
    few = found[found["n"] != 20]
    assert said(segments_moves.between_title(few)).endswith("no pair was seen 5 times")
    assert segments_moves.between(few).rows == []


def test_movers_are_told_with_what_moved_them():
    known = {"was": "reckoner", "type": "planner", "p": 0.8, "feature": "renewal_lead", "stage": "retention"}
    movers = table(
        "movers",
        known | {"customer_id": "a", "month": "2026-08-31", "then": 10.0, "now": 41.0},
        known | {"customer_id": "b", "month": "2026-10-31", "now": 41.0, "to_come": 1},
        known | {"customer_id": "c", "month": "2026-10-31", "feature": None, "to_come": 2},
    )
    rows = segments_moves.moved(movers)
    assert rows["name"].tolist() == ["c", "b", "a"]
    assert rows["what"][0] is None
    assert said(rows["what"][1]) == "signs renewals 41 days before they start"
    assert said(rows["what"][2]) == "signs renewals 41 days before they start (a year ago 10)"
    assert said(segments_moves.moved_title(movers)) == (
        "In twelve months 3 customers changed type, 3 of them to planner"
    )
    assert said(segments_moves.moved_title(table("movers"))).startswith("No customer changed type")


def test_title_of_the_stages():
    rows = [
        {"month": "2026-09-30", "stage": "extension", "n": 99, "won_back": 9},
        {"month": "2026-10-31", "stage": "acquisition", "n": 25, "won_back": 0},
        {"month": "2026-10-31", "stage": "retention", "n": 75, "won_back": 0},
    ]
    title = segments_stages.stages_title
    assert said(title(table("stages", *rows))) == (
        "75% of the customers are in the stage retention; nobody was won back lately"
    )
    back = table("stages", *rows[:1], rows[1] | {"won_back": 1}, rows[2])
    assert said(title(back)).endswith("retention; one customer won back within a year")
    assert said(title(back), ZH) == "75% 的客户处于维系阶段；一年内赢回：1 位客户"
    assert said(title(table("stages"))) == "No customer is in a stage of the life cycle"


@pytest.mark.parametrize("name", ["policy.csv", "effort.csv"])
def test_what_the_embedded_policy_says_is_in_every_language(name):
    path = files("crmlab.segments.use") / name
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))[1:]
    words = catalogue("zh")
    assert [row[2] for row in rows if not words.get(row[2], segments_cells.POLICY)] == []
