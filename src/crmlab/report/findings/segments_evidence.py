"""How sure the types are: why customers are undetermined, what the features say, and which texts were understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, count, is_missing, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

AXES = ("past", "present", "future", "functional", "economic", "psychological")
REASONS = {
    "too_few": say("too few customers, or records that tell no types apart"),
    "no_records": say("no record that tells a type"),
    "some_records": say("part of the evidence is missing"),
    "between": say("the evidence lies between types"),
}
"""Why a customer is undetermined, in words."""
VERDICTS = {
    "agrees": say("as expected"),
    "weak": say("hardly moves"),
    "contradicts": say("against it"),
    "silent": say("the same for all"),
}
"""How a feature moves with the types, in words."""
SOURCES = {"tickets": say("tickets"), "complaints": say("complaints"), "surveys": say("survey remarks")}
UNRECOGNISED = "unrecognised"


def reasons(figures: Mapping[str, Any]) -> pd.DataFrame:
    """Why customers are undetermined, the most frequent reason first: columns name, n."""
    import pandas as pd

    told = sorted((figures.get("reasons") or {}).items(), key=lambda x: (-x[1], x[0]))
    found = [(REASONS.get(reason, reason), n) for reason, n in told if n]
    return pd.DataFrame(found, columns=["name", "n"])


def reasons_title(figures: Mapping[str, Any]) -> Message:
    """The finding above the reasons: how many are undetermined, and mostly why."""
    rows = reasons(figures)
    if rows.empty:
        return say("Every customer has a type")
    return say(
        "{n} customers are undetermined, most often for this reason: {reason}",
        n=count(int(rows["n"].sum())),
        reason=rows["name"].iloc[0],
    )


def certainty(figures: Mapping[str, Any]) -> pd.DataFrame:
    """What is known of how well the types hold: columns name, value, plain (the simple line's); rows without a figure are left out."""
    import pandas as pd

    n = figures.get("agreement_n")
    window = count(figures.get("months"))
    told = [
        (say("Keep their type on resampling"), "bootstrap_same_label", "bootstrap_same_label_simple"),
        (
            say(
                "The same type in two windows of {months} months that do not overlap ({n} customers)",
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


def features(evidence: pd.DataFrame) -> pd.DataFrame:
    """Table evidence in words, axis by axis and the best known first: `name`, `effect_said`, `verdict_said`, `shift_said`."""
    rows = plain(evidence)
    order = {axis: place for place, axis in enumerate(AXES)}
    rows["place"] = rows["axis"].map(order).astype(float).fillna(len(AXES))
    rows = rows.sort_values(["place", "n", "feature"], ascending=[True, False, True], ignore_index=True)
    rows["name"] = [term("feature", meaning) for meaning in rows["meaning"]]
    rows["axis_said"] = [term("axis" if axis in AXES else "type", axis) for axis in rows["axis"]]
    rows["effect_said"] = [_limits(*x) for x in zip(rows["effect"], rows["low"], rows["high"], strict=True)]
    rows["verdict_said"] = [VERDICTS.get(verdict) for verdict in rows["verdict"].astype(object)]
    drifting = rows["drifts"].astype(object)
    rows["shift_said"] = [
        say("{x}: drifts", x=number(shift, 2))
        if drifts is True and not is_missing(shift)
        else number(shift, 2)
        for shift, drifts in zip(rows["shift"], drifting, strict=True)
    ]
    return rows


def _limits(effect: Any, low: Any, high: Any) -> Any:
    if is_missing(effect):
        return None
    if is_missing(low) or is_missing(high):
        return number(effect, 2)
    return say("{p} ({low} to {high})", p=number(effect, 2), low=number(low, 2), high=number(high, 2))


def drawn(evidence: pd.DataFrame) -> pd.DataFrame:
    """The features that are drawn: those whose effect has limits."""
    return features(evidence).dropna(subset=["effect", "low", "high"]).reset_index(drop=True)


def features_title(evidence: pd.DataFrame) -> Message:
    """The finding above the features: how many move as their prototype says, and how many against it."""
    rows = features(evidence)
    counts = rows["verdict"].astype(object).value_counts()
    agrees, against = int(counts.get("agrees", 0)), int(counts.get("contradicts", 0))
    used = int(rows["verdict"].notna().sum() - counts.get("silent", 0))
    if not used:
        return say("No feature tells customers apart")
    words = {"n": count(agrees), "all": count(used)}
    if against:
        return say(
            "{n} of {all} features move with the types as expected, {against} against it",
            against=count(against),
            **words,
        )
    return say("{n} of {all} features move with the types as expected, none against it", **words)


def named(evidence: pd.DataFrame, names: list[str]) -> list[Message]:
    """Features in words, by their names; one that the table does not have stands as it is called."""
    meanings = dict(zip(evidence["feature"], evidence["meaning"], strict=True))
    return [term("feature", meanings.get(name, name)) for name in names]


def topics(found: pd.DataFrame) -> pd.DataFrame:
    """Table topics in words, source by source, the commonest topic first and what was not recognised last."""
    rows = plain(found)
    places = {name: place for place, name in enumerate(SOURCES)}
    rows["place"] = rows["source"].map(places).astype(float)
    rows["last"] = rows["topic"] == UNRECOGNISED
    rows = rows.sort_values(
        ["place", "last", "n", "topic"], ascending=[True, True, False, True], ignore_index=True
    )
    rows["name"] = [SOURCES.get(source, source) for source in rows["source"]]
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


EFFECTS = say(
    "How far a feature lies above the others where a high value should speak, in standard deviations, by the types' probabilities and fitted "
    "without it; 95 % limits. Below zero it contradicts its prototype. Drift: how far its mean has moved since the month whose scales are used."
)
"""How to read the features."""
TOPICS = say(
    "A text counts for each topic whose words it holds; the words are in topics.yaml and can be extended. A text that names no topic is no "
    "evidence either way, but counts in the denominator."
)
"""How to read the topics."""
