"""Judges a company's exports as `clean` would, and writes nothing: what was recognised, what each row would become, what each stage lacks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from crmlab.clean.judging.as_of import SAY_DAY, gap_before, parse_as_of
from crmlab.clean.judging.judge import Judged
from crmlab.clean.judging.verdicts import Verdicts, verdicts
from crmlab.clean.judging.withheld import Usable, usable
from crmlab.clean.quality import scorecard
from crmlab.clean.quality.needs import ENOUGH, Gap, gaps
from crmlab.clean.reading.plan import Plan, plan
from crmlab.engine import DuckDB
from crmlab.files import CrmlabError
from crmlab.tables import CONTRACT

MEMORY = "1GB"
FATES = ("clean", "quarantined", "duplicate", "filtered", "unusable")
_KEY = "judged only, never written"
"""Hashes persons while they are judged; none is shown or kept, so the company's own key is not needed."""
_NEVER = date(2999, 12, 31)
"""An as-of day after all rows: judges them where none of them can say what day it is."""


@dataclass
class TableCheck:
    """One exported table.

    columns : column of the contract → the headers it was found under; "" where mapping.yaml supplies it.
    unknown : `x_…` → header, kept. dropped : headers about people, never read.
    rows : rows read, and how many of each fate; None where a fault kept them from being judged.
    reasons : of quarantined rows, most frequent first (scorecard.reasons). unreadable : (column, cells, examples); their rows stay in.
    orphans : (column, other table, cells, cells the other table does not know).
    """

    name: str
    files: list[str]
    columns: dict[str, str]
    unknown: dict[str, str]
    dropped: list[str]
    rows: dict[str, int] | None = None
    reasons: list[dict] = field(default_factory=list)
    unreadable: list[tuple[str, int, str]] = field(default_factory=list)
    orphans: list[tuple[str, str, int, int]] = field(default_factory=list)


@dataclass
class Check:
    """A company as `crmlab check` sees it.

    faults : what stops the pipeline, each in one line. withheld : tables that it does without for their bad rows, each in one line.
    """

    folder: Path
    name: str
    simulated: bool
    tables: list[TableCheck]
    unused: list[str]
    gaps: list[Gap]
    faults: list[str]
    withheld: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    as_of: date | None = None


def check(
    folder: Path,
    *,
    as_of: str | date = "auto",
    max_bad_share: float = 0.05,
    step: Callable[[str], None] = lambda _: None,
) -> Check:
    """Judge the exports in `folder`: every file, header and row.

    A fault that would stop the pipeline is collected, and what it does not touch is judged all the same.

    Parameters
    ----------
    as_of : "auto" or a day, as in params.yaml.
    max_bad_share : of a table's rows that may be quarantined, else it is withheld whole; mapping.yaml can state another.
    step : is told what is being done.

    Raises
    ------
    CrmlabError : no such folder, mapping.yaml is wrong, or `as_of` is not a day.
    """
    stated = parse_as_of(as_of)
    layout = plan(folder)
    layout = replace(layout, sources={name: found for name, found in layout.sources.items() if found})
    tables = {name: _recognised(layout, name) for name in CONTRACT if name in layout.sources}
    found = Check(
        folder=folder,
        name=layout.mapping.company,
        simulated=layout.mapping.simulated,
        tables=list(tables.values()),
        unused=layout.unused,
        gaps=gaps({name: layout.present(name) for name in layout.sources}),
        faults=list(layout.faults),
    )
    _note_own_rules(folder, found)
    limit = max_bad_share if layout.mapping.max_bad_share is None else layout.mapping.max_bad_share
    with tempfile.TemporaryDirectory() as scratch:
        engine = DuckDB(scratch=Path(scratch), memory=MEMORY)
        kept = _judge(engine, layout, stated, limit, found, step)
        if kept is None:
            return found
        if kept.withheld and not kept.fault:
            found.withheld = {name: table.full for name, table in kept.withheld.items()}
            found.gaps = gaps(
                {name: layout.present(name) for name in layout.sources if name not in kept.withheld}
            )
        for name, table in kept.judged.items():
            if name not in tables:  # customers that only other tables name
                continue
            step(f"{name}: counting")
            _count(engine, layout, tables[name], table, kept.judged)
            if name in kept.layout.sources:
                found.gaps += _too_few(engine, name, table)
        if kept.fault:
            found.faults.append(kept.fault)
    return found


def _note_own_rules(folder: Path, found: Check) -> None:
    """What rules.py is for; its functions run on clean rows only, so that they are not judged here."""
    if not (folder / "rules.py").is_file():
        return
    from crmlab.clean.judging.own_rules import load_rules

    try:
        named = ", ".join(rule.table.name for rule in load_rules(folder))
    except CrmlabError as error:
        found.faults.append(str(error))
    else:
        found.notes.append(
            f"rules.py has the last word on the clean rows of {named}; what it does, the run says"
        )


