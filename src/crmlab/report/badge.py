"""What every page says about the data it rests on."""

from __future__ import annotations

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

    @classmethod
    def of(cls, metrics: dict[str, Any]) -> Quality:
        """Sum the tables of clean.json: raw = clean + quarantined + duplicates + filtered."""
        tables = metrics.get("tables", {}).values()
        raw, clean, aside, twice, out = (
            sum(t.get(k) or 0 for t in tables)
            for k in ("raw", "clean", "quarantined", "duplicates", "filtered")
        )
        if not raw:
            return cls(say("not assessed"), say("No rows were read."), "unknown")
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
        return cls(badge, sentence, "warn" if aside / raw > _WORRYING else "good")
