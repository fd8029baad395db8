"""The manager's first question: which headline figures got worse or better since the previous run."""

from __future__ import annotations

from collections.abc import Sequence

from crmlab.report.board import Line, Question
from crmlab.report.compared import said
from crmlab.report.history import Change
from crmlab.report.messages import Value, count, formatted, say

SHOWN = 5
"""Changes that the board shows; all stand in the section on changes."""

_ASKED = say("What changed?")


def what_changed(changes: Sequence[Change], since: Value | None, vanished: int = 0) -> Question:
    """The changes of headline figures, the worst first.

    Parameters
    ----------
    changes : of the page's cards, as `Page.changed` finds them.
    since : the day of the previous run with as much to go by; None where there is none to compare with.
    vanished : figures that this run could tell then and cannot tell now.
    """
    if since is None:
        return Question(_ASKED, say("Nothing to compare with: no earlier run had the same tables"))
    told = sorted(changes, key=lambda change: _ORDER.get(change.verdict, len(_ORDER)))
    worse, better = (sum(change.verdict == word for change in told) for word in ("worse", "better"))
    words = {"worse": count(worse), "better": count(better), "day": since}
    match bool(worse), bool(better):
        case True, True:
            answer = say("Worse: {worse}, better: {better}, since {day}", **words)
        case True, False:
            answer = say("Worse: {worse}, none better, since {day}", **words)
        case False, True:
            answer = say("Better: {better}, none worse, since {day}", **words)
        case _ if vanished:
            answer = say("Less can be told than on {day}", day=since)
        case _:
            answer = say("Nothing is worse or better than on {day}", day=since)
    lines = [_line(change) for change in told[:SHOWN]]
    if vanished:
        note = say("told then, not now: the pages say what is missing")
        lines.insert(0, Line(say("Figures that are gone"), count(vanished), note, mark="worse", sign="!"))
    return Question(_ASKED, answer, lines)


_ORDER = {"worse": 0, "better": 1}


def _line(change: Change) -> Line:
    sign = "▲" if change.now > change.before else "▼"
    mark = change.verdict if change.verdict in _ORDER else ""
    return Line(
        change.meaning.label, formatted(change.meaning.form, change.now), said(change), mark=mark, sign=sign
    )
