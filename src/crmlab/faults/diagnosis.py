"""The stage as a whole: what is behind a symptom, what is wrong on open tickets, what to carry, what fails how often."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from crmlab.faults.causes.conformal import ConformalSets, abstain_reasons
from crmlab.faults.causes.features import with_context
from crmlab.faults.causes.incidents import number_incidents
from crmlab.faults.causes.judged import Judged, judge, remote_support_ahead
from crmlab.faults.causes.lexicon import SymptomLexicon
from crmlab.faults.causes.outputs import FAMILY_SHARES, PREDICTIONS, SHARES
from crmlab.faults.causes.pool import FaultPool
from crmlab.faults.causes.reasons import reasons
from crmlab.faults.causes.shares import cause_shares, pairs
from crmlab.faults.causes.shrunk import ShrunkTable
from crmlab.faults.causes.spelling import one_spelling
from crmlab.faults.causes.text import fold
from crmlab.faults.desk.drift import alarms, drift
from crmlab.faults.desk.scorecard import scorecard
from crmlab.faults.failures.affected import affected
from crmlab.faults.failures.emerging import emerging_failures
from crmlab.faults.failures.growth import growth
from crmlab.faults.failures.life import part_lives
from crmlab.faults.failures.rates import failure_rates
from crmlab.faults.kits.needs import first_causes, joined
from crmlab.faults.kits.plan import Plan, Record
from crmlab.faults.kits.tables import symptom_kits
from crmlab.faults.lacks import Lacks
from crmlab.faults.outputs import OUTPUTS
from crmlab.faults.settings import Settings
from crmlab.tables import conform, empty

GUESSES = 3
CHECKED = 5
"""Causes shown of an order of checks."""
SURE = 0.7
"""A best guess at least so probable is worth a part in the car without another question."""

LEARNT = ["symptom_tag", "machine_family", "machine_model"]
"""What tells how much a desk has seen of a call like this one."""

FORECAST = "a forecast of the cause of every open ticket"
"""What enough recorded causes would add."""


@dataclass
class Diagnosis:
    """What the stage found: its tables by name, its figures, its desk (None where there is too little to learn)."""

    tables: dict[str, pd.DataFrame] = field(default_factory=lambda: {k: empty(t) for k, t in OUTPUTS.items()})
    metrics: dict[str, Any] = field(default_factory=dict)
    desk: Desk | None = None
    lacks: Lacks = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is no answer at all: no ticket has a recorded cause."""
        return not self.metrics["n_labelled"]

    @property
    def summary(self) -> str:
        """The one line that ends the run."""
        m = self.metrics
        if self.desk is None:
            return f"{m['n_labelled']:,} tickets with a cause, no model"
        return (
            f"{m['n_labelled']:,} tickets with a cause, {m['n_open']:,} open; {m['model']}: accuracy {m['accuracy']:.2f} "
            f"(majority {m['majority_accuracy']:.2f}), log-loss {m['log_loss']:.2f} ({m['majority_log_loss']:.2f})"
        )


@dataclass
class Desk:
    """All that answers a call: the cause model, its conformal sets, kits and checks. It is what models/faults holds.

    machines, customers : what is known of them at the call, as `with_context` takes them.
    learnt : the tickets it learnt from, `n` by symptom_tag, machine_family and machine_model. pairs : table `pairs`.
    """

    model: FaultPool
    sets: ConformalSets
    plan: Plan
    confident: float
    machines: pd.DataFrame
    customers: pd.DataFrame
    learnt: pd.DataFrame
    pairs: pd.DataFrame

    def answer(self, tickets: pd.DataFrame) -> pd.DataFrame:
        """Table `predictions` for tickets, columns of the contract."""
        tickets = with_context(tickets, self.machines, self.customers)
        tickets["symptom_tag"] = self.model.lexicon.tags(tickets["symptom"])
        p = self.model.predict_proba(tickets)
        classes = self.model.classes_
        chances = pd.DataFrame(p, columns=classes, index=tickets.index)
        order = np.argsort(-p, axis=1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=1)
        for rank in range(GUESSES):
            there = rank < len(classes)
            tickets[f"cause_{rank + 1}"] = classes[order[:, rank]] if there else None
            tickets[f"p_{rank + 1}"] = ranked[:, rank] if there else np.nan
        tickets["probabilities"] = [
            json.dumps(dict(zip(classes[row], np.round(values, 4).tolist(), strict=True)), ensure_ascii=False)
            for row, values in zip(order, ranked, strict=True)
        ]
        within = np.take_along_axis(self.sets.predict(p), order, axis=1)
        tickets["causes_90"] = [joined(classes[row[of]]) for row, of in zip(order, within, strict=True)]
        tickets["known_share"] = self.model.known_share(tickets)
        texts = fold(tickets["symptom"]).to_numpy(object)
        tickets["abstain"] = abstain_reasons(texts, tickets["known_share"].to_numpy(), p, self.confident)
        tickets["reasons"] = reasons(self.model, tickets)
        found = pd.concat(
            [tickets, self.plan.kits(tickets, chances), self.plan.checks(chances, CHECKED)], axis=1
        )
        return conform(found, PREDICTIONS)


