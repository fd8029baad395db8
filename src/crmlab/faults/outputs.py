"""What stage `faults` writes to data/processed/faults."""

from __future__ import annotations

from crmlab.tables import Column, Table

SHARES = Table(
    "shares",
    "症状与原因",
    "One row per symptom and cause recorded together, over all tickets with a recorded cause.",
    ("symptom", "cause"),
    (
        Column("symptom", "label", "tag of the symptom vocabulary"),
        Column("cause", "label", "recorded cause; a ticket with two causes counts for both"),
        Column("hits", "count", "tickets with this symptom and this cause"),
        Column("n", "count", "tickets with this symptom and any recorded cause"),
        Column("share", "number", "hits / n"),
        Column("low", "number", "lower end of the 95 % interval (Wilson)"),
        Column("high", "number", "upper end of the 95 % interval (Wilson)"),
    ),
)

PREDICTIONS = Table(
    "predictions",
    "待修派单预测",
    "One row per open ticket without a recorded cause: the three most probable causes.",
    ("ticket_id",),
    (
        Column("ticket_id", "id", "ticket"),
        Column("reported_at", "time", "when the customer called"),
        Column("machine_model", "label", "model of the machine"),
        Column("branch", "label", "office that serves the site"),
        Column("symptom", "text", "what the customer says is wrong"),
        Column("symptom_tag", "label", "tag of the symptom vocabulary"),
        Column("cause_1", "label", "most probable cause"),
        Column("p_1", "number", "its probability"),
        Column("cause_2", "label", "second most probable cause"),
        Column("p_2", "number", "its probability"),
        Column("cause_3", "label", "third most probable cause"),
        Column("p_3", "number", "its probability"),
        Column(
            "cause_predicted", "label", "what remote support expected; not used unless faults.at is dispatch"
        ),
    ),
)

GROWTH = Table(
    "growth",
    "原因增减",
    "One row per cause seen in the newest three complete months or in the same months a year before.",
    ("cause",),
    (
        Column("cause", "label", "recorded cause; a ticket with two causes counts for both"),
        Column("n_now", "count", "tickets with it in the newest three complete months"),
        Column("n_before", "count", "tickets with it in the same months a year before"),
        Column("share_now", "number", "n_now, of the tickets with a cause in these months"),
        Column("share_before", "number", "n_before, of those a year before"),
        Column("z", "number", "difference of the shares in standard errors; positive where the share grew"),
    ),
)

CALIBRATION = Table(
    "calibration",
    "概率校准",
    "One row per tenth of the best guess's probability, over the test tickets.",
    ("bin",),
    (
        Column("bin", "count", "1 for 0-10 %, 10 for 90-100 %"),
        Column("predicted", "number", "mean probability of the best guess"),
        Column("observed", "number", "share of best guesses that were right"),
        Column("low", "number", "lower end of the 95 % interval of observed (Wilson)"),
        Column("high", "number", "upper end of it"),
        Column("n", "count", "test tickets"),
    ),
)

CAUSES = Table(
    "causes",
    "各原因命中",
    "One row per cause recorded first on a test ticket: how often the best guess names it.",
    ("cause",),
    (
        Column("cause", "label", "recorded cause"),
        Column("n", "count", "test tickets with it"),
        Column("recall", "number", "share of them on which it was the best guess"),
        Column("low", "number", "lower end of the 95 % interval of recall (Wilson)"),
        Column("high", "number", "upper end of it"),
        Column("mistaken_for", "label", "the wrong best guess made most often; missing where none was wrong"),
        Column("mistaken_share", "number", "share of the n tickets on which it was made"),
    ),
)

SYMPTOMS = Table(
    "symptoms",
    "各症状命中",
    "One row per symptom among the test tickets: how often each way of guessing is right.",
    ("symptom",),
    (
        Column("symptom", "label", "tag of the symptom vocabulary"),
        Column("n", "count", "test tickets"),
        Column("accuracy", "number", "share on which the model's best guess is right"),
        Column("low", "number", "lower end of the 95 % interval of accuracy (Wilson)"),
        Column("high", "number", "upper end of it"),
        Column(
            "by_symptom", "number", "the same for the cause most frequent for this symptom before the test"
        ),
        Column("remote_support", "number", "the same for remote support, where it named a cause"),
    ),
)

OUTPUTS = {table.name: table for table in (SHARES, GROWTH, PREDICTIONS, CALIBRATION, CAUSES, SYMPTOMS)}
