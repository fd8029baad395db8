"""The tables of visits."""

from __future__ import annotations

from crmlab.tables import Column, Table

REASONS = ("no_part", "wrong_part", "skill", "customer", "other", "unknown")
STEPS = ("dispatch", "appoint", "arrive", "leave", "return", "close")
"""Where the time of a repair goes, in order: report → dispatch → appointment → first arrival → end of the first visit → end of
the last visit → close."""

FIRST_FIX = Table(
    "first_fix",
    "一次修复率",
    "One row per group: the share of closed repairs that the first visit fixed, over the last twelve months; by month of close over all.",
    ("of", "group"),
    (
        Column(
            "of",
            "choice",
            "kind of group",
            choices={"all": (), "level": (), "branch": (), "month": (), "family": (), "tier": ()},
        ),
        Column("group", "label", "the group; empty for all"),
        Column(
            "basis",
            "choice",
            "proxy: without visits, a machine that is not reported again within service.repeat_days counts as fixed",
            choices={"visits": (), "proxy": ()},
        ),
        Column("n", "count", "closed repairs that can be told"),
        Column("fixed", "count", "of them fixed at the first visit"),
        Column("share", "number", "fixed / n"),
        Column("low", "number", "95 % Wilson limit"),
        Column("high", "number", "95 % Wilson limit"),
    ),
)

SECOND_VISITS = Table(
    "second_visits",
    "二次上门原因",
    "One row per reason: why a visit had to be followed by another in the last twelve months, and what those cost.",
    ("reason",),
    (
        Column("reason", "choice", "why the visit did not fix", choices=dict.fromkeys(REASONS, ())),
        Column("n", "count", "visits that had to be followed by another"),
        Column("share", "number", "of all such visits"),
        Column("low", "number", "95 % Wilson limit"),
        Column("high", "number", "95 % Wilson limit"),
        Column("minutes", "count", "minutes of travel, work and talk of the visits that followed"),
        Column(
            "cost", "money", "cost of the visits that followed: as recorded, else at the rates of params.yaml"
        ),
        Column("cost_recorded", "number", "share of those visits whose cost is on record"),
    ),
)

STAGE_TIMES = Table(
    "stage_times",
    "各阶段耗时",
    "One row per level and step of a repair: how long it takes on the level's clock, over the closed tickets of the last twelve months.",
    ("level", "step"),
    (
        Column("level", "label", "service level; empty for all tickets"),
        Column(
            "step",
            "choice",
            "the step that ends; it begins at the last moment before it that any ticket has",
            choices=dict.fromkeys(STEPS, ()),
        ),
        Column("n", "count", "tickets with both moments in order"),
        Column("negative", "count", "tickets in which the step ends before it begins; left out of the hours"),
        Column("mean", "number", "mean", unit="h"),
        Column("median", "number", "half take no longer", unit="h"),
        Column("p90", "number", "nine in ten take no longer", unit="h"),
        Column("share", "number", "of the whole time from report to close, of the tickets with every moment"),
    ),
)

REPEATS = Table(
    "repeats",
    "重复报修",
    "One row per group: the share of repairs whose machine was reported again within service.repeat_days of the close, over the last twelve months; by month of close over all.",
    ("of", "group"),
    (
        Column("of", "choice", "kind of group", choices={"all": (), "branch": (), "month": (), "family": ()}),
        Column("group", "label", "the group; empty for all"),
        Column("n", "count", "closed repairs of a machine with a serial number, whose days after are over"),
        Column("repeated", "count", "of them reported again"),
        Column("share", "number", "repeated / n"),
        Column("low", "number", "95 % Wilson limit"),
        Column("high", "number", "95 % Wilson limit"),
    ),
)

OUTPUTS = {table.name: table for table in (FIRST_FIX, SECOND_VISITS, STAGE_TIMES, REPEATS)}
