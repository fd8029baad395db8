"""What the parts to carry, the order of checks and the record of remote support are written as."""

from __future__ import annotations

from crmlab.tables import Column, Table

NEEDS = Table(
    "needs",
    "原因所需备件",
    "One row per first recorded cause and set of parts: how often such a repair needs exactly these parts.",
    ("cause", "parts"),
    (
        Column("cause", "label", "first recorded cause"),
        Column("parts", "label", "part numbers joined by 、; empty where no part is needed"),
        Column("hits", "count", "closed tickets with this cause on which exactly these parts were built in"),
        Column("n", "count", "closed tickets with this cause"),
        Column("probability", "number", "hits / n, shrunk towards all tickets where n is small"),
    ),
)

KITS = Table(
    "kits",
    "携带备件建议",
    "One row per open ticket without a recorded cause: the parts to carry.",
    ("ticket_id",),
    (
        Column("ticket_id", "id", "ticket"),
        Column(
            "parts", "label", "part numbers joined by 、, in the order of part_no; empty: none is worth it"
        ),
        Column("first_time_fix", "number", "chance that the first visit fixes with these parts"),
        Column(
            "expected_cost", "money", "carrying these parts, and a second visit by its chance; may be missing"
        ),
        Column("one_more", "number", "what one part more would add to the chance of a first-time fix"),
    ),
)

SYMPTOM_KITS = Table(
    "symptom_kits",
    "症状备件表",
    "One row per symptom and machine family that are common together: the parts to carry where all that is known is these two.",
    ("symptom", "machine_family"),
    (
        Column("symptom", "label", "tag of the symptom vocabulary"),
        Column("machine_family", "label", "first four characters of the model"),
        Column("n", "count", "tickets"),
        Column("parts", "label", "part numbers joined by 、; empty: none is worth it"),
        Column("first_time_fix", "number", "mean chance that the first visit fixes with these parts"),
        Column(
            "expected_cost", "money", "carrying these parts, and a second visit by its chance; may be missing"
        ),
        Column("one_more", "number", "what one part more would add to the chance of a first-time fix"),
    ),
)

CHECK_MINUTES = Table(
    "check_minutes",
    "检查时间",
    "One row per cause: how long it takes to check.",
    ("cause",),
    (
        Column("cause", "label", "recorded cause"),
        Column("n", "count", "first visits of tickets with this cause alone"),
        Column("mean", "number", "mean work of these visits; missing where n is 0", unit="min"),
        Column(
            "minutes",
            "number",
            "the same, shrunk towards all causes where n is small, less work before the first check",
            unit="min",
        ),
    ),
)

RETROSPECT = Table(
    "retrospect",
    "备件回顾",
    "One row per way of choosing parts, over the test tickets: what its kits would have fixed at the first visit.",
    ("way",),
    (
        Column(
            "way",
            "label",
            "remote = as carried; frequency = most used parts of the symptom; model = best kit by the cause model; "
            "_equal = with no more parts on a ticket than remote support had carried",
        ),
        Column("n", "count", "tickets"),
        Column("parts_per_visit", "number", "mean number of parts carried on the first visit"),
        Column(
            "first_time_fix", "number", "share whose used parts were all there, less visits that fail anyway"
        ),
        Column("low", "number", "lower end of its 95 % interval (Wilson)"),
        Column("high", "number", "upper end of it"),
        Column("predicted", "number", "first-time fix as the kits foretold it; missing where none was"),
        Column("gain", "number", "first_time_fix less that of remote support on the same tickets"),
        Column("gain_error", "number", "standard error of gain, paired"),
        Column("saved", "money", "mean cost of second visits avoided per ticket, against remote support"),
        Column("saved_error", "money", "standard error of saved, paired"),
    ),
)

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

OUTPUTS_KITS = {
    table.name: table for table in (NEEDS, KITS, SYMPTOM_KITS, CHECK_MINUTES, RETROSPECT, SCORECARD, DRIFT)
}
