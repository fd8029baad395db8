"""`crmlab run` on a pipeline of two tiny stages under the real DVC: one run at a time, its log, its alert, its exit code."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from crmlab import cli
from crmlab.files import CrmlabError
from crmlab.run import pipeline
from crmlab.run.log import KEPT, RunLog
from crmlab.run.params import DEFAULTS, missing, refuse_unfit

ROOT = Path(__file__).parents[1]
STAGE = """
import json, os, sys, time
from pathlib import Path
name, spec = sys.argv[1], json.loads(Path(f"{sys.argv[1]}.in").read_text())
time.sleep(spec.get("sleep", 0))
if spec.get("crash"):
    raise KeyError("amount")
if spec.get("fault"):
    print(f"{name}: {spec['fault']}", file=sys.stderr)
    raise SystemExit(1)
if not spec.get("no_output"):
    Path(f"{name}.out").write_text("done")
print(f"{name}: done (0.1 s)", flush=True)
if spec.get("killed"):
    os.kill(os.getpid(), 9)
"""
TICKETS = "报修时间,故障现象\n2026-10-01,无法开机\n2026-10-31,有异响\n"


@pytest.fixture
def project(tmp_path):
    """Two stages, `clean` and `report`, that do what `<stage>.in` says, beside what a run of the real `clean` leaves."""
    from exports import run, write

    folder = write(tmp_path / "data/raw/demo", {"tickets.csv": TICKETS}, "simulated: true\n")
    made = run(folder, tmp_path / "data/processed/clean", key_file=tmp_path / "salt")
    (tmp_path / "reports/metrics").mkdir(parents=True)
    (tmp_path / "reports/metrics/clean.json").write_text(json.dumps(made.result.metrics, default=str))
    (tmp_path / "params.yaml").write_bytes(DEFAULTS.read_bytes())
    (tmp_path / "stage.py").write_text(STAGE)
    stages = {
        name: {"cmd": f"python stage.py {name}", "deps": deps, "outs": [f"{name}.out"]}
        for name, deps in (("clean", ["clean.in"]), ("report", ["report.in", "clean.out"]))
    }
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
    for name in stages:
        (tmp_path / f"{name}.in").write_text("{}")
    subprocess.run([sys.executable, "-m", "dvc", "init", "--no-scm", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def crmlab_run(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(), cwd=project, env=os.environ | environment, capture_output=True, text=True, timeout=120
    )


def command() -> list[str]:
    return [sys.executable, "-c", "from crmlab.cli import main; main()", "run"]


def log(project: Path) -> list[dict]:
    """The lines of the newest log."""
    newest = max((project / "logs").glob("*.jsonl"))
    return [json.loads(line) for line in newest.read_text().splitlines()]


def set_stage(project: Path, name: str, **spec) -> None:
    (project / f"{name}.in").write_text(json.dumps(spec))


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
    ("spec", "said"),
    [
        ({"fault": "tickets.csv line 3: half a row"}, "clean: tickets.csv line 3: half a row"),
        ({"crash": True}, "clean: KeyError: 'amount'"),
        ({"no_output": True}, "clean: output 'clean.out' does not exist"),
        ({"killed": True}, "clean: killed by SIGKILL, by hand or for want of memory"),
    ],
)
def test_a_stage_that_fails_is_one_line_of_alert_until_a_run_goes_well(project, spec, said):
    set_stage(project, "clean", **spec)
    done = crmlab_run(project)
    assert done.returncode == 4
    alert = (project / "logs/alert.txt").read_text()
    assert re.fullmatch(
        rf"20\d\d-\d\d-\d\d \d\d:\d\d {re.escape(said)}; the pages of the run before stay\n", alert
    )
    assert done.stderr == f"crmlab: {alert}"
    assert "\nERROR: failed to reproduce 'clean': " in done.stdout
    assert [e.get("state") for e in log(project)] == [None, "failed", None]
    assert (log(project)[-1]["exit"], "pages:" in done.stdout) == (4, False)
    set_stage(project, "clean")
    assert crmlab_run(project).returncode == 0
    assert not (project / "logs/alert.txt").exists()


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
def test_a_killed_stage_is_told_from_a_failed_one_in_every_shell(project, shell):
    """DVC runs a stage in $SHELL. The shell of cron and systemd, dash, ends with 137 where bash lets its place to the stage."""
    if not Path(shell).exists():
        pytest.skip(f"no {shell} here")
    set_stage(project, "clean", killed=True)
    assert "clean: killed by SIGKILL" in crmlab_run(project, SHELL=shell).stderr


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


def test_a_second_run_says_so_and_touches_nothing(project):
    set_stage(project, "clean", sleep=60)
    first = subprocess.Popen(command(), cwd=project, start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: (project / "logs").exists())
        second = crmlab_run(project)
    finally:
        first.terminate()
        first.wait(timeout=30)
    assert second.returncode == 75
    assert "another run is going on" in second.stderr
    assert len(list((project / "logs").glob("*.jsonl"))) == 1
    assert first.returncode == 128 + signal.SIGTERM


def test_asked_to_stop_it_ends_its_stages_says_so_and_leaves_no_lock(project):
    set_stage(project, "clean", sleep=60)
    run = subprocess.Popen(command(), cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: stages_of(project))
    run.terminate()
    _, err = run.communicate(timeout=30)
    assert run.returncode == 143
    assert "stopped by SIGTERM" in err
    assert stages_of(project) == []
    assert [e.get("state") for e in log(project)] == [None, "failed", None]
    set_stage(project, "clean")
    assert crmlab_run(project).returncode == 0


def test_dvc_keeps_the_lock_of_a_run_that_was_killed(project):
    set_stage(project, "clean", sleep=60)
    run = subprocess.Popen(command(), cwd=project, stdout=subprocess.DEVNULL)
    wait_for(lambda: stages_of(project))
    [stage] = stages_of(project)
    run.kill()
    run.wait(timeout=30)
    assert crmlab_run(project).returncode == 75
    os.killpg(os.getpgid(stage), signal.SIGKILL)
    wait_for(lambda: not stages_of(project))
    set_stage(project, "clean")
    assert crmlab_run(project).returncode == 0


@pytest.mark.parametrize(
    "left",
    [json.dumps({"write": {"clean.out": {"pid": os.getppid(), "cmd": "dvc repro"}}, "read": {}}), ""],
    ids=["its number is another program's now", "half written"],
)
def test_what_dvc_left_at_a_power_cut_stops_no_later_run(project, left):
    (project / ".dvc/tmp/rwlock").write_text(left.replace("clean.out", str(project / "clean.out")))
    assert crmlab_run(project).returncode == 0


def test_dvc_run_by_hand_is_another_run(project):
    set_stage(project, "clean", sleep=60)
    dvc = subprocess.Popen([sys.executable, "-m", "dvc", "repro", "-q"], cwd=project, start_new_session=True)
    try:
        wait_for(lambda: stages_of(project))
        done = crmlab_run(project)
    finally:
        os.killpg(dvc.pid, signal.SIGKILL)
        dvc.wait(timeout=30)
    assert (done.returncode, f"dvc is running by itself (process {dvc.pid})" in done.stderr) == (75, True)
    assert not (project / "logs").exists()


def stages_of(project: Path) -> list[int]:
    """The processes that run a stage of this project."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if b"stage.py" in (path / "cmdline").read_bytes().split(b"\0") and (path / "cwd").samefile(
                project
            ):
                found.append(int(path.name))
        except OSError:
            continue
    return [pid for pid in found if Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"]


def wait_for(happened, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def test_the_last_logs_stay(tmp_path):
    from datetime import datetime, timedelta

    for n in range(KEPT + 5):
        RunLog(tmp_path, datetime(2026, 1, 1) + timedelta(hours=n)).add("start")
    kept = sorted(p.name for p in tmp_path.glob("*.jsonl"))
    assert len(kept) == KEPT
    assert (kept[0], kept[-1]) == ("2026-01-01T05-00-00.jsonl", "2026-01-03T16-00-00.jsonl")


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path, capsys):
    from datetime import datetime

    (tmp_path / "logs").write_text("a file in its place")
    log = RunLog(tmp_path / "logs", datetime(2026, 1, 1))
    log.add("start")
    log.add("end")
    assert capsys.readouterr().err.count("cannot be written") == 1


def test_the_defaults_are_the_parameters_that_ship():
    assert DEFAULTS.read_bytes() == (ROOT / "params.yaml").read_bytes(), (
        "cp params.yaml src/crmlab/run/params.yaml"
    )


def test_all_missing_parameters_are_named_at_once_with_their_lines():
    params = yaml.safe_load(DEFAULTS.read_text())
    assert missing(params) == []
    del params["engine"], params["churn"]["at_risk"], params["churn"]["horizons"], params["run"]
    with pytest.raises(CrmlabError, match="5 lines are missing") as caught:
        refuse_unfit(params)
    keys = [line.split("#")[0].strip() for line in str(caught.value).splitlines()[1:]]
    assert keys == [
        "engine: duckdb", "run:", "due_day: 10", "months: 12", "churn:", "horizons: [30, 90, 180, 365]", "at_risk: 0.7",
    ]  # fmt: skip


def test_values_of_another_kind_are_named_at_once():
    params = yaml.safe_load(DEFAULTS.read_text())
    refuse_unfit(params)
    params["clean"]["max_bad_share"], params["service"]["closed"], params["faults"]["parts"] = (
        True,
        "2026-03-02",
        [],
    )
    with pytest.raises(CrmlabError) as caught:
        refuse_unfit(params)
    assert str(caught.value).splitlines() == [
        "params.yaml, clean.max_bad_share: True is no number; the default is 0.05",
        "params.yaml, faults.parts: [] is no section; the default is {}",
        "params.yaml, service.closed: '2026-03-02' is no list; the default is []",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": 3}, ["value: 3 is no section with lines of its own"]),
        (
            {"run": "soon", "churn": [1]},
            [
                "run: 'soon' is no section with lines of its own",
                "churn: [1] is no section with lines of its own",
            ],
        ),
        (
            {"clean": {"max_bad_share": None}},
            ["clean.max_bad_share: empty; expected a number, the default is 0.05"],
        ),
        ({"languages": "en"}, ["languages: 'en' is no list; the default is [en, zh]"]),
        ({"languages": ["en", "fr"]}, ["languages: 'fr' has no catalogue; there are en, zh"]),
        ({"languages": []}, ["languages: empty; name at least one of en, zh"]),
    ],
)
def test_a_kind_is_judged_before_lines_are_missed(change, said):
    params = yaml.safe_load(DEFAULTS.read_text()) | change
    with pytest.raises(CrmlabError) as caught:
        refuse_unfit(params)
    assert str(caught.value).splitlines() == [f"params.yaml, {line}" for line in said]


def test_check_refuses_what_a_run_refuses(project, monkeypatch, capsys):
    text = (project / "params.yaml").read_text()
    (project / "params.yaml").write_text(re.sub(r"max_bad_share: 0.05", "max_bad_share:", text))
    monkeypatch.chdir(project)
    monkeypatch.setattr(sys, "argv", ["crmlab", "check"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 1
    assert "clean.max_bad_share: empty" in capsys.readouterr().err


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
