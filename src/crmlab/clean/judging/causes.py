"""Several causes in one cell."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ALWAYS = re.compile(r"[、，,;；]")


def split_causes(written: str, known: set[str] = frozenset()) -> list[str]:
    """The causes in one cell, in the order written, each once.

    `、 ，, ;` always separate. `皆` also hands what follows to every cause before it. `/` belongs to many names (系统/驱动,
    Power/battery), so it separates only where each part is in `known`, the causes recorded by themselves.

    >>> split_causes("主板,内存皆损坏")
    ['主板损坏', '内存损坏']
    >>> split_causes("系统/驱动"), split_causes("风扇故障/内存损坏", {"风扇故障", "内存损坏"})
    (['系统/驱动'], ['风扇故障', '内存损坏'])
    """
    listed, _, shared = written.partition("皆")
    parts = [p.strip() for p in _ALWAYS.split(listed)]
    causes = []
    for part in parts:
        pieces = [p.strip() for p in part.split("/")]
        split = len(pieces) > 1 and all(p + shared in known for p in pieces)
        causes += [p + shared for p in (pieces if split else [part]) if p]
    return list(dict.fromkeys(causes)) or [written]


def cause_table(cells: Iterable[str]) -> dict[str, list]:
    """One row per distinct cell and cause: `written`, `cause_no` from 1, `cause`, `n_causes`."""
    cells = sorted(set(cells))
    known = {cause for cell in cells for cause in split_causes(cell)}
    table: dict[str, list] = {"written": [], "cause_no": [], "cause": [], "n_causes": []}
    for cell in cells:
        causes = split_causes(cell, known)
        for number, cause in enumerate(causes, 1):
            table["written"].append(cell)
            table["cause_no"].append(number)
            table["cause"].append(cause)
            table["n_causes"].append(len(causes))
    return table
