"""Sentences and rows about what is behind a symptom, and which causes come together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.faults.causes.lexicon import DISK_LIGHT, NO_DISPLAY, NO_TEXT, OTHER
from crmlab.report.messages import Message, count, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 30
"""Tickets below which a share is not put into words."""
SHOWN = 8
"""Causes of one symptom that a figure shows, if their share is at least RARE."""
RARE = 0.005
OFTEN = 0.05
"""Share of a cause's tickets from which another cause beside it is worth a look."""


def causes_of(shares: pd.DataFrame, symptom: str) -> pd.DataFrame:
    """The most frequent causes of `symptom`, largest share first: the rows of its figure."""
    rows = shares[shares["symptom"] == symptom].sort_values(["hits", "cause"], ascending=[False, True])
    return rows[rows["share"] >= RARE].head(SHOWN).reset_index(drop=True)


def shown_symptoms(shares: pd.DataFrame) -> tuple[str, str]:
    """The two symptoms whose causes are drawn: those of the seed's figures 4-4 and 4-5, else the most frequent ones."""
    sizes = shares.groupby("symptom")["n"].max().sort_index().sort_values(ascending=False, kind="stable")
    known = [s for s in sizes.index if s not in (OTHER, NO_TEXT)]
    seeds = [s for s in (DISK_LIGHT, NO_DISPLAY) if s in sizes.index and sizes[s] >= ENOUGH]
    ranked = [*dict.fromkeys([*seeds, *known, OTHER, NO_TEXT])]
    return ranked[0], ranked[1]


def shares_title(shares: pd.DataFrame, symptom: str) -> Message:
    """The finding over the causes of one symptom: which leads, if its interval lies above the next one's."""
    rows = causes_of(shares, symptom)
    what = term("symptom", symptom)
    n = int(rows["n"].iloc[0]) if len(rows) else 0
    if n < ENOUGH:
        return say(
            "Behind {symptom}: cannot tell, only {n} tickets with a recorded cause", symptom=what, n=count(n)
        )
    first = rows.iloc[0]
    figures = {"symptom": what, "cause": term("cause", first["cause"]), "share": percent(first["share"])}
    if len(rows) == 1:
        return say("Behind {symptom}: always {cause}", **figures)
    second = rows.iloc[1]
    others = {"second": term("cause", second["cause"]), "second_share": percent(second["share"])}
    if first["low"] <= second["high"]:
        return say(
            "Behind {symptom}: {cause} ({share}) or {second} ({second_share}), cannot tell which is more frequent",
            **figures,
            **others,
        )
    if first["low"] > 0.5:
        return say("Behind {symptom}: mostly {cause}, {share} of tickets", **figures)
    return say(
        "Behind {symptom}: {cause} leads with {share}, before {second} with {second_share}: none surely explains half",
        **figures,
        **others,
    )


def together(pairs: pd.DataFrame) -> pd.DataFrame:
    """The causes that bring another one with them often enough to look for it: rows of table `pairs`, the surest first."""
    rows = pairs[(pairs["n"] >= ENOUGH) & (pairs["low"] >= OFTEN)]
    return rows.sort_values(
        ["share", "cause", "with_cause"], ascending=[False, True, True], ignore_index=True
    )


def together_title(pairs: pd.DataFrame) -> Message:
    """The finding over pairs of causes: which two come together most."""
    rows = together(pairs)
    if rows.empty:
        return say("No cause brings another with it often")
    first = rows.iloc[0]
    return say(
        "Look for both: {share} of tickets with {cause} also have {other}",
        share=percent(first["share"]),
        cause=term("cause", first["cause"]),
        other=term("cause", first["with_cause"]),
    )
