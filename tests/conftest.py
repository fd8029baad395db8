"""A project in a temporary folder, and ways to run its stages and notebooks in this process (no kernel, no DVC)."""

import ast
import contextlib
import json
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import yaml

from crmlab import files

# The same examples on every run, so that a red test is red again; `--hypothesis-profile=search` looks for new ones.
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.register_profile("search", derandomize=False)
hypothesis.settings.load_profile("same")

ROOT = Path(__file__).parents[1]
STAGES = ("clean", "faults", "service", "purchases", "churn", "value", "segments")


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
    sample.write(folder, customers=220)
    return folder


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> files.Project:
    """A project in which every stage but `report` has run on the small simulated company.

    Where tests run in several processes, the first to need it makes it and the others copy it.
    """
    shared = tmp_path_factory.getbasetemp().parent / "small"
    if hasattr(request.config, "workerinput") and shared.exists():
        return files.Project(shutil.copytree(shared, tmp_path_factory.mktemp("copied") / "small"))
    made = run_small(tmp_path_factory, request.getfixturevalue("simulated"))
    if hasattr(request.config, "workerinput"):
        with contextlib.suppress(OSError):  # another was faster
            shutil.copytree(made.root, tmp_path_factory.mktemp("made") / "small").rename(shared)
    return made


def run_small(tmp_path_factory: pytest.TempPathFactory, simulated: Path) -> files.Project:
    """Run every stage but `report`, each in a folder that holds only the files and params that dvc.yaml names for it.

    So a dependency that dvc.yaml forgets is an error here.
    """
    project = new_project(tmp_path_factory.mktemp("small"))
    shutil.copytree(simulated, project.raw("demo"))
    for name in STAGES:
        alone = new_project(tmp_path_factory.mktemp(name))
        stage = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"][name]
        for dep in (d.replace("${company}", "demo") for d in stage["deps"]):
            if dep.startswith("data/"):
                copy(project.root / dep, alone.root / dep)
        keep_params(alone, [*stage["params"], "company"])
        run_stage(alone, name)
        for made in (alone.processed(name), alone.models(name), alone.metrics(name)):
            if made.exists():
                copy(made, project.root / made.relative_to(alone.root))
    return project


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)


def keep_params(project: files.Project, names: list[str]) -> None:
    """Leave in params.yaml only what `names` lists: sections, or single values as section.key."""
    params = yaml.safe_load((project.root / "params.yaml").read_text())
    kept: dict[str, Any] = {}
    for name in names:
        section, _, key = name.partition(".")
        if key:
            kept.setdefault(section, {})[key] = params[section][key]
        else:
            kept[section] = params[section]
    (project.root / "params.yaml").write_text(yaml.safe_dump(kept))


@pytest.fixture
def company(tmp_path: Path, simulated: Path) -> Callable[..., files.Project]:
    """Make a project whose company exports only some tables: `company("tickets", "visits", as_of='"2025-12-31"')`."""

    def make(*tables: str, **params: str) -> files.Project:
        project = new_project(tmp_path, params)
        for path in simulated.iterdir():
            if path.name.split(".")[0] in (*tables, "mapping"):
                target = project.raw("demo") / path.name
                copy(path, target)
        return project

    return make


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pipeline of two tiny stages, before any run."""
    from tiny_pipeline import write

    folder = tmp_path_factory.mktemp("tiny") / "project"
    write(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path, tiny: Path) -> Path:
    """A copy of the pipeline of two tiny stages."""
    return Path(shutil.copytree(tiny, tmp_path / "project"))
