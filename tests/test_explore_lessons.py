"""The lessons for analysts: each runs on a whole company, says how good the naive line is, and ends kindly on a poor one."""

import json
import shutil

import nbformat
import pandas as pd
import pytest
from conftest import ROOT, run_notebook
from nbclient import NotebookClient

import crmlab
from crmlab.files import Project
from crmlab.report.kernel import Kernel

LESSONS = sorted(path.stem for path in (ROOT / "notebooks" / "explore").glob("*.ipynb"))
NEEDS = {"01": "sales", "02": "tickets", "03": "contracts", "04": "ticket_parts", "05": "sales"}
"""A table without which a lesson has nothing to show."""


@pytest.fixture
def poorer(small, tmp_path):
    """The small company without the rows of one table."""

    def without(table):
        project = Project(tmp_path / "poorer")
        for part in ("data/processed", "notebooks"):
            shutil.copytree(small.root / part, project.root / part)
        for name in ("params.yaml", "dvc.yaml"):
            shutil.copy(small.root / name, project.root)
        path = project.processed("clean") / f"{table}.parquet"
        pd.read_parquet(path).head(0).to_parquet(path)
        return project

    return without


@pytest.fixture(scope="module")
def shown(small):
    """The tables that a lesson shows on the whole company; each lesson is run once."""
    found = {}

    def of(lesson):
        if lesson not in found:
            cells = run_notebook(small, f"explore/{lesson}")
            found[lesson] = [cell for cell in cells if isinstance(cell, pd.DataFrame)]
        return found[lesson]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLBACKEND", "agg")
        yield of


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_and_is_short(shown, lesson):
    cells = json.loads((ROOT / "notebooks" / "explore" / f"{lesson}.ipynb").read_text())["cells"]
    assert 10 <= len(cells) <= 18
    exercise = "".join(cells[-2]["source"])
    assert exercise.startswith("## Your turn")
    assert exercise.count("*Hint:*") == exercise.count("*You are right if*") == 1
    assert shown(lesson)
    assert all(len(frame) for frame in shown(lesson))


@pytest.mark.parametrize(
    ("lesson", "score"),
    [
        ("02_a_symptom_under_the_glass", "log_loss"),
        ("03_a_renewal_model_of_my_own", "Brier"),
        ("05_my_own_segment", "mean absolute error"),
    ],
)
def test_a_score_stands_beside_its_naive_line(shown, lesson, score):
    table = next(frame for frame in shown(lesson) if score in frame)
    naive = table.index.str.startswith("naive")
    assert naive.any()
    assert not naive.all()
    assert table[score].between(0, 10).all()


def test_more_parts_are_never_worse(shown):
    kits = next(frame for frame in shown("04_what_if_on_kits_and_promises") if "best kit" in frame)
    assert kits["best kit"].is_monotonic_increasing
    assert kits["naive: most frequent parts"].is_monotonic_increasing


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_says_what_a_poor_company_lacks(poorer, monkeypatch, lesson):
    monkeypatch.setenv("MPLBACKEND", "agg")
    table = NEEDS[lesson[:2]]
    with pytest.raises(crmlab.MissingData, match=rf"exports lack `{table}[.`].* you could .*bring-your-own"):
        run_notebook(poorer(table), f"explore/{lesson}")


def test_in_a_kernel_it_ends_without_a_traceback(poorer):
    folder = poorer("contracts").notebooks / "explore"
    notebook = nbformat.read(folder / "03_a_renewal_model_of_my_own.ipynb", as_version=4)
    asked = next(cell for cell in notebook.cells if cell.id == "imports")
    notebook.cells.append(nbformat.v4.new_code_cell("print('heard')"))
    notebook.cells.append(nbformat.v4.new_code_cell("crmlab.needs('tickets', adds='hear')\nprint('loud')"))
    notebook.cells.append(nbformat.v4.new_code_cell("print('again')"))
    NotebookClient(
        notebook,
        timeout=120,
        kernel_manager_class=Kernel,
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    said = {
        cell.id: "".join(o.get("text", o.output_type) for o in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    }
    assert said.pop(asked.id) == (
        "This company's exports lack `contracts`; with it you could see who renews, and foretell it. "
        "docs/bring-your-own-data.md shows how to add an export. The cells below stay silent until `needs` is asked again.\n"
    )
    *lesson, heard, loud, again = said.values()
    assert (heard, loud, again) == ("", "loud\n", "again\n")
    assert set(lesson) == {""}
