"""What each stage needs, against what the stages themselves say that they lacked."""

import json

import pytest
from conftest import STAGES, run_stage
from exports import write

from crmlab.clean.quality.needs import ENOUGH, NEEDS, gaps
from crmlab.clean.reading.plan import plan
from crmlab.report.language import catalogue
from crmlab.tables import CONTRACT

ONLY_ROWS_TELL = {
    "30 failures of one part",
    "a second machine family",
    "more tickets with a cause",
    "more ended contracts",
    "lost contracts",
    "renewed contracts",
    "a second year of ended contracts",
    "two years of sales",
    "a year of sales",
    "more repeat buyers",
}
"""What a stage may lack although every column is there."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "exported",
    [
        ("tickets",),
        ("sales",),
        ("contracts",),
        ("contracts", "tickets"),
        ("contracts", "sales"),
        ("tickets", "visits", "sales"),
    ],
    ids=" and ".join,
)
def test_no_stage_lacks_what_was_not_announced(company, exported):
    project = company(*exported)
    params = (
        project.root / "params.yaml"
    )  # a model takes its time, and what a stage lacks does not hang on it
    params.write_text(params.read_text().replace("min_labelled: 200", "min_labelled: 1000000"))
    layout = plan(project.raw("demo"))
    announced = gaps({name: layout.present(name) for name in layout.sources})
    for name in STAGES:
        run_stage(project, name)
        status = json.loads((project.processed(name) / "status.json").read_text(encoding="utf-8"))
        lacked = {(m["what"], m["adds"]) for m in status["missing"] if m["what"] not in ONLY_ROWS_TELL}
        assert lacked <= {(g.what, g.adds) for g in announced if g.stage == name}, name
        stopped = [g.what for g in announced if g.stage == name and g.effect == "stops"]
        assert (status["state"] == "empty") == bool(stopped), name


def test_products_alone_stop_the_pipeline_and_are_announced_to(tmp_path):
    layout = plan(write(tmp_path / "acme", {"products.csv": "product_id\nP1\n"}))
    assert "no table at all that says what day it is" in layout.faults[0]
    announced = gaps({"products": layout.present("products")})
    stops = [g.what for g in announced if g.stage == "clean" and g.effect == "stops"]
    assert stops == ["a table that says what day it is"]


def test_with_everything_exported_nothing_is_lacking():
    assert gaps({name: {c.name for c in table.columns} for name, table in CONTRACT.items()}) == []


def test_one_of_several_is_enough():
    def lacking(*columns):
        return "sales.cost or sales.margin" in [g.what for g in gaps({"sales": set(columns)})]

    assert lacking("amount")
    assert not lacking("amount", "margin")
    assert not lacking("amount", "cost")


def test_every_need_names_tables_and_columns_of_the_contract():
    for need in NEEDS:
        for wanted in need.any_of:
            table, _, column = wanted.partition(".")
            assert not column or CONTRACT[table].column(column)


def test_every_word_about_a_gap_is_translated():
    words = catalogue("zh")
    for gap in (need.gap for need in (*NEEDS, *ENOUGH)):
        for text, context in ((gap.what, "lacks"), (gap.adds, "lacks"), (gap.without, None)):
            found = words.get(text, context)
            assert found is not None, text
            assert found.string, text
