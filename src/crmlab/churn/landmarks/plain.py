"""Features of a contract in numbers that people say: tickets counted, days, money, percent."""

from __future__ import annotations

import numpy as np
import pandas as pd

COUNTS = {
    "tickets_faded": "tickets_365",
    "second_visits_faded": "second_visits_365",
    "broken_promises_faded": "broken_promises_365",
    "ignored_faded": "ignored_730",
    "tickets_90": "tickets_90",
    "broken_promises_90": "broken_promises_90",
    "complaints_730": "complaints_730",
    "solved_730": "solved_730",
    "promptly_730": "promptly_730",
    "free_365": "free_365",
    "survey_answers": "answers_365",
    "machines": "machines",
}
"""Features that count, and the column of `ServiceRecord.known_at` with the plain count: faded ones, of the last year or two."""
LEFT = (
    "unsigned_150",
    "unsigned_90",
    "unsigned_60",
    "unsigned_30",
    "past_usual_lead",
    "in_grace",
    "grace_days_gone",
)
"""Features of timing, all said by the days to the last day."""


def plain(known: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
    """One column per numeric feature, in the rows of `known`, and in units that people say.

    Counts as such; amount in minor units a year; price_change and offered_change as shares (.1 is 10 % dearer);
    tenure_years and machine_years in years; survey_mark from 0 to 1; days_late, offer_waits, offer_stale, usual_lead in days; quiet_months in months;
    features of timing in days to the last day; flags as 0 and 1; missing where nothing is known.

    Parameters
    ----------
    known, terms : as of `crmlab.churn.landmarks.features.features`.
    """
    by_term = terms.set_index("contract_id")

    def of_term(name: str) -> pd.Series:
        return known.contract_id.map(by_term[name]).astype(float)

    def share(log_steps: pd.Series) -> pd.Series:
        return np.expm1(log_steps * np.log(1.1))

    first = known.customer_id.map(terms.groupby("customer_id").start_at.min())
    dated, answers, due = (known[n].where(known[n] > 0) for n in ("dated", "answers_365", "due_365"))
    waits = known.offered_days.astype(float)
    table = pd.DataFrame(
        {name: known[column].astype(float) for name, column in COUNTS.items()}, index=known.index
    )
    table = table.assign(**dict.fromkeys(LEFT, known.days_to_end.astype(float)))
    return table.assign(
        tenure_years=(known.landmark - first).dt.days / 365.25,
        previous_terms=of_term("previous_terms"),
        several_years=of_term("years"),
        amount=of_term("yearly_amount"),
        price_change=share(of_term("price_change")),
        auto_renew=known.contract_id.map(by_term.auto_renew)
        .astype("boolean")
        .astype("Float64")
        .astype(float),
        machine_years=known.machine_days / dated / 365.25,
        survey_mark=known.marks_365 / answers / 10_000,
        days_late=known.days_late_365 / due,
        overdue=known.overdue.astype(float),
        quiet_months=known.quiet_days.astype(float) / 30,
        offered=waits.notna().astype(float),
        offered_change=known.offered_change.astype(float) - 1,
        offer_waits=waits,
        offer_stale=waits,
        first_term=of_term("usual_lead").isna().astype(float),
        usual_lead=of_term("usual_lead"),
    )
