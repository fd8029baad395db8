"""Paths, atomic writes and the frame of a stage."""

import fcntl
import json
import math
from pathlib import Path

import joblib
import pandas as pd
import pytest

from crmlab import files


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "params.yaml").write_text("company: demo\nfaults: {at: call}\n")
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    monkeypatch.chdir(tmp_path)
    return files.Project(tmp_path)


def test_the_root_is_found_from_any_folder_inside(project, monkeypatch):
    (project.root / "notebooks" / "explore").mkdir(parents=True)
    monkeypatch.chdir(project.root / "notebooks" / "explore")
    assert files.find_root() == project.root


def test_outside_a_project_the_error_says_what_is_missing(tmp_path):
    with pytest.raises(files.CrmlabError, match=r"no params\.yaml and dvc\.yaml here or above"):
        files.find_root(tmp_path)


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "figures.json"
    files.write_json(path, {"n": 1})
    with pytest.raises(TypeError):
        files.write_json(path, {"n": object()})
    with pytest.raises(ZeroDivisionError), files.atomic(path) as draft:
        draft.write_text("half")
        _ = 1 / 0
    assert files.read_json(path) == {"n": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["figures.json"]


def test_json_is_sorted_rounded_and_says_null_for_what_is_no_number(tmp_path):
    files.write_json(tmp_path / "a.json", {"b": 1 / 3, "a": [math.nan, math.inf, 2.0]})
    assert (
        tmp_path / "a.json"
    ).read_text() == '{\n "a": [\n  null,\n  null,\n  2.0\n ],\n "b": 0.333333\n}\n'


def test_a_table_comes_out_in_the_order_of_its_key_whatever_order_it_came_in(tmp_path):
    frame = pd.DataFrame({"id": ["b", "a", "c"], "n": [2, 1, 3]})
    files.write_table(tmp_path / "one.parquet", frame, ["id"])
    files.write_table(tmp_path / "two.parquet", frame.iloc[::-1], ["id"])
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert list(files.read_table(tmp_path / "one.parquet")["n"]) == [1, 2, 3]


def test_a_model_has_the_same_bytes_whatever_its_types_were_asked_before(tmp_path):
    frame = pd.DataFrame({"n": pd.array([1, 2], "Int64"), "share": pd.array([0.5, None], "Float64")})
    files.write_model(tmp_path / "one.joblib", frame)
    for name in frame:
        frame[name].dtype.__dict__.pop("_cache", None)
        assert frame[name].dtype.itemsize == 8  # pandas keeps the answer inside the type
    files.write_model(tmp_path / "two.joblib", frame)
    assert (tmp_path / "one.joblib").read_bytes() == (tmp_path / "two.joblib").read_bytes()
    pd.testing.assert_frame_equal(joblib.load(tmp_path / "one.joblib"), frame)


def test_a_key_that_names_two_rows_is_refused(tmp_path):
    with pytest.raises(files.CrmlabError, match="occurs twice"):
        files.write_table(tmp_path / "x.parquet", pd.DataFrame({"id": ["a", "a"]}), ["id"])


@pytest.mark.parametrize(
    ("lacks", "empty", "state"), [(False, False, "ran"), (True, False, "narrowed"), (True, True, "empty")]
)
def test_a_stage_says_how_it_went(project, capsys, lacks, empty, state):
    with files.stage("faults") as stage:
        assert stage.settings == {"at": "call"}
        stage.summary = "12 tickets"
        stage.empty = empty
        if lacks:
            stage.lacks("visits", "first-time fix")
    status = json.loads((project.processed("faults") / "status.json").read_text())
    assert status["state"] == state
    said = capsys.readouterr().out
    assert said.startswith("faults: 12 tickets")
    assert said.count("\n") == 1
    assert ("no visits" in said) == lacks


def test_only_a_stage_that_ends_well_replaces_what_was_there_and_all_of_it(project):
    tables, metrics = project.processed("faults"), project.metrics("faults")

    def write(*names: str, ends: bool) -> None:
        with files.stage("faults") as stage:
            for name in names:
                files.write_text(stage.out / name, name)
            files.write_json(stage.project.metrics("faults"), len(names))
            assert stage.project.processed("clean") == project.processed("clean")
            if not ends:
                raise files.CrmlabError("no")

    def there() -> tuple[list[str], int]:
        assert [path.name for path in project.root.rglob(".*")] == [".faults.lock"], "a draft is left"
        return sorted(path.name for path in tables.iterdir()), files.read_json(metrics)

    write("one", "two", ends=True)
    with pytest.raises(SystemExit):
        write("one", "three", "four", ends=False)
    assert there() == (["one", "status.json", "two"], 2)
    (tables.parent / ".faults.draft").mkdir()
    (tables.parent / ".faults.draft" / "of a killed run").touch()
    write("three", ends=True)
    assert there() == (["status.json", "three"], 1)


@pytest.mark.parametrize("at", range(7))
def test_a_stage_stopped_while_its_outputs_change_places_leaves_those_of_one_run(project, monkeypatch, at):
    def write(text: str) -> None:
        with files.stage("faults") as stage:
            for path in (
                stage.out / "table",
                stage.project.models("faults") / "model",
                stage.project.metrics("faults"),
            ):
                files.write_text(path, text)

    def there() -> set[str]:
        found = (
            project.processed("faults") / "table",
            project.models("faults") / "model",
            project.metrics("faults"),
        )
        return {path.read_text() for path in found}

    write("before")
    real, done = Path.rename, []

    def rename(path: Path, target: Path) -> Path:
        if len(done) == at:
            done.append("stopped")
            raise OSError("stopped")
        done.append(target)
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(OSError, match="stopped"):
        write("after")
    monkeypatch.undo()
    monkeypatch.chdir(project.root)
    assert there() == {"before"}
    # killed at the same place: nothing was undone then, and the next run does it, even one that fails
    draft = files._Drafting(project.root, "faults")
    for path in (
        draft.processed("faults") / "table",
        draft.models("faults") / "model",
        draft.metrics("faults"),
    ):
        files.write_text(path, "after")
    done.clear()
    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(OSError, match="stopped"):
        draft.take_place()
    monkeypatch.undo()
    monkeypatch.chdir(project.root)
    with pytest.raises(SystemExit), files.stage("faults"):
        raise files.CrmlabError("no")
    assert there() == {"before"}


def test_a_stage_that_runs_in_another_process_is_left_alone(project, capsys):
    project.processed("faults").parent.mkdir(parents=True)
    with (project.processed("faults").parent / ".faults.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(SystemExit), files.stage("faults"):
            raise AssertionError("it ran")
    assert capsys.readouterr().err.startswith("faults: this stage is running in another process")


def test_bad_input_ends_a_stage_with_one_line(project, capsys):
    with pytest.raises(SystemExit) as stopped, files.stage("faults"):
        raise files.CrmlabError("tickets.csv line 17: no")
    assert stopped.value.code == 1
    assert capsys.readouterr().err == "faults: tickets.csv line 17: no\n"
    assert not (project.processed("faults") / "status.json").exists()


def test_a_misspelt_parameter_is_named_with_its_neighbour(tmp_path):
    (tmp_path / "params.yaml").write_text("company: demo\nchurn: {grace_day: 30}\n")
    params = files.Project(tmp_path).params()
    with pytest.raises(
        files.CrmlabError, match=r"params\.yaml, churn: 'grace_days' is missing; is 'grace_day' misspelt\?"
    ):
        params["churn"]["grace_days"]
    with pytest.raises(files.CrmlabError, match=r"params\.yaml: 'languages' is missing; add it"):
        params["languages"]
    (tmp_path / "params.yaml").write_text("compny: demo\n")
    with pytest.raises(files.CrmlabError, match="'company' is missing; is 'compny' misspelt"):
        files.Project(tmp_path).params()
