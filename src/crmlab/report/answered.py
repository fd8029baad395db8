"""What `crmlab diagnose` prints: the answer to one call as aligned text, in any language that has a catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Table as Grid
from rich.text import Text

from crmlab.report.language import SOURCE, Language
from crmlab.report.messages import Message, count, number, percent, say, term

if TYPE_CHECKING:
    from rich.console import Console

MOST = 6
"""Causes shown one by one where the set of nine in ten is not larger; at most `MOST_IN_SET` of it are."""
MOST_IN_SET = 10
LONGEST = 120
"""Characters of the symptom that are repeated."""
BAR = 30
"""Characters of a bar that means certainty."""


def show(found: Mapping[str, Any], console: Console, language: Language) -> None:
    """Print an answer of `crmlab.faults.answer`."""

    def tell(message: Message | str, style: str = "") -> Text:
        said = message if isinstance(message, str) else message.in_language(language)
        return Text(said, style=style)

    console.print(tell(_heading(found), "bold"))
    for note in notes(found):
        console.print(tell(note, "yellow"))
    console.print()
    console.print(_causes(found, tell, language))
    console.print(tell(say("● the set that holds the right cause of nine calls in ten"), "dim"))
    console.print()
    console.print(_rest(found, tell, language))
    console.print()
    console.print(tell(_learnt_from(found, language), "dim"))


def notes(found: Mapping[str, Any]) -> list[Message]:
    """Why and where not to rely on an answer, with what to do: the reason to abstain, and what was never seen."""
    said = []
    if found["abstain"] == "no_text":
        said.append(
            say(
                "Nothing was said about the fault, so nobody should rely on this: ask what is seen, heard and shown on the "
                "machine."
            )
        )
    elif found["abstain"] == "unknown_words" and not found["known_share"]:
        said.append(
            say(
                "None of these words was ever seen, so nobody should rely on this: ask again in other words, which light, which "
                "message, which part."
            )
        )
    elif found["abstain"] == "unknown_words":
        said.append(
            say(
                "Only {share} of these words were ever seen, so nobody should rely on this: ask again in other words, which "
                "light, which message, which part.",
                share=percent(found["known_share"]),
            )
        )
    elif found["abstain"] == "low_confidence":
        said.append(
            say(
                "No cause stands out, so nobody should rely on the first one: ask for lights, messages and sounds, and go by "
                "the order of checks."
            )
        )
    return said + _unknown(found)


def _unknown(found: Mapping[str, Any]) -> list[Message]:
    known, said, learnt = found["known"], found["said"], found["learnt_from"]
    notes = []
    if known["machine_model"] is None:
        notes.append(say("No model was given: the shares of all machines stand in (--model)."))
    elif not known["machine_model"] and known["machine_family"]:
        notes.append(
            say(
                "Model {model} was never seen: the shares of its family {family} stand in, learnt from {n} tickets.",
                model=said["machine_model"],
                family=found["said"]["machine_model"][:4],
                n=count(learnt["machine_family"]),
            )
        )
    elif not known["machine_model"]:
        notes.append(
            say(
                "Neither model {model} nor its family was ever seen: the shares of all machines stand in.",
                model=said["machine_model"],
            )
        )
    if known["serial_no"] is False:
        notes.append(
            say(
                "The machine file has no serial number {serial}: its age stays unknown.",
                serial=said["serial_no"],
            )
        )
    if known["customer_id"] is False:
        notes.append(
            say(
                "No customer has the id {customer}: its industry and region stay unknown.",
                customer=said["customer_id"],
            )
        )
    return notes


def _heading(found: Mapping[str, Any]) -> str:
    said = found["said"]
    text = " ".join((said["symptom"] or "").split()) or "–"
    shown = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    parts = [shown, said["machine_model"], said["serial_no"], said["customer_id"]]
    return " · ".join(part for part in parts if part)


def _causes(found: Mapping[str, Any], tell, language: Language) -> Grid:
    """The most probable causes; those of the set are marked."""
    within = found["set_90"]
    shown = min(max(MOST, len(within)), MOST_IN_SET)
    grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column(tell(say("Most probable causes")), style="bold")
    grid.add_column("")
    grid.add_column(tell(say("chance")), justify="right")
    grid.add_column("")
    for row in found["causes"][:shown]:
        p = row["probability"]
        mark = "●" if row["cause"] in within else ""
        grid.add_row(Text(row["cause"]), mark, language.write(percent(p)), Text(_bar(p), "cyan"))
    if rest := found["causes"][shown:]:
        others = say("{n} others together", n=count(len(rest)))
        p = sum(row["probability"] for row in rest)
        grid.add_row(tell(others, "dim"), "", language.write(percent(p)), Text(_bar(p), "dim"))
    return grid


def _bar(p: float) -> str:
    return "█" * round(p * BAR) or "▏"


def _rest(found: Mapping[str, Any], tell, language: Language) -> Grid:
    grid = Grid(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    for name, message in (
        (say("Carry"), _carry(found["kit"])),
        (say("One part more"), _one_more(found["kit"])),
        (say("Check in this order"), _checks(found, language)),
        (say("Because of"), _reasons(found, language)),
        (say("Often together"), _together(found, language)),
    ):
        if message is not None:
            grid.add_row(tell(name), tell(message))
    return grid


def _carry(kit: Mapping[str, Any] | None) -> Message:
    if kit is None:
        return say("cannot tell: nothing says which parts a cause needs (ticket_parts, or faults.parts)")
    fix = percent(kit["first_time_fix"])
    if not kit["parts"]:
        return say("no part; the first visit fixes it in {fix} of such calls", fix=fix)
    return say(
        "{parts}; the first visit fixes it in {fix} of such calls", parts="、".join(kit["parts"]), fix=fix
    )


def _one_more(kit: Mapping[str, Any] | None) -> Message | None:
    if kit is None:
        return None
    more = kit["one_more"]
    if not more["parts"]:
        return say("would add {adds} to that", adds=percent(more["adds"], 1))
    return say(
        "{parts} would add {adds} to that", parts="、".join(more["parts"]), adds=percent(more["adds"], 1)
    )


def _checks(found: Mapping[str, Any], language: Language) -> Message:
    each = [
        say("{cause} {minutes} min", cause=row["cause"], minutes=number(row["minutes"], 0)).in_language(
            language
        )
        for row in found["checks"]
    ]
    return say(
        "{checks}; the cause is found after {minutes} min on average",
        checks=" → ".join(each),
        minutes=number(found["minutes"], 0),
    )


def _reasons(found: Mapping[str, Any], language: Language) -> str | None:
    told = []
    for row in found["reasons"]:
        value = _word("symptom" if row["part"] == "said" else "field value", row["value"], language)
        name = value if row["part"] == "said" else f"{_word('field', row['part'], language)} {value}"
        told.append(f"{name} ({row['log_odds']:+.1f})")
    return ", ".join(told) or None


def _together(found: Mapping[str, Any], language: Language) -> Message | None:
    if not found["together"]:
        return None
    each = [f"{row['with']} {language.write(percent(row['share'], 1))}" for row in found["together"]]
    return say(
        "of the tickets with {cause}, also: {others}",
        cause=found["causes"][0]["cause"],
        others=", ".join(each),
    )


def _learnt_from(found: Mapping[str, Any], language: Language) -> Message:
    learnt, model = found["learnt_from"], found["said"]["machine_model"]
    symptom = _word("symptom", found["symptom"], language)
    if not found["known"]["machine_family"]:
        return say(
            "Learnt from {n} tickets, {alike} of them with the symptom {symptom}.",
            n=count(learnt["tickets"]),
            alike=count(learnt["symptom"]),
            symptom=symptom,
        )
    return say(
        "Learnt from {n} tickets, {alike} of them with the symptom {symptom}, {both} of these on machines of the family {family}.",
        n=count(learnt["tickets"]),
        alike=count(learnt["symptom"]),
        symptom=symptom,
        both=count(learnt["symptom_and_family"]),
        family=model[:4],
    )


def _word(context: str, word: str, language: Language) -> str:
    """A word of the vocabulary; English is how it is stored, so there is nothing to look up."""
    return word if language.tag == SOURCE else term(context, word).in_language(language)
