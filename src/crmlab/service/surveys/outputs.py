"""The tables of satisfaction."""

from __future__ import annotations

from crmlab.tables import Column, Table

DIMENSIONS = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")
OVERALL = "overall"
"""Answers without a dimension: one score for everything."""
STYLES = ("indifferent", "by the book", "friendly", "quality service", "cannot tell")
"""漠不关心型, 按部就班型, 热情友好型, 优质服务型: weak or strong in procedure × weak or strong in person."""

_LIMITS = (
    Column("low", "number", "95 % limit, customers as clusters"),
    Column("high", "number", "95 % limit, customers as clusters"),
)

SERVQUAL = Table(
    "servqual",
    "服务质量差距",
    "One row per dimension, and `overall`: what customers expect and meet, both from 0 to 1, over the newest waves.",
    ("dimension",),
    (
        Column(
            "dimension", "choice", "SERVQUAL dimension", choices=dict.fromkeys((*DIMENSIONS, OVERALL), ())
        ),
        Column("customers", "count", "customers who answered"),
        Column("n", "count", "answers"),
        Column("expectation", "number", "mean of what is expected; missing where that was not asked"),
        Column("perception", "number", "mean of what is met"),
        Column("gap", "number", "gap 5: perception less expectation"),
        *_LIMITS,
        Column(
            "weighted_gap",
            "number",
            "gap weighted by who answers as far as tier and records tell; may be missing",
        ),
        Column("weighted_low", "number", "95 % limit of weighted_gap, customers as clusters"),
        Column("weighted_high", "number", "95 % limit of weighted_gap, customers as clusters"),
        Column(
            "all_gap",
            "number",
            "gap moved by how much more content customers are who answer after repairs and never a questionnaire; may be missing",
        ),
        Column("all_low", "number", "95 % limit of all_gap"),
        Column("all_high", "number", "95 % limit of all_gap"),
        Column(
            "alpha_expectation",
            "number",
            "Cronbach's alpha of the expectation items; missing with fewer than two items",
        ),
        Column("alpha_perception", "number", "Cronbach's alpha of the perception items"),
        Column(
            "items", "count", "perception items; missing where they form scales of their own (table alphas)"
        ),
    ),
)

ALPHAS = Table(
    "alphas",
    "量表信度",
    "One row per scale and kind: Cronbach's alpha of its items, over the newest waves.",
    ("scale", "kind"),
    (
        Column(
            "scale",
            "label",
            "a SERVQUAL dimension; of items without one, the letters they begin with (CUSA of CUSA1), else overall",
        ),
        Column(
            "kind",
            "choice",
            "what was expected, or what was met",
            choices={"expectation": (), "perception": ()},
        ),
        Column("items", "count", "items that at least half of its questionnaires hold"),
        Column("n", "count", "questionnaires that answered all of them"),
        Column(
            "alpha",
            "number",
            "Cronbach's alpha; missing with fewer than two items, too few, or all sums equal",
        ),
        Column("low", "number", "95 % limit (Feldt)"),
        Column("high", "number", "95 % limit (Feldt)"),
    ),
)

SATISFACTION = Table(
    "satisfaction",
    "满意度走势",
    "One row per half-year and kind of answer: mean satisfaction from 0 to 1.",
    ("period", "about"),
    (
        Column("period", "label", "half-year, such as 2026-H1"),
        Column(
            "about",
            "choice",
            "yearly: questionnaires; repair: answers about one ticket",
            choices={"yearly": (), "repair": ()},
        ),
        Column("customers", "count", "customers who answered"),
        Column("mean", "number", "mean perception, every questionnaire once"),
        *_LIMITS,
        Column(
            "scales", "label", "scales answered on, such as 1-5; a jump where they change may be theirs alone"
        ),
    ),
)

DRIVERS = Table(
    "drivers",
    "满意度驱动因素",
    "One row per driver of the overall score: what goes with it, the others held fixed. An association, not a cause.",
    ("of", "driver"),
    (
        Column(
            "of",
            "choice",
            "dimension: of a questionnaire; record: of what the desk's records say",
            choices={"dimension": (), "record": ()},
        ),
        Column(
            "driver", "label", "a SERVQUAL dimension; or broken_promises, second_visits, complaints_ignored"
        ),
        Column(
            "basis",
            "choice",
            "sheet: both on one questionnaire; customer: means of the questionnaires of one customer; ticket: records before the answer",
            choices={"sheet": (), "customer": (), "ticket": ()},
        ),
        Column("n", "count", "questionnaires, or customers where the basis is customer"),
        Column(
            "effect",
            "number",
            "points of the overall score (0 to 1) that go with one standard deviation (dimension), or with one more in the year before (record)",
        ),
        *_LIMITS,
    ),
)

MANNERS = Table(
    "manners",
    "程序与个人特性",
    "One row per branch: how its customers find procedure (reliability, responsiveness) and person (assurance, empathy).",
    ("branch",),
    (
        Column("branch", "label", "office that serves the customer (of most of its tickets)"),
        Column("customers", "count", "customers who answered"),
        Column("procedure", "number", "mean perception of reliability and responsiveness, 0 to 1"),
        Column("procedure_low", "number", "95 % limit, customers as clusters"),
        Column("procedure_high", "number", "95 % limit, customers as clusters"),
        Column("person", "number", "mean perception of assurance and empathy, 0 to 1"),
        Column("person_low", "number", "95 % limit, customers as clusters"),
        Column("person_high", "number", "95 % limit, customers as clusters"),
        Column(
            "style",
            "choice",
            "weak or strong against the mean of all branches; cannot tell: a limit lies across it",
            choices=dict.fromkeys(STYLES, ()),
        ),
    ),
)

RESPONSE = Table(
    "response",
    "答卷偏差",
    "One row per group of customers: how many of them answered, so that a reader sees for whom the answers stand.",
    ("of", "group"),
    (
        Column(
            "of",
            "choice",
            "kind of group; trouble: any of a broken promise, a complaint and a second visit",
            choices=dict.fromkeys(
                ("all", "tier", "broken_promises", "complaints", "second_visits", "trouble"), ()
            ),
        ),
        Column(
            "group",
            "label",
            "the group; empty for all; none or some for the counts of the last twelve months",
        ),
        Column("customers", "count", "customers with a ticket or a sale in the last twelve months"),
        Column(
            "answered",
            "count",
            "of them filled in a questionnaire within these months; answers about one ticket count only where there are no others",
        ),
        Column("share", "number", "answered / customers"),
        Column("low", "number", "95 % Wilson limit"),
        Column("high", "number", "95 % Wilson limit"),
    ),
)

SILENT = Table(
    "silent",
    "沉默客户",
    "One row per group of customers: how content they are after repairs, of all years.",
    ("group",),
    (
        Column(
            "group",
            "choice",
            "questionnaire: ever filled in one; none: answered messages after repairs alone",
            choices={"questionnaire": (), "none": ()},
        ),
        Column("customers", "count", "customers who answered after repairs"),
        Column("mean", "number", "mean score after repairs, 0 to 1, every customer once"),
        Column("low", "number", "95 % limit"),
        Column("high", "number", "95 % limit"),
    ),
)

OUTPUTS = {
    table.name: table for table in (SERVQUAL, ALPHAS, SATISFACTION, DRIVERS, MANNERS, RESPONSE, SILENT)
}
