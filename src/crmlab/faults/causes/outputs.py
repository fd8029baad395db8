"""The tables of symptoms, causes and their probabilities."""

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
    "One row per open ticket without a recorded cause: what is probably broken, what to take along, what to check first.",
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
        Column("probabilities", "text", "of every cause, as a JSON object, the most probable first"),
        Column(
            "causes_90", "label", "set of causes that holds the right one nine times in ten, joined by 、"
        ),
        Column(
            "abstain",
            "label",
            "why nobody should rely on the guess: no_text, unknown_words, low_confidence; else missing",
        ),
        Column("known_share", "number", "share of the symptom's words that the model has learnt from"),
        Column(
            "parts",
            "label",
            "part numbers to carry, joined by 、; empty: none is worth it; missing: nothing says what a cause needs",
        ),
        Column("first_time_fix", "number", "chance that the first visit fixes with these parts"),
        Column(
            "expected_cost", "money", "carrying these parts, and a second visit by its chance; may be missing"
        ),
        Column("one_more", "number", "what one part more would add to the chance of a first-time fix"),
        Column(
            "check_order",
            "label",
            "causes in the order of checks that finds the right one soonest, joined by 、",
        ),
        Column("minutes", "number", "expected minutes until it is found in this order", unit="min"),
        Column("reasons", "text", "what speaks most for the most probable cause, with its log-odds"),
        Column(
            "cause_predicted", "label", "what remote support expected; not used unless faults.at is dispatch"
        ),
    ),
)

PAIRS = Table(
    "pairs",
    "并发原因",
    "One row per ordered pair of causes recorded on one ticket.",
    ("cause", "with_cause"),
    (
        Column("cause", "label", "recorded cause"),
        Column("with_cause", "label", "another cause recorded on the same ticket"),
        Column("together", "count", "tickets with both"),
        Column("n", "count", "tickets with `cause`"),
        Column("share", "number", "together / n"),
        Column("low", "number", "lower end of its 95 % interval (Wilson)"),
        Column("high", "number", "upper end of it"),
    ),
)

FAMILY_SHARES = Table(
    "family_shares",
    "机型症状与原因",
    "One row per symptom, machine family and cause that were recorded together: shares drawn towards those of the symptom and the family.",
    ("symptom", "machine_family", "cause"),
    (
        Column("symptom", "label", "tag of the symptom vocabulary"),
        Column("machine_family", "label", "first four characters of the model"),
        Column("cause", "label", "first recorded cause"),
        Column("hits", "count", "tickets with all three"),
        Column("n", "count", "tickets with this symptom on this family"),
        Column("share", "number", "share of the cause, shrunk where n is small"),
        Column("low", "number", "lower end of its 95 % interval"),
        Column("high", "number", "upper end of it"),
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
        Column("coverage", "number", "share of the n tickets whose 90 % set of causes holds it"),
        Column(
            "coverage_by_cause", "number", "the same for sets that promise 90 % for every cause by itself"
        ),
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

OUTPUTS = {
    table.name: table for table in (SHARES, FAMILY_SHARES, PAIRS, PREDICTIONS, CALIBRATION, CAUSES, SYMPTOMS)
}
