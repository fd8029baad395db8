"""The tables of the parts to carry and the order of checks."""

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


OUTPUTS = {table.name: table for table in (NEEDS, SYMPTOM_KITS, CHECK_MINUTES, RETROSPECT)}
