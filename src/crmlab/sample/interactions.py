"""Contacts with customers: calls after repairs, reviews, inspections, training, reminders, leads and campaigns.

Whether somebody answers depends on the channel and on an engagement that no table holds; branches forget to call back at their
own rate; and a tenth of the campaign's messages go out twice, over two channels, which doubles contacts but not answers.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .world import DAY, NONE, START, day

CHANNELS = {
    "电话": (600, 0.7),
    "微信": (50, -0.3),
    "短信": (10, -2.4),
    "邮件": (20, -1.6),
    "上门": (18000, 5.0),
    "视频": (3000, 4.0),
}
"""Cost of one contact in fen, and log odds of an answer."""
_CHANNEL = {name: i for i, name in enumerate(CHANNELS)}
_COST, _ANSWERS = (np.array([v[i] for v in CHANNELS.values()]) for i in (0, 1))
FOLLOWED_UP = np.array([0.16, 0.12, 0.07, 0.10])
"""Share of repairs after which each branch calls back."""
REMINDED = 0.35
CAMPAIGN_REACH, SENT_TWICE = 0.05, 0.10
CAMPAIGNS = [day(f"{year}-{month:02d}-10") for year in range(2022, 2027) for month in (3, 6, 9, 11)]


def play(
    people: pd.DataFrame,
    calls: pd.DataFrame,
    payments: pd.DataFrame,
    plan: pd.DataFrame,
    opportunities: pd.DataFrame,
    leaves: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """All contacts, sorted by customer and minute: columns of the contract, and `who`; at most one per minute and channel."""
    made = pd.concat(
        [
            _follow_ups(people, calls, rng),
            _planned(plan, rng),
            _reminders(payments, rng),
            _leads(opportunities, rng),
            _campaigns(people, leaves, rng),
        ],
        ignore_index=True,
    )
    made = made[made["at"] >= 0].sort_values(["who", "at", "channel"], kind="stable", ignore_index=True)
    made = made.drop_duplicates(["who", "at", "channel"], ignore_index=True)
    n, channel = len(made), made["channel"].to_numpy()
    odds = _ANSWERS[channel] + 0.5 * people["engagement"].to_numpy()[made["who"]]
    odds = odds - 1.2 * (made["purpose"] == "lead").to_numpy() * (_ANSWERS[channel] < 4)
    return made.assign(
        channel=np.array(list(CHANNELS), dtype=object)[channel],
        answered=(rng.random(n) < 1 / (1 + np.exp(-odds))).astype(int),
        cost=_COST[channel],
    )


def _contacts(who, at, channel, purpose: str, key) -> pd.DataFrame:
    return pd.DataFrame({"who": who, "at": at, "channel": channel, "purpose": purpose, "message_key": key})


def _in_hours(days: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return days * DAY + rng.integers(9 * 60, 17 * 60 + 30, len(days))


def _pick(names: list[str], shares: list[float], n: int, rng: np.random.Generator) -> np.ndarray:
    return np.array([_CHANNEL[name] for name in names])[rng.choice(len(names), n, p=shares)]


def _follow_ups(people, calls, rng) -> pd.DataFrame:
    """Calls back, one to four days after a repair."""
    who = calls["who"].to_numpy()
    chosen = (calls["cause"] >= 0).to_numpy() & (
        rng.random(len(calls)) < FOLLOWED_UP[people["branch"].to_numpy()[who]]
    )
    repairs = calls[chosen]
    at = _in_hours(repairs["closed"].to_numpy() // DAY + rng.integers(1, 5, len(repairs)), rng)
    channel = _pick(["电话", "微信", "短信"], [0.6, 0.25, 0.15], len(repairs), rng)
    return _contacts(repairs["who"].to_numpy(), at, channel, "follow_up", "HF-01")


def _planned(plan, rng) -> pd.DataFrame:
    """Reviews, inspections and training that took place."""
    done = plan[(plan["done_at"] != NONE) & (plan["activity"] != "firmware")]
    at, activity = _in_hours(done["done_at"].to_numpy(), rng), done["activity"].to_numpy()
    far = (activity != "inspection") & (rng.random(len(done)) < 0.4)
    channel = np.where(far, _CHANNEL["视频"], _CHANNEL["上门"])
    return _contacts(done["who"].to_numpy(), at, channel, "", "").assign(purpose=activity)


def _reminders(payments, rng) -> pd.DataFrame:
    """Reminders of what is two weeks overdue, where somebody looked."""
    until = np.where(payments["paid_at"] == NONE, 1 << 40, payments["paid_at"])
    overdue = payments[(until > payments["due_at"] + 15) & (rng.random(len(payments)) < REMINDED)]
    at = _in_hours(overdue["due_at"].to_numpy() + 15 + rng.integers(0, 10, len(overdue)), rng)
    channel = _pick(["电话", "邮件"], [0.5, 0.5], len(overdue), rng)
    return _contacts(overdue["who"].to_numpy(), at, channel, "billing", "CK-01")


def _leads(opportunities, rng) -> pd.DataFrame:
    """What sales does about an opportunity in its first days."""
    own = opportunities[opportunities["source"].isin(["sales", "engineer"])]
    own = own[rng.random(len(own)) < 0.7]
    at = _in_hours(own["opened_at"].to_numpy() + rng.integers(0, 6, len(own)), rng)
    channel = _pick(["电话", "微信", "上门"], [0.6, 0.25, 0.15], len(own), rng)
    return _contacts(own["who"].to_numpy(), at, channel, "lead", "")


def _campaigns(people, leaves, rng) -> pd.DataFrame:
    """Four campaigns a year, each to some of the customers, a tenth of the messages twice."""
    first = np.array(CAMPAIGNS)
    there = (people["created"].to_numpy()[:, None] <= first) & (leaves[:, None] > first)
    who, which = np.nonzero(there & (rng.random(there.shape) < CAMPAIGN_REACH))
    at = _in_hours(first[which] + rng.integers(0, 5, len(who)), rng)
    channel = _pick(["短信", "邮件", "微信"], [0.4, 0.35, 0.25], len(who), rng)
    names = np.array([f"HD-{str(START + day)[:7]}" for day in CAMPAIGNS], dtype=object)
    sent = _contacts(who, at, channel, "lead", names[which])
    twice = sent[rng.random(len(sent)) < SENT_TWICE]
    again = twice.assign(
        channel=(twice["channel"] + 1) % 4, at=twice["at"] + rng.integers(1, 240, len(twice))
    )
    return pd.concat([sent, again], ignore_index=True)
