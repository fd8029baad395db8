"""Why a chance is low, in words: a fragment of a sentence per feature, with its plain figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from crmlab.report.findings.churn_features import CALENDAR, feature_name
from crmlab.report.messages import Message, Value, count, is_missing, money, number, percent, say


class Counted(NamedTuple):
    """How many of something: none, one, many ({n})."""

    none: Message
    one: Message
    many: Message


class Flag(NamedTuple):
    """Whether something is so."""

    no: Message
    yes: Message


class Step(NamedTuple):
    """A price against another: lower, the same, higher (by {x})."""

    lower: Message
    same: Message
    higher: Message


class Measure(NamedTuple):
    """A figure {x}, and how it is written."""

    text: Message
    write: Callable[[float], Value]


def _whole(x: float) -> Value:
    return count(round(x))


_WAITS = Counted(
    say("a price offered today, not signed"),
    say("a price offered a day ago, not signed"),
    say("a price offered {n} days ago, not signed"),
)
_NO_OFFER = say("no price offered for the next term yet")

FACTS: dict[str, Counted | Flag | Step | Measure] = {
    "tenure_years": Measure(say("a customer for {x} years"), number),
    "previous_terms": Counted(
        say("no contract term before"), say("one contract term before"), say("{n} contract terms before")
    ),
    "several_years": Measure(say("a term of {x} years"), _whole),
    "amount": Measure(say("a price of {x} a year"), money),
    "price_change": Step(
        say("a price {x} lower than in the term before"),
        say("the same price as in the term before"),
        say("a price {x} higher than in the term before"),
    ),
    "auto_renew": Flag(say("does not renew by itself"), say("renews unless cancelled")),
    "machines": Counted(
        say("no machine in service"), say("one machine in service"), say("{n} machines in service")
    ),
    "machine_years": Measure(say("machines {x} years old on average"), number),
    "tickets_faded": Counted(
        say("no ticket within a year"), say("one ticket within a year"), say("{n} tickets within a year")
    ),
    "second_visits_faded": Counted(
        say("no second visit within a year"),
        say("one second visit within a year"),
        say("{n} second visits within a year"),
    ),
    "broken_promises_faded": Counted(
        say("no promise broken within a year"),
        say("one promise broken within a year"),
        say("{n} promises broken within a year"),
    ),
    "ignored_faded": Counted(
        say("no complaint left unsolved within two years"),
        say("one complaint left unsolved within two years"),
        say("{n} complaints left unsolved within two years"),
    ),
    "tickets_90": Counted(
        say("no ticket within 90 days"), say("one ticket within 90 days"), say("{n} tickets within 90 days")
    ),
    "broken_promises_90": Counted(
        say("no promise broken within 90 days"),
        say("one promise broken within 90 days"),
        say("{n} promises broken within 90 days"),
    ),
    "complaints_730": Counted(
        say("no complaint within two years"),
        say("one complaint within two years"),
        say("{n} complaints within two years"),
    ),
    "solved_730": Counted(
        say("no complaint solved within two years"),
        say("one complaint solved within two years"),
        say("{n} complaints solved within two years"),
    ),
    "promptly_730": Counted(
        say("no complaint solved promptly within two years"),
        say("one complaint solved promptly within two years"),
        say("{n} complaints solved promptly within two years"),
    ),
    "free_365": Counted(
        say("no free repair within a year"),
        say("one free repair within a year"),
        say("{n} free repairs within a year"),
    ),
    "survey_mark": Measure(say("satisfaction {x} of 100"), lambda x: _whole(100 * x)),
    "survey_answers": Counted(
        say("no survey answered within a year"),
        say("one survey answered within a year"),
        say("{n} surveys answered within a year"),
    ),
    "days_late": Counted(
        say("payments on time on average"),
        say("payments one day late on average"),
        say("payments {n} days late on average"),
    ),
    "overdue": Counted(say("no payment overdue"), say("one payment overdue"), say("{n} payments overdue")),
    "quiet_months": Measure(say("no sign of life for {x} months"), number),
    "offered": Flag(_NO_OFFER, say("a price offered for the next term, not signed")),
    "offered_change": Step(
        say("a price {x} lower offered"), say("the same price offered"), say("a price {x} higher offered")
    ),
    "offer_waits": _WAITS,
    "offer_stale": _WAITS,
    "first_term": Flag(say("not the first term"), say("the first term")),
    "usual_lead": Counted(
        say("signed on the last day before"),
        say("signed a day before the end last time"),
        say("signed {n} days before the end last time"),
    ),
}
"""What is said of each feature but those of the calendar, from its plain figure: a fact, whichever side of it lowers the chance."""

_UNKNOWN = {
    "amount": say("price not known"),
    "price_change": say("no earlier price to compare with"),
    "auto_renew": say("not known whether it renews by itself"),
    "machine_years": say("age of the machines not known"),
    "survey_mark": say("no survey answered within a year"),
    "days_late": say("no payment due within a year"),
    "offered_change": _NO_OFFER,
    "offer_waits": _NO_OFFER,
    "offer_stale": _NO_OFFER,
    "usual_lead": say("no earlier renewal to go by"),
}
_SAME = 0.005  # of a price: it would be written as 0 %


def reason(feature: str | None, value: float | None) -> Message | None:
    """Why a chance is low, in words: a fragment of a sentence with the plain figure of the feature.

    Parameters
    ----------
    feature : column `reason` of contracts or win_back: a feature, or "label=value".
    value : column `reason_value`, in the units of `crmlab.churn.landmarks.plain`.

    Returns
    -------
    None where there is no reason, or its figure is not known.

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> [reason("days_late", 14.2).in_language(Language(tag)) for tag in ("en", "zh")]
    ['payments 14 days late on average', '平均逾期付款 14 天']
    """
    if is_missing(feature) or not feature:
        return None
    if "=" in feature:
        return feature_name(feature)
    if is_missing(value):
        return _UNKNOWN.get(feature)
    if feature in CALENDAR:
        return _days_left(round(value))
    match FACTS.get(feature):
        case Counted(none, one, many):
            n = round(value)
            if n < 0 and feature == "usual_lead":
                return say("signed {n} days after the end last time", n=count(-n))
            return none if n <= 0 else one if n == 1 else _filled(many, n=count(n))
        case Flag(no, yes):
            return yes if value > 0 else no
        case Step(lower, same, higher):
            said = same if abs(value) < _SAME else higher if value > 0 else lower
            return _filled(said, x=percent(abs(value))) if said is not same else same
        case Measure(text, write):
            return _filled(text, x=write(value))
    return None


def _days_left(days: int) -> Message:
    if days > 1:
        return say("{n} days to the end, not signed", n=count(days))
    if days == 1:
        return say("one day to the end, not signed")
    if days == 0:
        return say("the last day, not signed")
    if days == -1:
        return say("over since a day, not signed")
    return say("over since {n} days, not signed", n=count(-days))


def _filled(text: Message, **values: Any) -> Message:
    return replace(text, values=values)
