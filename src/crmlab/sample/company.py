"""One chunk of the company, played from beginning to end: the processes in the order in which they cause each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import contracts, customers, machines, nine_types, office, phrasings, private, sales, tickets, visits
from .causes import SYMPTOMS
from .world import CHUNK, DAY, DAYS, World, stream, world

NEVER = np.iinfo(np.int64).max


@dataclass
class Chunk:
    """What happened to `CHUNK` customers, truth and all: days and minutes counted from START, money in fen.

    `leaves` is the day on which each customer's dealings end. The frames refer to each other by row: `who` into people,
    `machine` into machines, `call` into calls, `product` into the catalogue.
    """

    world: World
    number: int
    people: pd.DataFrame
    machines: pd.DataFrame
    terms: pd.DataFrame
    calls: pd.DataFrame
    visits: pd.DataFrame
    parts: pd.DataFrame
    sales: pd.DataFrame
    leaves: np.ndarray
    office: office.Office


def play(seed: int, number: int) -> Chunk:
    """Chunk `number` of the company of `seed`, from START to END."""
    land = world(seed)
    people = customers.customers(land, number)

    def rng(process: str) -> np.random.Generator:
        return stream(seed, number, process)

    slots = machines.first_slots(people, rng("slots"))
    park = machines.play(people, slots, 0, DAYS, rng("machines"))
    plan = contracts.plan(people, contracts.first_terms(people, rng("first terms")), DAYS, rng("terms"))
    calls = bill(
        people, park, plan, tickets.play(people, park, land, 0, DAYS, rng("tickets")), rng("billing")
    )
    calls, trips, parts = visits.play(people, calls, land, rng("visits"))
    terms, leaves = contracts.decide(people, plan, calls, 0, DAYS, rng("renewals"))
    calls, trips, parts = stop(calls, trips, parts, leaves)
    lines = sales.play(people, park, terms, calls, parts, 0, DAYS, rng("sales"))
    lines = lines[lines["sold"] < np.minimum(leaves, DAYS)[lines["who"]] * DAY].reset_index(drop=True)
    park = park[park["installed"] < leaves[park["who"]]]
    calls["machine"] = _renumber(park.index, calls["machine"])
    park = machines.describe(people, park.reset_index(drop=True), rng("machine file"))
    calls = describe(people, calls, rng("desk file"))
    calls, told = confide(calls, rng("private tickets"))
    lines = sales.describe(people, lines, rng("ledger"))
    desk = office.play(land, people, park, terms, calls, trips, parts, lines, leaves, rng)
    desk.private = pd.concat([told, desk.private], ignore_index=True)
    return Chunk(land, number, people, park, terms, calls, trips, parts, lines, leaves, desk)


def bill(people, park, plan, calls, rng) -> pd.DataFrame:
    """Calls with `term` (row of the plan in force, −1 without), `level` and `billing`."""
    days = calls["reported"].to_numpy() // DAY
    who, machine = calls["who"].to_numpy(), calls["machine"].to_numpy()
    term = contracts.in_force(plan, who, days)
    level = np.where(term >= 0, plan["level"].to_numpy()[term], 0)
    ends = park["warranty_end"].to_numpy()[machine]
    billing = np.where((machine >= 0) & (days <= ends), "warranty", np.where(term >= 0, "contract", "paid"))
    free = (rng.random(len(calls)) < 0.02) | (calls["cause"] < 0)
    return calls.assign(term=term, level=level, billing=np.where(free, "free", billing))


def stop(calls, trips, parts, leaves) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Only what came before each customer left; rows renumbered."""
    kept = calls[calls["reported"] // DAY < leaves[calls["who"]]]
    trips = trips.assign(call=_renumber(kept.index, trips["call"]))
    parts = parts.assign(call=_renumber(kept.index, parts["call"]))
    return (
        kept.reset_index(drop=True),
        trips[trips["call"] >= 0].reset_index(drop=True),
        parts[parts["call"] >= 0].reset_index(drop=True),
    )


def _renumber(kept: pd.Index, rows: pd.Series) -> np.ndarray:
    return np.where(rows >= 0, pd.Index(kept).get_indexer(rows), -1)


def describe(people: pd.DataFrame, calls: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What a ticket says beside the facts: number, text, engineer, channel, urgency, contact, phone, the name as typed."""
    n, who = len(calls), calls["who"].to_numpy()
    days = calls["reported"].to_numpy() // DAY
    text, later = phrasings.write(calls["topic"].to_numpy(), calls["mention"].to_numpy(), days, rng)
    # sites that report one incident copy each other's words
    first = pd.Series(np.arange(n)).groupby(calls["incident"].to_numpy()).transform("min").to_numpy()
    text, later = text[first], later[first]
    customer = people["customer"].to_numpy()[who]
    nth = calls.groupby("who").cumcount().to_numpy() + 1
    ticket_id = np.array(
        [f"P{c:06d}-{k:04d}" for c, k in zip(customer.tolist(), nth.tolist(), strict=True)], dtype=object
    )
    chunk = customer // CHUNK
    loyal = rng.random(n) < 1 / (1 + np.exp(1.2 - nine_types.effect("named_engineer", people, who, days)))
    engineer = np.where(loyal, customer % 5, rng.integers(0, 5, n))
    branch = people["branch"].to_numpy()[who]
    engineers = [
        f"E{c:04d}{b}{k}" for c, b, k in zip(chunk.tolist(), branch.tolist(), engineer.tolist(), strict=True)
    ]
    urgent = np.isin(
        calls["topic"], [SYMPTOMS.index(s) for s in ("no_display", "no_power", "no_boot", "amber_several")]
    )
    urgency = rng.random(n) + 0.35 * urgent + 0.15 * calls["level"].to_numpy()
    phone = rng.integers(0, 10000, n)
    phones = np.array([f"1990000{p:04d}" for p in phone.tolist()], dtype=object)
    for row in np.flatnonzero(rng.random(n) < phrasings.WITH_PHONE):
        text[row] = f"{text[row]}，电话{phones[row]}"
    contact = private.contacts(n, rng)
    return calls.assign(
        ticket_id=ticket_id,
        symptom=text,
        held_out=later,
        engineer_id=np.array(engineers, dtype=object),
        channel=tickets.CHANNELS[np.digitize(rng.random(n), [0.72, 0.84, 0.92])],
        priority=np.array(["低", "一般", "紧急"], dtype=object)[np.digitize(urgency, [0.25, 0.85])],
        is_focus=(people["tier"].to_numpy()[who] == "vip") & (rng.random(n) < 0.25),
        contact=contact,
        contact_phone=phones,
    )


def confide(calls: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Calls of which some texts say more than they should; and every private thing that the texts of calls hold."""
    spoken = calls["symptom"].to_numpy(dtype=object)
    phone = [text.endswith(number) for text, number in zip(spoken, calls["contact_phone"], strict=True)]
    text, planted = private.plant(
        np.where(phone, "", spoken), private.SHARE["tickets"], calls["contact"].to_numpy(), rng
    )
    text = np.where(phone, spoken, text)
    dialled = pd.DataFrame({"row": np.flatnonzero(phone), "kind": "phone"})
    dialled["value"] = calls["contact_phone"].to_numpy()[dialled["row"]]
    listed = pd.concat([dialled, planted], ignore_index=True).sort_values("row", ignore_index=True)
    rows = listed["row"].to_numpy()
    listed = listed.assign(
        who=calls["who"].to_numpy()[rows],
        table="tickets",
        key=calls["ticket_id"].to_numpy()[rows],
        column="symptom",
    )
    return calls.assign(symptom=text), listed.drop(columns="row")
