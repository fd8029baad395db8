"""Rows of the list of open tickets: what is probably wrong, what to carry, what to check, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.blocks import Columns
from crmlab.report.findings.kits import JOIN, kit
from crmlab.report.messages import Message, is_missing, listed, say, sentences, term

if TYPE_CHECKING:
    import pandas as pd

MOST = 60
"""Open tickets that a page shows; their rows are wide."""
FIRST = 3
"""Checks named of an order; later ones are rarely reached."""

_ABSTAIN = {
    "no_text": say("no: nothing is said of the fault"),
    "unknown_words": say("no: words never seen before"),
    "low_confidence": say("no: too uncertain, ask more"),
}
_REASON = re.compile(r"(.+) (\+[\d.]+)")
_AGE = re.compile(r"(?:under )?([\d.]+)(?: to ([\d.]+))? years( and more)?")


def rows(predictions: pd.DataFrame, names: Mapping[str, str], fields: Iterable[str]) -> pd.DataFrame:
    """Table `predictions`, the surest first, with its cells in words.

    Parameters
    ----------
    names : part number → name. fields : the fields that the model reads.
    """
    shown = predictions.sort_values(["p_1", "ticket_id"], ascending=[False, True], ignore_index=True)
    fields = tuple(fields)
    return shown.assign(
        carry=[kit(cell, names) for cell in shown["parts"]],
        checks=[_checks(cell) for cell in shown["check_order"]],
        relied_on=[say("yes") if is_missing(x) else _ABSTAIN.get(x, x) for x in shown["abstain"]],
        because=[reasons(cell, fields) for cell in shown["reasons"]],
    )


def title(predictions: pd.DataFrame, known: Message | None) -> Message:
    """What stands over the list; `known` is what the stage lacked for it."""
    if predictions.empty:
        return known or say("No ticket is open")
    if predictions["parts"].notna().any():
        return say(
            "Open tickets: what is probably wrong, what to carry and what to check first, the surest first"
        )
    return say("Open tickets: what is probably wrong and what to check first, the surest first")


def columns(predictions: pd.DataFrame, timed: bool = True) -> Columns:
    """The columns of the list: those of parts only where anything says what a cause needs, minutes where visits were timed."""
    carried = {
        "carry": (say("Carry"), "text"),
        "first_time_fix": (say("First-time fix"), "percent"),
    }
    remote = {"cause_predicted": (say("Remote support"), "term:cause")}
    known = {
        name: predictions[name].notna().any()
        for name in ("parts", "cause_predicted", "machine_model", "branch")
    }
    return {
        "ticket_id": (say("Ticket"), "text"),
        "symptom": (say("Symptom"), "text"),
        "cause_1": (say("Most probable cause"), "term:cause"),
        "p_1": (say("Probability"), "percent"),
        **(carried if known["parts"] else {}),
        "checks": (say("Check in this order"), "text"),
        **({"minutes": (say("Minutes"), "count")} if timed else {}),
        "relied_on": (say("Rely on it"), "text"),
        **(remote if known["cause_predicted"] else {}),
        "because": (say("What speaks for it"), "text"),
        **({"machine_model": (say("Model"), "text")} if known["machine_model"] else {}),
        **({"branch": (say("Branch"), "text")} if known["branch"] else {}),
        "reported_at": (say("Reported"), "day"),
    }


def note(predictions: pd.DataFrame, timed: bool = True) -> Message | str:
    """How to read the columns that are there."""
    said = [say("What speaks for a guess is told with its log-odds: 0.7 doubles the odds.")]
    if predictions["parts"].notna().any():
        said.append(say("First-time fix is the chance with these parts."))
    if timed:
        said.append(say("Minutes are those to the cause in this order of checks."))
    return sentences(said)


def _checks(cell: Any) -> Message | None:
    return None if is_missing(cell) else listed([term("cause", cause) for cause in cell.split(JOIN)[:FIRST]])


def reasons(cell: Any, fields: tuple[str, ...]) -> Message | str | None:
    """What speaks for a guess, in the words of each language: 'disk: warning light +1.2; machine_family 7978 +0.4'.

    Names of the vocabulary and of fields are translated; words of the customer stay as they are.
    """
    if is_missing(cell) or not cell:
        return None
    said = []
    for part in cell.split("; "):
        found = _REASON.fullmatch(part)
        said.append(say("{name} {odds}", name=_named(found[1], fields), odds=found[2]) if found else part)
    return listed(said)


def _named(name: str, fields: tuple[str, ...]) -> Message | str:
    field, _, value = name.partition(" ")
    if field in fields and value:
        return say("{field} {value}", field=term("column", field), value=_value(field, value))
    tags = name.split(", ")
    if len(tags) > 1:
        return say("{what} together", what=listed([_tag(tag) for tag in tags]))
    return _tag(name)


def _tag(tag: str) -> Message:
    component, _, sign = tag.partition(": ")
    if sign:
        return say("{component}: {sign}", component=term("concept", component), sign=term("concept", sign))
    return term("concept", tag)


def _value(field: str, value: str) -> Message | str:
    if field != "machine_age":
        return term(field, value)
    found = _AGE.fullmatch(value)
    if not found:
        return value
    low, high, more = found.groups()
    if high:
        return say("{low} to {high} years", low=low, high=high)
    return say("{low} years and more", low=low) if more else say("under {high} years", high=low)
