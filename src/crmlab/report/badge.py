"""What every page says about the data it rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crmlab.files import read_json
from crmlab.report.messages import Message, count, listed, percent, say, sentences, term

_WORRYING = 0.02  # of all rows set aside; above it the badge warns


@dataclass(frozen=True)
class Quality:
    """What a page says about the data it rests on, from reports/metrics/clean.json.

    exported : tables with rows to report on. withheld : tables of which too many rows are bad → share, column, reason.
    """

    badge: Message
    sentence: Message
    grade: str
    exported: frozenset[str] = frozenset()
    withheld: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, metrics: dict[str, Any]) -> Quality:
        """Sum the tables of clean.json: raw = clean + quarantined + duplicates + filtered + unusable."""
        withheld = metrics.get("withheld", {})
        exported = frozenset(metrics.get("tables", {})) - set(withheld)
        tables = metrics.get("tables", {}).values()
        raw, clean, faulty, twice, out, unusable = (
            sum(t.get(k) or 0 for t in tables)
            for k in ("raw", "clean", "quarantined", "duplicates", "filtered", "unusable")
        )
        aside = faulty + unusable
        if not raw:
            return cls(say("not assessed"), say("No rows were read."), "unknown", exported)
        badge = (
            say("{share} of rows set aside", share=percent(aside / raw, 1))
            if aside
            else say("no row set aside")
        )
        numbers = {
            "raw": count(raw),
            "clean": count(clean),
            "aside": count(faulty),
            "twice": count(twice),
            "out": count(out),
        }
        sentence = say(
            "Of {raw} rows read, {clean} are used; {aside} were set aside as faulty, {twice} were duplicates and "
            "{out} were filtered out.",
            **numbers,
        )
        if withheld:
            sentence = say(
                "Of {raw} rows read, {clean} are used; {aside} were set aside as faulty, {whole} were withheld with the "
                "rest of their table, {twice} were duplicates and {out} were filtered out.",
                whole=count(unusable),
                **numbers,
            )
            tables = listed([term("table", name) for name in withheld])
            badge = say("withheld: {tables}", tables=tables)
            whole = say("Withheld whole, because too many rows cannot be used: {tables}.", tables=tables)
            return cls(badge, sentences([sentence, whole]), "warn", exported, withheld)
        return cls(badge, sentence, "warn" if aside / raw > _WORRYING else "good", exported)


def read_status(path: Path, quality: Quality) -> dict[str, Any]:
    """A stage's status.json; what it lacked because a table is withheld says so. Empty where there is none."""
    if not path.is_file():
        return {}
    told = read_json(path)
    for entry in told["missing"]:
        for table in set(re.findall(r"\w+", entry["what"])) & set(quality.withheld):
            entry["withheld"] = quality.withheld[table]
    return told


def lack(entry: Mapping[str, Any]) -> Message:
    """What a stage lacked, in words, and why where its table is there but withheld."""
    what = term("lacks", entry["what"])
    if not (why := entry.get("withheld")):
        return what
    return say(
        "{what} (withheld: {share} of its rows could not be used, most often {column} {reason})",
        what=what,
        share=percent(why["share"]),
        column=term("column", why["column"]),
        reason=term("fault", why["reason"]),
    )


def lacking(missing: Sequence[Mapping[str, str]], exported: Set[str]) -> list[Mapping[str, str]]:
    """What a stage lacked (status.json), each thing once.

    Columns of a table that is not exported are that table; a table that a wider entry names ("sales or contracts") is that entry.

    >>> lacking([{"what": w} for w in ("contracts", "sales or contracts", "tickets.symptom", "tickets.closed_at")], {"visits"})
    [{'what': 'sales or contracts'}, {'what': 'tickets'}]
    """
    found: dict[str, Mapping[str, str]] = {}
    for entry in missing:
        table, _, column = entry["what"].partition(".")
        of_absent = column.isidentifier() and table not in exported
        what = table if of_absent else entry["what"]
        found.setdefault(what, {**entry, "what": what})
    wider = [words for what in found if len(words := what.split()) > 1]
    return [entry for what, entry in found.items() if not any(what in words for words in wider)]
