"""What became of each stage under the real DVC, and why it failed."""

import re
from pathlib import Path

import pytest
from tiny_pipeline import crmlab_run, log, set_stage


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
