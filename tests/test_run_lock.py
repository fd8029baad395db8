"""One run at a time, whatever becomes of the one before."""

import fcntl
import json
import os
import signal
import subprocess
import sys

import pytest
from tiny_pipeline import command, crmlab_run, log, set_stage, stages_of, wait_for


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
    [json.dumps({"write": {"clean.out": {"pid": os.getppid(), "cmd": "dvc repro"}}, "read": {}}), "", "null"],
    ids=["its number is another program's now", "half written", "of another form"],
)
def test_what_dvc_left_at_a_power_cut_stops_no_later_run(project, left):
    (project / ".dvc/tmp/rwlock").write_text(left.replace("clean.out", str(project / "clean.out")))
    assert crmlab_run(project).returncode == 0


def test_dvc_that_holds_but_its_own_lock_is_another_run(project):
    """As `dvc gc` does, and `dvc repro` between stages."""
    (project / "logs").mkdir()
    (project / "logs/alert.txt").write_text("of the run before")
    with (project / ".dvc/tmp/lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = crmlab_run(project)
    assert (done.returncode, "dvc is running by itself" in done.stderr) == (75, True)
    assert (project / "logs/alert.txt").read_text() == "of the run before"
    assert log(project)[-1]["exit"] == 75


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
