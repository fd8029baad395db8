"""Sentences and rows about satisfaction: how far service falls short, what goes with it, and how each branch is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report import charts
from crmlab.report.findings import groups
from crmlab.report.findings.gaps import ASKED, BRANCHES, BY_DIMENSION, EXPECTED, gap
from crmlab.report.findings.quality import listed, sentences
from crmlab.report.matrix import Cell, Matrix
from crmlab.report.messages import Message, count, is_missing, number, say, term

if TYPE_CHECKING:
    import pandas as pd

    from crmlab.report.charts import Chart

OVERALL = "overall"
_RECORDS = {
    "broken_promises": say("one more broken promise"),
    "second_visits": say("one more second visit"),
    "complaints_ignored": say("one more ignored complaint"),
}
_BASES = {
    "sheet": say("answers on one questionnaire"),
    "customer": say("means of a customer's questionnaires"),
    "ticket": say("records before the answer"),
}
UNTOLD = "cannot tell"
STYLES = {
    "indifferent": say("indifferent"),
    "by the book": say("by the book"),
    "friendly": say("friendly"),
    "quality service": say("quality service"),
    UNTOLD: say("cannot tell"),
}
"""The four manners of service, procedure × person."""


def dimensions(servqual: pd.DataFrame) -> pd.DataFrame:
    """The dimensions, the largest shortfall first, in points of 100.

    Returns
    -------
    `points`, `low`, `high` : the gap. `weighted_said`, `all_said` : it as weighted, and for all customers, with limits in words.
    `expected`, `met` : what it lies between.
    """
    rows = groups.plain(servqual[servqual["dimension"] != OVERALL])
    rows = rows.assign(
        points=100 * rows["gap"],
        low=100 * rows["low"],
        high=100 * rows["high"],
        expected=100 * rows["expectation"],
        met=100 * rows["perception"],
    )
    rows["weighted_said"] = _points(rows, "weighted_gap", "weighted_low", "weighted_high")
    rows["all_said"] = _points(rows, "all_gap", "all_low", "all_high")
    return rows.sort_values(["points", "perception", "dimension"], ignore_index=True)


def _points(rows: pd.DataFrame, *names: str) -> list[Message | None]:
    """A share with its limits as points of 100 in words; None where it is missing."""
    return [
        None
        if is_missing(x)
        else say(
            "{share} ({low} to {high})", share=number(100 * x), low=number(100 * low), high=number(100 * high)
        )
        for x, low, high in rows[list(names)].itertuples(index=False, name=None)
    ]


def largest(servqual: pd.DataFrame) -> Message | str | None:
    """The largest gap of service quality as something to act on; None where nobody was asked about dimensions."""
    rows = dimensions(servqual)
    if rows.empty:
        return None
    first = rows.iloc[0]
    said = _largest(rows)
    if is_missing(first["points"]) or first["high"] >= 0 or first["all_said"] is None:
        return said
    return sentences(
        [
            said,
            say("Of all customers, also those who fill in no questionnaire: {gap}.", gap=first["all_said"]),
        ]
    )


def _largest(rows: pd.DataFrame) -> Message:
    told = rows.dropna(subset=["points", "low", "high"])
    if told.empty:
        lowest = rows.sort_values(["perception", "dimension"]).iloc[0]
        return say(
            "Cannot tell how far service falls short, as nobody was asked what to expect; met least well: {dimension} ({met} of 100).",
            dimension=term("dimension", lowest["dimension"]),
            met=number(lowest["met"], 0),
        )
    first = told.iloc[0]
    said = {"dimension": term("dimension", first["dimension"]), **_gap(first)}
    if first["high"] >= 0:
        return say(
            "In no dimension does service fall short of what customers expect, beyond chance; lowest: {dimension} ({points} points of "
            "100, {low} to {high}).",
            **said,
        )
    said |= {"expected": number(first["expected"], 0), "met": number(first["met"], 0)}
    if len(told) > 1 and told["low"].iloc[1] <= first["high"]:
        return say(
            "Service falls short most in {dimension} ({points} points of 100, {low} to {high}), hardly apart from {other}: {expected} "
            "expected, {met} met. Ask what customers miss in both.",
            **said,
            other=term("dimension", told["dimension"].iloc[1]),
        )
    return say(
        "Service falls short most in {dimension} ({points} points of 100, {low} to {high}): {expected} expected, {met} met. Ask what "
        "customers miss there.",
        **said,
    )


def _gap(row: pd.Series) -> dict[str, Any]:
    return {name: number(row[name]) for name in ("points", "low", "high")}


def gap_chart(servqual: pd.DataFrame) -> Chart:
    """Gaps with their limits in points of 100; what customers meet, where nobody was asked what to expect."""
    rows = dimensions(servqual)
    if rows["points"].notna().any():
        return charts.points(
            rows, "dimension", "points", "low", "high", format="count", reference=0, term="dimension"
        )
    return charts.bars(rows, "dimension", "met", format="number", term="dimension")


def gap_note(servqual: pd.DataFrame) -> Message:
    """How to read the figure of dimensions."""
    if dimensions(servqual)["points"].notna().any():
        return say(
            "What is met less what is expected, in points of 100 with 95 % limits: left of 0 service falls short. Weighted: by who answers, "
            "as far as tier and records tell. Of all: also moved by how content those are after repairs who fill in no questionnaire."
        )
    return say("What customers meet, from 0 to 100; without what they expect there is no gap.")


def gap_title(servqual: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the dimensions: the largest gap, or what is met where no gap can be told."""
    rows = dimensions(servqual)
    if rows.empty:
        return gap(status, ASKED, BY_DIMENSION) or say(
            "Service quality by dimension: too few answers to tell"
        )
    told = rows.dropna(subset=["points", "high"])
    if told.empty:
        return gap(status, EXPECTED) or say(
            "What customers meet, by dimension; what they expect was not asked"
        )
    below = told[told["high"] < 0]
    if below.empty:
        return say("In no dimension does service fall short of what customers expect, beyond chance")
    return say(
        "Service falls short in {n} of {all} dimensions, most in {dimension}: {points} points of 100",
        n=count(len(below)),
        all=count(len(told)),
        dimension=term("dimension", below["dimension"].iloc[0]),
        points=number(below["points"].iloc[0]),
    )


