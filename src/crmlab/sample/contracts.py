"""Contracts: terms, prices, who renews, who leaves and why.

The decision falls near expiry, on a logit of price rise, broken promises (fading with time), second visits, unsolved
complaints, loyalty of the type, a frailty nobody records and a jump once complaints pass three; some customers move,
close or merge first. The churn stage's Cox model knows neither the frailty, nor the fading, nor the jump.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import nine_types
from .world import DAY, LEVEL_PRICE, YEAR

COVERED = {"vip": 0.96, "large": 0.92, "medium": 0.84, "small": 0.70}
AWAY_A_YEAR = 0.016
FADING = 270.0
"""Days in which the memory of a broken promise falls to 1/e."""
RENEWAL = {
    "base": 2.15,
    "price_rise": -7.0,  # per unit of rise beyond 3 %
    "broken": -0.55,  # per remembered broken promise / √machines
    "repeats": -0.40,
    "unsolved": -1.1,
    "auto_renew": 0.6,
    "multi_year": 0.4,
    "many_complaints": -1.3,  # once more than three within two years
}
AWAY_REASONS = ("moved", "closed", "merged")


def first_terms(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The term each covered customer has or signs first, one row per customer."""
    who = np.flatnonzero(rng.random(len(people)) < people["tier"].map(COVERED))
    created = people["created"].to_numpy()[who]
    start = np.where(created < 0, -rng.integers(0, 365, len(who)), created + rng.integers(15, 150, len(who)))
    start = np.where((created < 0) & (rng.random(len(who)) < 0.12), rng.integers(0, 500, len(who)), start)
    start = np.maximum(start, created + 15)
    price = np.exp(rng.normal(0, 0.12, len(who)))
    years = np.ones(len(who), int)
    terms = _terms(people, who, start, price, years, np.zeros(len(who)), rng)
    return terms.assign(k=1, signed=np.maximum(start - rng.integers(3, 40, len(who)), created))


def _terms(people, who, start, price, years, rise, rng) -> pd.DataFrame:
    """Terms of `years` from `start` at `price` times the list."""
    n = len(who)
    level = people["level"].to_numpy()[who]
    yuan = (
        people["machines"].to_numpy()[who] * LEVEL_PRICE[level] * years * price * np.where(years > 1, 0.94, 1)
    )
    end = start + np.round(years * YEAR).astype(int) - 1
    lead = 32 * np.exp(nine_types.effect("renewal_lead", people, who, end) + rng.normal(0, 0.5, n))
    lead = np.where(rng.random(n) < 0.10, -rng.integers(1, 25, n), lead)
    return pd.DataFrame(
        {
            "who": who,
            "start": start,
            "end": end,
            "years": years,
            "level": level,
            "price": price,
            "rise": rise,
            "amount": np.round(yuan / 10).astype(np.int64) * 1000,
            "auto_renew": rng.random(n) < 0.25,
            "decides": end - np.clip(lead, -25, 150).astype(int),
        }
    )


def plan(people: pd.DataFrame, first: pd.DataFrame, end: int, rng: np.random.Generator) -> pd.DataFrame:
    """Terms as they would follow each other if everybody renewed, until the next decision falls on `end` or later.

    `decides` is the day the next term is signed or refused; `next_rise` and `offered` are the price then asked.
    """
    rows, last = [], first
    while len(last):
        n, who = len(last), last["who"].to_numpy()
        rise = np.clip(rng.normal(0.03, 0.055, n) + 0.10 * (rng.random(n) < 0.08), -0.08, 0.3)
        prepays = 1 / (1 + np.exp(2.2 - nine_types.effect("prepay", people, who, last["end"].to_numpy())))
        years = np.where(rng.random(n) < prepays, rng.integers(2, 4, n), 1)
        following = _terms(
            people, who, last["end"].to_numpy() + 1, last["price"].to_numpy() * (1 + rise), years, rise, rng
        )
        following = following.assign(k=last["k"].to_numpy() + 1, signed=last["decides"].to_numpy())
        rows.append(last.assign(next_rise=rise, offered=following["amount"].to_numpy()))
        last = following[last["decides"].to_numpy() < end]
    return pd.concat(rows, ignore_index=True).sort_values(["who", "k"], ignore_index=True)


