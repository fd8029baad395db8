"""Tickets: when machines fail, of what, and how the caller puts it.

Failures are gamma-Poisson by age, family and season, with bursts (one disk batch, one firmware bug) and several sites
calling about one incident. The faults stage assumes independent tickets and causes that add up word by word; here
causes depend on age, heat and site together, may come in pairs, and are recorded wrongly in a structured way.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import nine_types
from .causes import (
    CAUSE,
    CAUSES,
    ENQUIRIES,
    LIKELIHOOD,
    RECORDED_AS,
    SECOND,
    SECOND_MENTION,
    SHARES,
    SYMPTOMS,
    WRONGLY_RECORDED,
)
from .machines import in_bad_batch
from .world import (
    BATCH_AGE,
    BATCH_RATE,
    BUG_FAMILY,
    BUG_FROM,
    BUG_RATE,
    BUG_TO,
    DAY,
    FAMILIES,
    YEAR,
    World,
    heat,
)

RATE = 0.863
"""Tickets per machine-year of an average machine."""
_TOP = 4.0
_INCIDENTS = 0.012
ENQUIRY_SHARE = 0.087
_LIGHT_PANEL = np.array([f.has_light_panel for f in FAMILIES]).astype(int)
_AGE, _HEAT, _DUST, _DAMP = (
    np.array([getattr(c, k) for c in CAUSES]) for k in ("age", "heat", "dust", "damp")
)
_OTHER_NAME = np.array([CAUSE[RECORDED_AS.get(c.name, c.name)] for c in CAUSES])
_MISTAKEN = WRONGLY_RECORDED / SHARES[np.arange(len(CAUSES)) != _OTHER_NAME].sum()
CHANNELS = np.array(["电话", "网站", "邮件", "微信"], dtype=object)


def play(
    people: pd.DataFrame, machines: pd.DataFrame, world: World, begin: int, end: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Calls in [begin, end): one row each, with `who`, `machine` (row, −1 if none is named), `reported` (minute), and what is behind it.

    `cause` and `cause_2` are −1 where there is none, `recorded` is what the sheet will say, `topic` and `mention`
    index phrasings.TOPICS, `incident` names calls about one event, `planted` is "batch", "bug" or "".
    """
    regular = _failures(machines, world, begin, end, rng)
    batch = _extra(machines, in_bad_batch(machines), BATCH_RATE, *BATCH_AGE, begin, end, rng)
    bug_family = [f.code for f in FAMILIES].index(BUG_FAMILY)
    bug = _extra(
        machines,
        (machines["family"] == bug_family).to_numpy(),
        BUG_RATE,
        0,
        99,
        max(begin, BUG_FROM),
        min(end, BUG_TO),
        rng,
    )
    machine = np.concatenate([regular[0], batch[0], bug[0]])
    days = np.concatenate([regular[1], batch[1], bug[1]])
    planted = np.repeat(
        np.array(["", "batch", "bug"], dtype=object), [len(regular[0]), len(batch[0]), len(bug[0])]
    )
    who = machines["who"].to_numpy()[machine]
    cause = _draw(shares(people, machines, machine, days, world), rng)
    cause = np.select(
        [planted == "batch", planted == "bug"], [CAUSE["hdd_physical"], CAUSE["firmware"]], cause
    )
    second = _second(cause, rng)
    topic, mention = _symptoms(cause, second, _LIGHT_PANEL[machines["family"].to_numpy()[machine]], rng)
    mistaken = rng.random(len(cause)) < _MISTAKEN
    calls = pd.DataFrame(
        {
            "who": who,
            "machine": machine,
            "reported": _minute(days, people["level"].to_numpy()[who], rng),
            "cause": cause,
            "cause_2": second,
            "recorded": np.where(mistaken, _OTHER_NAME[cause], cause),
            "topic": topic,
            "mention": mention,
            "planted": planted,
        }
    )
    calls["incident"] = np.arange(len(calls))
    calls = pd.concat([calls, _same_incident(calls, machines, end, rng)], ignore_index=True)
    calls = pd.concat([calls, _enquiries(people, machines, calls, begin, end, rng)], ignore_index=True)
    calls = calls[(calls["reported"] >= begin * DAY) & (calls["reported"] < end * DAY)]
    return calls.sort_values(["who", "reported", "machine"], ignore_index=True)


