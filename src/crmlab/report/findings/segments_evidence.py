"""How sure the types are: why customers are undetermined, how well types hold, and which texts were understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, count, is_missing, number, percent, say

if TYPE_CHECKING:
    import pandas as pd

REASONS = {
    "too_few": say("too few customers, or records that tell no types apart"),
    "no_records": say("no record that tells a type"),
    "some_records": say("part of the evidence is missing"),
    "between": say("the evidence lies between types"),
}
"""Why a customer is undetermined, in words."""
SOURCES = {"tickets": say("tickets"), "complaints": say("complaints"), "surveys": say("survey remarks")}
UNRECOGNISED = "unrecognised"
TOPICS = {
    "billing": say("money"),
    "legacy": say("keeping the old going"),
    "roadmap": say("upgrades, compatibility and plans"),
    "howto": say("how to use a function"),
    "function": say("functions"),
    "price": say("prices"),
    "manner": say("manners and persons"),
    "used_to": say("how it used to be"),
    "next": say("what comes next"),
    UNRECOGNISED: say("no topic recognised"),
}
"""Topics of texts, in words."""


def reasons(figures: Mapping[str, Any]) -> pd.DataFrame:
    """Why customers are undetermined, the most frequent reason first: columns name, n."""
    import pandas as pd

    told = sorted((figures.get("reasons") or {}).items(), key=lambda x: (-x[1], x[0]))
    found = [(REASONS.get(reason, reason), n) for reason, n in told if n]
    return pd.DataFrame(found, columns=["name", "n"])


def reasons_title(figures: Mapping[str, Any]) -> Message:
    """The finding above the reasons: how many are undetermined, and mostly why."""
    rows = reasons(figures)
    if not figures.get("n"):
        return say("No customer has a determined type")
    if rows.empty:
        return say("Every customer has a type")
    return say(
        "{n} customers are undetermined, most often for this reason: {reason}",
        n=count(int(rows["n"].sum())),
        reason=rows["name"].iloc[0],
    )


def certainty(figures: Mapping[str, Any], months: int) -> pd.DataFrame:
    """What is known of how well the types hold: columns name, value, plain (the simple line's); rows without a figure are left out.

    `months` are those of behaviour that a type rests on.
    """
    import pandas as pd

    n = figures.get("agreement_n")
    window = count(months)
    told = [
        (say("Keep their type on resampling"), "bootstrap_same_label", "bootstrap_same_label_simple"),
        (
            say(
                "The same type {months} months apart ({n} customers); machines, long contracts and rhythm share records",
                months=window,
                n=count(n),
            ),
            "agreement",
            None,
        ),
        (say("Only one axis certain"), "axis_share", None),
    ]
    found = [
        (name, percent(figures[key]), percent(figures.get(simple)) if simple else None)
        for name, key, simple in told
        if not is_missing(figures.get(key))
    ]
    changes = figures.get("changes_per_year")
    if not is_missing(changes):
        found.append((say("Changes of type per customer and year"), number(changes, 2), None))
    if figures.get("labelled"):
        found.append((say("Customers whose type an analyst named"), count(figures["labelled"]), None))
    return pd.DataFrame(found, columns=["name", "value", "plain"], dtype=object)


def certainty_title(figures: Mapping[str, Any]) -> Message:
    """The finding above them: whether types hold on resampling, beside the simple line."""
    kept, simple = figures.get("bootstrap_same_label"), figures.get("bootstrap_same_label_simple")
    if is_missing(kept):
        return say("How well the types hold cannot be told")
    words = {"kept": percent(kept), "simple": percent(simple)}
    if is_missing(simple):
        return say("{kept} of the types stay the same on resampling", **words)
    if kept > simple:
        return say("{kept} of the types stay the same on resampling, by the simple line {simple}", **words)
    return say(
        "{kept} of the types stay the same on resampling, no more than by the simple line: {simple}", **words
    )


def topics(found: pd.DataFrame) -> pd.DataFrame:
    """Table topics in words (`name`, `source_said`), source by source, the commonest topic first and what was not recognised last."""
    rows = plain(found)
    places = {name: place for place, name in enumerate(SOURCES)}
    rows["place"] = rows["source"].map(places).astype(float)
    rows["last"] = rows["topic"] == UNRECOGNISED
    rows = rows.sort_values(
        ["place", "last", "n", "topic"], ascending=[True, True, False, True], ignore_index=True
    )
    rows["name"] = [TOPICS.get(topic, topic) for topic in rows["topic"]]
    rows["source_said"] = [SOURCES.get(source, source) for source in rows["source"]]
    return rows


def topics_title(figures: Mapping[str, Any]) -> Message:
    """The finding above the topics: of which kind of text the most was not understood."""
    shares = {k: x for k, x in (figures.get("unrecognised") or {}).items() if not is_missing(x)}
    if not shares:
        return say("There are no texts to tell topics from")
    worst = max(sorted(shares), key=lambda source: shares[source])
    return say(
        "Topics of {source} are recognised least: {share} of the texts name none",
        source=SOURCES.get(worst, worst),
        share=percent(shares[worst]),
    )


WORDS = say(
    "A text counts for each topic whose words it holds; the words are in topics.yaml and can be extended. A text that names no topic is no "
    "evidence either way, but counts in the denominator."
)
"""How to read the topics."""
