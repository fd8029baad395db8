"""Features of a contract by name: what columns are called, and what one unit more of a feature is, as hazard ratios are of."""

from __future__ import annotations

from crmlab.report.messages import Message, count, say, term

LABELS = {"service_level": "level", "tier": "tier", "industry": "industry", "region": "region"}
"""Columns that tell customers and contracts apart, and the vocabulary of their values."""
CALLED = {
    "service_level": say("service level"),
    "tier": say("customer tier"),
    "industry": say("industry"),
    "region": say("region"),
}
"""What those columns are called."""

CALENDAR = (
    "past_usual_lead",
    "unsigned_150",
    "unsigned_90",
    "unsigned_60",
    "unsigned_30",
    "in_grace",
    "grace_days_gone",
)
"""Features that say how late it is; the days left say all of them."""

UNITS = {
    "tenure_years": say("twice the years as a customer"),
    "previous_terms": say("twice the contract terms before"),
    "several_years": say("a term of several years"),
    "amount": say("twice the yearly price"),
    "price_change": say("a price 10 % above the term before"),
    "auto_renew": say("renews unless cancelled"),
    "machines": say("twice the machines in service"),
    "machine_years": say("machines a year older on average"),
    "tickets_faded": say("one more ticket of late"),
    "second_visits_faded": say("one more second visit of late"),
    "broken_promises_faded": say("one more promise broken of late"),
    "ignored_faded": say("one more complaint left unsolved of late"),
    "tickets_90": say("one more ticket within 90 days"),
    "broken_promises_90": say("one more promise broken within 90 days"),
    "complaints_730": say("one more complaint within two years"),
    "solved_730": say("one more complaint solved within two years"),
    "promptly_730": say("one more complaint solved promptly"),
    "free_365": say("one more free repair within a year"),
    "survey_mark": say("satisfaction of 100 instead of 0"),
    "survey_answers": say("twice the surveys answered"),
    "days_late": say("payments twice as many days late"),
    "overdue": say("payments overdue"),
    "quiet_months": say("a month longer without a sign of life"),
    "offered": say("a price offered for the next term"),
    "offered_change": say("a price 10 % higher offered"),
    "offer_waits": say("an offer not signed for a month longer"),
    "offer_stale": say("an offer not signed for a month beyond 40 days"),
    "first_term": say("the first term"),
    "usual_lead": say("signed twice as many days before the end last time"),
    "past_usual_lead": say("not signed a month past the usual day"),
    "unsigned_150": say("not signed a month further into the last {n} days", n=count(150)),
    "unsigned_90": say("not signed a month further into the last {n} days", n=count(90)),
    "unsigned_60": say("not signed a month further into the last {n} days", n=count(60)),
    "unsigned_30": say("not signed a month further into the last {n} days", n=count(30)),
    "in_grace": say("over, within the grace days"),
    "grace_days_gone": say("a month further into the grace days"),
}
"""One unit more of each feature, as `crmlab.churn.landmarks.features` scales it; events are per root of the number of machines."""


def feature_name(feature: str) -> Message | str:
    """One unit more of a feature in words: "one more ticket of late", "industry: bank"."""
    column, _, value = feature.partition("=")
    if value:
        return say(
            "{what}: {value}", what=CALLED.get(column, column), value=term(LABELS.get(column, ""), value)
        )
    return UNITS.get(feature, feature)
