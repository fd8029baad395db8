"""What every page says about the data it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from crmlab.report.messages import Message, count, percent, say

_WORRYING = 0.02  # of all rows set aside; above it the badge warns


@dataclass(frozen=True)
class Quality:
    """What a page says about the data it rests on, from reports/metrics/clean.json."""

    badge: Message
    sentence: Message
    grade: str
    exported: frozenset[str] = frozenset()

    @classmethod
    def of(cls, metrics: dict[str, Any]) -> Quality:
        """Sum the tables of clean.json: raw = clean + quarantined + duplicates + filtered."""
        exported = frozenset(metrics.get("tables", {}))
        tables = metrics.get("tables", {}).values()
        raw, clean, aside, twice, out = (
            sum(t.get(k) or 0 for t in tables)
            for k in ("raw", "clean", "quarantined", "duplicates", "filtered")
        )
        if not raw:
            return cls(say("not assessed"), say("No rows were read."), "unknown", exported)
        badge = (
            say("{share} of rows set aside", share=percent(aside / raw, 1))
            if aside
            else say("no row set aside")
        )
        sentence = say(
            "Of {raw} rows read, {clean} are used; {aside} were set aside as faulty, {twice} were duplicates and "
            "{out} were filtered out.",
            raw=count(raw),
            clean=count(clean),
            aside=count(aside),
            twice=count(twice),
            out=count(out),
        )
        return cls(badge, sentence, "warn" if aside / raw > _WORRYING else "good", exported)


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