def in_force(terms: pd.DataFrame, who: np.ndarray, days: np.ndarray) -> np.ndarray:
    """The row of the term that covers customer `who` on `days`; −1 without one. Terms are sorted by who and start."""
    span = 1 << 20
    key = terms["who"].to_numpy() * span + terms["start"].to_numpy()
    row = np.searchsorted(key, who * span + days, side="right") - 1
    row = np.clip(row, 0, None)
    covers = (terms["who"].to_numpy()[row] == who) & (terms["start"].to_numpy()[row] <= days)
    covers &= terms["end"].to_numpy()[row] >= days
    return np.where(covers, row, -1)


def remembered(terms: pd.DataFrame, calls: pd.DataFrame, weight: np.ndarray, fading: float) -> np.ndarray:
    """Per term: `weight` of the customer's calls before the decision, each fading as exp(−days/`fading`)."""
    span, today = 1 << 20, calls["reported"].to_numpy() // DAY
    key = calls["who"].to_numpy() * span + today
    order = np.argsort(key, kind="stable")
    grown = np.exp(np.minimum(today[order], 4000) / fading) * weight[order]
    running = np.concatenate([[0.0], np.cumsum(grown)])
    mine, decides = terms["who"].to_numpy() * span, terms["decides"].to_numpy()
    first = np.searchsorted(key[order], mine - (span >> 1))
    last = np.searchsorted(key[order], mine + decides)
    return (running[np.maximum(first, last)] - running[first]) * np.exp(-decides / fading)


def chance(people: pd.DataFrame, terms: pd.DataFrame, calls: pd.DataFrame) -> np.ndarray:
    """The true P(renewal) of each term at its decision, given every call before."""
    who, rule = terms["who"].to_numpy(), RENEWAL
    root = np.sqrt(people["machines"].to_numpy()[who])
    complaints = remembered(terms, calls, calls["complaint"].to_numpy() * 1.0, 730.0)
    logit = (
        rule["base"]
        + rule["price_rise"] * (terms["next_rise"].to_numpy() - 0.03)
        + rule["broken"] * remembered(terms, calls, calls["broken"].to_numpy() * 1.0, FADING) / root
        + rule["repeats"]
        * remembered(terms, calls, np.maximum(calls["visits"].to_numpy() - 1, 0), FADING)
        / root
        + rule["unsolved"] * remembered(terms, calls, calls["unsolved"].to_numpy() * 1.0, FADING) / root
        + rule["auto_renew"] * terms["auto_renew"].to_numpy()
        + rule["multi_year"] * (terms["years"].to_numpy() > 1)
        + rule["many_complaints"] * (complaints > 3)
        + nine_types.effect("renewal", people, who, terms["decides"].to_numpy())
        + people["frailty"].to_numpy()[who]
        + 0.2 * people["engagement"].to_numpy()[who]
    )
    return 1 / (1 + np.exp(-logit))


def decide(
    people: pd.DataFrame,
    terms: pd.DataFrame,
    calls: pd.DataFrame,
    begin: int,
    end: int,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, np.ndarray]:
    """The terms that came to be, with `p_renew`, `renews` and `end_reason`; and the day each customer's dealings end.

    Decisions on `end` or later are open: `renews` is then true and no term follows.
    """
    terms = terms.assign(p_renew=chance(people, terms, calls))
    draw = rng.random(len(terms))
    terms["renews"] = (draw < terms["p_renew"]) | (terms["decides"] >= end) | (terms["decides"] < begin)
    never = np.iinfo(np.int64).max
    start = np.maximum(people["created"].to_numpy(), begin)
    away = (start + 1 + rng.exponential(YEAR / AWAY_A_YEAR, len(people))).astype(np.int64)
    leaves = np.full(len(people), never)
    refused = terms[~terms["renews"]].drop_duplicates("who")
    leaves[refused["who"]] = refused["end"] + 1
    first_lost = np.full(len(people), 1 << 30)
    first_lost[refused["who"]] = refused["k"]
    reason = np.array(AWAY_REASONS, dtype=object)[rng.choice(3, len(people), p=[0.4, 0.4, 0.2])]
    gone = (away < leaves) & (away < end)
    who = terms["who"].to_numpy()
    terms["end_reason"] = np.where(terms["renews"], "", "left")
    cut = gone[who] & (terms["end"] >= away[who]) & (terms["start"] <= away[who]).to_numpy()
    terms.loc[cut, "end"] = away[who[cut]]
    terms.loc[cut, "renews"] = False
    terms["end_reason"] = np.where(cut, reason[who], terms["end_reason"])
    kept = (terms["k"].to_numpy() <= first_lost[who]) & ~(gone[who] & (terms["start"] > away[who]))
    return terms[kept].reset_index(drop=True), np.where(gone, away, leaves)
