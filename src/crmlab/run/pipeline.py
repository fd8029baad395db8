"""From the lock to the exit code: check, stages, what was withheld, what is late."""

from __future__ import annotations

import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from crmlab.clean.judging.withheld import in_brief
from crmlab.files import CrmlabError, Project, read_json, write_text
from crmlab.run.lateness import Schedule, late
from crmlab.run.lock import Busy, forget_dead_dvc, only_run
from crmlab.run.log import RunLog
from crmlab.run.params import refuse_unfit
from crmlab.run.reproduce import StageRun, reproduce

FINE, BAD_INPUT, STAGE_FAILED, WITHHELD, LATE, INTERNAL, BUSY = 0, 3, 4, 5, 6, 70, 75
"""Exit codes; docs/operations.md says what to do about each. 70 and 75 are EX_SOFTWARE and EX_TEMPFAIL of sysexits.h.
A signal ends with 128 and its number."""


class Stopped(BaseException):
    """A signal asked the run to end."""


def run_pipeline(project: Project, params: Callable[[], Mapping[str, Any]], check: Callable[[], None]) -> int:
    """Run what has changed, alone; print a line per stage and where the pages are; the exit code.

    Writes a log under logs/, and on trouble an alert to standard error and to logs/alert.txt, which the next run without trouble removes.

    Parameters
    ----------
    params : reads params.yaml.
    check : judges the exports before anything runs; raises CrmlabError where something stands in the way.
    """
    try:
        with only_run(project.root / ".crmlab.lock") as lock:
            forget_dead_dvc(project.root / ".dvc/tmp/rwlock")
            return _logged(project, params, check, lock)
    except Busy as busy:
        print(f"crmlab: {busy} in {project.root}; nothing was done", file=sys.stderr)
        return BUSY


def _logged(
    project: Project, params: Callable[[], Mapping[str, Any]], check: Callable[[], None], lock: int
) -> int:
    logs = project.root / "logs"
    now, began = datetime.now().astimezone(), time.monotonic()
    log = RunLog(logs, now)
    log.add("start", at=now.isoformat(timespec="seconds"), version=version("crmlab"))
    for asked in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(asked) is not signal.SIG_IGN:  # nohup has a run outlive the terminal
            signal.signal(asked, _stop)
    told: dict[str, Any] = {}
    try:
        code, alert = _run(project, params, check, lock, log, told)
    except Busy as busy:
        log.add("end", exit=BUSY, busy=str(busy))
        raise
    except (Stopped, KeyboardInterrupt) as error:
        number = error.args[0] if error.args else signal.SIGINT
        code, alert = (
            128 + number,
            f"stopped by {signal.Signals(number).name}; run again, what was done is kept",
        )
    except Exception as error:
        # whatever it is: a run without an end in its log and without an alert goes unseen
        code, alert = INTERNAL, f"internal error: {''.join(traceback.format_exception_only(error)).strip()}"
        with suppress(OSError):
            traceback.print_exc()
    seconds = round(time.monotonic() - began, 2)
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    log.add("end", at=at, seconds=seconds, exit=code, **told, alert=alert and _one_line(alert))
    _alert(logs / "alert.txt", alert and f"{now:%Y-%m-%d %H:%M} {alert}")
    if code in (FINE, WITHHELD, LATE):
        print(f"pages: {project.reports / 'index.html'}")
    return code


def _run(
    project: Project,
    params: Callable[[], Mapping[str, Any]],
    check: Callable[[], None],
    lock: int,
    log: RunLog,
    told: dict[str, Any],
) -> tuple[int, str | None]:
    """The exit code and the alert; `told` gets what else the log says at the end."""
    try:
        settings = params()
        told["company"] = settings["company"]
        refuse_unfit(settings)
        schedule = Schedule.read(settings["run"])
        check()
    except CrmlabError as error:
        return BAD_INPUT, str(error)

    def over(stage: StageRun) -> None:
        log.add("stage", **asdict(stage))
        if stage.state == "unchanged":
            print(f"{stage.name}: unchanged", flush=True)

    if failed := reproduce(project.root, lock, over, lambda line: print(line, flush=True)):
        return STAGE_FAILED, f"{failed}; the pages of the run before stay"
    clean = project.processed("clean")
    days = read_json(clean / "as_of.json")
    told["as_of"] = days["as_of"]
    withheld = read_json(project.metrics("clean"))["withheld"]
    told["withheld"] = list(withheld)
    told["late"] = _late(clean, days, schedule)
    said = [f"{table} withheld: {in_brief(why['share'], why)}" for table, why in withheld.items()]
    said += told["late"]
    return (WITHHELD if told["withheld"] else LATE if said else FINE), "; ".join(said) or None


def _late(clean: Path, days: Mapping[str, Any], schedule: Schedule) -> list[str]:
    from pyarrow import parquet

    expected = not (days["stated"] or read_json(clean / "company.json")["simulated"])
    return late(
        parquet.read_table(clean / "volume.parquet").to_pylist(),
        parquet.read_table(clean / "freshness.parquet").to_pylist(),
        date.fromisoformat(days["as_of"]),
        days["report_month"],
        schedule,
        date.today() if expected else None,
    )


def _alert(path: Path, said: str | None) -> None:
    if said is None:
        path.unlink(missing_ok=True)
        return
    unwritten = ""
    try:
        write_text(path, said + "\n")
    except (CrmlabError, OSError) as error:
        unwritten = f"\ncrmlab: {error}"
    with suppress(OSError):  # nobody listens any more
        print(f"crmlab: {said}{unwritten}", file=sys.stderr, flush=True)


def _one_line(alert: str) -> str:
    first, *others = alert.splitlines()
    return f"{first} ({len(others)} more lines in alert.txt)" if others else first


def _stop(number: int, _: object) -> NoReturn:
    raise Stopped(number)
