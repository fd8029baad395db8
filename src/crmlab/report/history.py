"""What earlier runs said, and how today's figures differ: one file per as-of day in reports/history/<company>/.

A page names each of its figures by an id and says what the id means; the figures travel in the history file, and the words stay with
the page. A run compares itself with the latest earlier as-of day of its company, never with its own, so that two runs agree.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from crmlab.files import CrmlabError, write_json
from crmlab.report.messages import Message

Verdict = Literal["worse", "gone", "new", "better", "neutral"]
"""How a figure changed, the most urgent first."""
_RANK = {"worse": 0, "gone": 1, "new": 2, "better": 3, "neutral": 4}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DIGITS = 6  # of a figure in the file


@dataclass(frozen=True)
class Meaning:
    """What a figure is.

    label, form : how a page writes it (messages.FORMATS).
    better : "higher", "lower", or "" where neither is.
    material : a smaller change is not told.
    part_of : id of the figure without which this one cannot be: when that one is new or gone, this one says nothing more.
    """

    label: Message
    form: str
    better: Literal["higher", "lower", ""] = ""
    material: float = 0
    part_of: str = ""


@dataclass(frozen=True)
class Record:
    """What one earlier run said: figures by page and id, the tables it had to withhold, and the hash of its file."""

    as_of: str
    pages: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    hash: str = ""
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Change:
    """One figure then and now; None where it was not, or is no more."""

    id: str
    meaning: Meaning
    before: float | None
    now: float | None
    verdict: Verdict


def records(folder: Path, as_of: str) -> list[Record]:
    """What runs as of days before `as_of` ("2026-10-31") said, the latest last.

    Raises
    ------
    CrmlabError : a file is not what a run writes.
    """
    days = sorted(p.stem for p in folder.glob("*.json") if _DAY.fullmatch(p.stem) and p.stem < as_of)
    return [_record(folder / f"{day}.json") for day in days]


def _record(path: Path) -> Record:
    content = path.read_bytes()
    try:
        told = json.loads(content)
        pages = {
            page: {name: float(figure["value"]) for name, figure in figures.items()}
            for page, figures in told["pages"].items()
        }
        withheld = frozenset(told.get("withheld", ()))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CrmlabError(
            f"{path}: not readable as the history of a run; restore it from git, or delete it and make it again with "
            f'as_of: "{path.stem}" in params.yaml'
        ) from None
    return Record(path.stem, pages, hashlib.sha256(content).hexdigest(), withheld)


def write(
    folder: Path,
    as_of: str,
    about: Mapping[str, Any],
    pages: Mapping[str, Mapping[str, Any]],
    stages: Mapping[str, Any],
) -> Path:
    """Write what this run says: sorted, six digits, the same bytes on every run; a file of the same day is replaced.

    Parameters
    ----------
    about : whose run it is (company, simulated, run id), and the tables it had to withhold, if any.
    pages : page → figure id → {"value", "better"} (`told`).
    stages : stage → {"state", "metrics"}.
    """
    path = folder / f"{as_of}.json"
    write_json(path, {**about, "as_of": as_of, "pages": pages, "stages": stages})
    return path


def told(figures: Mapping[str, float | None], meaning: Callable[[str], Meaning]) -> dict[str, dict[str, Any]]:
    """`figures` as a record keeps them: value, and which way is better; those without a value are left out."""
    return {
        name: {"value": round(float(value), _DIGITS), "better": meaning(name).better}
        for name, value in figures.items()
        if value is not None
    }


def changes(
    before: Mapping[str, float], now: Mapping[str, float | None], meaning: Callable[[str], Meaning]
) -> list[Change]:
    """What is new, gone or differs by at least what its meaning calls material; the worst first, then by id.

    >>> from crmlab.report.messages import say
    >>> share = Meaning(say("Filled"), "percent", "higher", material=0.01)
    >>> [(c.id, c.verdict) for c in changes({"a": 0.9, "b": 0.5, "c": 1}, {"a": 0.8, "b": 0.501, "d": 1}, lambda _: share)]
    [('a', 'worse'), ('c', 'gone'), ('d', 'new')]
    """
    known = {name: round(float(value), _DIGITS) for name, value in now.items() if value is not None}
    found = {}
    for name in sorted({*before, *known}):
        verdict = _verdict(before.get(name), known.get(name), meaning(name))
        if verdict:
            found[name] = Change(name, meaning(name), before.get(name), known.get(name), verdict)
    fresh = {name for name, change in found.items() if change.verdict in ("new", "gone")}
    own = [change for change in found.values() if not _within(change.meaning, fresh, meaning)]
    return sorted(own, key=lambda change: (_RANK[change.verdict], change.id))


def _within(what: Meaning, names: set[str], meaning: Callable[[str], Meaning]) -> bool:
    """Whether the figure is a part of one of `names`, at any distance."""
    return bool(what.part_of) and (what.part_of in names or _within(meaning(what.part_of), names, meaning))


def _verdict(before: float | None, now: float | None, meaning: Meaning) -> Verdict | None:
    if before is None or now is None:
        return "new" if before is None else "gone"
    if now == before or round(abs(now - before), _DIGITS) < meaning.material:
        return None
    if not meaning.better:
        return "neutral"
    return "better" if (now > before) == (meaning.better == "higher") else "worse"
