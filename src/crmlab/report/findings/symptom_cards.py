"""One card per common symptom, for an engineer who has not seen it often: what to check, what to carry, what else to look for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from crmlab.faults.causes.lexicon import NO_TEXT, OTHER
from crmlab.faults.kits.checks import check_order, minutes_of
from crmlab.report.findings import kits, symptoms
from crmlab.report.messages import Message, count, listed, number, percent, say, term
from crmlab.report.symptom_card import Check, SymptomCard

if TYPE_CHECKING:
    import pandas as pd

CARDS = 10
"""Symptoms that get a card."""
CHECKS = 5
"""Causes on a card, the most frequent; the rest are too rare to be looked for first."""
FAMILIES = 4
"""Families with a kit of their own that a card names."""


def cards(
    shares: pd.DataFrame,
    symptom_kits: pd.DataFrame,
    check_minutes: pd.DataFrame,
    pairs: pd.DataFrame,
    names: Mapping[str, str],
) -> list[SymptomCard]:
    """The cards of the most frequent symptoms, the most frequent first; tables of the stage, part number → name."""
    sizes = shares.groupby("symptom")["n"].max().sort_index().sort_values(ascending=False, kind="stable")
    shown = [s for s, n in sizes.items() if s not in (OTHER, NO_TEXT) and n >= symptoms.ENOUGH][:CARDS]
    return [_card(s, shares, symptom_kits, check_minutes, pairs, names) for s in shown]


def _card(symptom, shares, symptom_kits, check_minutes, pairs, names) -> SymptomCard:
    rows = symptoms.causes_of(shares, symptom).head(CHECKS)
    minutes = minutes_of(check_minutes, rows["cause"])
    order, _ = check_order(rows["share"].to_numpy(float)[None, :], minutes)
    ordered = rows.iloc[order[0]].assign(minutes=minutes[order[0]])
    return SymptomCard(
        symptom=term("symptom", symptom),
        n=count(rows["n"].iloc[0]),
        finding=_first(rows, ordered),
        checks=[_check(row) for row in ordered.to_dict("records")],
        lines=[
            *_carry(symptom_kits[symptom_kits["symptom"] == symptom], names),
            *_together(rows["cause"], pairs),
        ],
        timed=kits.timed(check_minutes),
    )


def _check(row: Mapping) -> Check:
    return Check(
        term("cause", row["cause"]),
        percent(row["share"]),
        say("({low} to {high})", low=percent(row["low"]), high=percent(row["high"])),
        number(row["minutes"], 0),
    )


def _first(rows: pd.DataFrame, ordered: pd.DataFrame) -> Message:
    """What to look at first, and why where that is not the most frequent cause."""
    likely, first = rows.iloc[0], ordered.iloc[0]
    if likely["cause"] == first["cause"]:
        return say(
            "Look at {cause} first: it is the most frequent, in {share} of tickets.",
            cause=term("cause", first["cause"]),
            share=percent(first["share"]),
        )
    return say(
        "Look at {cause} first: {likely} is more frequent, but takes longer to check.",
        cause=term("cause", first["cause"]),
        likely=term("cause", likely["cause"]),
    )


def _carry(own: pd.DataFrame, names: Mapping[str, str]) -> list[Message]:
    """The kit of most tickets, and families on which another one is better."""
    own = own[own["parts"].notna()]
    if own.empty:
        return []
    weight = own["n"].astype(float)
    sizes = weight.groupby(own["parts"].astype(object)).sum().sort_index()
    usual = sizes.idxmax()
    with_it = own[own["parts"] == usual]
    fixed = np.average(with_it["first_time_fix"].astype(float), weights=with_it["n"].astype(float))
    said = [
        say(
            "Carry {parts}: enough at the first visit in {share} of cases.",
            parts=kits.kit(usual, names),
            share=percent(fixed),
        )
        if usual
        else say("Carry nothing: parts rarely help.")
    ]
    for parts, group in own[own["parts"] != usual].groupby("parts", sort=True):
        families = group.sort_values(["n", "machine_family"], ascending=[False, True])["machine_family"]
        said.append(
            say(
                "On families {families} rather {parts}.",
                families=listed(list(families.head(FAMILIES))),
                parts=kits.kit(parts, names),
            )
        )
    return said


def _together(causes: pd.Series, pairs: pd.DataFrame) -> list[Message]:
    """Which other cause to look for once one of `causes` is found."""
    rows = symptoms.together(pairs)
    return [
        say(
            "Found {cause}? Check {other} as well: both in {share} of such tickets.",
            cause=term("cause", row["cause"]),
            other=term("cause", row["with_cause"]),
            share=percent(row["share"]),
        )
        for row in rows[rows["cause"].isin(causes)].head(2).to_dict("records")
    ]
