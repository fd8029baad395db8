"""The manager's last question: do the data hold, and did earlier forecasts come true?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmlab.report.board import Line, Mark, Question
from crmlab.report.findings import churn_scores, clean, forecasts, value_scores, value_words
from crmlab.report.findings.scorecard import Scorecard
from crmlab.report.findings.verdict import against
from crmlab.report.messages import Message, count, is_missing, money, number, percent, say

_ASKED = say("May I trust it?")
_SIGNS: dict[Mark, str] = {"better": "✓", "worse": "!", "unknown": "?"}
_MARKS: dict[str | None, Mark] = {"better": "better", "worse": "worse"}


def may_i_trust(found: Scorecard, metrics: Mapping[str, Mapping[str, Any]]) -> Question:
    """Whether the data hold, and how each forecast did against its simple line.

    Parameters
    ----------
    found : what `clean` wrote about the exports.
    metrics : stage -> its figures (reports/metrics/<stage>.json).
    """
    holds = clean.trusted(found)
    judged = [
        line
        for line in (
            _renewals(metrics.get("churn") or {}),
            _values(metrics.get("value") or {}),
            _purchases(metrics.get("purchases") or {}),
            _causes(metrics.get("faults") or {}),
        )
        if line
    ]
    good = sum(line.mark == "better" for line in judged)
    words = {"n": count(good), "all": count(len(judged))}
    if not holds:
        answer = say("Not before the data are mended")
    elif not judged:
        answer = say("The data hold; no forecast could be judged yet")
    elif good == len(judged):
        answer = say("Yes: the data hold, and every forecast beats the simple way")
    else:
        answer = say("With care: the data hold; forecasts that beat the simple way: {n} of {all}", **words)
    return Question(_ASKED, answer, [_data(found, holds), *judged])


def _data(found: Scorecard, holds: bool) -> Line:
    what, used = say("Data"), percent(found.used_share, 1)
    if holds:
        return _line(what, used, say("of rows used; no table lies behind the others"), "clean", "better")
    why = clean.attention(found)[0]
    return _line(what, used, say("of rows used. {why}", why=why), "clean", "worse")


def _renewals(churn: Mapping[str, Any]) -> Line | None:
    if is_missing(churn.get("due_predicted")):
        return None
    verdict = _MARKS.get(churn_scores.against_naive(churn), "unknown")
    note = _beside(
        say("renewed, {said} foreseen", said=percent(churn["due_predicted"])),
        churn_scores.line_name(churn.get("naive")),
        verdict,
    )
    return _line(say("Renewals"), percent(churn["due_observed"]), note, "churn", verdict)


def _values(value: Mapping[str, Any]) -> Line | None:
    told = value_scores.judged(value, 1)
    if told is None or is_missing(told.get("stated")):
        return None
    verdict = _MARKS.get(value_scores.against(value, 1), "unknown")
    note = _beside(
        say("came, {said} stated", said=money(told["stated"])),
        value_words.line_name(value_scores.best_line(value, 1)),
        verdict,
    )
    return _line(say("Customer value"), money(told["actual"]), note, "value", verdict)


def _purchases(purchases: Mapping[str, Any]) -> Line | None:
    test = purchases.get("backtest") or {}
    if is_missing(test.get("mae")):
        return None
    verdict = _MARKS.get(purchases.get("verdict"), "unknown")
    note = _beside(
        say("off per customer"),
        forecasts.line_name(purchases.get("naive")),
        verdict,
    )
    return _line(say("Purchases foreseen"), number(test["mae"], 2), note, "purchases", verdict)


def _causes(faults: Mapping[str, Any]) -> Line | None:
    if is_missing(faults.get("accuracy")):
        return None
    verdict = _MARKS.get(against(faults, "by_symptom"), "unknown")
    note = _beside(say("right at the call"), say("the symptom's usual cause"), verdict)
    return _line(say("Causes"), percent(faults["accuracy"]), note, "faults", verdict)


def _beside(what: Message, line: Message | str, verdict: Mark) -> Message:
    """What was measured, and how it stands against the simple line."""
    match verdict:
        case "better":
            return say("{what}; beats {line}", what=what, line=line)
        case "worse":
            return say("{what}; loses to {line}", what=what, line=line)
    return say("{what}; no clear lead over {line}", what=what, line=line)


def _line(what: Message, figure: Any, note: Message, page: str, mark: Mark) -> Line:
    return Line(what, figure, note, page, mark, _SIGNS[mark])
