"""Months that break the pattern: which deserve a sentence, and what to do about them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from crmlab.report.messages import Message, Value, count, month, say, term

if TYPE_CHECKING:
    import pandas as pd

RECENT = 24  # months in which a break is worth a sentence
SHOWN = 36  # months in the chart
_STRIPS = 8  # tables in the chart
_YEAR = 12  # months that the newest is compared with
_FIRST = ("tickets", "sales", "visits")


@dataclass(frozen=True)
class Break:
    """Months in a row of one table that break the pattern in one way.

    verdict : missing, low, high, fell or rose (a jump in level).
    rows, expected : of a month, on average over `n` months from `first` to `last`.
    """

    table: str
    verdict: str
    first: str
    last: str
    n: int
    rows: float
    expected: float

    @property
    def weight(self) -> float:
        """How much is at stake: the rows too many or too few, as a share of those to be expected."""
        return abs(self.rows - self.expected) / self.expected * min(self.n, 3)


def breaks(volume: pd.DataFrame, report_month: str, recent: int = RECENT) -> list[Break]:
    """The breaks of the last `recent` months up to `report_month`, the gravest first."""
    found = []
    for table, months in volume[volume["month"] <= report_month].groupby("table", sort=True):
        rows = months.sort_values("month").tail(recent).to_dict("records")
        for verdict, run in groupby(rows, key=_side):
            run = list(run)
            if verdict in ("", "filling"):
                continue
            levels, told = [float(r["expected"]) for r in run], [float(r["rows"]) for r in run]
            n = len(run)
            found.append(
                Break(table, verdict, run[0]["month"], run[-1]["month"], n, sum(told) / n, sum(levels) / n)
            )
    return sorted(found, key=lambda b: (-b.weight, b.table, b.first))


def _side(row: dict) -> str:
    if row["verdict"] != "level":
        return row["verdict"] or ""
    return "fell" if row["rows"] < row["expected"] else "rose"


_SAID = {
    "missing": say(
        "{table}: no row in {months}, where about {expected} a month were to be expected. Look for a missing file."
    ),
    "low": say(
        "{table}: only {rows} rows in {months}, where about {expected} were to be expected. Look for a file that is cut short."
    ),
    "high": say(
        "{table}: {rows} rows in {months}, where about {expected} were to be expected. Look for a file that is there twice."
    ),
    "fell": say(
        "{table}: a lower level in {months}, about {rows} rows a month instead of {expected}. If business did not shrink, a "
        "branch or a system is missing from the export."
    ),
    "rose": say(
        "{table}: a higher level in {months}, about {rows} rows a month instead of {expected}. If business did not grow, "
        "something is exported twice."
    ),
}


def sentence(found: Break) -> Message:
    """A break, and what to look for."""
    return Message(
        _SAID[found.verdict].text,
        {
            "table": term("table", found.table),
            "months": span(found),
            "rows": count(found.rows),
            "expected": count(found.expected),
        },
    )


def span(found: Break) -> Message | Value:
    """The month or months of a break."""
    if found.n == 1:
        return month(found.first)
    return say("{first} to {last}", first=month(found.first), last=month(found.last))


def judged(volume: pd.DataFrame, report_month: str, recent: int = RECENT) -> int:
    """How many of the last months of all tables could be held against an expectation."""
    months = sorted(volume.loc[volume["month"] <= report_month, "month"].unique())[-recent:]
    return int(volume.loc[volume["month"].isin(months), "expected"].notna().sum())


def title(volume: pd.DataFrame, report_month: str) -> Message:
    """The finding over the rows by month."""
    found = breaks(volume, report_month)
    if not judged(volume, report_month):
        return say("Too few months, or too few rows in them, to say whether a month is out of line")
    if not found:
        return say("No month of the last two years is out of line with its season and the year before")
    tables = sorted({b.table for b in found})
    months = count(sum(b.n for b in found))
    if len(tables) == 1:
        return say(
            "Months of {table} out of line in the last two years: {n}",
            n=months,
            table=term("table", tables[0]),
        )
    return say(
        "Months out of line in the last two years: {n}, in {tables} tables",
        n=months,
        tables=count(len(tables)),
    )


def lines(volume: pd.DataFrame, report_month: str) -> pd.DataFrame:
    """The last months of up to eight tables for the chart: those with a break first, then tickets, sales, visits and the fullest.

    Columns table, month, rows, low, high, marked.
    """
    seen = volume[volume["month"] <= report_month]
    months = sorted(seen["month"].unique())[-SHOWN:]
    seen = seen[seen["month"].isin(months)]
    broken = list(dict.fromkeys(b.table for b in breaks(volume, report_month, SHOWN)))
    full = seen.groupby("table")["rows"].sum().sort_values(ascending=False, kind="stable").index
    order = [t for t in dict.fromkeys([*broken, *_FIRST, *full]) if t in set(seen["table"])][:_STRIPS]
    seen = seen[seen["table"].isin(order)]
    seen = seen.assign(
        marked=~seen["verdict"].fillna("").isin(["", "filling"]),
        place=seen["table"].map({t: n for n, t in enumerate(order)}).astype(int),
    )
    return seen.sort_values(["place", "month"])[["table", "month", "rows", "low", "high", "marked"]]


def by_month(lines: pd.DataFrame) -> pd.DataFrame:
    """The rows of `lines` with a column per table, the newest month first."""
    wide = lines.pivot(index="month", columns="table", values="rows")[list(dict.fromkeys(lines["table"]))]
    return wide.sort_index(ascending=False).reset_index()


def table(volume: pd.DataFrame, report_month: str) -> pd.DataFrame:
    """The breaks of the last months as rows: table, months, what, rows, expected, and the bounds are in the chart."""
    import pandas as pd

    rows = [(b.table, span(b), b.verdict, b.rows, b.expected) for b in breaks(volume, report_month)]
    return pd.DataFrame(rows, columns=["table", "months", "verdict", "rows", "expected"])


def newest(volume: pd.DataFrame, report_month: str) -> Message:
    """Whether the tickets of `report_month` lie within the year before.

    Without tickets it speaks of sales, without both of neither.
    """
    for table in ("tickets", "sales"):
        months = volume[(volume["table"] == table) & (volume["month"] <= report_month)].sort_values("month")
        before = months[months["month"] < report_month].tail(_YEAR)["rows"]
        now = months.loc[months["month"] == report_month, "rows"]
        if len(now) and len(before) == _YEAR:
            return _compared(table, report_month, int(now.iloc[0]), int(before.min()), int(before.max()))
    return say("Rows by month: less than a year to compare with")


def _compared(table: str, report_month: str, now: int, low: int, high: int) -> Message:
    figures = {
        "table": term("table", table),
        "month": month(report_month),
        "n": count(now),
        "low": count(low),
        "high": count(high),
    }
    if now < low:
        return say(
            "{month}: {n} {table}, fewer than in any of the twelve months before ({low} to {high})",
            **figures,
        )
    if now > high:
        return say(
            "{month}: {n} {table}, more than in any of the twelve months before ({low} to {high})",
            **figures,
        )
    return say(
        "{month}: {n} {table}, within the range of the twelve months before ({low} to {high})", **figures
    )
