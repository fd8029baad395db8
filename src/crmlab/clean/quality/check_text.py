"""What `crmlab check` prints: aligned text that reads the same on a terminal and in a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table as Grid
from rich.text import Text

from crmlab.clean.quality.check import FATES, Check, TableCheck
from crmlab.clean.quality.needs import NEEDS, by_what
from crmlab.tables import CONTRACT

if TYPE_CHECKING:
    from rich.console import Console

TOP = 3
"""Reasons and columns that are shown one by one; the quality page has all."""
_LABELS = dict(zip(FATES, ("clean", "quarantined", "duplicates", "filtered", "unusable"), strict=True))


def show(found: Check, console: Console) -> None:
    """Print all of `found` but its verdict, which is the caller's last line."""
    simulated = ", simulated data" if found.simulated else ""
    console.print(Text(f"{found.name} ({found.folder}){simulated}", style="bold"))
    if judged := [t for t in found.tables if t.rows]:
        console.print()
        console.print(_counts(judged))
    for table in found.tables:
        console.print()
        console.print(Text(table.name, style="bold"), Text(_files(table.files)))
        console.print(_details(table))
    if absent := [t for t in CONTRACT if t not in {t.name for t in found.tables}]:
        console.print()
        console.print(Text(f"not exported: {', '.join(absent)}"))
    if found.unused:
        listed = ", ".join(found.unused[:8]) + (" …" if len(found.unused) > 8 else "")
        console.print()
        console.print(
            Text(
                f"files that belong to no table: {listed}. `crmlab map {found.folder}` proposes where they belong"
            )
        )
    if found.tables:
        console.print()
        console.print(Text("stages", style="bold"))
        console.print(_stages(found))
    for said in found.withheld.values():
        console.print(Text(f"withheld: {said}", style="yellow"))
    for note in found.notes:
        console.print(Text(f"note: {note}", style="yellow"))
    if found.faults:
        console.print()
        console.print(Text("in the way", style="bold"))
        for fault in found.faults:
            console.print(Text(f"- {fault}"))


def verdict(found: Check) -> str:
    """The last line where nothing stands in the way."""
    narrowed = {g.stage for g in found.gaps if g.effect == "narrows"} - {"clean"}
    stopped = {g.stage for g in found.gaps if g.effect == "stops"}
    parts = [f"{_listed(set(found.withheld))} withheld"] if found.withheld else []
    if stopped:
        parts.append(f"{_listed(stopped)} cannot answer")
    if rest := narrowed - stopped:
        parts.append(f"{_listed(rest)} {'is' if len(rest) == 1 else 'are'} narrowed")
    aside = f"; {', '.join(parts)}" if parts else "; every stage has what it needs"
    return f"ready: as of {found.as_of}{aside}"


def _listed(stages: set[str]) -> str:
    return ", ".join(sorted(stages))


def _files(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} files, {names[0]} to {names[-1]}"


def _counts(tables: list[TableCheck]) -> Grid:
    grid = Grid(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    grid.add_column("rows of", style="bold")
    shown = [f for f in FATES if f != "unusable" or any(t.rows[f] for t in tables)]
    for label in ("read", *(_LABELS[f] for f in shown)):
        grid.add_column(label, justify="right")
    for table in tables:
        grid.add_row(table.name, *(f"{table.rows[f]:,}" for f in ("raw", *shown)))
    return grid


def _details(table: TableCheck) -> Grid:
    grid = _pairs()
    columns = [c.name for c in CONTRACT[table.name].columns]
    said = [
        f"{c} ← {h}" if h and h != c else c if h else f"{c} (mapping.yaml)" for c, h in table.columns.items()
    ]
    grid.add_row("recognised", Text(f"{len(said)} of {len(columns)} columns: {', '.join(said)}"))
    if table.unknown:
        kept = ", ".join(f"{header} as {x}" for x, header in table.unknown.items())
        grid.add_row("not recognised", Text(f"kept as extra columns: {kept}"))
    if table.dropped:
        grid.add_row("about people", Text(f"dropped: {', '.join(table.dropped)}"))
    for n, reason in enumerate(table.reasons[:TOP]):
        said = f"{reason['n']:,} × {reason['column']} {reason['reason']} (first: {reason['example']})"
        grid.add_row("quarantined" if n == 0 else "", Text(said))
    if more := table.reasons[TOP:]:
        grid.add_row("", f"{sum(r['n'] for r in more):,} for {len(more)} other reasons")
    for n, (column, cells, examples) in enumerate(sorted(table.unreadable, key=lambda u: -u[1])):
        grid.add_row("left empty" if n == 0 else "", Text(f"{cells:,} × {column} cannot be read: {examples}"))
    for n, (column, to, cells, lost) in enumerate(table.orphans):
        grid.add_row("no such row" if n == 0 else "", f"{lost:,} of {cells:,} {column} are not in {to}")
    return grid


def _stages(found: Check) -> Grid:
    grid = _pairs()
    for stage in dict.fromkeys(need.gap.stage for need in NEEDS):
        lacked = [g for g in found.gaps if g.stage == stage]
        stops = [g for g in lacked if g.effect == "stops"]
        if stage == "clean" and not stops:
            lacked = []  # tables that are not exported are listed above
        said = Text("cannot answer" if stops else "narrowed" if lacked else "has what it needs")
        for what, costs in by_what(stops or lacked).items():
            said.append(f"\nwithout {what}: {' '.join(costs)}")
        grid.add_row(stage, said)
    return grid


def _pairs() -> Grid:
    grid = Grid(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column(min_width=16, no_wrap=True)
    grid.add_column(overflow="fold")
    return grid
