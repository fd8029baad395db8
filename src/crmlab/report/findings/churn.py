"""Sentences of the page "Renewals and churn" that depend on figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.verdict import verdict
from crmlab.report.messages import Message, count, money, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

FEATURES = {
    "tenure_years": say("years as a customer, doubled"),
    "previous_terms": say("contract terms before, doubled"),
    "tickets_90": say("tickets per machine in 90 days, doubled"),
    "tickets_365": say("tickets per machine in a year, doubled"),
    "second_visits_365": say("second visits per machine in a year, doubled"),
    "broken_promises_365": say("broken promises per machine in a year, doubled"),
    "amount": say("yearly price, doubled"),
    "price_change": say("price 10 % above the term before"),
    "auto_renew": say("renews unless cancelled"),
    "unsigned_late": say("still not renewed, a month nearer the end"),
}
LABELS = {"service_level": "level", "tier": "tier", "industry": "industry"}
_CALLED = {"service_level": say("service level"), "tier": say("customer tier"), "industry": say("industry")}


def feature_name(feature: str) -> Message:
    """A feature of the Cox model in words: "tickets in a year, doubled", "industry: bank"."""
    column, _, value = feature.partition("=")
    if value:
        return say("{what}: {value}", what=_CALLED[column], value=term(LABELS[column], value))
    return FEATURES[feature]


def attention(
    metrics: Mapping[str, Any], hazard_ratios: pd.DataFrame, contracts: pd.DataFrame | None = None
) -> list[Message]:
    """What needs attention, the most important first; with `contracts` it names the customer to call first."""
    said = []
    if metrics.get("no_model"):
        said.append(_why_no_model(metrics))
    if "due" not in metrics:
        return said
    soon, year = metrics["due"]["90"], metrics["due"]["365"]
    said.append(_due_soon(soon, metrics["at_risk"], contracts))
    if year["n"]:
        said.append(
            say(
                "Of {amount} in {n} contracts that end within a year, {loss} is expected to be lost.",
                amount=money(year["amount"]),
                n=count(year["n"]),
                loss=money(year["expected_loss"]),
            )
        )
    risks = hazard_ratios[(hazard_ratios.low > 1) & (hazard_ratios.p_value < 0.01)]
    if len(risks):
        top = risks.loc[risks.p_value.idxmin()]
        said.append(
            say(
                "Beyond chance, contracts leave sooner with: {feature} (hazard × {ratio}).",
                feature=feature_name(top.feature),
                ratio=number(top.hazard_ratio, 2),
            )
        )
    if _against_level(metrics) == "worse":
        said.append(
            say(
                "A year ago the service level alone foresaw renewals better than the model: use its rates instead."
            )
        )
    return said


def _why_no_model(metrics: Mapping[str, Any]) -> Message:
    n = count(metrics["n_ended"])
    match metrics["no_model"]:
        case "none lost":
            return say("{n} contracts have ended and none was lost: nothing to learn leaving from.", n=n)
        case "none renewed":
            return say("{n} contracts have ended and none was renewed: nothing to learn staying from.", n=n)
    return say("{n} contracts have ended with a known outcome: too few to say who will renew.", n=n)


def _due_soon(soon: Mapping[str, Any], at_risk: float, contracts: pd.DataFrame | None) -> Message:
    if not soon["n"]:
        return say("No contract ends within 90 days.")
    words = {"n": count(soon["n"]), "amount": money(soon["amount"])}
    if not soon["n_at_risk"]:
        return say(
            "{n} contracts worth {amount} end within 90 days; each of them renews with at least {p}.",
            **words,
            p=percent(at_risk),
        )
    words["loss"] = money(soon["expected_loss"])
    if contracts is None or (first := to_call(contracts)).empty:
        return say(
            "{loss} may be lost within 90 days, when {n} contracts worth {amount} end: call the largest first.",
            **words,
        )
    return say(
        "{loss} may be lost within 90 days, when {n} contracts worth {amount} end: call {customer} first, for {most} of it.",
        **words,
        customer=first["customer_name"].iloc[0] or first["contract_id"].iloc[0],
        most=money(first["expected_loss"].iloc[0]),
    )


def _against_level(metrics: Mapping[str, Any]) -> str:
    """The verdict on the model against the rate of the service level, by the Brier score of each contract."""
    return verdict(metrics.get("brier_gain"), metrics.get("brier_gain_se"))


def score_title(metrics: Mapping[str, Any]) -> Message:
    """The finding over the calibration chart: what was foreseen on average, and who was closer contract by contract."""
    figures = {
        "said": percent(metrics.get("predicted_due"), 1),
        "level": percent(metrics.get("predicted_due_naive"), 1),
        "was": percent(metrics.get("observed_due"), 1),
        "n": count(metrics.get("n_test")),
    }
    match _against_level(metrics):
        case "better":
            return say(
                "Of {n} contracts due, {was} renewed; foreseen were {said} by the model and {level} by the service "
                "level alone. Contract by contract (Brier score) the model was closer",
                **figures,
            )
        case "even":
            return say(
                "Of {n} contracts due, {was} renewed; foreseen were {said} by the model and {level} by the service "
                "level alone. Contract by contract (Brier score), cannot tell which is closer",
                **figures,
            )
        case "worse":
            return say(
                "Of {n} contracts due, {was} renewed; foreseen were {said} by the model and {level} by the service "
                "level alone. Contract by contract (Brier score) the service level alone was closer",
                **figures,
            )
    return say("How good the chances are cannot be told: no model a year ago, or too few contracts due since")


def curves_title(curves: pd.DataFrame, log_rank_p: float | None, day: int = 730) -> Message:
    """The finding over the survival curves: which level leaves soonest, if the log-rank test sees a difference."""
    left = {level: _remaining(curve, day) for level, curve in curves.groupby("service_level")}
    left = {level: share for level, share in left.items() if share is not None}
    if len(left) < 2 or log_rank_p is None or not math.isfinite(log_rank_p):
        return say("How long contracts last: cannot tell service levels apart")
    if log_rank_p >= 0.05:
        return say("Service levels do not differ beyond chance in how long contracts last")
    worst, best = min(left, key=left.get), max(left, key=left.get)
    return say(
        "{worst} leaves soonest: {low} are left after {years} years, against {high} of {best}",
        worst=term("level", worst),
        low=percent(left[worst]),
        years=count(day // 365),
        high=percent(left[best]),
        best=term("level", best),
    )


def _remaining(curve: pd.DataFrame, day: int) -> float | None:
    """Survival on `day`; None where the curve ends before."""
    if curve.day.max() < day:
        return None
    return float(curve.loc[curve.day <= day].sort_values("day").survival.iloc[-1])


def hazard_title(hazard_ratios: pd.DataFrame) -> Message:
    """The finding over the forest plot: what goes with leaving, and with staying, most surely."""
    if hazard_ratios.empty:
        return say("What goes with leaving cannot be told without a model")
    sure = hazard_ratios[hazard_ratios.p_value < 0.01].sort_values("p_value")
    leave, stay = sure[sure.low > 1], sure[sure.high < 1]
    if len(leave) and len(stay):
        return say(
            "Goes with leaving: {leave}; goes with staying: {stay}",
            leave=feature_name(leave.feature.iloc[0]),
            stay=feature_name(stay.feature.iloc[0]),
        )
    if len(leave):
        return say("Goes with leaving: {leave}", leave=feature_name(leave.feature.iloc[0]))
    if len(stay):
        return say("Goes with staying: {stay}", stay=feature_name(stay.feature.iloc[0]))
    return say("Nothing goes with leaving beyond chance")


def renewals_title(months: pd.DataFrame, window: int = 12) -> Message:
    """The finding over renewals by month: the last twelve months against the twelve before, beyond chance or not."""
    last, before = months.tail(window), months.iloc[:-window].tail(window)
    n, m = int(last.due.sum()), int(before.due.sum())
    if min(n, m) < 30:
        return say("Renewals by month: too few to compare with the year before")
    now, then = last.renewed.sum() / n, before.renewed.sum() / m
    both = (last.renewed.sum() + before.renewed.sum()) / (n + m)
    noise = 2 * math.sqrt(both * (1 - both) * (1 / n + 1 / m))
    figures = {"now": percent(now, 1), "then": percent(then, 1)}
    if now - then > noise:
        return say(
            "Renewals rose: {now} of contracts due in the last year, {then} in the year before", **figures
        )
    if then - now > noise:
        return say(
            "Renewals fell: {now} of contracts due in the last year, {then} in the year before", **figures
        )
    return say("Renewals held: {now} of contracts due in the last year, {then} in the year before", **figures)


SOON = 90
"""Days before its last day in which a contract is called about."""
FIRST = 10
"""Contracts that the overview lists."""


def to_call(contracts: pd.DataFrame) -> pd.DataFrame:
    """The open contracts that end soon and may lose most, the largest expected loss first."""
    soon = contracts[contracts["days_to_end"] < SOON]
    return soon.sort_values(["expected_loss", "contract_id"], ascending=[False, True]).head(FIRST)


def to_call_title(contracts: pd.DataFrame) -> Message:
    """How much is at stake in the calls of the next weeks, and how much of it in the first of them."""
    soon, first = contracts[contracts["days_to_end"] < SOON], to_call(contracts)
    if soon.empty:
        return say("No contract ends within {days} days", days=count(SOON))
    return say(
        "{loss} may be lost within {days} days, {first} of it in the first {n} of {all} contracts",
        loss=money(soon["expected_loss"].sum()),
        days=count(SOON),
        first=money(first["expected_loss"].sum()),
        n=count(len(first)),
        all=count(len(soon)),
    )


def method(metrics: Mapping[str, Any]) -> list[Message]:
    """How the page came to its figures, with the scores of the back-test."""
    said = [
        say(
            "Curves: Kaplan-Meier (lifelines) over chains of renewals, log-rank p = {p}. Customers that moved, closed or "
            "merged ({away}) are no churn: they are censored.",
            p=number(metrics.get("log_rank_p"), 3),
            away=count(metrics.get("n_competing")),
        ),
        _chances(metrics),
        say("Promises are measured in wall time: office hours and holidays are not taken off."),
    ]
    if metrics.get("auc") is not None:
        said.append(
            say(
                "Back-test, {n} contracts due in a year: AUC {auc} (service level alone {auc0}), Brier {brier} ({brier0}), "
                "calibration error {ece}; {away} that moved, closed or merged are left out. Not due: {said} foreseen in "
                "force, {was} were ({m} contracts).",
                n=count(metrics["n_test"]),
                auc=number(metrics["auc"], 3),
                auc0=number(metrics["auc_naive"], 3),
                brier=number(metrics["brier"], 4),
                brier0=number(metrics["brier_naive"], 4),
                ece=number(metrics["calibration_error"], 3),
                away=count(metrics["n_competing_due"]),
                said=percent(metrics["predicted_not_due"], 1),
                was=percent(metrics["observed_not_due"], 1),
                m=count(metrics["n_not_due"]),
            )
        )
    return said


def _chances(metrics: Mapping[str, Any]) -> Message:
    if metrics.get("no_model"):
        return say(
            "Chances: the renewal rate of the service level so far, of all contracts where fewer than twenty of the level "
            "have ended, and none where fewer than twenty have ended at all. No model is fitted.",
        )
    return say(
        "Chances: Cox model (lifelines) with a baseline per term length, on what was known at yearly landmarks, given "
        "that a contract has survived so far; customer tier, industry and automatic renewal are those of today, as no "
        "export keeps older ones. Hazard ratios are associations, not effects.",
    )