def _recognised(layout: Plan, name: str) -> TableCheck:
    sources = layout.sources[name]
    headers: dict[str, dict[str, None]] = {}
    for column in (c.name for c in CONTRACT[name].columns if c.name in layout.present(name)):
        known = [s.matched.known[column] for s in sources if column in s.matched.known]
        headers[column] = dict.fromkeys(known)
    return TableCheck(
        name=name,
        files=[s.name for s in sources],
        columns={column: " / ".join(found) for column, found in headers.items()},
        unknown={x: header for s in sources for x, header in s.matched.unknown.items()},
        dropped=list(dict.fromkeys(h for s in sources for h in s.matched.dropped)),
    )


def _judge(
    engine: DuckDB, layout: Plan, stated: date | None, limit: float, found: Check, step: Callable[[str], None]
) -> Usable | None:
    """The tables that can be judged; a table that cannot adds its fault to `found`, and the others are judged without it."""
    left = dict(layout.sources)
    while left:
        doing = ""

        def told(what: str) -> None:
            nonlocal doing
            doing = what.split(":")[0]
            step(what)

        part = replace(layout, sources=left)
        try:
            kept = usable(
                lambda some: _verdicts(engine, some, stated, found, told),
                engine,
                part,
                limit,
            )
        except CrmlabError as error:
            found.faults.append(str(error))
            if left.pop(doing, None) is None:
                return None
        else:
            done = kept.found
            if stated is None and (gap := gap_before(done.per_day, done.as_of)):
                found.notes.append(
                    f"the last day, {done.as_of}, is more than a year after all but {gap[1]:,} rows (until {gap[0]}); "
                    "if it is mistyped, state as_of in params.yaml"
                )
            found.as_of = done.as_of if done.as_of != _NEVER else None
            return kept
    return None


def _verdicts(
    engine: DuckDB, layout: Plan, stated: date | None, found: Check, told: Callable[[str], None]
) -> Verdicts:
    """The verdicts; also where no row can say what day it is, which is a fault of its own."""
    if not {name for group in SAY_DAY for name in group} & set(layout.sources):
        return verdicts(engine, layout, _KEY, stated or _NEVER, told)  # the plan has said so already
    try:
        return verdicts(engine, layout, _KEY, stated, told)
    except CrmlabError as error:
        if stated is not None:
            raise
        done = verdicts(engine, layout, _KEY, _NEVER, told)  # raises again where a file is at fault
        found.faults.append(str(error))
        return done


def _count(engine: DuckDB, layout: Plan, told: TableCheck, table: Judged, judged: dict[str, Judged]) -> None:
    aside = table.text.filtered
    fates = {**table.fates, "filtered": table.fates["filtered"] + aside}
    told.rows = {"raw": table.text.raw, "clean": table.text.raw - sum(fates.values()), **fates}
    told.reasons = scorecard.reasons(engine, table)
    told.unreadable = [
        (q["column"], q["unreadable"], q["examples"])
        for q in scorecard.quality(engine, table, layout.present(told.name), 0)
        if q["unreadable"] and not CONTRACT[told.name].column(q["column"]).required
    ]
    for name, column, to in scorecard.REFERENCES:
        if name == told.name and to in layout.sources and to in judged and column in told.columns:
            n, lost = _orphans(engine, table, judged[to], column, CONTRACT[to].key[0])
            if lost:
                told.orphans.append((column, to, n, lost))


def _too_few(engine: DuckDB, name: str, table: Judged) -> list[Gap]:
    """What the clean rows of a table are too few for; none where its columns are not filled at all, for that is said already."""
    lacking = []
    for enough in (e for e in ENOUGH if e.table == name):
        counted = (
            f"date_diff('day', min({enough.spans}), max({enough.spans}))" if enough.spans else "count(*)"
        )
        sql = f"select {counted} from judged j anti join rejected r on r._row = j._row where {enough.sql}"
        [(n,)] = engine.rows(sql, {"judged": table.rows, "rejected": table.rejected})
        if n and n < enough.least:
            lacking.append(enough.gap)
    return lacking


def _orphans(engine: DuckDB, table: Judged, other: Judged, column: str, key: str) -> tuple[int, int]:
    """Cells of `column` in clean rows, and those that the clean rows of `other` do not know."""
    sql = f"""
        with kept as (select j.{column} as ref from judged j anti join rejected r on r._row = j._row where j.{column} is not null),
        known as (select distinct o.{key} as ref from other o anti join other_rejected r on r._row = o._row)
        select count(*)::bigint as n, (count(*) - count(k.ref))::bigint as lost
        from kept
        left join known k on k.ref = kept.ref
    """
    inputs = {
        "judged": table.rows,
        "rejected": table.rejected,
        "other": other.rows,
        "other_rejected": other.rejected,
    }
    return engine.rows(sql, inputs)[0]