def halves(satisfaction: pd.DataFrame) -> pd.DataFrame:
    """Table `satisfaction` in points of 100, each half-year as its first month (`month`)."""
    rows = groups.plain(satisfaction)
    begins = rows["period"].str.replace("-H1", "-01").str.replace("-H2", "-07")
    rows = rows.assign(
        scales=rows["scales"].fillna(""),
        month=begins.astype(object),
        **{name: 100 * rows[name] for name in ("mean", "low", "high")},
    )
    return rows.sort_values(["about", "month"], ascending=[False, True], ignore_index=True)


def halves_title(satisfaction: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the half-years: the newest against the same half a year before, where limits tell."""
    rows = halves(satisfaction)
    if rows.empty:
        return gap(status, ASKED) or say("Satisfaction by half-year: too few answers to tell")
    for _, part in rows.groupby("about", sort=False):
        now = part.iloc[-1]
        year, _, rest = now["period"].partition("-")
        before = part[part["period"] == f"{int(year) - 1}-{rest}"]
        if before.empty:
            continue
        then = before.iloc[0]
        said = {"now": number(now["mean"]), "then": number(then["mean"])}
        if now["scales"] != then["scales"]:
            return say(
                "Satisfaction: {now} of 100, {then} a year before; cannot tell what the change of scale did to it",
                **said,
            )
        if now["low"] > then["high"]:
            return say("Satisfaction rose: {now} of 100, {then} a year before", **said)
        if now["high"] < then["low"]:
            return say("Satisfaction fell: {now} of 100, {then} a year before", **said)
        return say("Satisfaction held within its limits: {now} of 100, {then} a year before", **said)
    return say(
        "Satisfaction: {now} of 100; there is no year before to compare", now=number(rows["mean"].iloc[-1])
    )


def drivers(frame: pd.DataFrame, of: str) -> pd.DataFrame:
    """The drivers of one kind in points of 100, the strongest first, `name` in words."""
    rows = groups.plain(frame[frame["of"] == of])
    rows = rows.assign(**{name: 100 * rows[name] for name in ("effect", "low", "high")})
    rows = rows.sort_values(["effect", "driver"], ascending=[of != "dimension", True], ignore_index=True)
    rows["name"] = [
        _RECORDS.get(driver, driver) if of == "record" else term("dimension", driver)
        for driver in rows["driver"]
    ]
    return rows


def drivers_note(rows: pd.DataFrame, of: str) -> Message:
    """How to read the drivers: what they are points for, and what was compared with what."""
    bases = list(dict.fromkeys(rows["basis"].dropna()))
    said = {"basis": listed([_BASES[basis] for basis in bases]) if bases else say("none")}
    if of == "record":
        return say(
            "Points of the overall score that go with one more in the year before, the others held fixed, with 95 % limits. Compared: "
            "{basis}. Associations, not causes.",
            **said,
        )
    return say(
        "Points of the overall score that go with one standard deviation of a dimension, the others held fixed, with 95 % limits. "
        "Compared: {basis}. Associations, not causes.",
        **said,
    )


def drivers_title(rows: pd.DataFrame, of: str) -> Message:
    """The finding over the drivers: what goes with the overall score beyond chance."""
    if rows.empty:
        return say("What goes with satisfaction: too few answers to tell")
    sure = rows[(rows["low"] > 0) | (rows["high"] < 0)]
    if sure.empty and of == "dimension":
        return say("No dimension goes with satisfaction beyond chance")
    if sure.empty:
        return say("Nothing on record goes with satisfaction beyond chance")
    return say(
        "Goes most with satisfaction: {driver} ({effect} points of 100, {low} to {high})",
        driver=sure["name"].iloc[0],
        effect=number(sure["effect"].iloc[0]),
        low=number(sure["low"].iloc[0]),
        high=number(sure["high"].iloc[0]),
    )


def manners(frame: pd.DataFrame) -> pd.DataFrame:
    """Table `manners` in points of 100, the strongest in both first, `style_name` in words."""
    rows = groups.plain(frame)
    names = [f"{what}{end}" for what in ("procedure", "person") for end in ("", "_low", "_high")]
    rows = rows.assign(**{name: 100 * rows[name] for name in names})
    rows = rows.assign(both=rows["procedure"].fillna(0) + rows["person"].fillna(0))
    rows = rows.sort_values(["both", "branch"], ascending=[False, True], ignore_index=True)
    rows["style_name"] = [STYLES[style] for style in rows["style"]]
    return rows


def square(frame: pd.DataFrame) -> Matrix:
    """The branches in the square of procedure × person; without rows where no branch stands apart."""
    apart = frame[frame["style"] != UNTOLD]

    def cell(style: str) -> Cell:
        names = sorted(apart.loc[apart["style"] == style, "branch"].astype(str))
        held = {"style": STYLES[style], "branches": listed(names) if names else say("none")}
        return Cell(say("{style}: {branches}", **held), 0)

    rows = [
        (say("strong"), [cell("by the book"), cell("quality service")]),
        (say("weak"), [cell("indifferent"), cell("friendly")]),
    ]
    return Matrix(say("Procedure"), [say("person weak"), say("person strong")], [] if apart.empty else rows)


SQUARE = say("Manner of service by branch: procedure and person")
"""The heading of the square."""


def manners_title(frame: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the manners of branches: which stand apart from the mean of all."""
    if frame.empty:
        return gap(status, ASKED, BY_DIMENSION, BRANCHES) or say(
            "Procedure and person by branch: too few answers to tell"
        )
    if len(frame) == 1:
        return say("Procedure and person: there is one branch only, with nothing to compare it with")
    apart = frame[frame["style"] != UNTOLD]
    if apart.empty:
        return say(
            "Procedure and person: no branch stands apart from the mean of all in both, beyond its limits"
        )
    return say(
        "Procedure and person: {n} of {all} branches stand apart from the mean of all in both",
        n=count(len(apart)),
        all=count(len(frame)),
    )
