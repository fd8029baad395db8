"""The draft as text: a mapping.yaml whose comments say why each line is there, what could not be placed, and what is missing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from crmlab.clean.draft.facts import Facts
from crmlab.clean.draft.fit import reads_as
from crmlab.clean.draft.placement import Placed
from crmlab.clean.draft.proposal import Proposal, incomplete, why
from crmlab.clean.quality.check import Check

_ASIDE = {
    "quarantined": "quarantined",
    "duplicate": "duplicates",
    "filtered": "filtered",
    "unusable": "unusable",
}
_WIDTH = 140
_SHOWN = 12
"""Headers without a place that are shown with their values; the others by name."""


def comment(*lines: str, indent: int = 0) -> list[str]:
    """Lines of comment, wrapped."""
    mark = " " * indent + "# "
    return [
        part
        for line in lines
        for part in textwrap.wrap(
            line, _WIDTH, initial_indent=mark, subsequent_indent=mark + "  ", break_long_words=False
        )
        or [mark.rstrip()]
    ]


def scalar(value: Any) -> str:
    """A value as YAML writes it on one line, quoted where it must be.

    >>> scalar("?"), scalar("Customer ID"), scalar("10")
    ("'?'", 'Customer ID', "'10'")
    """
    import yaml

    written = yaml.safe_dump(value, allow_unicode=True, width=10**9, default_flow_style=True)
    return written.removesuffix("\n").removesuffix("\n...").strip()


def judged(found: Check) -> list[str]:
    """What became of the rows under the draft, and what stands in the way."""
    said = [
        f"{t.name} {t.rows['clean']:,} clean of {t.rows['raw']:,}"
        + "".join(f", {t.rows[fate]:,} {word}" for fate, word in _ASIDE.items() if t.rows[fate])
        for t in found.tables
        if t.rows
    ]
    rows = [f"Judged with it: {'; '.join(said)}."] if said else []
    rows += [f"Withheld: {table}" for table in found.withheld.values()]
    return rows + [f"In the way: {fault}" for fault in found.faults]


def table(found: Proposal, *, active: bool) -> list[str]:
    """The part of mapping.yaml for one table; as comment where something required is missing."""
    lines = [f"  {found.table.name}:", *_keys(found)]
    if found.group.named is found.table and not _states(found):
        lines = comment(f"{found.table.name}: {found.group.label} needs no lines", indent=2)
    elif not active:
        head = [f"# {found.group.label} comes nearest to {found.table.name}, but cannot be read as such:"]
        head += [f"- {line}" for line in incomplete(found)] + [
            "Supply them (columns, constants or sql), then take the marks away:"
        ]
        lines = [
            *comment(*(h.removeprefix("# ") for h in head), indent=2),
            *("  # " + line[2:] for line in lines),
        ]
    return lines + [line for part in _asides(found) for line in comment(part, indent=4)]


def _states(found: Proposal) -> bool:
    return bool(
        found.lines or found.sql or found.constants or found.dates or found.keep or found.unpivot or found.copies or found.decimal
        or found.encoding or found.header or found.group.sheet
    )  # fmt: skip


def _keys(found: Proposal) -> list[str]:
    lines = []
    if found.files:
        lines.append(_line("files", scalar(found.files), _counted(found)))
    if found.encoding:
        lines.append(_line("encoding", scalar(found.encoding), "as its bytes look"))
    if found.header:
        lines.append(
            _line("header", str(found.header), "the line of the headers; what stands above is left out")
        )
    if found.group.sheet:
        lines.append(_line("sheet", scalar(found.group.sheet), ""))
    if found.lines:
        lines.append("    columns:")
        for placed in found.lines:
            if placed.column.name not in found.given:
                lines.append(
                    _line(placed.column.name, scalar(placed.header), _reason(found, placed), deeper=True)
                )
    for key, entries in (("sql", found.sql), ("constants", found.constants)):
        if entries:
            lines.append(f"    {key}:")
            lines += [_line(c, scalar(value), reason, deeper=True) for c, (value, reason) in entries.items()]
    if found.unpivot:
        asked = f"{{columns: {scalar(list(found.unpivot.patterns))}, name: item, value: score}}"
        lines.append(
            _line("unpivot", asked, f"{len(found.unpivot.headers)} questions side by side, one scale")
        )
    if found.keep:
        log = f"{{last_by: {scalar(found.keep.last_by)}, per: {scalar(found.keep.per)}}}"
        lines.append(
            _line(
                "keep",
                log,
                f"an event log: {found.keep.rows:.1f} rows per {found.keep.per}, of which the last stays",
            )
        )
    if found.dates:
        lines.append(_line("dates", scalar(list(found.dates)), "as its dates are written"))
    if found.decimal:
        lines.append(_line("decimal", '","', "amounts are written 1.706,02"))
    if found.copies:
        reason = f"{found.copies:,} of {len(found.group.rows):,} rows looked at repeat another in every cell"
        lines.append(_line("drop_duplicates", "true", reason))
    return lines


def _line(key: str, value: str, reason: str, *, deeper: bool = False) -> str:
    left = f"{'      ' if deeper else '    '}{key}: {value}"
    return f"{left:<44}  # {reason}" if reason else left


def _counted(found: Proposal) -> str:
    n = len(found.group.peeks)
    return f"{n} files, {found.group.names[0]} to {found.group.names[-1]}" if n > 1 else ""


def _reason(found: Proposal, placed: Placed) -> str:
    said = f"{placed.word} ({placed.confidence:.2f}): {why(placed, found.table)}"
    return f"{said}; {_cells(placed.facts, placed.column.kind)}"


def _cells(facts: Facts, kind: str = "") -> str:
    """Sample cells; those of a column about people are masked."""
    if facts.people or kind in ("person", "private"):
        return "about people, not shown"
    return " · ".join(facts.samples) or "no cell is filled"


def _asides(found: Proposal) -> Iterable[str]:
    if found.recognised:
        yield "recognised without a line: " + ", ".join(
            f"{p.column.name}" + (f" ({p.header})" if p.header != p.column.name else "")
            for p in found.recognised
        )
    for header in found.undecided:
        cell = next(iter(_of(found.columns, header).samples), "")
        yield (
            f"{header}: day first or month first? {cell} can be both, and no cell seen tells. Say which, or the run stops: "
            'dates: ["%d/%m/%Y"] or dates: ["%m/%d/%Y"], with %H:%M where a time follows'
        )
    yield from found.notes
    asked = set(found.unpivot.headers) if found.unpivot else set()
    said = " ".join(x for x, _ in found.sql.values())
    left = [f for f in found.placement.left if f.header not in asked and f'"{f.header}"' not in said]
    private = [f.header for f in left if f.people]
    rest = [f for f in left if not f.people and f.header]
    if rest:
        shown = "; ".join(
            f"{f.header} ({reads_as(f)}{': ' + _cells(f) if f.filled else ''})" for f in rest[:_SHOWN]
        )
        more = f"; and {', '.join(f.header for f in rest[_SHOWN:])}" if rest[_SHOWN:] else ""
        yield f"could not place, kept as extra columns: {shown}{more}"
    if private:
        yield f"about people, not proposed and not shown: {', '.join(private)}"


def _of(columns: Sequence[Facts], header: str) -> Facts:
    return next(f for f in columns if f.header == header)
