"""The manager's first question: which headline figures got worse or better since the previous run."""

from __future__ import annotations

from collections.abc import Sequence

from crmlab.report.board import Line, Question
from crmlab.report.compared import difference, said
from crmlab.report.history import Change
from crmlab.report.messages import Value, count, formatted, say

SHOWN = 5
"""Changes that the board shows; all stand in the section on changes."""

_ASKED = say("What changed?")


def what_changed(changes: Sequence[Change], since: Value | None) -> Question:
    """The changes of headline figures, the worst first.

    Parameters
    ----------
    changes : of the page's cards, as `Page.changed` finds them.
    since : the day of the previous run; None where there is none to compare with.
    """
    if since is None:
        return Question(_ASKED, say("Nothing to compare with yet: this is the first run."))
    told = sorted(changes, key=lambda change: _ORDER[change.verdict])
    worse, better = (sum(change.verdict == word for change in told) for word in ("worse", "better"))
    words = {"worse": count(worse), "better": count(better), "day": since}
    match bool(worse), bool(better):
        case True, True:
            answer = say("Worse: {worse}, better: {better}, since {day}", **words)
        case True, False:
            answer = say("Worse: {worse}, none better, since {day}", **words)
        case False, True:
            answer = say("Better: {better}, none worse, since {day}", **words)
        case _:
            answer = say("Nothing is worse or better than on {day}", day=since)
    return Question(_ASKED, answer, [_line(change) for change in told[:SHOWN]])


_ORDER = {"worse": 0, "gone": 1, "better": 2, "new": 3, "neutral": 4}


def _line(change: Change) -> Line:
    mark = change.verdict if change.verdict in ("better", "worse") else ""
    now, before = change.now, change.before
    if now is None or before is None:
        return Line(change.meaning.label, formatted(change.meaning.form, now), said(change))
    moved = said(change) if mark else difference(before, now, change.meaning.form)
    sign = "▲" if now > before else "▼"
    return Line(change.meaning.label, formatted(change.meaning.form, now), moved, mark=mark, sign=sign)
