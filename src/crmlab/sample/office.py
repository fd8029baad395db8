"""What the office keeps beside tickets and sales, in the order in which it causes each other.

Repairs and invoices anger, complaints delay payments, terms are planned and quoted, chances to sell are noted, somebody calls
back, and in June everybody is asked. Nothing here acts on tickets, renewals or sales: what acts is in their own processes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..tables import CONTRACT
from . import (
    complaints,
    interactions,
    opportunities,
    payments,
    private,
    quotes,
    remarks,
    service_plan,
    surveys,
    warranty_claims,
)
from .world import DAY, DAYS, World


@dataclass
class Office:
    """Tables by their names in the contract, columns as there (minutes and days from START, fen), and `who`.

    `mind` and `habits` are what customers feel and how they pay; `private` lists what is nobody's business: table, key
    column's value, column, kind, value, and `who`; only what is on record at END.
    """

    tables: dict[str, pd.DataFrame]
    mind: surveys.Feelings
    habits: pd.DataFrame
    private: pd.DataFrame


def play(
    world: World,
    people: pd.DataFrame,
    machines: pd.DataFrame,
    terms: pd.DataFrame,
    calls: pd.DataFrame,
    visits: pd.DataFrame,
    parts: pd.DataFrame,
    lines: pd.DataFrame,
    leaves: np.ndarray,
    rng: Callable[[str], np.random.Generator],
) -> Office:
    """The office of one chunk; `rng` gives each process its own stream."""
    english = rng("language").random(len(people)) < remarks.WRITES_ENGLISH
    angry = complaints.play(people, calls, lines, english, world, rng("complaints"))
    habits = payments.habits(people, rng("habits"))
    paid = payments.play(people, habits, lines, angry, leaves, rng("payments"))
    asked = quotes.play(people, terms, lines, leaves, 0, DAYS, rng("quotes"))
    plan = service_plan.play(people, terms, leaves, world, rng("service plan"))
    chances = opportunities.play(people, calls, visits, lines, leaves, 0, DAYS, rng("opportunities"))
    contacts = interactions.play(people, calls, paid, plan, chances, leaves, rng("interactions"))
    mind = surveys.feelings(people, calls, leaves, world, rng("feelings"))
    answers = surveys.play(people, calls, leaves, mind, english, world, rng("surveys"))
    claims = warranty_claims.play(people, machines, calls, parts, rng("warranty claims"))
    angry, said = _gossip("complaints", angry, "complaint_id", "text", calls, rng("private complaints"))
    answers, told = _gossip("surveys", answers, "survey_id", "comment", calls, rng("private surveys"))
    tables = {
        "complaints": angry,
        "surveys": answers,
        "interactions": contacts,
        "payments": paid,
        "quotes": asked,
        "service_plan": plan,
        "opportunities": chances,
        "warranty_claims": claims,
    }
    return Office(tables, mind, habits, pd.concat([said, told], ignore_index=True))


def _gossip(
    table: str, frame: pd.DataFrame, key: str, column: str, calls: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`frame` with private things in `column`, and the list of them; who speaks is the contact of the ticket, if there is one."""
    contact = dict(zip(calls["ticket_id"], calls["contact"], strict=True))
    named = frame["ticket_id"].map(contact).to_numpy(dtype=object)
    names = np.where(pd.isna(named), private.contacts(len(frame), rng), named)
    text, planted = private.plant(frame[column].to_numpy(dtype=object), private.SHARE[table], names, rng)
    on_record = frame[CONTRACT[table].dated].to_numpy() < DAYS * DAY
    planted = planted[on_record[planted["row"]]]
    rows = planted["row"].to_numpy()
    listed = planted.assign(
        who=frame["who"].to_numpy()[rows], table=table, key=frame[key].to_numpy()[rows], column=column
    )
    return frame.assign(**{column: text}), listed.drop(columns="row")
