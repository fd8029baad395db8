"""Drafts mapping.yaml for a company's exports that nobody here has seen: `crmlab map`.

Headers are compared by their words (names.py), values are read by the expressions of `clean` (facts.py, fit.py), the best table and the best
one-to-one placement win (placement.py), and what several columns show together becomes the other keys (shapes.py, proposal.py).
"""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crmlab.clean.draft import page
from crmlab.clean.draft.exports import Group, groups, pattern
from crmlab.clean.draft.facts import facts
from crmlab.clean.draft.proposal import Proposal, propose
from crmlab.clean.quality.check import Check, check
from crmlab.clean.reading.mapping import company_folder
from crmlab.clean.reading.plan import listed
from crmlab.engine import DuckDB
from crmlab.tables import CONTRACT

ENOUGH = 4.0
"""Score below which files are no table: a required column by its name, and something beside it."""
_SECOND = 0.7
"""Of the best that can be said for a table, at least: else what the file comes nearest to is the better answer, though it lacks something."""
_SHARE = 0.5
"""Quarantined rows up to which the draft states a `max_bad_share`; above it, something is placed wrong."""


@dataclass
class Draft:
    """A mapping.yaml with its reasons.

    text : loads through `load_mapping` as it is. tables : what it maps. near : files that come nearest to a table, but lack something required.
    apart : files of no table, each with the reason. judged : what `crmlab check` says of the folder with this mapping.
    """

    text: str
    tables: list[Proposal]
    near: list[Proposal]
    apart: dict[str, str]
    judged: Check | None = None
    nulls: list[str] = field(default_factory=list)


def draft(folder: Path, *, judge: bool = True, step: Callable[[str], None] = lambda _: None) -> Draft:
    """Propose a mapping.yaml for the exports in `folder`; nothing is written.

    Parameters
    ----------
    judge : also judge every row with it, which finds the `max_bad_share` it needs.
    step : is told what is being done.

    Raises
    ------
    CrmlabError : no such folder.
    """
    kinds, apart = groups(company_folder(folder))
    for group in (g for g in kinds if g.data_for_headers):
        apart[group.label] = _no_headers(group)
    kinds = [g for g in kinds if not g.data_for_headers and g.rows]
    proposals = []
    for group in kinds:
        step(f"{group.label}: looking")
        engine = DuckDB()
        columns = [facts(engine, h, [row[n] for row in group.rows]) for n, h in enumerate(group.headers)]
        candidates = [group.named] if group.named else CONTRACT.values()
        proposals.append([propose(group, columns, table) for table in candidates])
    chosen, near = _choose(proposals)
    everything = [p.relative_to(folder).as_posix() for p in listed(folder)]
    for found in chosen + near:
        if found.group.named is not found.table:
            others = [n for n in everything if n not in found.group.names]
            found.files = pattern(found.group.names, others) or found.group.names[0]
            if len(found.group.names) > 1 and not pattern(found.group.names, others):
                found.notes.append(
                    f"no pattern matches {found.group.label} alone: move these files into a folder {found.table.name}/"
                )
    result = Draft("", chosen, near, apart)
    result.nulls = _nulls(chosen)
    result.text = _text(folder, result)
    if chosen and judge:
        step("judging")
        result.judged = _judge(folder, result.text, 1.0, step)
        result.text = _text(folder, result)
    return result


