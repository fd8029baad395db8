"""How a figure changed, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmlab.report.blocks import SHOWN, Grid
from crmlab.report.messages import MISSING, Message, Value, day, formatted, number, say

if TYPE_CHECKING:
    from crmlab.report.history import Change

_WORDS = {
    "worse": say("worse"),
    "better": say("better"),
    "new": say("new"),
    "gone": say("gone"),
}


def difference(before: float, now: float, form: str) -> Message:
    """How far a figure went up or down; shares in percentage points.

    >>> from crmlab.report.language import Language
    >>> difference(0.9, 0.85, "percent1").in_language(Language("en"))
    'down 5.0 points'
    """
    if form.startswith("percent"):
        points = number(abs(now - before) * 100, 1)
        return say("up {n} points", n=points) if now > before else say("down {n} points", n=points)
    size = formatted(form, abs(now - before))
    return say("up {n}", n=size) if now > before else say("down {n}", n=size)


def said(change: Change) -> Message:
    """The change in words: up or down by how much, and whether that is better or worse."""
    word = _WORDS.get(change.verdict)
    if change.before is None or change.now is None:
        return word
    moved = difference(change.before, change.now, change.meaning.form)
    return say("{moved}: {word}", moved=moved, word=word) if word else moved


def changes_grid(changes: Sequence[Change], earlier: str | None, today: Value) -> Grid:
    """The changes as a table: figure, then, now, the change in words."""
    rows = [
        [
            change.meaning.label,
            formatted(change.meaning.form, change.before),
            formatted(change.meaning.form, change.now),
            said(change),
        ]
        for change in changes
    ]
    headings = [say("Figure"), day(earlier) if earlier else MISSING, today, say("Change")]
    return Grid(headings, ["", "n", "n", ""], rows[:SHOWN], len(rows))
