"""What a company folder holds, seen from the headers alone: which file is which table, which column is which."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePosixPath

from crmlab.clean.judging.as_of import SAY_DAY
from crmlab.clean.reading.archive import Export, exports, refuse_twins
from crmlab.clean.reading.headers import unknown_name
from crmlab.clean.reading.mapping import Mapping, TableMapping, company_folder, load_mapping
from crmlab.clean.reading.peek import Peek, peek
from crmlab.clean.reading.source import Source, source
from crmlab.files import CrmlabError
from crmlab.tables import CONTRACT, Table

__all__ = ["Peek", "Plan", "Source", "check_exports", "peek", "plan"]

EDITED = ("lexicon.yaml", "topics.yaml", "policy.csv", "effort.csv", "type_labels.csv")
"""Files that people write for later stages, which find them among the outputs of this one."""
OWN = ("mapping.yaml", "README.md", "customer_aliases.csv", "rules.py", *EDITED)
"""Files that people write for crmlab, beside the exports."""


@dataclass
class Plan:
    """A company folder: its mapping, the files of each table, files that belong to none, and what is wrong with any.

    copies : the name of a file → the name of an earlier file of the same table with the same content.
    without : tables that are exported, but withheld, so that they are not among `sources`.
    """

    folder: Path
    mapping: Mapping
    sources: dict[str, list[Source]] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()

    def present(self, table: str) -> set[str]:
        """The columns of `table` that its files or the mapping supply."""
        found = {c for s in self.sources.get(table, []) for c in s.matched.known}
        return found | self.mapping.table(table).given if found or table in self.sources else found

    def unknown(self, table: str) -> list[str]:
        """The names under which unknown columns of `table` are kept."""
        return sorted({c for s in self.sources.get(table, []) for c in s.matched.unknown})


def plan(folder: Path) -> Plan:
    """Look at a company folder without reading its rows.

    Raises
    ------
    CrmlabError : no such folder, or mapping.yaml is wrong. Faults of files are collected in `Plan.faults`.
    """
    result = Plan(company_folder(folder), load_mapping(folder))
    result.faults += _broken_links(folder)
    there = listed(folder)
    used: set[str] = set()
    for table in CONTRACT.values():
        mapping = result.mapping.table(table.name)
        try:
            found = _stated(folder, there, table, mapping) if mapping.files else _named(folder, there, table)
            refuse_twins(found)
        except CrmlabError as error:
            result.faults.append(str(error))
            continue
        used.update(e.name for e in found)
        for export in found:
            try:
                result.sources.setdefault(table.name, []).append(source(export, table, mapping))
            except CrmlabError as error:
                result.faults.append(str(error))
        if table.name in result.sources:
            result.sources[table.name] = _agreed(result.sources[table.name])
        result.copies |= _copies(result.sources.get(table.name, []))
    result.unused = [n for p in there for n in _held(p, _name(p, folder)) if n not in used]
    if not result.faults and not {name for group in SAY_DAY for name in group} & set(result.sources):
        named = ", ".join(result.unused[:8]) or "nothing"
        result.faults.append(
            f"{folder}: no table at all that says what day it is; expected tickets.csv, sales.csv or another table of dated rows "
            f"(or a folder of that name), found {named}. "
            "Rename an export, or name it in mapping.yaml: tables: {tickets: {files: <pattern>}}"
        )
    return result


def listed(folder: Path) -> list[Path]:
    """The files of a company folder that may be exports; links are followed."""
    return sorted(p for p in _below(folder) if p.is_file())


def check_exports(folder: Path) -> Iterator[str]:
    """What a company folder holds, line by line: per table its files, its columns, and those not recognised.

    Raises
    ------
    CrmlabError : the first thing in mapping.yaml or in the headers that would stop the pipeline, after the lines before it.
    """
    found = plan(folder)
    yield f"{found.mapping.company}: {'simulated data, ' if found.mapping.simulated else ''}{folder}"
    for table in CONTRACT.values():
        sources = found.sources.get(table.name)
        if not sources:
            continue
        columns = [c.name for c in table.columns]
        present = [c for c in columns if c in found.present(table.name)]
        names = (
            sources[0].name
            if len(sources) == 1
            else f"{len(sources)} files, {sources[0].name} to {sources[-1].name}"
        )
        yield f"{table.name}: {names}; {len(present)} of {len(columns)} columns: {', '.join(present)}"
        if dropped := dict.fromkeys(h for s in sources for h in s.matched.dropped):
            yield f"{table.name}: about people, dropped: {', '.join(dropped)}"
        if unknown := found.unknown(table.name):
            headers = [s.matched.unknown[c] for c in unknown for s in sources if c in s.matched.unknown]
            yield f"{table.name}: not recognised, kept as {', '.join(unknown)}: {', '.join(dict.fromkeys(headers))}"
    absent = [t for t in CONTRACT if t not in found.sources]
    if absent:
        yield f"not exported: {', '.join(absent)}"
    if found.unused:
        yield f"files that belong to no table: {', '.join(found.unused)}"
    if found.faults:
        raise CrmlabError("\n".join(found.faults))


def _stated(folder: Path, there: list[Path], table: Table, mapping: TableMapping) -> list[Export]:
    """The files that match the pattern of mapping.yaml: a .zip as a whole, or members of it."""
    found = []
    for path in there:
        name = _name(path, folder)
        if _means(mapping.files, name):
            found += exports(path, name)
        elif ".zip/" in mapping.files.lower() and path.suffix.lower() == ".zip":
            found += [e for e in exports(path, name) if _means(mapping.files, e.name)]
    if not found:
        held = ", ".join(sorted({_name(p, folder) for p in there})) or "nothing"
        raise CrmlabError(
            f"mapping.yaml, tables.{table.name}.files: nothing matches {mapping.files!r} in {folder}; it holds {held}"
        )
    return found


def _means(pattern: str, name: str) -> bool:
    """Whether `pattern` of mapping.yaml is the name, or matches it: `export[1].csv` is a name before it is a pattern."""
    return name == pattern or fnmatch(name, pattern)


def _named(folder: Path, there: list[Path], table: Table) -> list[Export]:
    """The files named like the table, those in a folder named like it, and members so named of other archives."""
    names = {n.lower() for n in (table.name, table.zh, *table.also)}
    found = []
    for path in there:
        parts = path.relative_to(folder).parts
        if parts[0].split(".")[0].lower() in names if len(parts) == 1 else parts[0].lower() in names:
            found += exports(path, _name(path, folder))
        elif len(parts) == 1 and path.suffix.lower() == ".zip":
            try:
                found += [e for e in exports(path, path.name) if _meant(e) in names]
            except CrmlabError:
                continue  # of an archive that nothing names, it is not known whether it matters; it is listed as unused
    return found


def _meant(member: Export) -> str:
    """What the place of a member says it is: the first folder that is named like a table, else its own name."""
    folders = PurePosixPath(member.name).parts[1:-1]
    return next((f.lower() for f in folders if f.lower() in _names_of_tables()), member.stem)


@cache
def _names_of_tables() -> set[str]:
    return {n.lower() for table in CONTRACT.values() for n in (table.name, table.zh, *table.also)}


def _held(path: Path, name: str) -> list[str]:
    """The name of a file, or those of the members of an archive that can be read."""
    try:
        return [e.name for e in exports(path, name)]
    except CrmlabError:
        return [name]


def _below(folder: Path) -> Iterator[Path]:
    """What lies in a folder and in those below it that is no folder; a link back to a folder above is not followed."""
    above = {folder: {folder.resolve()}}
    for top, folders, names in os.walk(folder, followlinks=True):
        here = Path(top)
        real = {f: (here / f).resolve() for f in folders}
        folders[:] = [f for f in folders if real[f] not in above[here]]
        above |= {here / f: above[here] | {real[f]} for f in folders}
        yield from (p for p in (here / n for n in names) if not _of_the_system(p, folder))


def _broken_links(folder: Path) -> list[str]:
    return [
        f"{_name(p, folder)}: a link to {p.readlink()}, which is not there; mend the link or remove it"
        for p in sorted(_below(folder))
        if p.is_symlink() and not p.exists()
    ]


def _agreed(sources: list[Source]) -> list[Source]:
    """The files of a table with one name for each unknown header, in whatever order the files have them.

    Spellings that would go by one name (Cost-EUR, cost eur) are one column, unless a file has two of them.
    """
    spelt: dict[str, dict[str, None]] = {}  # name → spellings, in their order
    apart = set()
    for one in sources:
        names = [unknown_name(h, set()) for h in one.matched.unknown.values()]
        apart |= {n for n in names if names.count(n) > 1}
        for name, header in zip(names, one.matched.unknown.values(), strict=True):
            spelt.setdefault(name, {})[header.lower()] = None
    kept: dict[str, str] = {}  # spelling → name
    for name, spellings in spelt.items():
        for n, spelling in enumerate(spellings):
            first = n == 0 or name in apart
            kept[spelling] = (
                unknown_name(spelling, set(kept.values())) if first else kept[next(iter(spellings))]
            )
    return [
        replace(
            s, matched=replace(s.matched, unknown={kept[h.lower()]: h for h in s.matched.unknown.values()})
        )
        for s in sources
    ]


def _copies(sources: list[Source]) -> dict[str, str]:
    """Files with the content of an earlier one. Most differ in size, so that hardly any has to be read."""
    alike: dict[tuple, list[Source]] = {}
    for one in sources:
        alike.setdefault((one.export.size(), one.export.suffix, tuple(one.headers)), []).append(one)
    first: dict[bytes, str] = {}
    copies = {}
    for group in (g for g in alike.values() if len(g) > 1):
        for one in group:
            with one.export.open() as raw:
                digest = hashlib.file_digest(raw, "sha256").digest()
            if digest in first:
                copies[one.name] = first[digest]
            else:
                first[digest] = one.name
    return copies


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _of_the_system(path: Path, folder: Path) -> bool:
    """What people write for crmlab, and what editors, Excel and file managers leave lying about."""
    parts = path.relative_to(folder).parts
    left = parts[-1].startswith("~$") or parts[-1] in ("Thumbs.db", "desktop.ini") or "__pycache__" in parts
    return left or any(p.startswith(".") for p in parts) or parts in {(own,) for own in OWN}