def diagnose(
    tickets: pd.DataFrame,
    ticket_causes: pd.DataFrame,
    settings: Settings,
    *,
    until: str,
    as_of: pd.Timestamp,
    visits: pd.DataFrame,
    ticket_parts: pd.DataFrame,
    parts: pd.DataFrame,
    machines: pd.DataFrame,
    customers: pd.DataFrame,
    lexicon: SymptomLexicon | None = None,
) -> Diagnosis:
    """Answer the stage's questions from the clean tables, any of which but the first may be empty.

    `until` is the last complete month ("2026-10"), up to which growing causes are looked for.

    Causes that differ only by spaces, width or case are one, and `merged_spellings` says how many spellings that gave up.
    The model learns and is judged on the first recorded cause of a ticket. It is judged on the last `test_share` of
    the incidents by date, then fitted again on all of them, with the same penalties and weights, for the open tickets.
    """
    lexicon = lexicon or SymptomLexicon()
    found = Diagnosis()
    tickets = tickets.sort_values(["reported_at", "ticket_id"], ignore_index=True)
    tickets["symptom_tag"] = lexicon.tags(tickets["symptom"])
    spelt, merged = one_spelling(ticket_causes["cause"])
    ticket_causes = ticket_causes.assign(cause=spelt)
    record = Record(ticket_causes, visits, ticket_parts, parts)
    cause = tickets["ticket_id"].map(first_causes(ticket_causes)).astype(object)
    labelled = tickets[cause.notna()]
    cause = cause[labelled.index]
    still_open = tickets[
        tickets["is_open"].fillna(False).astype(bool)
        & ~tickets.index.isin(labelled.index)
        & _is_repair(tickets, labelled)
    ]
    found.metrics = {"n_tickets": len(tickets), "n_labelled": len(labelled), "n_open": len(still_open)}
    found.metrics["merged_spellings"] = merged
    found.metrics["closing_times_known"] = bool(tickets["closed_at"].notna().any())
    _note_missing(found, tickets)

    _count(found, tickets, labelled, cause, record, until)
    _fail(found, tickets, record, machines, customers, settings, as_of)
    found.tables["affected"] = affected(
        found.tables["growth"],
        found.tables["emerging"],
        tickets,
        record.ticket_causes,
        machines,
        customers,
        until,
    )
    _foretell(found, labelled, cause, still_open, record, machines, customers, settings, lexicon)
    return found


def _count(found, tickets, labelled, cause, record: Record, until: str) -> None:
    """What the records say by themselves: shares by symptom and family, pairs of causes, growing causes."""
    shares = cause_shares(tickets["symptom_tag"], tickets["ticket_id"], record.ticket_causes)
    found.tables["shares"] = conform(shares, SHARES)
    found.tables["pairs"] = pairs(record.ticket_causes)
    found.tables["growth"] = growth(tickets, record.ticket_causes, until)
    known = labelled["machine_family"].notna()
    if known.any():
        table = ShrunkTable().fit(
            labelled["symptom_tag"][known], labelled["machine_family"][known].astype(object), cause[known]
        )
        by_family = table.shares().rename(columns={"family": "machine_family"})
        found.tables["family_shares"] = conform(by_family[by_family["hits"] > 0], FAMILY_SHARES)


def _fail(found, tickets, record: Record, machines, customers, settings: Settings, as_of) -> None:
    """What fails how often: rates, failures that emerge, lives of parts."""
    common = {"as_of": as_of, "incident_days": settings.incident_days}
    rates, lacks = failure_rates(
        tickets, record.ticket_parts, record.ticket_causes, machines, customers, **common
    )
    emerging, more = emerging_failures(
        tickets, record.ticket_causes, machines, customers, false_share=settings.false_alarms, **common
    )
    lives, still_more, left_out = part_lives(
        tickets, record.ticket_parts, record.ticket_causes, machines, customers, **common
    )
    found.tables |= {**rates, "emerging": emerging, **lives}
    found.lacks += list(dict.fromkeys([*lacks, *more, *still_more]))
    found.metrics |= {
        "n_emerging": len(emerging),
        "n_emerging_on": int(emerging["is_on"].sum()),
        "lives_left_out": left_out,
    }


