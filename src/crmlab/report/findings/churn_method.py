"""What the page "Renewals and churn" means by its words, and how it came to its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.churn_scores import LINES, MODEL, line_name
from crmlab.report.findings.verdict import verdict
from crmlab.report.messages import Message, count, is_missing, listed, number, percent, say

if TYPE_CHECKING:
    import pandas as pd


def definitions(metrics: Mapping[str, Any]) -> pd.DataFrame:
    """The words of the page and what they mean, with the settings of the run: columns word, meaning."""
    import pandas as pd

    def said(key: str, word: Message, meaning: Message) -> list[tuple[Message, Message]]:
        return [] if is_missing(metrics.get(key)) else [(word, meaning)]

    days = {key: count(metrics.get(f"{key}_days")) for key in ("grace", "inactive", "half_life", "offer")}
    rows = [
        *said(
            "grace_days",
            say("Leaving"),
            say(
                "A contract ends, no other begins within {days} days, and no record says that it was renewed. Who moved, closed or merged does not leave.",
                days=days["grace"],
            ),
        ),
        *said(
            "at_risk",
            say("At risk"),
            say("The chance of renewal is below {p}.", p=percent(metrics.get("at_risk"))),
        ),
        *said(
            "win_back_months",
            say("To win back"),
            say(
                "Lost within {months} months, and without a contract now.",
                months=count(metrics.get("win_back_months")),
            ),
        ),
        *said(
            "half_life_days",
            say("Of late"),
            say("A ticket, a broken promise or a second visit loses half its weight in {days} days.", days=days["half_life"]),
        ),
        *said(
            "offer_days",
            say("Price offered"),
            say("A quote of the last {days} days of a contract, for the next one.", days=days["offer"]),
        ),
        *said(
            "inactive_days",
            say("Inactive"),
            say("No ticket, order, answer or complaint for {days} days; only a simple line uses it.", days=days["inactive"]),
        ),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["word", "meaning"])


def method(metrics: Mapping[str, Any]) -> list[Message]:
    """How the page came to its figures: contracts, chances, back-test, curves, causes, hazard ratios."""
    return [
        *_contracts(metrics),
        _chances(metrics),
        *_limits(metrics),
        *_backtest(metrics),
        say(
            "Curves: Kaplan-Meier (lifelines) over chains of renewals, log-rank tests between groups, numbers observed by year. Who "
            "moved, closed or merged is censored there; by causes (Aalen-Johansen) each competes with the others."
        ),
        *_cox(metrics),
        say(
            "Service and renewal: the difference is standardised by a logistic regression on machines, tickets, years as a customer, "
            "price, service level and year; its limits take customers as clusters. Whether a promise was broken is judged "
            'as on the page "Service promises".'
        ),
    ]


def _contracts(metrics: Mapping[str, Any]) -> list[Message]:
    if not metrics.get("n_contracts"):
        return []
    names = ("contracts", "renewed", "lost", "competing", "unknown")
    return [
        say(
            "Of {contracts} contracts {renewed} were renewed, {lost} lost and {competing} ended because the customer moved, closed or "
            "merged; of {unknown} the end is not known, and they are left out.",
            **{name: count(metrics.get(f"n_{name}") or 0) for name in names},
        )
    ]


def _chances(metrics: Mapping[str, Any]) -> Message:
    if metrics.get("no_model"):
        return say(
            "Chances: the renewal rate of the service level so far, of all contracts where fewer than twenty of the level "
            "have ended, and none where fewer than twenty have ended at all. No model is fitted.",
        )
    if metrics.get("model") == "boosted":
        return say(
            "Chances: boosted trees, calibrated, on what was known at the end of each month, given that a contract has survived so far. "
            "They are used as their error held out was smaller than that of the logistic hazard by {gain} ± {error} (standard error).",
            gain=number(metrics.get("model_gain"), 4),
            error=number(metrics.get("model_gain_se"), 4),
        )
    return say(
        "Chances: a discrete-time hazard of the renewal (logistic, with a ridge) on what was known at the end of each month, given that "
        "a contract has survived so far."
    )


def _limits(metrics: Mapping[str, Any]) -> list[Message]:
    if metrics.get("no_model"):
        return []
    said = [
        say(
            "The main reason is the feature that lowers the chance most against contracts with as much time left, among those that go with leaving "
            "beyond chance. Customer tier, industry and automatic renewal are those of today, as no export keeps older ones, and machines "
            "without a day of installation count as old ones."
        ),
        say("Limits of a chance tell how uncertain the fit is, not what no feature knows."),
    ]
    if metrics.get("model") == "hazard" and not is_missing(metrics.get("model_gain")):
        said.append(
            say(
                "Boosted trees were tried. Brier score of the logistic hazard less theirs, held out: {gain} ± {error} (standard error); they "
                "would be used from two standard errors on.",
                gain=number(metrics["model_gain"], 4),
                error=number(metrics.get("model_gain_se"), 4),
            )
        )
    return said


def _backtest(metrics: Mapping[str, Any]) -> list[Message]:
    if is_missing(metrics.get("brier")):
        return [say("There is no back-test: no earlier day had contracts enough to learn from and to judge.")]
    said = [
        say(
            "Back-test on {days} earlier days, each with only what was known then: {n} contracts due in the year after, {lost} of them "
            "lost, seen {cases} times; {away} that moved, closed or merged are left out. Those not due stay in force until their last day.",
            days=count(len(metrics.get("landmarks") or [])),
            n=count(metrics.get("n_test")),
            lost=count(metrics.get("n_test_lost")),
            cases=count(metrics.get("n_cases")),
            away=count(metrics.get("n_competing_due")),
        ),
        say("AUC: {figures}.", figures=_by_line(metrics, "auc")),
        say("Brier score: {figures}.", figures=_by_line(metrics, "brier")),
        *_gains(metrics),
    ]
    if not is_missing(metrics.get("ece")):
        said.append(
            say(
                "Calibration error over tenths: {ece}; chance alone would make {chance}.",
                ece=number(metrics["ece"], 3),
                chance=number(metrics.get("ece_by_chance"), 3),
            )
        )
    by_time = metrics.get("time_left") or {}
    told = {left: by_time[left] for left in _LEFT if not is_missing(by_time.get(left, {}).get("auc"))}
    if told:
        figures = [
            say(
                "{name} {value} ({n} cases)",
                name=_LEFT[left],
                value=number(part["auc"], 2),
                n=count(part["n"]),
            )
            for left, part in told.items()
        ]
        said.append(say("AUC by the time left when it was said: {figures}.", figures=listed(figures)))
    return said


def _by_line(metrics: Mapping[str, Any], score: str) -> Any:
    """A score of every line that has one, the model's first."""
    keys = {line: score if line == MODEL else f"{score}_{line}" for line in LINES}
    return listed(
        [
            say("{name} {value}", name=LINES[line], value=number(metrics[key], 3))
            for line, key in keys.items()
            if not is_missing(metrics.get(key))
        ]
    )


