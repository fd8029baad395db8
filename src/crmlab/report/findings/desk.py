"""Sentences and rows about remote support beside the model, and about whether the model still fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.faults.desk.drift import LEAST
from crmlab.faults.failures.growth import BEYOND_CHANCE
from crmlab.report.findings.gaps import BESIDE, gap
from crmlab.report.findings.kits import points
from crmlab.report.findings.verdict import verdict
from crmlab.report.messages import Message, count, listed, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 30
"""Tickets of a group below which it is neither drawn nor put into words."""
LIMIT = 1.96
"""Standard errors to the 95 % limits."""


def differences(scorecard: pd.DataFrame, by: str) -> pd.DataFrame:
    """The groups of `by` with enough tickets: difference in points with limits, the model furthest ahead first."""
    rows = scorecard[(scorecard["by"] == by) & (scorecard["n"].fillna(0) >= ENOUGH)].copy()
    for column in ("difference", "error"):
        rows[column] = 100 * rows[column].astype(float)
    rows["low"], rows["high"] = (rows["difference"] + side * LIMIT * rows["error"] for side in (-1, 1))
    return rows.sort_values(["difference", "group"], ascending=[False, True], ignore_index=True)


def ahead(scorecard: pd.DataFrame) -> pd.DataFrame:
    """The symptoms on which remote support is right more often than the model, beyond chance among all of them."""
    rows = differences(scorecard, "symptom")
    return rows[rows["difference"] < -BEYOND_CHANCE * rows["error"]].sort_values(
        "difference", ignore_index=True
    )


def go_by_remote(scorecard: pd.DataFrame) -> Message | None:
    """Where remote support is better, as something to act on; None where it is nowhere."""
    rows = ahead(scorecard)
    if rows.empty:
        return None
    worst = rows.iloc[0]
    figures = {
        "symptom": term("symptom", worst["group"]),
        "remote": percent(worst["remote"]),
        "model": percent(worst["model"]),
        "n": count(worst["n"]),
    }
    if len(rows) == 1:
        return say(
            "On {symptom} remote support is right in {remote} of {n} tickets, the model in {model}: go by remote "
            "support there.",
            **figures,
        )
    return say(
        "For the symptoms {symptoms} remote support is right more often than the model (on {symptom} in {remote} of {n} tickets, the model "
        "in {model}): go by remote support there.",
        symptoms=listed([term("symptom", symptom) for symptom in rows["group"].head(4)]),
        **figures,
    )


def remote_title(scorecard: pd.DataFrame, metrics: Mapping[str, Any], status: Mapping[str, Any]) -> Message:
    """The finding over the scorecard: who is right more often, or what was missing."""
    if scorecard.empty:
        return gap(status, BESIDE) or say("Remote support named no cause on a later ticket")
    whole = scorecard[scorecard["by"] == "all"].iloc[0]
    figures = {
        "model": percent(whole["model"]),
        "remote": percent(whole["remote"]),
        "gain": points(whole["difference"]),
        "error": points(whole["error"]),
    }
    said = verdict(whole["difference"], whole["error"])
    few = len(ahead(scorecard))
    if said == "better" and few:
        return say(
            "The model is right in {model}, remote support in {remote} ({gain} ± {error} points), but remote support is ahead "
            "on {n} symptoms",
            **figures,
            n=count(few),
        )
    if said == "better":
        return say(
            "The model is right in {model}, remote support in {remote} ({gain} ± {error} points)", **figures
        )
    if said == "worse":
        return say(
            "Remote support is right in {remote}, the model in {model} ({gain} ± {error} points)", **figures
        )
    return say(
        "Remote support is right in {remote}, the model in {model} ({gain} ± {error} points): cannot tell which is better",
        **figures,
    )


def by_month(scorecard: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The months with enough tickets as rows of a table, and for drawing with one row per month and `who` guessed."""
    rows = differences(scorecard, "month").sort_values("group", ignore_index=True)
    long = rows.melt(["group"], ["remote", "model"], var_name="who", value_name="share")
    return rows, long.assign(who=long["who"].replace({"remote": "remote support"}))