def intensity(machines: pd.DataFrame, machine: np.ndarray, days: np.ndarray, world: World) -> np.ndarray:
    """Regular failures per year of an average machine of that family, age and season."""
    age = (days - machines["installed"].to_numpy()[machine]) / YEAR
    family = world.family_rate[machines["family"].to_numpy()[machine]]
    nonstandard = np.where(machines["nonstandard"].to_numpy()[machine], 1.5, 1.0)
    infant = 1 + 0.6 * np.exp(-age / 0.3)
    return RATE * family * nonstandard * infant * np.exp(0.11 * (age - 2.5)) * (0.93 + 0.3 * heat(days))


def shares(
    people: pd.DataFrame, machines: pd.DataFrame, machine: np.ndarray, days: np.ndarray, world: World
) -> np.ndarray:
    """P(cause) of a regular failure, tickets × causes: base, family, age, summer heat, and the site's dust and damp."""
    who = machines["who"].to_numpy()[machine]
    age = (days - machines["installed"].to_numpy()[machine]) / YEAR
    score = np.log(SHARES) + world.family_cause[machines["family"].to_numpy()[machine]]
    score = score + np.outer(age - 2.5, _AGE) + np.outer(heat(days), _HEAT)
    score = score + np.outer(people["dust"].to_numpy()[who], 0.5 * _DUST)
    score = score + np.outer(people["damp"].to_numpy()[who], 0.5 * _DAMP)
    score = np.exp(score - score.max(1, keepdims=True))
    return score / score.sum(1, keepdims=True)


def _failures(machines, world, begin, end, rng) -> tuple[np.ndarray, np.ndarray]:
    """Regular failures by thinning: rows of `machines`, days."""
    first = np.maximum(machines["since"].to_numpy(), begin)
    exposure = np.clip(np.minimum(machines["retired"].to_numpy(), end) - first, 0, None)
    top = RATE * _TOP * machines["frailty"].to_numpy()
    machine = np.repeat(np.arange(len(machines)), rng.poisson(top * exposure / YEAR))
    days = first[machine] + (rng.random(len(machine)) * exposure[machine]).astype(int)
    keep = rng.random(len(machine)) * RATE * _TOP < intensity(machines, machine, days, world)
    return machine[keep], days[keep]


def _extra(machines, hit, rate, young, old, begin, end, rng) -> tuple[np.ndarray, np.ndarray]:
    """Failures of the machines `hit` at a constant rate between two ages."""
    installed = machines["installed"].to_numpy()
    first = np.maximum(np.maximum(installed + int(young * YEAR), machines["since"].to_numpy()), begin)
    last = np.minimum(np.minimum(installed + int(old * YEAR), machines["retired"].to_numpy()), end)
    exposure = np.where(hit, np.clip(last - first, 0, None), 0)
    machine = np.repeat(np.arange(len(machines)), rng.poisson(rate * exposure / YEAR))
    return machine, first[machine] + (rng.random(len(machine)) * exposure[machine]).astype(int)


