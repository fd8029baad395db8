"""The tables of complaints."""

from __future__ import annotations

from crmlab.tables import Column, Table

KINDS = ("quality", "contract", "delivery", "service", "unknown")
ENDS = ("ignored", "solved", "solved promptly", "running")
"""running: not solved yet, and received less than service.ignored_days before the as-of day."""


def _limits(share: str) -> tuple[Column, Column]:
    return tuple(Column(f"{share}_{end}", "number", "95 % Wilson limit") for end in ("low", "high"))


COMPLAINTS = Table(
    "complaints",
    "投诉处理",
    "One row per complaint: its kind, how it ended, and whether its customer stayed.",
    ("complaint_id",),
    (
        Column("complaint_id", "id", "complaint"),
        Column("customer_id", "id", "customer"),
        Column("received_at", "time", "when it came in"),
        Column("kind", "choice", "what it is about", choices=dict.fromkeys(KINDS, ())),
        Column(
            "kind_from",
            "choice",
            "record: as exported; text: read from its words",
            choices={"record": (), "text": (), "none": ()},
        ),
        Column(
            "end",
            "choice",
            "how it ended; missing where no complaint of the export says when it was solved",
            choices=dict.fromkeys(ENDS, ()),
        ),
        Column("ended_at", "time", "when that was known: solved, or service.ignored_days over"),
        Column("working_days", "number", "from receipt to solution", unit="working days"),
        Column(
            "rests_before",
            "count",
            "the step, 1 to 8, that is due after the last one with a date; missing where solved, and where no step is on record",
        ),
        Column(
            "stayed", "flag", "the customer stayed; missing where that is not known yet or cannot be told"
        ),
    ),
)

COMPLAINT_KINDS = Table(
    "complaint_kinds",
    "投诉类型",
    "One row per kind: how many, how many of them justified, how they ended, what they cost, over the last twelve months.",
    ("kind",),
    (
        Column("kind", "choice", "what it is about", choices=dict.fromkeys(KINDS, ())),
        Column("n", "count", "complaints received"),
        Column("before", "count", "complaints received in the twelve months before"),
        Column("from_text", "count", "of n, those whose kind was read from their text"),
        Column("judged", "count", "of n, those judged justified or not"),
        Column("valid", "number", "share of the judged that are justified"),
        *_limits("valid"),
        Column("over", "count", "of n, those that are over: solved or ignored"),
        Column("solved", "number", "share solved, of those that are over"),
        *_limits("solved"),
        Column("promptly", "number", "share solved promptly, of those that are over"),
        *_limits("promptly"),
        Column("median_days", "number", "half of the solved took no longer", unit="working days"),
        Column("compensation", "money", "paid"),
        Column("said", "count", "of n, those that said whether they are content with the end"),
        Column("satisfied", "number", "share content with the end, of those that said"),
        *_limits("satisfied"),
    ),
)

COMPLAINT_STEPS = Table(
    "complaint_steps",
    "投诉八步",
    "One row per kind and step: how long the step takes in complaints that are over, and how many rest before it.",
    ("kind", "step"),
    (
        Column(
            "kind", "choice", "what it is about; all: every kind", choices=dict.fromkeys((*KINDS, "all"), ())
        ),
        Column("step", "count", "1 to 8"),
        Column(
            "n", "count", "complaints with the dates of this step and of the one before (step 1: of receipt)"
        ),
        Column("negative", "count", "complaints in which it ends before the step before; left out"),
        Column("mean_days", "number", "mean", unit="working days"),
        Column("median_days", "number", "half take no longer", unit="working days"),
        Column("p90_days", "number", "nine in ten take no longer", unit="working days"),
        Column("share", "number", "of the summed mean days of the steps that have a mean"),
        Column("rest", "count", "ignored complaints that rest before it"),
    ),
)

RECOVERY = Table(
    "recovery",
    "投诉挽回",
    "One row per end of complaints, and for those who did not complain: how many customers stayed.",
    ("end",),
    (
        Column(
            "end",
            "choice",
            "how the complaint ended; none: customers at the end of a term without a complaint in the year before",
            choices=dict.fromkeys(("ignored", "solved", "solved promptly", "none"), ()),
        ),
        Column("complaints", "count", "complaints that ended so; missing for none"),
        Column("of_all", "number", "share of the complaints that are over"),
        Column("of_all_low", "number", "95 % Wilson limit"),
        Column("of_all_high", "number", "95 % Wilson limit"),
        Column(
            "n",
            "count",
            "of them, those whose customer is known to have stayed or left; for none: terms that ended",
        ),
        Column("stayed", "count", "of them stayed"),
        Column("share", "number", "stayed / n"),
        Column("low", "number", "95 % limit, customers as clusters"),
        Column("high", "number", "95 % limit, customers as clusters"),
    ),
)

OUTPUTS = {table.name: table for table in (COMPLAINTS, COMPLAINT_KINDS, COMPLAINT_STEPS, RECOVERY)}
