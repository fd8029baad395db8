"""Features of contracts on their landmarks, from what `ServiceRecord.known_at` counted.

Three columns of the export carry no date, so that today's value stands at every landmark: the customer's tier and industry,
and the contract's auto_renew. A change of one because the customer was about to leave would flatter every model.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.churn.landmarks.record import WEIGHT_OF_ONE

KEYS = ("contract_id", "customer_id", "landmark", "days_to_end")
FADED = ("tickets", "second_visits", "broken_promises", "ignored")
COUNTED = ("broken_promises_90", "complaints_730", "solved_730", "promptly_730", "free_365")
NUMERIC = (
    "tenure_years",
    "previous_terms",
    "several_years",
    "amount",
    "price_change",
    "auto_renew",
    "machines",
    "machine_years",
    *(f"{name}_faded" for name in FADED),
    "tickets_90",
    *COUNTED,
    "survey_mark",
    "survey_answers",
    "days_late",
    "overdue",
    "quiet_months",
    "offered",
    "offered_change",
    "offer_waits",
    "offer_stale",
    "first_term",
    "usual_lead",
    "past_usual_lead",
    "unsigned_150",
    "unsigned_90",
    "unsigned_60",
    "unsigned_30",
    "in_grace",
    "grace_days_gone",
)
LABELS = ("service_level", "tier", "industry")
TIMING = (
    "offered",
    "offer_waits",
    "offer_stale",
    "past_usual_lead",
    "unsigned_150",
    "unsigned_90",
    "unsigned_60",
    "unsigned_30",
    "in_grace",
    "grace_days_gone",
)
"""Of `NUMERIC`, those that say how late it has become without a signature."""
MOST_QUIET = 24
"""Months without a sign of life beyond which it makes no difference."""
SIGNING_LEAD = 40
"""Days before the end at which a first term is taken to be renewed, where the customer has shown no habit yet."""


def features(known: pd.DataFrame, terms: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """One row of features per row of `known`, in its order.

    Counts and faded counts of events are over the square root of the machines in service: events grow with the machines, and
    their noise with the root. Money, ages and delays enter as log2(1 + x), so that one unit is a doubling.

    Parameters
    ----------
    known : from `ServiceRecord.known_at`.
    terms : from `crmlab.churn.spells.known.known_spells`, with every contract of `known`.
    customers : the clean table.

    Returns
    -------
    `KEYS`, `NUMERIC` (float; missing where nothing is known) and `LABELS` (text). Of them, beside what their names say:

    - <event>_faded: events that weigh half after every half-life; ignored: complaints not solved within the days of patience
    - solved_730, promptly_730: complaints of two years solved by the landmark, and solved promptly
    - survey_mark: mean mark of a year, 0 to 1; days_late: mean days that a year's payments were late, as far as the landmark knows;
      overdue: a payment has been due for more than 30 days
    - quiet_months: since the last ticket, order, answer or complaint, at most `MOST_QUIET`
    - free_365: repairs for which nobody paid; machine_years: mean age of the machines in service
    - offered: a price for the next term is on record; offered_change: that price, in steps of 10 %, else 0; offer_waits: months
      since, at most three; offer_stale: months beyond `SIGNING_LEAD` days
    - usual_lead: days before the end at which the customer signed this term; past_usual_lead: months gone since that moment
      of this one; unsigned_150 … unsigned_30: months into the last so many days of a term that nobody has renewed
    """
    by_term = terms.set_index("contract_id")

    def of_term(name: str) -> pd.Series:
        return known.contract_id.map(by_term[name])

    first = known.customer_id.map(terms.groupby("customer_id").start_at.min())
    machines = known.machines.clip(lower=1)
    size = np.sqrt(machines)
    dated, answers, due = (known[n].where(known[n] > 0) for n in ("dated", "answers_365", "due_365"))
    lead, left = of_term("usual_lead"), known.days_to_end
    waits = known.offered_days.astype(float)
    table = known[list(KEYS)].copy()
    table["tenure_years"] = _doublings((known.landmark - first).dt.days / 365.25)
    table["previous_terms"] = _doublings(of_term("previous_terms"))
    table["several_years"] = (of_term("years") > 1).astype(float)
    table["amount"] = _doublings(of_term("yearly_amount") / 100)
    table["price_change"] = of_term("price_change")
    table["auto_renew"] = of_term("auto_renew").astype("boolean").astype("Float64").astype(float)
    table["machines"] = np.log2(machines)
    table["machine_years"] = known.machine_days / dated / 365.25
    for name in FADED:
        table[f"{name}_faded"] = known[f"{name}_faded"] / WEIGHT_OF_ONE / size
    for name in ("tickets_90", *COUNTED):
        table[name] = known[name] / size
    table["survey_mark"] = known.marks_365 / answers / 10_000
    table["survey_answers"] = _doublings(known.answers_365 / size)
    table["days_late"] = _doublings(known.days_late_365 / due)
    table["overdue"] = (known.overdue > 0).astype(float)
    table["quiet_months"] = (known.quiet_days.astype(float) / 30).fillna(MOST_QUIET).clip(upper=MOST_QUIET)
    table["offered"] = waits.notna().astype(float)
    table["offered_change"] = (np.log(known.offered_change.astype(float)) / np.log(1.1)).fillna(0.0)
    table["offer_waits"] = waits.clip(upper=90).fillna(0.0) / 30
    table["offer_stale"] = (waits - SIGNING_LEAD).clip(0, 60).fillna(0.0) / 30
    table["first_term"] = lead.isna().astype(float)
    table["usual_lead"] = _doublings(lead.clip(upper=200))
    table["past_usual_lead"] = (lead.fillna(SIGNING_LEAD) - left).clip(0, 120) / 30
    for days in (150, 90, 60, 30):
        table[f"unsigned_{days}"] = (days - left).clip(0, days) / 30
    table["in_grace"] = (left < 0).astype(float)
    table["grace_days_gone"] = (-left).clip(0) / 30
    by_customer = customers.drop_duplicates("customer_id").set_index("customer_id")
    table["service_level"] = of_term("service_level").astype("string")
    for label in ("tier", "industry"):
        table[label] = known.customer_id.map(by_customer[label]).astype("string")
    return table[[*KEYS, *NUMERIC, *LABELS]]


def _doublings(values: pd.Series) -> pd.Series:
    """log2(1 + x), of nothing below zero."""
    return np.log2(1 + values.astype(float).clip(lower=0))