def _draw(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One column index per row of `weights`, which sum to one."""
    return (rng.random(len(weights))[:, None] > np.cumsum(weights, 1)).sum(1).clip(0, weights.shape[1] - 1)


def _second(cause, rng) -> np.ndarray:
    draw = rng.random(len(cause))[:, None]
    second = (draw > np.cumsum(SECOND[cause], 1)).sum(1)
    return np.where(second < len(CAUSES), second, -1)


def _symptoms(cause, second, panel, rng) -> tuple[np.ndarray, np.ndarray]:
    """What the caller notices, and what else (−1 mostly); a pair of causes speaks through either of the two."""
    chance = LIKELIHOOD[panel, cause]
    paired = second >= 0
    chance[paired] = (chance[paired] + LIKELIHOOD[panel[paired], second[paired]]) / 2
    topic = _draw(chance, rng)
    mention = np.full(len(topic), -1)
    names_two = np.flatnonzero(rng.random(len(topic)) < SECOND_MENTION)
    mention[names_two] = _draw(chance[names_two], rng)
    return topic, np.where(mention == topic, -1, mention)


def _minute(days, level, rng) -> np.ndarray:
    """Minute of the call: mornings and afternoons; those with working-hours service rarely call on weekends."""
    n = len(days)
    part = rng.random(n)
    minute = np.where(part < 0.5, rng.normal(610, 70, n), rng.normal(905, 85, n))
    minute = np.where(part > 0.9 - 0.08 * level, rng.uniform(0, DAY, n), minute)
    weekend = days % 7 >= 5  # START was a Monday
    wait = np.where(weekend & (rng.random(n) < 0.6), 2, 0)
    return ((days + wait) * DAY + np.clip(minute, 0, DAY - 1)).astype(np.int64)


def _same_incident(calls, machines, end, rng) -> pd.DataFrame:
    """Other sites of the customer that call about the same event within two days, on machines of the same family."""
    parent = np.flatnonzero(rng.random(len(calls)) < _INCIDENTS)
    parent = np.repeat(parent, rng.integers(1, 4, len(parent)))
    family = machines["family"].to_numpy()
    group = machines["who"].to_numpy() * len(FAMILIES) + family
    order = np.argsort(group, kind="stable")
    ranked = group[order]
    mine = group[calls["machine"].to_numpy()[parent]]
    low, high = np.searchsorted(ranked, mine, "left"), np.searchsorted(ranked, mine, "right")
    sibling = order[low + (rng.random(len(parent)) * (high - low)).astype(int)]
    copies = calls.iloc[parent].assign(machine=sibling)
    copies["reported"] += rng.integers(20, 2 * DAY, len(parent))
    there = _in_place(machines, sibling, copies["reported"].to_numpy() // DAY)
    copies = copies[there & (sibling != calls["machine"].to_numpy()[parent])]
    return copies.drop_duplicates(["incident", "machine"])


def _in_place(machines, machine, days) -> np.ndarray:
    return (machines["since"].to_numpy()[machine] <= days) & (machines["retired"].to_numpy()[machine] > days)


def _enquiries(people, machines, calls, begin, end, rng) -> pd.DataFrame:
    """Calls without a fault: how to, billing, old machines, what comes next; which of them is a matter of type."""
    faults = np.bincount(calls["who"], minlength=len(people))
    mean = (
        ENQUIRY_SHARE
        * (0.5 * faults + 0.5 * faults.mean() * (faults > 0))
        * np.exp(0.3 * people["engagement"] - 0.045)
    )
    who = np.repeat(np.arange(len(people)), rng.poisson(mean))
    first = np.maximum(people["created"].to_numpy()[who], begin)
    days = (first + rng.random(len(who)) * (end - first)).astype(int)
    pull = np.stack([nine_types.effect(kind, people, who, days) for kind in ENQUIRIES], 1)
    weight = np.exp(pull)
    kind = _draw(weight / weight.sum(1, keepdims=True), rng)
    starts = np.searchsorted(machines["who"].to_numpy(), who)
    count = np.searchsorted(machines["who"].to_numpy(), who, "right") - starts
    none = np.full(len(who), -1)
    machine = starts + (rng.random(len(who)) * count).astype(int)
    named = _in_place(machines, machine, days) & (rng.random(len(who)) < 0.8)
    return pd.DataFrame(
        {
            "who": who,
            "machine": np.where(named, machine, -1),
            "reported": _minute(days, np.zeros(len(who)), rng),
            "cause": none,
            "cause_2": none,
            "recorded": none,
            "topic": len(SYMPTOMS) + kind,
            "mention": none,
            "planted": "",
            "incident": -1 - np.arange(len(who)),
        }
    )
