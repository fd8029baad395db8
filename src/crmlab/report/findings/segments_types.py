"""Which of the nine types there are: the 3 × 3 table, what each wants, and what sets each apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.report.findings.segments_words import CLAUSES, FEW, in_order, nine
from crmlab.report.messages import Message, count, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

TIMES = {
    "past": ("traditionalist", "reckoner", "nostalgic"),
    "present": ("pragmatist", "bargain-seeker", "status-seeker"),
    "future": ("pioneer", "planner", "perfectionist"),
}
AXES = ("past", "present", "future", "functional", "economic", "psychological")


def title(types: pd.DataFrame) -> Message:
    """The finding above the 3 × 3 table: where in time most of the customers with a type stand."""
    rows, total = nine(types), in_order(types)["n"].sum()
    n = rows["n"].sum()
    if not n:
        return say("No customer has a determined type")
    if n < 0.2 * total:
        return say("Only {n} of {all} customers have a determined type", n=count(n), all=count(total))
    share = {time: float(rows.loc[rows["type"].isin(names), "n"].sum() / n) for time, names in TIMES.items()}
    top = max(share, key=lambda time: share[time])
    if top == "past":
        return say("{share} of the customers with a type look to the past", share=percent(share[top]))
    if top == "present":
        return say("{share} of the customers with a type live in the present", share=percent(share[top]))
    return say("{share} of the customers with a type look to the future", share=percent(share[top]))


def shaded(types: pd.DataFrame) -> pd.DataFrame:
    """The rows of `in_order` for the 3 × 3 table; no median is told of types that are the best guess of fewer than `FEW`."""
    rows = in_order(types)
    return rows.assign(median_to_come=rows["median_to_come"].where(rows["n_likeliest"] >= FEW))


def worth_title(types: pd.DataFrame) -> Message:
    """The finding above what each type wants: which is worth most and which least a customer."""
    rows = nine(shaded(types)).dropna(subset=["median_to_come"])
    if len(rows) < 2:
        return say("What each type wants")
    most = rows.loc[rows["median_to_come"].idxmax()]
    least = rows.loc[rows["median_to_come"].idxmin()]
    return say(
        "What each type wants; worth most to come is the {most}, least the {least}",
        most=term("type", most["type"]),
        least=term("type", least["type"]),
    )


def meanings(types: pd.DataFrame) -> pd.DataFrame:
    """The nine types with the seed's words for each: column clause."""
    rows = nine(shaded(types))
    return rows.assign(clause=rows["type"].map(CLAUSES))


def profile_title(types: pd.DataFrame) -> Message:
    """The finding above the mean scores: the one that stands out most."""
    scores = nine(types).set_index("type")[list(AXES)]
    if scores.empty or scores.isna().all(axis=None):
        return say("No type has scores to compare")
    name, axis = scores.stack().idxmax()
    return say(
        "What sets the types apart: {type} stands out most, {score} standard deviations on {axis}",
        type=term("type", name),
        score=number(scores.loc[name, axis], 1),
        axis=term("axis", axis),
    )