def _choose(proposals: list[list[Proposal]]) -> tuple[list[Proposal], list[Proposal]]:
    """Files to tables, one to one, by the best sum; and files that only come near to one."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    tables = list(CONTRACT)
    worth = np.zeros((len(proposals), len(tables)))
    at: dict[tuple[int, int], Proposal] = {}
    for n, row in enumerate(proposals):
        best = max(p.near for p in row)
        for p in row:
            k = tables.index(p.table.name)
            fits = not p.missing and p.score >= ENOUGH and p.score >= _SECOND * best
            if p.group.named or fits:
                worth[n, k], at[n, k] = max(p.score, 0.0) + (100 if p.group.named else 0), p
    chosen = [at[n, k] for n, k in zip(*linear_sum_assignment(-worth), strict=True) if worth[n, k]]
    taken = {id(p.group) for p in chosen}
    near = []
    for row in proposals:
        if id(row[0].group) not in taken:
            nearest = max(row, key=lambda p: p.near)
            other = next((p for p in chosen if p.table is nearest.table), None)
            if other:
                nearest.notes.append(f"{nearest.table.name} are in {other.group.label} already")
            near.append(nearest)
    order = {name: n for n, name in enumerate(tables)}
    return sorted(chosen, key=lambda p: order[p.table.name]), near


def _nulls(chosen: list[Proposal]) -> list[str]:
    """Cells that say "nothing here": where they stand among what is parsed, or often."""
    found: Counter[str] = Counter()
    for p in chosen:
        parsed = {x.header for x in p.placement.placed.values() if x.column.kind not in ("label", "text")}
        for f in p.columns:
            for marker, n in f.nulls.items():
                if f.header in parsed or n > 0.01 * f.rows or marker not in ("-", "/", "--", "—"):
                    found[marker] += n
    return [marker for marker, _ in found.most_common()]


def _no_headers(group: Group) -> str:
    first = " ".join(group.headers[0].split()) if len(group.headers) == 1 else ", ".join(group.headers[:6])
    spaced = (
        " Its columns are apart by spaces: save it with commas."
        if len(group.headers) == 1 and " " in group.headers[0].strip()
        else ""
    )
    return f"no line of headers: its first line is data ({first}). Put a line of names above it and run `crmlab map` again.{spaced}"


def _judge(folder: Path, text: str, limit: float, step: Callable[[str], None]) -> Check:
    """What `crmlab check` would say with this mapping: in a scratch folder of links, so that nothing is written beside the exports."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / (folder.resolve().name or "company")
        copy.mkdir()
        for path in listed(folder):
            link = copy / path.relative_to(folder)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path.resolve())
        (copy / "mapping.yaml").write_text(text, encoding="utf-8")
        judged = check(copy, max_bad_share=limit, step=step)
    judged.folder, judged.faults = folder, [fault.replace(str(copy), str(folder)) for fault in judged.faults]
    return judged


def _bad_share(judged: Check) -> tuple[float, str] | None:
    """The share of rows that a run must accept, rounded up, and why; None where the default is enough or nothing sound is."""
    worst, reason = 0.0, ""
    for table in judged.tables:
        if table.rows and (asked := table.rows["raw"] - table.rows["filtered"]):
            share = table.rows["quarantined"] / asked
            if share > worst:
                top = table.reasons[0]
                worst, reason = (
                    share,
                    f"{share:.0%} of {table.name} cannot be used, mostly {top['column']} {top['reason']}",
                )
    if not 0.05 < worst <= _SHARE:
        return None
    return math.ceil(worst * 1.05 * 20) / 20, reason  # a little more than today's, in steps of 5 %


def _text(folder: Path, found: Draft) -> str:
    bad = _bad_share(found.judged) if found.judged else None
    lines = page.comment(
        f"Drafted by `crmlab map {folder}`. Read every line, mend what is wrong, then run `crmlab check {folder}`.",
        "sure, likely, unsure: how far name and values speak for a line; guess: the values alone.",
        *(
            page.judged(found.judged)
            if found.judged
            else ["No file could be placed whole: nothing can run yet."]
        ),
    )
    lines.append(f"company: {page.scalar(folder.resolve().name)}")
    symbols = Counter(f.symbol for p in found.tables for f in p.columns if f.symbol)
    if symbols:
        lines.append(f"currency: {symbols.most_common(1)[0][0]}  # as its amounts say")
    else:
        lines.append("# currency: EUR  # state yours; CNY where nothing is stated")
    lines.append("# time_zone: Europe/Berlin  # state yours; Asia/Shanghai where nothing is stated")
    if found.nulls:
        lines.append(f"null_markers: {page.scalar(found.nulls)}  # cells that say nothing is there")
    if bad:
        lines.append(f"max_bad_share: {bad[0]:.2f}  # {bad[1]}")
    if found.tables or found.near:
        lines.append("tables:")
    for p in found.tables:
        lines += page.table(p, active=not p.missing or p.group.named is p.table)
    for p in found.near:
        lines += page.table(p, active=False)
    if found.apart:
        lines += page.comment(
            "Files that could not be read as a table:", *(f"- {n}: {why}" for n, why in found.apart.items())
        )
    return "\n".join(lines) + "\n"