def months_title(scorecard: pd.DataFrame) -> Message:
    """The finding over the months: in how many the model was ahead."""
    rows = differences(scorecard, "month")
    if rows.empty:
        return say("Month by month: too few tickets to tell")
    return say(
        "The model was right more often in {n} of {months} months",
        n=count(int((rows["difference"] > 0).sum())),
        months=count(len(rows)),
    )


def groups(scorecard: pd.DataFrame) -> pd.DataFrame:
    """Families and offices as rows of a table: with `what`, differences in points, and who is better in words."""
    rows = scorecard[scorecard["by"].isin(["machine_family", "branch"])].copy()
    rows["what"] = [term("column", by) for by in rows["by"]]
    rows["better"] = [_better(row) for row in rows.to_dict("records")]
    for column in ("difference", "error"):
        rows[column] = 100 * rows[column].astype(float)
    return rows.sort_values(["by", "n", "group"], ascending=[True, False, True], ignore_index=True)


def _better(row: Mapping[str, Any]) -> Message:
    if row["withheld"]:
        return say("withheld: too few engineers")
    if row["n"] < ENOUGH:
        return say("too few tickets")
    told = {
        "better": term("who", "model"),
        "worse": term("who", "remote support"),
        "even": say("cannot tell"),
    }
    return told.get(verdict(row["difference"], row["error"]), say("cannot tell"))


def groups_title(scorecard: pd.DataFrame) -> Message:
    """The finding over families and offices: in how many the model is surely better, and in how many worse."""
    rows = scorecard[
        scorecard["by"].isin(["machine_family", "branch"]) & (scorecard["n"].fillna(0) >= ENOUGH)
    ]
    found = [verdict(d, e) for d, e in zip(rows["difference"], rows["error"], strict=True)]
    return say(
        "By machine family and office: the model is surely better in {better} of {n} groups, remote support in {worse}",
        better=count(found.count("better")),
        worse=count(found.count("worse")),
        n=count(len(found)),
    )


def alarmed(drift: pd.DataFrame) -> pd.DataFrame:
    """The alarms of table `drift`, the newest first."""
    rows = drift[drift["alarm"].astype(bool)]
    return rows.sort_values(["block", "cause"], ascending=[False, True], ignore_index=True)


def drifting(metrics: Mapping[str, Any]) -> Message | None:
    """The causes that the model no longer foretells, as something to act on; None where there is none."""
    causes = metrics.get("drift_alarms") or []
    if not causes:
        return None
    return say(
        "The model no longer foretells {causes} as often as it comes: ask what changed, and let the model learn anew before "
        "trusting its guesses there.",
        causes=listed([term("cause", cause) for cause in causes]),
    )


def drift_title(drift: pd.DataFrame) -> Message:
    """The finding over drift: which causes came more or less often than foretold, or how far the furthest was off."""
    if drift.empty:
        return say("Whether the model still fits: cannot tell, no later ticket was judged")
    rows = alarmed(drift)
    if len(rows):
        return say(
            "The model no longer fits {causes}",
            causes=listed([term("cause", cause) for cause in dict.fromkeys(rows["cause"])]),
        )
    if drift["block"].nunique() < 2:
        return say(
            "Whether the model still fits: cannot tell yet, an alarm takes two blocks of {n} tickets",
            n=count(LEAST),
        )
    furthest = drift.loc[drift["z"].abs().idxmax()]
    return say(
        "The model still fits: over {n} blocks of time no cause came far more or less often than foretold twice in a row (the "
        "furthest, {cause}: {z} standard errors once)",
        n=count(int(drift["block"].nunique())),
        cause=term("cause", furthest["cause"]),
        z=number(furthest["z"]),
    )
