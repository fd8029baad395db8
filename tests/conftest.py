"""A project in a temporary folder, and ways to run its stages and notebooks in this process (no kernel, no DVC)."""

import ast
import contextlib
import json
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crmlab import files

ROOT = Path(__file__).parents[1]
STAGES = ("clean", "faults", "churn", "value", "segments")


def new_project(folder: Path, params: dict[str, str] | None = None) -> files.Project:
    """A copy of the project without data; `params` replaces whole lines of params.yaml by their key."""
    for name in ("pipelines", "notebooks"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        )
    lines = (ROOT / "params.yaml").read_text().splitlines()
    for key, value in (params or {}).items():
        lines = [f"{key}: {value}" if line.startswith(f"{key}:") else line for line in lines]
    (folder / "params.yaml").write_text("\n".join(lines) + "\n")
    shutil.copy(ROOT / "dvc.yaml", folder)
    return files.Project(folder)


def run_stage(project: files.Project, name: str) -> None:
    """Run `pipelines/<name>.py` as the pipeline would, in this process."""
    with contextlib.chdir(project.root):
        runpy.run_path(str(project.root / "pipelines" / f"{name}.py"), run_name="__main__")


def run_notebook(project: files.Project, name: str, **parameters: Any) -> list[Any]:
    """Run the code cells of a notebook in this process; returns what its cells would show."""
    path = project.notebooks / f"{name}.ipynb"
    space: dict[str, Any] = {}
    shown = []
    with contextlib.chdir(path.parent):
        for cell in json.loads(path.read_text())["cells"]:
            if cell["cell_type"] != "code":
                continue
            tree = ast.parse("".join(cell["source"]))
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, f"{name}:{cell['id']}", "exec"), space)
            if last is not None:
                shown.append(eval(compile(ast.Expression(last.value), f"{name}:{cell['id']}", "eval"), space))
            if "parameters" in cell["metadata"].get("tags", []):
                space.update(parameters)
    return shown


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports of a small simulated company."""
    from crmlab import sample

    folder = tmp_path_factory.mktemp("simulated")
    sample.write(folder, customers=150)
    return folder


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory, simulated: Path) -> files.Project:
    """A project in which every stage but `report` has run on the small simulated company."""
    project = new_project(tmp_path_factory.mktemp("small"))
    shutil.copytree(simulated, project.raw("demo"))
    for name in STAGES:
        run_stage(project, name)
    return project


@pytest.fixture
def company(tmp_path: Path, simulated: Path) -> Callable[..., files.Project]:
    """Make a project whose company exports only some tables: `company("tickets", "visits", as_of='"2025-12-31"')`."""

    def make(*tables: str, **params: str) -> files.Project:
        project = new_project(tmp_path, params)
        for path in simulated.iterdir():
            if path.name.split(".")[0] in (*tables, "mapping"):
                target = project.raw("demo") / path.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copytree(path, target) if path.is_dir() else shutil.copy(path, target)
        return project

    return make
