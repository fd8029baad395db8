"""How customers move: types month by month, moves between them, and the customers that moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.findings.segments_words import CLAUSES, FEW, beside, named
from crmlab.report.findings.value_words import customers_said
from crmlab.report.matrix import SHADES, Cell, Matrix
from crmlab.report.messages import MISSING, Message, count, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

_BACK = {"now": 1, "year_ago": 13, "two_years_ago": 25}
QUARTER = 3
"""Months in which a move is recent."""


def by_month(months: pd.DataFrame) -> pd.DataFrame:
    """Customers by the best guess of each month: columns month ("2026-10"), type, n.

    A type that nobody has in a month counts zero; with `low`, `high` and `mark` for `strips`, which has none to show.
    """
    import pandas as pd

    rows = months[["month", "likeliest"]].dropna().rename(columns={"likeliest": "type"})
    rows = rows.assign(month=pd.to_datetime(rows["month"]).dt.strftime("%Y-%m"))
    counted = pd.crosstab(rows["month"], rows["type"]).reindex(columns=list(CLAUSES), fill_value=0)
    long = counted.rename_axis(columns="type").stack().rename("n").reset_index()
    order = {name: place for place, name in enumerate(CLAUSES)}
    long = long.sort_values(["type", "month"], key=lambda x: x.map(order) if x.name == "type" else x)
    return long.assign(low=float("nan"), high=float("nan"), mark=False).reset_index(drop=True)


def by_year(months: pd.DataFrame) -> pd.DataFrame:
    """The customers of each type now, and one and two years before where that is known: columns type, now, year_ago, two_years_ago."""
    rows = by_month(months).pivot(index="type", columns="month", values="n").reindex(list(CLAUSES))
    known = list(rows.columns)
    at = {name: rows[known[-back]] for name, back in _BACK.items() if len(known) >= back}
    return rows[[]].assign(**dict.fromkeys(_BACK)).assign(**at).reset_index()


def by_month_title(months: pd.DataFrame) -> Message:
    """The finding above the types by month: which gained and which lost most in a year."""
    rows = by_month(months)
    known = sorted(set(rows["month"]))
    if len(known) < 2:
        return say("How the types change cannot be told yet: fewer than two months are known")
    last, before = known[-1], known[max(len(known) - 13, 0)]
    now, then = (rows[rows["month"] == month].set_index("type")["n"] for month in (last, before))
    change = now - then
    words = {"months": count(min(len(known) - 1, 12))}
    if change.abs().max() < FEW:
        return say("In {months} months no type gained or lost {few} customers", few=count(FEW), **words)
    top = change.abs().idxmax()
    words |= {"type": term("type", top), "then": count(then[top]), "now": count(now[top])}
    if change[top] > 0:
        return say("In {months} months {type} grew most, from {then} to {now} customers", **words)
    return say("In {months} months {type} shrank most, from {then} to {now} customers", **words)


def moves(transitions: pd.DataFrame) -> pd.DataFrame:
    """Moves from one of the nine types to another that happened `FEW` times or more, the most frequent first."""
    rows = plain(transitions)
    among = rows["type"].isin(list(CLAUSES)) & rows["next"].isin(list(CLAUSES))
    rows = rows[among & (rows["type"] != rows["next"]) & (rows["n"] >= FEW)]
    return rows.sort_values(["n", "type", "next"], ascending=[False, True, True], ignore_index=True)


def between(transitions: pd.DataFrame) -> Matrix:
    """Share a month that goes from each type to each other; staying, and fewer than `FEW` moves, are not shown."""
    rows = moves(transitions)
    shares = {(a, b): share for a, b, share in rows[["type", "next", "share"]].itertuples(index=False)}
    most = max(shares.values(), default=0)

    def cell(a: str, b: str) -> Cell:
        share = shares.get((a, b))
        if share is None:
            return Cell("" if a == b else MISSING, 0)
        return Cell(percent(share, 1), max(1, round(SHADES * share / most)) if most > 0 else 0)

    types = list(CLAUSES) if len(rows) else []
    return Matrix(
        say("From"),
        [term("type", name) for name in types],
        [(term("type", a), [cell(a, b) for b in types]) for a in types],
    )


def between_title(transitions: pd.DataFrame) -> Message:
    """The finding above the moves: the most frequent one."""
    rows = moves(transitions)
    if rows.empty:
        return say("Moves between types are too few to tell: no pair was seen {few} times", few=count(FEW))
    first = rows.iloc[0]
    return say(
        "The most frequent move is from {was} to {type}: {n} times, {share} a month",
        was=term("type", first["type"]),
        type=term("type", first["next"]),
        n=count(first["n"]),
        share=percent(first["share"], 1),
    )


def moved(movers: pd.DataFrame) -> pd.DataFrame:
    """Table movers in words, the newest move first and of one month the most worth: `name`, `stage_said`, `what` (what moved it)."""
    rows = named(movers)
    rows["what"] = [_changed(*x) for x in zip(rows["feature"], rows["now"], rows["then"], strict=True)]
    order = ["month", "to_come", "customer_id"]
    return rows.sort_values(order, ascending=[False, False, True], ignore_index=True)


def _changed(feature: Any, now: Any, then: Any) -> Message | None:
    """The fact of today, and what it was a year ago."""
    said, before = beside(feature, now, then)
    if said is None or before is None:
        return said
    return say("{fact} (a year ago {then})", fact=said, then=before)


def recent(movers: pd.DataFrame, today: Any) -> pd.DataFrame:
    """The rows of `moved` whose month is one of the last `QUARTER` up to `today`."""
    import pandas as pd

    rows = moved(movers)
    first = pd.Timestamp(today).to_period("M") - QUARTER
    return rows[pd.to_datetime(rows["month"]).dt.to_period("M") > first].reset_index(drop=True)


def quarter(movers: pd.DataFrame, last: Any) -> Message | None:
    """Who moved in the last `QUARTER` months and where most went, with what to do; None where fewer than `FEW` did."""
    rows = recent(movers, last)
    rows = rows[rows["type"].isin(list(CLAUSES))]
    if len(rows) < FEW:
        return None
    went = rows["type"].value_counts()
    top = min(went[went == went.max()].index, key=list(CLAUSES).index)
    return say(
        "In {months} months {n} changed type, most of them to {type} ({most}): serve them the new way, {customer} first.",
        months=count(QUARTER),
        n=customers_said(len(rows)),
        type=term("type", top),
        most=count(int(went[top])),
        customer=rows.loc[rows["type"] == top].sort_values("to_come", ascending=False)["name"].iloc[0],
    )


def moved_title(movers: pd.DataFrame) -> Message:
    """The finding above the list of movers: how many moved in a year, and where most went."""
    if movers.empty:
        return say("No customer changed type in the last twelve months")
    went = movers["type"].value_counts()
    top = min(went[went == went.max()].index, key=[*CLAUSES, "undetermined"].index)
    return say(
        "In twelve months {n} changed type, {most} of them to {type}",
        n=customers_said(len(movers)),
        most=count(int(went[top])),
        type=term("type", top),
    )


MONTHS = say(
    "Customers by the best guess of each month; each line runs on its own scale from zero. Best guesses flicker; the moves below are of types "
    "followed over the months, which change late."
)
"""How to read the types by month."""
BETWEEN = say(
    "Share of the customers of a type that a month later are told to be of another, drawn towards where all go. Staying is not shown, nor "
    "what was seen fewer than five times. These are changes of the records' evidence, not of a person's mind."
)
"""How to read the moves."""
