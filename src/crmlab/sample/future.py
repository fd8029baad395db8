"""The three years after END: the same processes, started from where each customer stood.

What is latent but already drawn (when a machine will die, when a drop-out stops, when a type changes) is drawn anew for
every draw, so that the mean over draws is an expectation at END and not a peek.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import contracts, machines, nine_types, sales, tickets, visits
from .causes import PARTS
from .company import Chunk, bill, stop
from .customers import DROPS_OUT
from .world import DAY, DAYS, YEAR, stream

UNTIL = DAYS + round(3 * YEAR)
DISCOUNT = 0.10
_PART_FEN = np.array([yuan * 100 for _, yuan in PARTS.values()])


@dataclass
class Future:
    """What happens to a chunk's customers in [END, END + 36 months): frames as in Chunk."""

    terms: pd.DataFrame
    calls: pd.DataFrame
    visits: pd.DataFrame
    parts: pd.DataFrame
    sales: pd.DataFrame
    leaves: np.ndarray


def play(chunk: Chunk, draw: int = 0) -> Future:
    """One way the next 36 months may go; draw 0 is the one that does happen."""
    seed, land = chunk.world.seed, chunk.world

    def rng(process: str) -> np.random.Generator:
        return stream(seed, chunk.number, f"future {process}", draw)

    people = _renewed(chunk.people, rng("people"))
    present = chunk.machines[chunk.machines["retired"] >= DAYS]
    park = machines.play(people, present[list(machines.STATE)], DAYS, UNTIL, rng("machines"))
    last = chunk.terms.drop_duplicates("who", keep="last")
    last = last[chunk.leaves[last["who"]] > DAYS]
    refused = ~last["renews"]
    plan = contracts.plan(people, last[~refused].reset_index(drop=True), UNTIL, rng("terms"))
    plan = pd.concat([plan, last[refused]]).sort_values(["who", "k"], ignore_index=True)
    followed = chunk.terms["who"].duplicated(keep="last") & (chunk.terms["end"] >= DAYS)
    calls = tickets.play(people, park, land, DAYS, UNTIL, rng("tickets"))
    calls = bill(people, park, plan, calls, rng("billing"))
    calls, trips, parts = visits.play(people, calls, land, rng("visits"))
    columns = ["who", "reported", "broken", "visits", "complaint", "unsolved"]
    history = pd.concat([chunk.calls[columns], calls[columns]], ignore_index=True)
    terms, leaves = contracts.decide(people, plan, history, DAYS, UNTIL, rng("renewals"))
    leaves = np.minimum(leaves, chunk.leaves)
    calls, trips, parts = stop(calls, trips, parts, leaves)
    lines = sales.play(people, park, terms, calls, parts, DAYS, UNTIL, rng("sales"))
    lines = lines[lines["sold"] < np.minimum(leaves, UNTIL)[lines["who"]] * DAY].reset_index(drop=True)
    terms = pd.concat([chunk.terms[followed], terms]).sort_values(["who", "k"], ignore_index=True)
    return Future(terms, calls, trips, parts, lines, leaves)


def _renewed(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The same customers with their unknown days after END drawn anew; waiting times have no memory."""
    n = len(people)
    change = DAYS + rng.exponential(YEAR / nine_types.CHANGES_A_YEAR, n).astype(int)
    stops = DAYS + rng.exponential(DROPS_OUT, n)
    return people.assign(
        changes=np.where(people["changes"] >= DAYS, change, people["changes"]),
        dies=np.where((people["dies"] >= DAYS) & (people["dies"] < np.inf), stops, people["dies"]),
    )


def profit(future: Future, customers: int, discounted: bool = False) -> np.ndarray:
    """Fen per customer earned in the 36 months: margin of all lines, less visits, less the parts of repairs that nobody pays for.

    The price of a contract is earned day by day over its term, whenever it is invoiced: what was invoiced before END for days
    after it is still to come, and what is invoiced in the 36 months for days beyond them is not.
    """
    calls, lines = future.calls, future.sales[future.sales["line_kind"] != "contract"]
    unpaid = (calls["billing"] != "paid").to_numpy()
    used = future.parts[(future.parts["qty_used"] > 0) & unpaid[future.parts["call"]]]
    who = calls["who"].to_numpy()
    flows = (
        (lines["who"], lines["sold"], lines["amount"] - lines["cost"]),
        (who[future.visits["call"]], future.visits["arrived"], -future.visits["cost"]),
        (who[used["call"]], calls["closed"].to_numpy()[used["call"]], -_PART_FEN[used["part"]]),
    )
    total = np.zeros(customers)
    for customer, minute, fen in flows:
        years = (np.asarray(minute) / DAY - DAYS) / YEAR
        worth = np.asarray(fen) * ((1 + DISCOUNT) ** -years if discounted else 1.0)
        total += np.bincount(np.asarray(customer), weights=worth, minlength=customers)
    return total + _earned(future.terms, customers, DISCOUNT if discounted else 0.0)


def _earned(terms: pd.DataFrame, customers: int, rate: float) -> np.ndarray:
    """What contracts earn on their days in [END, END + 36 months), discounted day by day."""
    start, end = terms["start"].to_numpy(), terms["end"].to_numpy() + 1
    first, last = (np.clip(days, DAYS, UNTIL) - DAYS for days in (start, end))
    force = np.log1p(rate) / YEAR
    days = last - first if rate == 0 else (np.exp(-force * first) - np.exp(-force * last)) / force
    margin = terms["amount"].to_numpy() * (1 - sales.POOL_SHARE)
    return np.bincount(terms["who"], weights=margin * days / np.maximum(end - start, 1), minlength=customers)
