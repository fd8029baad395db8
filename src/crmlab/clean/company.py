"""Cleans one company: from a folder of exports to the tables of the contract, every row accounted for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from crmlab import files
from crmlab.clean import parquet
from crmlab.clean.customers.aliases import write_proposals
from crmlab.clean.judging import own_rules
from crmlab.clean.judging.as_of import gap_before, parse_as_of, report_month
from crmlab.clean.judging.verdicts import verdicts
from crmlab.clean.judging.withheld import Usable, usable
from crmlab.clean.outputs import OUTPUTS
from crmlab.clean.people.privacy import load_key
from crmlab.clean.quality import scorecard
from crmlab.clean.quality.needs import gaps
from crmlab.clean.reading.plan import EDITED, Plan, plan
from crmlab.clean.write import write_tables
from crmlab.engine import DuckDB, Engine
from crmlab.files import CrmlabError

MEMORY = "900MB"
"""What tables may take; the rest goes to disk, so that ten million rows fit on a small machine."""


@dataclass
class Result:
    """What a run found: the day it is about, figures for reports/metrics/clean.json, tables it lacked, one line."""

    as_of: date
    metrics: dict[str, Any]
    missing: list[tuple[str, str]] = field(default_factory=list)
    summary: str = ""


def run(
    folder: Path,
    out: Path,
    *,
    as_of: str | date = "auto",
    engine: str = "duckdb",
    max_bad_share: float = 0.05,
    key_file: Path,
) -> Result:
    """Clean the exports in `folder` into `out`.

    Writes every table of tables.CLEAN (with no rows where the company has none of it), the tables of outputs.OUTPUTS, the files of
    plan.EDITED, as_of.json and company.json.

    Parameters
    ----------
    folder : data/raw/<company>; nothing is written there.
    out : data/processed/clean.
    as_of : "auto" (the day of the last ticket or sale) or a day; later rows are then filtered.
    engine : what runs the SQL.
    max_bad_share : of a table's rows that may be quarantined, else it is withheld whole; mapping.yaml can state another.
    key_file : where the privacy key of a real company lives.

    Raises
    ------
    CrmlabError : a fault of a file, of mapping.yaml or of `as_of`; or more bad rows than allowed in tickets and sales alike.
    """
    stated = parse_as_of(as_of)
    layout = plan(folder)
    if layout.faults:
        raise CrmlabError("\n".join(layout.faults))
    key = load_key(key_file, simulated=layout.mapping.simulated)
    rules = own_rules.load_rules(folder)
    limit = max_bad_share if layout.mapping.max_bad_share is None else layout.mapping.max_bad_share
    with (
        files.together(out) as draft,
        tempfile.TemporaryDirectory(dir=draft) as scratch,
        _progress(len(layout.sources) + 1) as step,
    ):
        runner = Engine(engine, scratch=Path(scratch), memory=MEMORY)
        kept = usable(lambda part: verdicts(runner, part, key, stated, step), runner, layout, limit)
        if kept.fault:
            raise CrmlabError(kept.fault)
        found = kept.found
        did = own_rules.apply(runner, folder, rules, found.judged, found.as_of)
        counts = write_tables(runner, layout, kept.judged, draft, step)
        today = found.as_of
        parquet.write_rows(runner, draft / "own_rules.parquet", OUTPUTS["own_rules"], did)
        write_proposals(runner, draft, kept.layout.sources)
        figures = scorecard.write(runner, layout, kept, counts, draft, today)
        gap = gap_before(found.per_day, today)
        files.write_json(
            draft / "as_of.json",
            {
                "as_of": today.isoformat(),
                "report_month": report_month(today),
                "stated": stated is not None,
                "gap": {"after": gap[0].isoformat(), "rows": gap[1]} if gap else None,
            },
        )
        copy_edited(folder, draft)
        files.write_json(
            draft / "company.json",
            {
                "company": folder.name,
                "name": layout.mapping.company,
                "simulated": layout.mapping.simulated,
                "currency": layout.mapping.currency,
                "time_zone": layout.mapping.time_zone,
                "max_bad_share": limit,
            },
        )
    return _result(runner, layout, counts, scorecard.summary(figures), kept, gap)


def copy_edited(folder: Path, out: Path) -> None:
    """What people wrote for later stages (`EDITED`) among the outputs, as they wrote it; empty where the company has none."""
    for name in EDITED:
        own = folder / name
        (out / name).write_bytes(own.read_bytes() if own.is_file() else b"")


def _result(
    runner: DuckDB,
    layout: Plan,
    counts: dict[str, dict],
    quality: dict[str, dict],
    kept: Usable,
    gap: tuple[date, int] | None,
) -> Result:
    today = kept.found.as_of
    fates = ("raw", "clean", "quarantined", "duplicates", "filtered", "unusable")
    total = {f: sum(c[f] for c in counts.values()) for f in fates}
    metrics = {
        "tables": {name: {f: c[f] for f in fates} for name, c in counts.items() if name in layout.sources},
        "quality": quality,
        "bad_share": total["quarantined"] / max(total["raw"] - total["filtered"], 1),
        "withheld": {
            name: {"share": table.share, **{k: table.reasons[0][k] for k in ("column", "reason")}}
            for name, table in kept.withheld.items()
        },
        "clock_changes": kept.found.clock_changes,
        "engine": runner.name,
        "versions": {
            "crmlab": version("crmlab"),
            runner.name: runner.version,
            "pyarrow": version("pyarrow"),
        },
    }
    present = {name: layout.present(name) for name in kept.layout.sources}
    missing = [(gap.what, gap.adds) for gap in gaps(present) if gap.stage == "clean"]
    main = [n for n in ("tickets", "sales") if n in layout.sources] or list(layout.sources)
    listed = ", ".join(f"{counts[n]['clean']:,} {n}" for n in main)
    aside = ", ".join(f"{total[f]:,} {f}" for f in fates[2:] if f != "unusable" or total[f])
    summary = f"{listed}; of {total['raw']:,} rows {aside}; as of {today}"
    for name, table in kept.withheld.items():
        summary += f"; {name} withheld: {table.brief}"
    if gap:
        summary += f", more than a year after all but {gap[1]:,} rows (until {gap[0]}): state as_of if that is mistyped"
    return Result(today, metrics, missing, summary)


@contextmanager
def _progress(tables: int) -> Iterator[Callable[[str], None]]:
    """Says on a terminal what is being done, and clears it at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=4 * tables)

        def step(description: str) -> None:
            bar.update(task, description=description, advance=1)

        yield step