def _foretell(
    found, labelled, cause, still_open, record, machines, customers, settings: Settings, lexicon
) -> None:
    """The model, judged on later tickets, then fitted on all; kits and checks likewise."""
    incidents = number_incidents(labelled, settings.incident_days)
    known = with_context(labelled, machines, customers)
    judged = None
    if len(labelled) >= max(settings.min_labelled, 1):
        judged = judge(
            known,
            cause,
            incidents,
            at=settings.at,
            test_share=settings.test_share,
            confident=settings.confident,
            lexicon=lexicon,
        )
    if judged is None:
        what = "more tickets with a cause" if len(labelled) else "tickets.cause_actual"
        found.lacks.append((what, FORECAST))
        return
    found.metrics |= judged.metrics
    found.tables |= judged.tables
    found.metrics["remote_support_ahead_on"] = remote_support_ahead(judged.tables["symptoms"])
    _look_back(found, judged, known, cause, record, settings)

    model = FaultPool(settings.at, experts=judged.model.experts, lexicon=lexicon, like=judged.model)
    model.fit(known, cause, incidents)
    plan = Plan(labelled, record, settings)
    found.desk = Desk(
        model,
        judged.sets,
        plan,
        settings.confident,
        machines[["serial_no", "machine_model", "installed_at"]],
        customers[["customer_id", "industry", "region"]],
        labelled.groupby(LEARNT, dropna=False, as_index=False).size().rename(columns={"size": "n"}),
        found.tables["pairs"],
    )
    found.tables["check_minutes"] = plan.minutes
    if plan.optimizer is None:
        found.lacks.append(("ticket_parts.qty_used", "which parts should travel"))
    else:
        found.tables["needs"] = plan.optimizer.needs.table()
        chances = pd.DataFrame(model.predict_proba(known), columns=model.classes_)
        found.tables["symptom_kits"] = symptom_kits(
            chances, known["symptom_tag"], known["machine_family"], plan.optimizer, plan.second_visits(known)
        )
    guesses = found.desk.answer(still_open)
    found.tables["predictions"] = guesses
    found.metrics |= {"sure": SURE, "n_open_sure": int((guesses["p_1"] >= SURE).sum())}


def _look_back(found, judged: Judged, known, cause, record, settings: Settings) -> None:
    """What remote support, the kits and the checks were and would have been worth on the test tickets."""
    train, test = judged.split.train, judged.split.test
    tickets, truth = known[test], cause[test]
    chances = pd.DataFrame(judged.probabilities, columns=judged.model.classes_, index=tickets.index)
    found.tables["scorecard"] = scorecard(tickets, truth, judged.guess, settings.min_group)
    found.tables["drift"] = drift(judged.probabilities, judged.model.classes_, truth, tickets["reported_at"])
    found.metrics["drift_alarms"] = alarms(found.tables["drift"])["cause"].tolist()
    plan = Plan(known[train], record, settings)
    found.metrics |= plan.minutes_to_cause(tickets, truth, chances, cause[train])
    back = plan.look_back(tickets, chances)
    if back is not None:
        found.tables["retrospect"] = back.table
        found.metrics |= {("n_looked_back" if k == "n" else k): v for k, v in back.metrics.items()}
        if "parts_per_visit_model" in found.metrics:
            found.metrics["parts_per_visit"] = found.metrics["parts_per_visit_model"]


def _is_repair(tickets: pd.DataFrame, labelled: pd.DataFrame) -> pd.Series:
    """Whether a cause was ever recorded for a ticket's kind of service: a question about an invoice has none."""
    return tickets["service_kind"].isin(labelled["service_kind"].unique()) | tickets["service_kind"].isna()


def _note_missing(found: Diagnosis, tickets: pd.DataFrame) -> None:
    wanted = {
        "symptom": "causes by symptom, and most of what a forecast knows",
        "cause_predicted": "how often remote support is right, beside the model",
        "closed_at": "which tickets are still open, and a forecast for each",
    }
    found.lacks += [(f"tickets.{name}", adds) for name, adds in wanted.items() if tickets[name].isna().all()]
