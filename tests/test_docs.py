"""What the documents name exists: files, commands, targets, and names in their examples."""

import ast
import re

import pytest
import typer
from conftest import ROOT

from crmlab.cli import app

DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
HOW_TO = sorted((ROOT / "docs" / "how-to").glob("*.md"))
PLACES = r"(?:src|tests|docs|notebooks|pipelines|benchmarks|data/raw/demo)/[\w./-]+\.(?:py|sql|md|ipynb|yaml|po|png)"
TRIED = {"branches", "trainings"}
"""Names of the how-to pages' own examples, which nobody has added."""


def named(path):
    """Files of the project that a document names."""
    return {
        name for name in re.findall(PLACES, path.read_text()) if not TRIED & set(re.findall(r"\w+", name))
    }


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_files_that_a_document_names_exist(path):
    missing = sorted(name for name in named(path) if not (ROOT / name).exists())
    assert missing == []


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_commands_that_a_document_names_exist(path):
    text = path.read_text()
    commands = set(typer.main.get_command(app).commands)
    called = re.findall(r"(?:^|`)crmlab ([a-z]+)\b", text, re.M)
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    made = re.findall(r"(?:^|`)make ([a-z]+)\b", text, re.M)
    assert set(called) - commands == set()
    assert set(made) - targets == set()


@pytest.mark.parametrize("path", HOW_TO, ids=lambda p: p.stem)
def test_a_how_to_says_what_it_took_and_names_what_is_there(path):
    text = path.read_text()
    assert len(named(path)) >= 2
    assert re.search(r"## What it took\n\| files touched \| lines \| minutes \|", text)
    for block in re.findall(r"```python\n(.*?)```", text, re.S):
        ast.parse(block)


@pytest.mark.parametrize(
    ("page", "module", "name"),
    [
        ("add-a-feature", "crmlab.churn.landmarks.features", "NUMERIC"),
        ("add-a-feature", "crmlab.report.findings.churn_features", "UNITS"),
        ("add-a-feature", "crmlab.segments.behaviour.catalogue", "FEATURES"),
        ("add-a-feature", "crmlab.segments.behaviour.absent", "NEEDS"),
        ("add-a-feature", "crmlab.faults.causes.features", "JOINED"),
        ("add-a-page", "crmlab.report.page", "TITLES"),
        ("add-a-table", "crmlab.tables", "CONTRACT"),
        ("add-a-table", "crmlab.clean.quality.scorecard", "REFERENCES"),
        ("add-a-table", "crmlab.clean.quality.needs", "NEEDS"),
        ("add-a-table", "crmlab.clean.judging.as_of", "SAY_DAY"),
        ("add-a-language", "crmlab.report.language", "_LOCALES"),
    ],
)
def test_names_that_a_how_to_gives_are_where_it_says(page, module, name):
    text = (ROOT / "docs" / "how-to" / f"{page}.md").read_text()
    assert f"src/{module.replace('.', '/')}.py" in text
    assert f"`{name}`" in text
    assert hasattr(__import__(module, fromlist=[name]), name)
