"""Sentences of the page "Service promises" that depend on figures: what needs attention, the cards, the method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.blocks import Card
from crmlab.report.findings import answers, complaints, groups, levels, satisfaction, visits
from crmlab.report.findings.quality import listed
from crmlab.report.messages import Message, count, money, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

ATTENDED = ("keepable", "second_visits", "recovery", "servqual")
"""Tables of the stage that its attention is told from, beside its metrics."""

TABLES = (
    *ATTENDED,
    "attainment",
    "faster",
    "first_fix",
    "stage_times",
    "repeats",
    "complaint_kinds",
    "complaint_steps",
    "satisfaction",
    "drivers",
    "manners",
    "response",
    "silent",
    "alphas",
)
"""Tables of the stage that the page shows."""

_CODES = 8  # unknown levels that are named


def attention(
    metrics: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]
) -> list[Message]:
    """What needs attention, the most important first.

    Parameters
    ----------
    metrics : reports/metrics/service.json.
    tables : the stage's tables `ATTENDED`, by name.
    settings : the section service of params.yaml.
    """
    said = [
        levels.furthest(metrics, tables["keepable"], settings["keepable"]),
        visits.second(tables["second_visits"]),
        complaints.ignored(tables["recovery"]),
        satisfaction.largest(tables["servqual"]),
    ]
    return [message for message in said if message]


def promise_card(metrics: Mapping[str, Any], line: list[float] | None = None) -> Card | None:
    """The promise that speaks for all; None where none can be told."""
    found = levels.headline(metrics)
    if found is None:
        return None
    promise, row = found
    labels = {
        "response": say("Response in time"),
        "fix": say("Repair in time"),
        "recorded": say("In time, as the desk recorded"),
    }
    return _promise(labels[promise], row, f"{promise}_kept", line)


def _promise(label: Message, row: Mapping[str, Any], key: str, line: list[float] | None = None) -> Card:
    return Card(
        label,
        percent(row["share"], 1),
        say("{low} to {high}, {n} tickets", **_limits(row)),
        say("Share of tickets of the last twelve months whose promise was kept, of those that can be told."),
        key=key,
        better="higher",
        material=0.005,
        line=line or (),
    )


def _limits(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: x for name, x in groups.limits(row).items() if name != "share"}


def cards(
    metrics: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    settings: Mapping[str, Any],
    until: str,
) -> list[Card]:
    """The figures on top; a figure that the stage could not tell has no card."""
    found, repair = levels.headline(metrics), levels.overall(metrics, "fix")
    made = [promise_card(metrics, _line(tables["attainment"], found, until))]
    if repair and found and found[0] != "fix":
        made.append(_promise(say("Repair in time"), repair, "fix_kept"))
    made += [
        _first_fix(metrics.get("first_time_fix") or {}, tables["first_fix"], settings, until),
        _second_visits(metrics),
        _ignored(metrics, settings),
        _again(metrics, settings),
    ]
    return [card for card in made if card]


def _line(attainment: pd.DataFrame, found: tuple[str, Any] | None, until: str) -> list[float]:
    rows = attainment[attainment["promise"] == (found[0] if found else "")]
    return groups.last_months(rows, until, 13)["share"].tolist()


def _first_fix(
    row: Mapping[str, Any], first_fix: pd.DataFrame, settings: Mapping[str, Any], until: str
) -> Card | None:
    if not row.get("n"):
        return None
    proxy = row.get("basis") == "proxy"
    return Card(
        say("First-time fix (proxy)") if proxy else say("First-time fix"),
        percent(row["share"], 1),
        say("{low} to {high}, {n} repairs", **_limits(row)),
        visits.fix_note(first_fix, settings["repeat_days"]),
        key="first_fix_proxy" if proxy else "first_fix",
        better="higher",
        material=0.005,
        line=groups.last_months(first_fix, until, 13)["share"].tolist(),
    )


def _second_visits(metrics: Mapping[str, Any]) -> Card | None:
    if metrics.get("second_visit_cost") is None:
        return None
    return Card(
        say("Cost of second visits"),
        money(metrics["second_visit_cost"]),
        say("{n} second visits", n=count(metrics.get("second_visits"))),
        say(
            "What visits after the first cost in the last twelve months: as recorded, else at the rates of params.yaml."
        ),
        key="second_visit_cost",
        better="lower",
    )


def _ignored(metrics: Mapping[str, Any], settings: Mapping[str, Any]) -> Card | None:
    row = metrics.get("recovery", {}).get("ignored") or {}
    if row.get("of_all") is None:
        return None
    return Card(
        say("Complaints ignored"),
        percent(row["of_all"], 1),
        say(
            "{n} complaints, {low} to {high}",
            n=count(row["complaints"]),
            low=percent(row["low"], 1),
            high=percent(row["high"], 1),
        ),
        say(
            "Share of the complaints that are over and still not solved more than {days} days after they came in.",
            days=count(settings["ignored_days"]),
        ),
        key="complaints_ignored",
        better="lower",
        material=0.005,
    )


def _again(metrics: Mapping[str, Any], settings: Mapping[str, Any]) -> Card | None:
    if metrics.get("repeat_share") is None:
        return None
    return Card(
        say("Reported again"),
        percent(metrics["repeat_share"], 1),
        definition=say(
            "Share of repairs whose machine was reported again within {days} days of the close.",
            days=count(settings["repeat_days"]),
        ),
        key="repeat_share",
        better="lower",
        material=0.005,
    )


def method(
    metrics: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]
) -> list[Message]:
    """How the page came to its figures: definitions, the calendar, and what cannot be told."""
    return [
        say(
            "Promises: that of the contract in force, else what the code of the service level says (7*24*4: seven days, 24 hours, "
            "response within four), else params.yaml. Response is the first visit, repair the close. Levels that do not run day "
            "and night count working hours from {opens} on working days, public holidays and make-up workdays ({country}) "
            "considered.",
            opens=str(settings["opens"]),
            country=str(settings["country"]),
        ),
        *calendar(metrics),
        *_typed_in(settings),
        *_left_out(metrics, tables["attainment"]),
        say(
            "What could be promised is the time that {target} of last year's cases kept. A faster promise is judged with the desk as "
            "it was: nobody knows how it would have answered to it.",
            target=percent(settings["keepable"]),
        ),
        *_visits(tables, settings),
        *_reopened(metrics),
        *_complaints(metrics, tables["recovery"], settings),
        *_surveys(tables, settings),
        *_third_gap(metrics, tables),
        say(
            "Limits are 95 %: Wilson's for shares of tickets, visits and complaints; with customers as clusters for who stayed and for "
            "answers. Groups are told apart by Tukey and Kramer's test at 5 % over all of their kind. Groups with fewer than {n} cases "
            "are not shown.",
            n=count(settings["min_group"]),
        ),
    ]


def calendar(metrics: Mapping[str, Any], since: int = 0) -> list[Message]:
    """What the working calendar does not know of its years from `since` on."""
    said = []
    if years := [year for year in metrics.get("unknown_years", []) if year >= since]:
        said.append(
            say(
                "The holidays of {years} are not known to the calendar: only weekends count as days off in these years.",
                years=listed([str(year) for year in years]),
            )
        )
    if years := [year for year in metrics.get("estimated_years", []) if year >= since]:
        said.append(
            say(
                "The holidays of {years} are estimated, as they are not announced yet; the clock may be off by a day around them.",
                years=listed([str(year) for year in years]),
            )
        )
    return said


def _typed_in(settings: Mapping[str, Any]) -> list[Message]:
    if not settings["entry_days"]:
        return []
    return [
        say(
            "A visit or a close that is not on record yet is called late only {days} days after its promise was over: its service sheet may "
            "still be on its way. The newest month therefore rests on fewer tickets.",
            days=count(settings["entry_days"]),
        )
    ]


def _left_out(metrics: Mapping[str, Any], attainment: pd.DataFrame) -> list[Message]:
    said = []
    if codes := metrics.get("levels_unknown"):
        named = sorted(codes, key=lambda code: (-codes[code], code))
        said.append(
            say(
                "Levels that name no hours: {codes}, on {n} tickets, which have no promise unless a contract gives one; service.levels "
                "in params.yaml can name them.",
                codes=listed([term("level", code) for code in named[:_CODES]]),
                n=count(sum(codes.values())),
            )
        )
    if n := metrics.get("visits_before_report"):
        said.append(
            say(
                "Tickets whose first visit lies before the report: {n}; their response cannot be told.",
                n=count(n),
            )
        )
    if n := metrics.get("closes_before_report"):
        said.append(say("Tickets closed before their report: {n}; their repair cannot be told.", n=count(n)))
    for promise, name in (("response", say("Response")), ("fix", say("Repair"))):
        row = groups.whole(attainment[attainment["promise"] == promise])
        if row is not None and row["unknown"] > 0:
            said.append(
                say(
                    "{promise}: {n} tickets with a promise cannot be told or are still running.",
                    promise=name,
                    n=count(row["unknown"]),
                )
            )
    return said


def _visits(tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]) -> list[Message]:
    said = []
    if not tables["first_fix"].empty:
        said.append(visits.fix_note(tables["first_fix"], settings["repeat_days"]))
    rows = groups.plain(tables["second_visits"]).dropna(subset=["cost_recorded"])
    recorded = (rows["cost_recorded"] * rows["n"]).sum()
    if recorded < rows["n"].sum():
        said.append(
            say(
                "The cost of second visits is on record for {share} of them; the others count at the rates of section value in "
                "params.yaml.",
                share=percent(recorded / rows["n"].sum()),
            )
        )
    return said


def _reopened(metrics: Mapping[str, Any]) -> list[Message]:
    row = metrics.get("reopened")
    if not row:
        return []
    return [
        say(
            "Of {n} closed tickets reported in the last twelve months, {share} were opened again ({low} to {high}).",
            **groups.limits(row),
        )
    ]


def _third_gap(metrics: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> list[Message]:
    """The gap that promises tell: between what was promised and what was done."""
    found = levels.headline(metrics)
    if tables["servqual"].empty or found is None:
        return []
    promise, row = found
    words = {"response": say("response"), "fix": say("repair"), "recorded": say("as the desk recorded")}
    return [
        say(
            "Gap 3, between what is promised and what is done: {share} of promises were not kept ({promise}).",
            share=percent(1 - row["share"], 1),
            promise=words[promise],
        )
    ]


def _complaints(
    metrics: Mapping[str, Any], recovery: pd.DataFrame, settings: Mapping[str, Any]
) -> list[Message]:
    if recovery.empty:
        return []
    said = [
        say(
            "A complaint is solved promptly within {prompt} working days, ignored when still not solved more than {ignored} days after it "
            "came in. A customer "
            "stayed whose contract was renewed, or who without a contract bought or called again within {stay} days. These are "
            "associations: who is ignored may differ in other ways.",
            prompt=number(settings["prompt_days"], 0),
            ignored=count(settings["ignored_days"]),
            stay=count(settings["stay_days"]),
        )
    ]
    agreed = (metrics.get("kind_agreement") or {}).get("share")
    if agreed is not None:
        said.append(
            say(
                "Where no kind is recorded it is read from the words; where one is, both agree on {share} of complaints.",
                share=percent(agreed),
            )
        )
    if metrics.get("compensation"):
        said.append(
            say(
                "Compensation paid in the last twelve months: {amount}.",
                amount=money(metrics["compensation"]),
            )
        )
    return said


def _surveys(tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]) -> list[Message]:
    if tables["servqual"].empty:
        return []
    said = [
        say(
            "Service quality: SERVQUAL's five dimensions over answers of {months} months, every scale brought to 0 to 100; gap 5 is "
            "what is met less what is expected. Gaps 1, 2 and 4 would need a survey among managers.",
            months=count(settings["survey_months"]),
        )
    ]
    if shaky := answers.shaky(tables["alphas"]):
        said.append(
            say(
                "Items that hang together poorly (Cronbach's alpha below {alpha}): {dimensions}; read these gaps with care.",
                alpha=number(answers.RELIABLE),
                dimensions=listed([term("dimension", name) for name in shaky]),
            )
        )
    return said
