"""The house keeps its own rules: one word per step, data flow one way, nothing listed twice, no host in a lock."""

import ast
import doctest
import importlib
import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "crmlab"
DVC = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())
STAGES = list(DVC)
SHARED = ["columns", "files", "engine", "tables", "schemas", "intervals"]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))


def modules_imported(path: Path) -> set[str]:
    """The first word after `crmlab.` of every import in a Python file or notebook, inside functions too."""
    if path.suffix == ".ipynb":
        cells = json.loads(path.read_text())["cells"]
        source = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    else:
        source = path.read_text()
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "crmlab":
            rest = node.module.split(".")[1:]
            found |= {rest[0]} if rest else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("crmlab.")}
    return found


def package_files(package: str) -> list[Path]:
    return sorted((SRC / package).rglob("*.py"))


def dependencies(stage: str) -> list[str]:
    return [d.replace("${company}", PARAMS["company"]) for d in DVC[stage]["deps"]]


def test_the_stages_stand_in_the_order_data_flows():
    assert STAGES == ["clean", "faults", "service", "purchases", "churn", "value", "segments", "report"]


@pytest.mark.parametrize("stage", STAGES)
def test_one_word_names_a_stage_everywhere(stage):
    assert (ROOT / "pipelines" / f"{stage}.py").is_file()
    assert (SRC / stage / "__init__.py").is_file()
    assert DVC[stage]["cmd"] == f"python pipelines/{stage}.py"
    assert list(ROOT.glob(f"tests/test_{stage}_*.py"))
    if stage != "report":
        assert (ROOT / "notebooks" / f"{stage}.ipynb").is_file()
        assert stage in PARAMS


@pytest.mark.parametrize("stage", STAGES)
def test_a_package_imports_only_packages_to_its_left(stage):
    allowed = {*SHARED, *STAGES[: STAGES.index(stage) + 1]}
    for path in package_files(stage):
        extra = modules_imported(path) - allowed
        assert not extra - {"__version__"}, f"{path.relative_to(ROOT)} imports {extra}"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_reads_only_named_outputs_of_stages_to_its_left(stage):
    left = STAGES[: STAGES.index(stage)]
    for dep in dependencies(stage):
        if dep.startswith("data/processed/"):
            source = dep.split("/")[2]
            assert source in left, f"{stage} reads {dep}"
            assert stage == "report" or Path(dep).suffix, f"{stage} depends on all of {dep}: name the file"


@pytest.mark.parametrize("stage", STAGES)
def test_dvc_knows_every_module_a_stage_imports(stage):
    paths = [ROOT / "pipelines" / f"{stage}.py", *package_files(stage)]
    needed = set().union(*(modules_imported(p) for p in paths)) | {stage}
    deps = dependencies(stage)
    for module in needed - {"__version__"}:
        where = f"src/crmlab/{module}" if (SRC / module).is_dir() else f"src/crmlab/{module}.py"
        assert {where, "src/crmlab"} & set(deps), (
            f"dvc.yaml: {stage} imports {where} but does not depend on it"
        )
    assert f"pipelines/{stage}.py" in deps


@pytest.mark.parametrize("stage", STAGES)
def test_dvc_knows_every_file_a_pipeline_entry_reads(stage):
    source = (ROOT / "pipelines" / f"{stage}.py").read_text()
    deps = dependencies(stage)
    for name in re.findall(r'"([a-z_]+\.(?:parquet|json))"', source):
        written = any(str(out).endswith(stage) for out in DVC[stage].get("outs", []))
        known = any(dep.endswith(f"/{name}") for dep in deps) or stage == "report"
        assert known or written, f"pipelines/{stage}.py reads {name}, dvc.yaml does not name it"


def test_nothing_but_tests_benchmarks_and_the_command_line_uses_the_simulation():
    outside = [p for p in SRC.rglob("*.py") if "sample" not in p.parts and p.name != "cli.py"]
    for path in [*outside, *(ROOT / "pipelines").glob("*.py"), *NOTEBOOKS]:
        assert "sample" not in modules_imported(path), path


def test_the_library_never_reads_params():
    # the definition, the command line, and the doors of notebooks
    doors = {"files.py", "cli.py", "report/opening.py", "explore/earlier_days.py"}
    for path in SRC.rglob("*.py"):
        calls = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
        read = [n for n in calls if isinstance(n.func, ast.Attribute) and n.func.attr == "params"]
        assert not read or path.relative_to(SRC).as_posix() in doors, (
            f"{path.relative_to(ROOT)} reads params.yaml: pass the values in"
        )


def test_conda_gets_the_same_versions_and_nothing_is_listed_twice():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert conda[0] == f"python{project['requires-python']}"
    assert conda[-1] == {"pip": ["-r requirements.lock"]}


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", ["test"]), ("requirements-all.lock", None)]
)
def test_the_locks_hold_every_requirement_with_hashes_and_name_no_host(lock, extras):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"] if extras is None else extras:
        wanted += project["optional-dependencies"][extra]
    text = (ROOT / lock).read_text()
    pinned = set(re.findall(r"^([a-z0-9_.-]+)==", text, flags=re.M))
    for requirement in wanted:
        assert re.match(r"[A-Za-z0-9_.-]+", requirement)[0].lower() in pinned, requirement
    assert "://" not in text
    assert len(re.findall(r"^[a-z0-9_.-]+==", text, flags=re.M)) <= text.count("--hash=sha256:")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_are_stored_as_written(path):
    notebook = json.loads(path.read_text())
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(ids) == len(set(ids))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [], f"cell {cell['id']} has outputs"
            assert cell["execution_count"] is None, f"cell {cell['id']} was run"
            tree = ast.parse("".join(cell["source"]))
            assert not [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
    if path.parent.name == "notebooks":
        tags = [t for c in notebook["cells"] for t in c["metadata"].get("tags", [])]
        assert tags.count("parameters") == 1, "papermill needs one cell tagged parameters"


def test_every_command_that_the_readme_names_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    readme = (ROOT / "README.md").read_text()
    named = set(re.findall(r"^make ([a-z]+)", readme, flags=re.M)) | set(
        re.findall(r"`make ([a-z]+)`", readme)
    )
    assert "test" in named
    assert named <= targets


def test_relative_links_in_the_documents_lead_somewhere():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(SRC.rglob("*.py")) if ">>> " in p.read_text()],
    ids=lambda p: p.relative_to(SRC).as_posix(),
)
def test_examples_in_docstrings_are_true(path):
    name = ".".join(path.relative_to(SRC.parent).with_suffix("").parts).removesuffix(".__init__")
    assert doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS).failed == 0


def test_raw_data_of_real_companies_and_made_files_stay_out_of_git():
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {
        "data/raw/*",
        "!data/raw/demo/",
        "data/processed/*",
        "/models/",
        "reports/pages/",
        "reports/reviews/",
    } <= set(ignored)
    config = (ROOT / ".dvc" / "config").read_text()
    assert "analytics = false" in config


def test_the_contract_page_says_what_the_contract_in_code_says():
    from crmlab.tables import as_markdown

    page = (ROOT / "docs" / "data-contract.md").read_text()
    assert page.endswith(as_markdown()), (
        "write the output of `crmlab contract` to the end of docs/data-contract.md"
    )
