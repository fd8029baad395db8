"""Complaints: four kinds, eight steps and where they stick, who is ignored, who is heard, who is heard promptly.

Those about repairs are the very ones that act in `contracts.chance`: a call that angered (`visits.play`) is a complaint here,
and it is ignored here where it counts as unsolved there. The service and churn stages will differ from this world in four
places. Anger moves the renewal from the day of the call, days before the complaint is on record. Complaints about orders delay
payments and move no renewal. Being heard promptly pleases, but keeps nobody who would not have stayed for being heard at all.
And no number of days parts prompt from slow: banks and power companies are heard sooner than others, whatever the matter.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import nine_types, remarks
from .clock import OPEN_FOR, by_the_clock, working_minutes
from .customers import numbered
from .remarks import REASONS
from .world import DAY, NONE, World, heat

KINDS = ("quality", "contract", "delivery", "service")
STEPS = 8
_KIND_OF = dict(zip(REASONS, (3, 0, 3, 1, 1, 1, 2, 0), strict=True))
_REASON = {name: i for i, name in enumerate(REASONS)}
_DEPARTMENTS = np.array(["备件质量部", "商务部", "物流部", "服务部"], dtype=object)
WRONG_DEPARTMENT = 0.08

_TAKES = np.array([0.03, 0.08, 0.12, 0.20, 0.15, 0.14, 0.20, 0.08])
"""Share of the whole time that each step takes, for a kind without a bottleneck."""
BOTTLENECK = {"quality": 4, "contract": 6, "delivery": 3, "service": 5}
"""The step that takes four times as long, and before which ignored complaints stick four times as often."""
_STICKS = np.array([0.0, 0.06, 0.16, 0.24, 0.20, 0.20, 0.14])
PROMPT_DAYS, SLOW_DAYS = 1.2, 9.0
"""Median working days until a complaint is settled."""
IGNORED_ORDERS = 0.35
"""Share of complaints about orders that nobody settles; of those about repairs it is visits.IGNORED."""


def play(
    people: pd.DataFrame,
    calls: pd.DataFrame,
    lines: pd.DataFrame,
    english: np.ndarray,
    world: World,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """All complaints about `calls` and sales `lines`, sorted by customer and time: columns of the contract (minutes, fen).

    Beside them `who`, `call` (row, −1 for orders), `order_id`, `reason` (into REASONS), `ignored`, `prompt`, `unjustified`,
    `stuck` (the step before which it rests, 0 if settled), `aside`. Steps may lie after END; nothing is cut off here.
    """
    some = pd.concat(
        [_about_calls(people, calls, rng), _about_orders(people, lines, rng)], ignore_index=True
    ).sort_values(["who", "received_at", "call"], ignore_index=True)
    n, who = len(some), some["who"].to_numpy()
    kind = np.array(list(_KIND_OF.values()))[some["reason"]]
    unjustified = rng.random(n) < np.where(some["sound"], 0.06, 0.20)
    promptness = 0.55 + 0.5 * people["tier"].isin(["vip", "large"]).to_numpy()[who]
    promptness += 0.5 * people["industry"].isin(["银行", "电力"]).to_numpy()[who] - 0.5
    promptness -= 0.4 * world.manners[people["branch"].to_numpy()[who]] + 0.5 * heat(
        some["received_at"] // DAY
    )
    prompt = ~some["ignored"].to_numpy() & (rng.random(n) < 1 / (1 + np.exp(-promptness)))
    steps, stuck = _steps(some, kind, unjustified, prompt, rng)
    settled = np.where(unjustified, steps[:, 7], steps[:, 6])
    known = settled != NONE
    department = np.where(rng.random(n) < WRONG_DEPARTMENT, rng.integers(0, 4, n), kind)
    paid = known & ~unjustified & (rng.random(n) < np.array([0.35, 0.40, 0.45, 0.20])[kind])
    amount = np.round(np.exp(rng.normal(6.0, 0.8, n)) / 10).astype(np.int64) * 1000
    content = 0.60 + 0.28 * prompt + 0.10 * paid - 0.35 * unjustified
    satisfied = np.where(rng.random(n) < content, 1, 0)
    text = remarks.say("complaints", REASONS, some["reason"].to_numpy(), english[who], rng)
    text, aside = remarks.with_asides(
        text, people, who, some["received_at"].to_numpy() // DAY, english[who], rng
    )
    return some.assign(
        complaint_id=numbered(people, who, "T"),
        text=text,
        aside=aside,
        kind=np.array(KINDS, dtype=object)[kind],
        valid=np.where(steps[:, 1] == NONE, -1, ~unjustified),
        dept=np.where(steps[:, 2] == NONE, "", _DEPARTMENTS[department]),
        **{f"step_{k + 1}_at": steps[:, k] for k in range(STEPS)},
        resolved_at=settled,
        compensation=np.where(paid, amount, np.where(known, 0, NONE)),
        satisfied=np.where(known & (rng.random(n) < 0.85), satisfied, -1),
        prompt=prompt,
        unjustified=unjustified,
        stuck=stuck,
    )


def _about_calls(people: pd.DataFrame, calls: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One complaint per call that angered, some days after it was closed, about what was worst."""
    angry = calls[calls["complaint"]]
    n = len(angry)
    weight = np.zeros((n, len(REASONS)))
    weight[:, _REASON["late"]] = 0.15 + 2.2 * angry["broken"]
    weight[:, _REASON["repeat"]] = 0.25 + 1.2 * (angry["visits"] - 1)
    weight[:, _REASON["manners"]] = 0.45
    weight[:, _REASON["charges"]] = 1.3 * (angry["billing"] == "paid")
    weight[:, _REASON["delivery"]] = 0.35 * (angry["visits"] > 1)  # the part did not come
    reason = (rng.random(n)[:, None] * weight.sum(1, keepdims=True) > np.cumsum(weight, 1)).sum(1)
    wait = np.exp(rng.normal(np.log(1.4 * OPEN_FOR), 0.9, n)).astype(int)
    return pd.DataFrame(
        {
            "who": angry["who"].to_numpy(),
            "call": angry.index.to_numpy(),
            "ticket_id": angry["ticket_id"].to_numpy(),
            "order_id": "",
            "reason": reason,
            "received_at": by_the_clock(working_minutes(angry["closed"].to_numpy()) + wait),
            "ignored": angry["unsolved"].to_numpy(),
            "sound": (angry["broken"] | (angry["visits"] > 1)).to_numpy(),
        }
    )


