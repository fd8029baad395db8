"""`crmlab run` under the real DVC: what it says, its log, its alert, its exit code."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT
from tiny_pipeline import command, crmlab_run, log, set_stage, stages_of, wait_for

from crmlab import cli
from crmlab.run import pipeline


def test_a_run_says_and_logs_what_became_of_each_stage(project):
    done = crmlab_run(project)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-3:] == [
        "clean: done (0.1 s)",
        "report: done (0.1 s)",
        f"pages: {project}/reports/index.html",
    ]
    start, clean, report, end = log(project)
    assert start["event"] == "start"
    assert (clean["name"], clean["state"], report["name"], report["state"]) == (
        "clean",
        "ran",
        "report",
        "ran",
    )
    assert clean["seconds"] > 0
    assert clean["cpu_seconds"] > 0
    assert report["cpu_seconds"] > 0
    assert end | {"at": "", "seconds": 0} == {
        "event": "end", "at": "", "seconds": 0, "exit": 0, "company": "demo", "as_of": "2026-10-31",
        "withheld": [], "late": [], "alert": None,
    }  # fmt: skip
    time.sleep(1.1)  # logs are named by the second
    set_stage(project, "report", note=1)
    again = crmlab_run(project)
    assert "clean: unchanged\nreport: done (0.1 s)\n" in again.stdout
    assert [e.get("state") for e in log(project)] == [None, "unchanged", "ran", None]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            (r"^  due_day: .*\n", ""),
            "params.yaml: 1 line is missing that this version needs. Add (defaults shown):\nrun:\n  due_day: 10 ",
        ),
        ((r"due_day: 10", "due_day: 0"), "params.yaml, run.due_day: 0 is not a day of the month, 1 to 31"),
        ((r"^company: demo", "company: nobody"), "no such company folder"),
        ((r"^as_of: auto", "as_of: [auto"), "params.yaml cannot be read"),
    ],
    ids=["a key is missing", "no day of a month", "no such folder", "no YAML"],
)
def test_bad_input_stops_before_anything_runs(project, change, said):
    text = (project / "params.yaml").read_text()
    (project / "params.yaml").write_text(re.sub(*change, text, flags=re.M))
    done = crmlab_run(project)
    assert done.returncode == 3
    assert said in done.stderr
    alert = (project / "logs/alert.txt").read_text()
    assert done.stderr == f"crmlab: {alert}"
    assert [e["event"] for e in log(project)] == ["start", "end"]
    first, *others = alert[len("2026-11-29 05:30 ") :].splitlines()
    assert log(project)[-1]["alert"] == (
        f"{first} ({len(others)} more lines in alert.txt)" if others else first
    )
    assert not (project / "clean.out").exists()


def test_a_table_withheld_has_its_exit_code_and_pages(project):
    path = project / "reports/metrics/clean.json"
    path.write_text(
        json.dumps(
            json.loads(path.read_text())
            | {"withheld": {"visits": {"share": 0.12, "column": "arrived_at", "reason": "is not a date"}}}
        )
    )
    done = crmlab_run(project)
    assert done.returncode == 5
    assert "pages: " in done.stdout
    assert (
        "visits withheld: 12% of its rows could not be used, most often arrived_at is not a date\n"
        in done.stderr
    )
    assert log(project)[-1]["withheld"] == ["visits"]


@pytest.mark.parametrize(("stated", "code"), [(False, 6), (True, 0)])
def test_data_that_end_long_ago_are_late_unless_their_day_is_stated(project, stated, code):
    for name, change in (("company", {"simulated": False}), ("as_of", {"stated": stated})):
        path = project / f"data/processed/clean/{name}.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | change))
    if not stated:
        path.write_text(path.read_text().replace("2026-10-31", "2020-10-31"))
    done = crmlab_run(project)
    assert done.returncode == code
    assert ("the data end on 2020-10-31" in done.stderr) is not stated


def test_what_nobody_foresaw_is_an_alert_and_an_end_in_the_log(project):
    (project / "data/processed/clean/as_of.json").write_text("[]")
    done = crmlab_run(project)
    assert done.returncode == 70
    assert "Traceback (most recent call last)" in done.stderr
    alert = (project / "logs/alert.txt").read_text()
    assert "internal error: TypeError: list indices must be integers or slices, not str\n" in alert
    assert done.stderr.endswith(f"crmlab: {alert}")
    assert (log(project)[-1]["event"], log(project)[-1]["exit"]) == ("end", 70)


def test_the_alert_is_kept_where_nobody_reads_standard_error(project):
    set_stage(project, "clean", fault="half a row")
    with Path("/dev/full").open("w") as dead:
        done = subprocess.run(command(), cwd=project, stdout=subprocess.DEVNULL, stderr=dead, timeout=120)
    assert "clean: half a row" in (project / "logs/alert.txt").read_text()
    assert done.returncode == 4


def test_under_nohup_it_outlives_the_terminal(project):
    set_stage(project, "clean", sleep=3)
    run = subprocess.Popen(["nohup", *command()], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: stages_of(project))
    run.send_signal(signal.SIGHUP)
    run.communicate(timeout=60)
    assert run.returncode == 0


def test_the_page_on_operations_explains_every_exit_code():
    text = (ROOT / "docs/operations.md").read_text()
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.M)}
    codes = {
        getattr(pipeline, name)
        for name in ("FINE", "BAD_INPUT", "STAGE_FAILED", "WITHHELD", "LATE", "INTERNAL", "BUSY")
    }
    assert told == codes


def test_the_command_calls_with_the_project_around(project, monkeypatch):
    asked = {}

    def run_pipeline(where, params, check):
        asked.update(root=where.root, company=params()["company"])
        check()
        return 6

    monkeypatch.chdir(project)
    monkeypatch.setattr("crmlab.run.run_pipeline", run_pipeline)
    monkeypatch.setattr(sys, "argv", ["crmlab", "run"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 6
    assert asked == {"root": project, "company": "demo"}
