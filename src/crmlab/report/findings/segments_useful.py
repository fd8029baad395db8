"""Whether the types are useful: what they add to size, recency, frequency and value in foreseeing the year after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, count, is_missing, listed, percent, say

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = {
    "discount": say("discounts"),
    "upgrade": say("upgrades"),
    "renewal": say("renewals"),
}
"""What came in the year after, in words."""
VERDICTS = {
    "helps": say("types help"),
    "does_not": say("types do not help"),
    "cannot_tell": say("cannot tell"),
}
MEASURES = {"log_loss": say("log-loss"), "squared_error": say("squared error")}


def rows(usefulness: pd.DataFrame) -> pd.DataFrame:
    """Table usefulness in words: `name`, `measure_said`, `gain_said` (with its limits), `verdict_said`."""
    found = plain(usefulness)
    places = {name: place for place, name in enumerate(OUTCOMES)}
    found = found.sort_values("outcome", key=lambda x: x.map(places), ignore_index=True)
    found["name"] = [OUTCOMES.get(outcome, outcome) for outcome in found["outcome"]]
    found["measure_said"] = [MEASURES.get(measure) for measure in found["measure"].astype(object)]
    found["gain_said"] = [_limits(*x) for x in zip(found["gain"], found["low"], found["high"], strict=True)]
    found["verdict_said"] = [
        VERDICTS.get(verdict, VERDICTS["cannot_tell"]) for verdict in found["verdict"].astype(object)
    ]
    return found


def _limits(gain: Any, low: Any, high: Any) -> Any:
    if is_missing(gain):
        return None
    if is_missing(low) or is_missing(high):
        return percent(gain, 1)
    return say("{p} ({low} to {high})", p=percent(gain, 1), low=percent(low, 1), high=percent(high, 1))


def _of(usefulness: pd.DataFrame, verdict: str) -> list[Message]:
    found = rows(usefulness)
    return list(found.loc[(found["verdict"] == verdict).fillna(False).astype(bool), "name"])


def attention(usefulness: pd.DataFrame) -> Message:
    """Whether the types foresee what customers do, in one sentence, and what that means for their use."""
    helps, does_not = _of(usefulness, "helps"), _of(usefulness, "does_not")
    if helps:
        others = [name for name in rows(usefulness)["name"] if name not in helps]
        if not others:
            return say(
                "Types say more of the year ahead than size, purchases and profit alone: of {helped}. Plan these by type as well.",
                helped=listed(helps),
            )
        return say(
            "Types say more of the year ahead than size, purchases and profit alone: of {helped}. Plan these by type as well; for the rest ({others}) they are descriptive only.",
            helped=listed(helps),
            others=listed(others),
        )
    if does_not and len(does_not) == len(usefulness):
        return say(
            "Descriptive only: a year ahead, types add nothing to size, purchases and profit ({outcomes}). Use them to choose the manner, "
            "never to forecast.",
            outcomes=listed(does_not),
        )
    return say(
        "Descriptive only: that types foresee what customers do a year ahead could not be shown. Use them to choose the manner, never to "
        "forecast."
    )


def title(usefulness: pd.DataFrame) -> Message:
    """The finding above the gains."""
    n, helps = len(usefulness), len(_of(usefulness, "helps"))
    if usefulness.empty or usefulness["gain"].isna().all():
        return say("Whether types foresee anything cannot be told: too few customers, or too short a record")
    if helps:
        return say(
            "Types foresee {helped} of {n} outcomes beyond size, purchases and profit",
            helped=count(helps),
            n=count(n),
        )
    return say(
        "Types foresee none of {n} outcomes beyond size, purchases and profit: descriptive only", n=count(n)
    )


def drawn(usefulness: pd.DataFrame) -> pd.DataFrame:
    """The rows that are drawn: those with a gain and its limits."""
    return rows(usefulness).dropna(subset=["gain", "low", "high"]).reset_index(drop=True)


NOTE = say(
    "Gain: how much smaller the error is with the probabilities of the types of a year ago "
    "beside recency, frequency, money, profit and what the outcome was before, in a later year than the one it was fitted "
    "on; 95 % limits. Right of the line is better. It is the one test of the types that does not rest on this tool's own reading of them."
)
"""How to read the gains."""
