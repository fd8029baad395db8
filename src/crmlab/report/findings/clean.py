"""Sentences of the page "Data quality" that depend on figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.blocks import Card
from crmlab.report.messages import Message, count, day, month, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

_YEAR = 12  # months that a month is compared with
_TRUSTED = 0.95  # completeness or validity below which a column is worth a sentence


def attention(
    row_counts: pd.DataFrame,
    quality: pd.DataFrame,
    reasons: pd.DataFrame,
    orphans: pd.DataFrame,
    max_bad_share: float,
    as_of: Mapping[str, Any],
) -> list[Message]:
    """What needs attention, the most important first; the tables are those that `clean` writes.

    `max_bad_share` is the share of a table's rows above which the run would have stopped (company.json); `as_of` is what
    as_of.json holds.
    """
    said = [_doubtful(as_of), _set_aside(row_counts, max_bad_share)]
    if len(reasons):
        said.append(_reason(reasons))
    said += [_unreadable(quality), _unknown(orphans), _absent(row_counts)]
    return [message for message in said if message]


def _doubtful(as_of: Mapping[str, Any]) -> Message | None:
    gap = as_of.get("gap")
    if not gap:
        return None
    return say(
        "The as-of day, {day}, lies more than a year after every row but {n}; the others end on {before}. If it is mistyped, mend "
        "the row or state as_of in params.yaml.",
        day=day(as_of["as_of"]),
        n=count(gap["rows"]),
        before=day(gap["after"]),
    )


def _set_aside(row_counts: pd.DataFrame, max_bad_share: float) -> Message:
    if not row_counts["raw"].sum():
        return say("No rows were read: there is nothing to judge.")
    worst = row_counts.loc[row_counts["bad_share"].fillna(0).astype(float).idxmax()]
    if not worst["quarantined"]:
        return say("Every row could be used: none was set aside as faulty.")
    figures = {
        "n": count(worst["quarantined"]),
        "table": term("table", worst["table"]),
        "share": percent(worst["bad_share"], 1),
        "limit": percent(max_bad_share),
    }
    if worst["bad_share"] > max_bad_share / 2:
        return say(
            "Weakest table: {table}. {n} rows ({share}) were set aside, near the limit of {limit}: mend the export.",
            **figures,
        )
    return say(
        "Weakest table: {table}. {n} rows ({share}) were set aside, well below the limit of {limit}.",
        **figures,
    )


def _reason(reasons: pd.DataFrame) -> Message:
    top = reasons.sort_values(["n", "table", "column"], ascending=[False, True, True]).iloc[0]
    return say(
        "The most frequent reason: {column} of {table}, {reason} ({n} rows).",
        column=top["column"],
        table=term("table", top["table"]),
        reason=term("fault", top["reason"]),
        n=count(top["n"]),
    )


def _unreadable(quality: pd.DataFrame) -> Message | None:
    seen = quality[quality["exported"].fillna(False).astype(bool) & (quality["unreadable"] > 0)]
    seen = seen[seen["validity"].astype(float) < _TRUSTED]
    if seen.empty:
        return None
    worst = seen.loc[seen["validity"].astype(float).idxmin()]
    return say(
        "Only {share} of the filled cells of {column} in {table} can be read; the others count as empty.",
        share=percent(worst["validity"], 1),
        column=worst["column"],
        table=term("table", worst["table"]),
    )


def _unknown(orphans: pd.DataFrame) -> Message | None:
    lost = orphans[orphans["orphans"] > 0]
    if lost.empty:
        return None
    worst = lost.loc[(lost["orphans"].astype(float) / lost["rows"].astype(float)).idxmax()]
    return say(
        "{n} of {rows} rows of {table} name a {column} that {other} do not know; they stay in.",
        n=count(worst["orphans"]),
        rows=count(worst["rows"]),
        table=term("table", worst["table"]),
        column=worst["column"],
        other=term("table", worst["refers_to"]),
    )


def _absent(row_counts: pd.DataFrame) -> Message | None:
    absent = sorted(row_counts.loc[row_counts["files"].fillna(0) == 0, "table"])
    if not absent:
        return None
    if len(absent) == 1:
        return say("One table is not exported: {table}.", table=term("table", absent[0]))
    return say(
        "{n} tables are not exported, among them {table}.",
        n=count(len(absent)),
        table=term("table", absent[0]),
    )


def cards(row_counts: pd.DataFrame) -> list[Card]:
    """Rows read, used, set aside and duplicate, over all tables."""
    raw, clean, aside, twice = (
        int(row_counts[c].sum()) for c in ("raw", "clean", "quarantined", "duplicates")
    )
    share = percent(aside / raw, 2) if raw else percent(None)
    return [
        Card(
            say("Rows used"),
            count(clean),
            say("of {n} read", n=count(raw)),
            say("Rows of all tables that the figures rest on."),
        ),
        Card(
            say("Set aside"),
            share,
            say("{n} rows", n=count(aside)),
            say(
                "Rows that cannot be used: a key, date or amount is missing, unreadable or contradicts another."
            ),
        ),
        Card(
            say("Duplicates"),
            count(twice),
            None,
            say("Rows with the key of another row, or the same as another."),
        ),
        Card(
            say("Tables exported"),
            count(int((row_counts["files"].fillna(0) > 0).sum())),
            say("of {n} that can be used", n=count(len(row_counts))),
            None,
        ),
    ]


def rows_title(row_counts: pd.DataFrame) -> Message:
    """The finding over the row counts: all tables balance, which every run asserts."""
    if not row_counts["raw"].sum():
        return say("No rows were read")
    return say("Every row is accounted for: read = used + set aside + duplicates + filtered")


def volume_title(volume: pd.DataFrame, report_month: str) -> Message:
    """The finding over the rows by month: whether the tickets of `report_month` lie within the year before.

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


def quality_title(quality: pd.DataFrame) -> Message:
    """The finding over the columns: how many of the exported ones are nearly always filled and readable."""
    seen = quality[quality["exported"].fillna(False).astype(bool)]
    good = seen[
        (seen["completeness"].astype(float) >= _TRUSTED)
        & (seen["validity"].astype(float).fillna(1) >= _TRUSTED)
    ]
    return say(
        "{n} of {total} exported columns are filled and readable in at least {share} of rows",
        n=count(len(good)),
        total=count(len(seen)),
        share=percent(_TRUSTED),
    )