def _gains(metrics: Mapping[str, Any]) -> list[Message]:
    """By how much the model's Brier score is smaller, and what two standard errors say of it."""
    pairs = (("brier_gain", line_name(metrics.get("naive"))), ("cox_gain", LINES["cox"]))
    return [
        say(
            "Brier score of {name} less that of the model: {gain} ± {error} (standard error): {verdict}.",
            name=name,
            gain=number(metrics[key], 4),
            error=number(metrics.get(f"{key}_se"), 4),
            verdict=_VERDICTS[verdict(metrics[key], metrics.get(f"{key}_se"))],
        )
        for key, name in pairs
        if not is_missing(metrics.get(key))
    ]


_LEFT = {
    "over": say("over, within the grace days"),
    "90": say("less than {n} days", n=count(90)),
    "180": say("90 to {n} days", n=count(180)),
    "365": say("180 days to a year"),
}
"""Keys of metrics["time_left"], in words."""

_VERDICTS = {
    "better": say("the model is better"),
    "worse": say("the model is worse"),
    "even": say("cannot tell which is better"),
    "unknown": say("cannot tell which is better"),
}


def _cox(metrics: Mapping[str, Any]) -> list[Message]:
    if is_missing(metrics.get("concordance")):
        return []
    return [
        say(
            "Hazard ratios: Cox model (lifelines) with a baseline per term length, on the rows and features of the chances, customers as "
            "clusters; concordance {c}. It explains and gives no chances.",
            c=number(metrics["concordance"], 3),
        )
    ]
