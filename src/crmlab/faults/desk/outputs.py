"""The tables of how well remote support and the model tell."""

from __future__ import annotations

from crmlab.tables import Column, Table

SCORECARD = Table(
    "scorecard",
    "远程诊断记分卡",
    "One row per group of the test tickets on which remote support named a cause: how often it and the model were right.",
    ("by", "group"),
    (
        Column("by", "label", "all, symptom, machine_family, branch or month"),
        Column("group", "label", "the symptom, family, office or month (2026-10)"),
        Column("n", "count", "tickets; missing where withheld"),
        Column("remote", "number", "share on which the first cause that remote support named was recorded"),
        Column("remote_low", "number", "lower end of its 95 % interval (Wilson)"),
        Column("remote_high", "number", "upper end of it"),
        Column("model", "number", "share on which the model's best guess was recorded"),
        Column("model_low", "number", "lower end of its 95 % interval (Wilson)"),
        Column("model_high", "number", "upper end of it"),
        Column("difference", "number", "model less remote"),
        Column("error", "number", "standard error of difference, paired"),
        Column("withheld", "flag", "an office of too few engineers: its figures would speak of persons"),
    ),
)

DRIFT = Table(
    "drift",
    "原因漂移",
    "One row per block of time and cause: how many of the tickets the model expected and how many there were.",
    ("block", "cause"),
    (
        Column("block", "count", "1 for the earliest"),
        Column("cause", "label", "recorded cause"),
        Column("first_month", "label", "first month of the block (2026-10)"),
        Column("last_month", "label", "last month of it"),
        Column("n", "count", "tickets"),
        Column("expected", "number", "sum of the model's probabilities of this cause"),
        Column("observed", "count", "tickets with this cause recorded first"),
        Column("z", "number", "observed less expected, in standard errors"),
        Column(
            "alarm",
            "flag",
            "far off in this block and, to the same side, in the one before: fit the model anew",
        ),
    ),
)

OUTPUTS = {table.name: table for table in (SCORECARD, DRIFT)}