def _about_orders(people: pd.DataFrame, lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Complaints about invoices, prices, deliveries and goods; at most one per line, and most lines please."""
    who, days = lines["who"].to_numpy(), lines["sold"].to_numpy() // DAY
    kind, back = lines["line_kind"].to_numpy(), lines["is_return"].to_numpy()
    goods = (kind == "product") & ~back
    reckons = np.exp(0.5 * nine_types.effect("billing", people, who, days))
    rate = np.zeros((len(lines), len(REASONS)))
    rate[:, _REASON["invoice"]] = 0.010 * reckons * (kind == "contract") + 0.004 * reckons * (
        kind != "contract"
    )
    rate[:, _REASON["price"]] = 0.008 * reckons * (kind == "contract")
    rate[:, _REASON["delivery"]] = 0.004 * goods * np.exp(people["distance_km"].to_numpy()[who] / 250)
    rate[:, _REASON["goods"]] = 0.05 * back
    rate *= np.exp(0.3 * people["engagement"].to_numpy()[who] - 0.045)[:, None]
    reason = (rng.random(len(lines))[:, None] > np.cumsum(rate, 1)).sum(1)
    hit = np.flatnonzero(reason < len(REASONS))
    reason = reason[hit]
    wait = np.exp(rng.normal(np.log(np.where(reason == _REASON["goods"], 1, 9) * OPEN_FOR), 0.6)).astype(int)
    return pd.DataFrame(
        {
            "who": who[hit],
            "call": -1,
            "ticket_id": "",
            "order_id": lines["order_id"].to_numpy()[hit],
            "reason": reason,
            "received_at": by_the_clock(working_minutes(lines["sold"].to_numpy()[hit]) + wait),
            "ignored": rng.random(len(hit)) < IGNORED_ORDERS,
            "sound": True,
        }
    )


def _steps(some, kind, unjustified, prompt, rng) -> tuple[np.ndarray, np.ndarray]:
    """Minutes of the eight steps (complaints × 8, NONE where a step never comes) and the step each one sticks before.

    An unjustified complaint knows the steps 1, 2 and 8 only; a quarter of the settled ones are never reviewed.
    """
    n, ignored = len(some), some["ignored"].to_numpy()
    worst = np.array([BOTTLENECK[name] for name in KINDS])[kind] - 1
    slow = np.where(np.arange(STEPS) == worst[:, None], 4.0, 1.0)
    share = rng.gamma(2.0, _TAKES * slow)
    whole = np.where(prompt, PROMPT_DAYS, SLOW_DAYS) * OPEN_FOR * np.exp(rng.normal(0, 0.55, n))
    taken = np.cumsum(share, 1) / share[:, :7].sum(1, keepdims=True) * whole[:, None]
    start = working_minutes(some["received_at"].to_numpy())
    steps = by_the_clock((start[:, None] + np.maximum(taken, np.arange(1, STEPS + 1) * 5)).astype(np.int64))
    rests = _STICKS * slow[:, :7]
    before = (rng.random(n)[:, None] * rests.sum(1, keepdims=True) > np.cumsum(rests, 1)).sum(1) + 1
    stuck = np.where(ignored, np.where(unjustified, 3, before), 0)
    number = np.arange(1, STEPS + 1)
    done = (stuck[:, None] == 0) | (number < stuck[:, None])
    done &= ~(unjustified[:, None] & (number > 2) & (number < STEPS))
    reviewed = (rng.random(n) < 0.75) | unjustified
    done[:, STEPS - 1] &= reviewed & ~ignored
    return np.where(done, steps, NONE), stuck
