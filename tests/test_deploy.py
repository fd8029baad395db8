"""What deploy/ offers can be read by the programs it is for, and calls what there is."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))  # minute, hour, day, month, weekday


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(DEPLOY / name)
    return parser


def asked_of_make(line: str) -> list[str]:
    """The targets of `make` in a shell line; the default for none."""
    return [m or "all" for m in re.findall(r"\bmake\b(?: -\w)*(?: ([a-z]+))?", line)]


def test_the_service_runs_alone_and_keeps_the_exit_code():
    service = unit("crmlab.service")["Service"]
    assert service["Type"] == "oneshot"
    assert asked_of_make(service["ExecStartPre"]) == ["env"]
    words = shlex.split(service["ExecStart"])
    assert words[:4] == ["/usr/bin/flock", "--nonblock", "--conflict-exit-code", "75"]
    assert words[-2:] == [".venv/bin/crmlab", "run"]
    assert service["SuccessExitStatus"] == "75"


def test_the_timer_starts_the_service_of_its_name_every_night():
    timer = unit("crmlab.timer")
    assert (DEPLOY / "crmlab.service").is_file()
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d", timer["Timer"]["OnCalendar"])
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.parametrize("name", ["crmlab.service", "crmlab.timer"])
def test_systemd_finds_nothing_wrong(name, tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed here")
    for path in DEPLOY.glob("crmlab.*"):
        shutil.copy(path, tmp_path)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_cron_line_has_five_fields_a_user_and_a_command():
    lines = [x for x in (DEPLOY / "crmlab.cron").read_text().splitlines() if x and not x.startswith("#")]
    settings, jobs = (
        [x for x in lines if re.match(r"[A-Z]+=", x)],
        [x for x in lines if not re.match(r"[A-Z]+=", x)],
    )
    assert {x.split("=")[0] for x in settings} == {"SHELL", "PATH", "MAILTO"}
    [job] = jobs
    *fields, user, command = job.split(None, 6)
    for field, (low, high) in zip(fields, RANGES, strict=True):
        assert field == "*" or low <= int(field) <= high
    assert user == "crmlab"
    assert "%" not in command, "cron makes a line end of it"
    assert asked_of_make(command) == ["env"]
    assert ".venv/bin/crmlab run" in command
    assert subprocess.run(["sh", "-n", "-c", command]).returncode == 0


@pytest.mark.parametrize("held", [False, True])
def test_the_cron_line_lets_the_exit_code_through(held, tmp_path):
    if not shutil.which("flock"):
        pytest.skip("flock (util-linux) is not installed here")
    command = (
        (DEPLOY / "crmlab.cron").read_text().split("  crmlab  ")[1].replace("/opt/crmlab", str(tmp_path))
    )
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/crmlab").write_text("#!/bin/sh\necho pages\necho 'crmlab: late' >&2\nexit 6\n")
    (tmp_path / ".venv/bin/crmlab").chmod(0o755)
    (tmp_path / "Makefile").write_text("env:\n\t@true\n")
    other = subprocess.Popen(["flock", ".lock", "sleep", "60"], cwd=tmp_path) if held else None
    try:
        while held and subprocess.run(["flock", "-n", ".lock", "true"], cwd=tmp_path).returncode == 0:
            pass
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    finally:
        if other:
            other.kill()
            other.wait()
    assert (done.returncode, done.stdout, done.stderr) == (
        (75, "", "") if held else (6, "", "crmlab: late\n")
    )


def test_the_workflow_runs_the_tests_and_the_pipeline():
    workflow = yaml.safe_load((DEPLOY / "ci.yml").read_text())
    assert workflow["name"] == "ci"
    assert set(workflow[True]) == {"push", "pull_request"}  # YAML 1.1 reads `on` as true
    [job] = workflow["jobs"].values()
    asked = [target for step in job["steps"] if "run" in step for target in asked_of_make(step["run"])]
    assert asked == ["test", "all"]
    assert set(asked) <= TARGETS
    oldest = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())[1]
    assert job["strategy"]["matrix"]["python"][0] == oldest
