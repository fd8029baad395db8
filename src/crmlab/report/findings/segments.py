"""What needs attention on the page "Value types"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings import segments_cells, segments_features, segments_moves, segments_useful
from crmlab.report.findings.segments_words import CLAUSES, nine
from crmlab.report.findings.value_words import customers_said
from crmlab.report.messages import Message, count, is_missing, listed, money, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

ATTENDED = ("types", "cells", "movers", "usefulness", "evidence")
"""Tables of the stage that its attention is told from, beside its metrics."""
TABLES = (*ATTENDED, "customers", "why", "transitions", "stages", "simple_scheme", "topics")
"""Tables of the stage that the page shows; of table months it reads `MONTHS`."""
MONTHS = ["month", "likeliest"]

STABLE = 0.8
"""Share that keeps its type on resampling from which a single label may be used; below it only groups."""
_MOST = 5  # sentences that a reader takes in


def attention(
    figures: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], today: Any = None
) -> list[Message]:
    """What a manager should know first, the most important first.

    Parameters
    ----------
    figures : reports/metrics/segments.json.
    tables : the stage's tables `ATTENDED`, by name.
    today : last month that is told; moves of the quarter up to it are recent. Without it they are not told.
    """
    if not figures.get("n"):
        return [say("No customer has a sale or a ticket in the period: there is nothing to tell types from.")]
    if is_missing(figures.get("em_steps")):
        return [
            say(
                "Cannot tell: {n} customers are too few, or too little is known of them, for nine types. Every customer "
                "stays undetermined.",
                n=count(figures["n"]),
            )
        ]
    said = [
        _determined(figures),
        segments_useful.attention(tables["usefulness"]),
        _at_stake(tables["cells"]),
        _contradicted(figures, tables["evidence"]),
        _drifting(figures, tables["evidence"]),
        _unknown(figures),
        _largest(tables["types"], tables["cells"]),
        None if today is None else segments_moves.quarter(tables["movers"], today),
    ]
    return [message for message in said if message][:_MOST]


def _determined(figures: Mapping[str, Any]) -> Message:
    words = {"share": percent(figures["determined_share"]), "n": count(figures["n"])}
    kept = figures.get("bootstrap_same_label")
    if not is_missing(kept) and kept < STABLE and figures["determined_share"] > 0:
        return say(
            "{share} of {n} customers have a value type, but only {kept} of these keep it on resampling: use types for groups, not for a "
            "decision on one customer.",
            kept=percent(kept),
            **words,
        )
    if figures["determined_share"] >= 0.5:
        return say(
            "{share} of {n} customers have a value type: serve them by it. The others stay undetermined, so treat them as before.",
            **words,
        )
    return say(
        "Only {share} of {n} customers have a value type; most records do not tell one type from another: serve the others as before.",
        **words,
    )


def _at_stake(cells: pd.DataFrame) -> Message | None:
    cell = segments_cells.worst(cells)
    if cell is None:
        return None
    words = {"effort": term(segments_cells.POLICY, cell["effort"])}
    if 2 * cell["n_determined"] < cell["n"]:  # a guess is no reason to change how they are served
        return say(
            "Most is at stake with the {type}, {band}: {amount} of {n} at risk, most of them no more than a guess of the type. {effort}",
            type=term("type", cell["type"]),
            band=cell["band_said"],
            amount=money(cell["at_stake"]),
            n=customers_said(cell["n"]),
            **words,
        )
    return say(
        "Most is at stake with the {type}, {band}: {amount} of {n} at risk. {effort} {manner}",
        type=term("type", cell["type"]),
        band=cell["band_said"],
        amount=money(cell["at_stake"]),
        n=customers_said(cell["n"]),
        **words,
        manner=term(segments_cells.POLICY, cell["manner"]),
    )


def _contradicted(figures: Mapping[str, Any], evidence: pd.DataFrame) -> Message | None:
    names = list(figures.get("contradicts") or [])
    if not names:
        return None
    if len(names) == 1:
        return say(
            "One feature moves against what its type should do: {features}. Rest no decision on it before somebody has checked the records.",
            features=segments_features.named(evidence, names)[0],
        )
    return say(
        "{n} features move against what their type should do: {features}. Rest no decision on them before somebody has checked the records.",
        n=count(len(names)),
        features=listed(segments_features.named(evidence, names[:3])),
    )


def _drifting(figures: Mapping[str, Any], evidence: pd.DataFrame) -> Message | None:
    names = list(figures.get("drifting") or [])
    if not names:
        return None
    if len(names) == 1:
        return say(
            "Among all customers one feature has moved too far since the scales were set: {features}. Find out why; the scales move on with the next December.",
            features=segments_features.named(evidence, names)[0],
        )
    return say(
        "Among all customers {n} features have moved too far since the scales were set: {features}. Find out why; the scales move on with the next December.",
        n=count(len(names)),
        features=listed(segments_features.named(evidence, names[:3])),
    )


def _unknown(figures: Mapping[str, Any]) -> Message | None:
    names = list(figures.get("unknown_labels") or [])
    if not names:
        return None
    return say(
        "Labels in type_labels.csv that name nobody the exports know: {n} ({names}). Correct them.",
        n=count(len(names)),
        names=listed([str(name) for name in names[:3]]),
    )


def _largest(types: pd.DataFrame, cells: pd.DataFrame) -> Message | None:
    rows = nine(types)
    if not rows["n"].sum():
        return None
    top = rows.loc[rows["n"].idxmax()]
    words = {
        "type": term("type", top["type"]),
        "n": count(int(top["n"])),
        "share": percent(top["share"]),
        "clause": term("type clause", CLAUSES[top["type"]]),
    }
    manner = cells.loc[(cells["type"] == top["type"]).fillna(False), "manner"].dropna()
    if manner.empty:
        return say("The largest type is {type}, {n} customers ({share}): {clause}.", **words)
    return say(
        "The largest type is {type}, {n} customers ({share}): {clause}. {manner}",
        manner=term(segments_cells.POLICY, manner.iloc[0]),
        **words,
    )
