"""What the data quality page says first: whether to trust the figures, and if not, what to mend."""

from __future__ import annotations

from crmlab.report.blocks import Card
from crmlab.report.findings import columns, compared, quality, volume
from crmlab.report.findings.scorecard import Scorecard
from crmlab.report.messages import Message, Value, count, day, percent, say, term

_SENTENCES = 5
_BREAKS = 2  # sentences about months
_DISTRUST = 0.5  # share of the limit on rows set aside from which a table is a matter of trust


def attention(found: Scorecard) -> list[Message]:
    """What needs attention, ranked, each with what to do: at most five sentences.

    First what forbids trust (a table withheld, a doubtful day, months out of line, tables late, rows lost, files twice, too much set aside), or that
    nothing does; then what to mend at leisure.
    """
    if not found.row_counts["raw"].sum():
        return [say("No rows were read: there is nothing to judge.")]
    grave = _grave(found)
    lesser = [
        _set_aside(found, grave=False),
        _unreadable(found),
        _unknown(found),
        _names(found),
        _bare(found),
    ]
    said = [*(grave or [_trusted(found)]), *lesser, _absent(found)]
    return [m for m in said if m][:_SENTENCES]


def trusted(found: Scorecard) -> bool:
    """Whether nothing forbids to rest decisions on the figures."""
    return bool(found.row_counts["raw"].sum()) and not _grave(found)


def _grave(found: Scorecard) -> list[Message]:
    """What forbids trust."""
    said = [
        *_withheld(found),
        _doubtful(found),
        *_months(found),
        *_late(found),
        *compared.worse(found),
        _files(found),
    ]
    return [m for m in [*said, _set_aside(found, grave=True)] if m]


def _trusted(found: Scorecard) -> Message:
    figures = {"share": percent(found.used_share, 1), "n": count(found.row_counts["raw"].sum())}
    if volume.judged(found.volume, found.report_month):
        return say(
            "These figures can be trusted: {share} of {n} rows are used, no table is late, and no month of the last two "
            "years is out of line.",
            **figures,
        )
    return say(
        "Nothing speaks against these figures: {share} of {n} rows are used. The exports are too short to say whether a "
        "month is missing.",
        **figures,
    )


def _withheld(found: Scorecard) -> list[Message]:
    return [
        say(
            "{table} are withheld, and the pages do without them: {share} of the rows cannot be used, above the limit of {limit}; most "
            "often {column} {reason}. Mend the export.",
            table=term("table", name),
            share=percent(why["share"]),
            limit=percent(found.limit),
            column=term("column", why["column"]),
            reason=term("fault", why["reason"]),
        )
        for name, why in found.withheld.items()
    ]


def _doubtful(found: Scorecard) -> Message | None:
    gap = found.as_of.get("gap")
    if not gap:
        return None
    return say(
        "The as-of day, {day}, lies more than a year after every row but {n}; the others end on {before}. If it is mistyped, mend "
        "the row or state as_of in params.yaml.",
        day=day(found.as_of["as_of"]),
        n=count(gap["rows"]),
        before=day(gap["after"]),
    )


def _months(found: Scorecard) -> list[Message]:
    return [volume.sentence(b) for b in volume.breaks(found.volume, found.report_month)[:_BREAKS]]


def _late(found: Scorecard) -> list[Message]:
    late = found.freshness[found.freshness["late"].fillna(False).astype(bool)]
    late = late.sort_values(["behind", "table"], ascending=[False, True]).head(1)
    return [
        say(
            "{table} end on {day}, {behind} days before the data's last day, and never paused for more than {pause} days in the two "
            "years before: export them again.",
            table=term("table", row.table),
            day=day(row.last_day),
            behind=count(row.behind),
            pause=count(row.pause),
        )
        for row in late.itertuples()
    ]


def _files(found: Scorecard) -> Message | None:
    odd = quality.files(found)
    odd = odd[odd["look"].notna()]
    if odd.empty:
        return None
    first = odd.iloc[0]
    if len(odd) == 1:
        return say("One file deserves a look, {file}: {what}.", file=first["file"], what=first["look"])
    return say(
        "{n} files deserve a look, first {file}: {what}.",
        n=count(len(odd)),
        file=first["file"],
        what=first["look"],
    )


def _set_aside(found: Scorecard, *, grave: bool) -> Message | None:
    """The table with the largest share set aside if that is a matter of trust; else, where none is, that with the most rows."""
    counts = found.row_counts[~found.row_counts["table"].isin(list(found.withheld))]
    share = counts["bad_share"].fillna(0).astype(float)
    worst = counts.loc[share.idxmax()]
    near = worst["bad_share"] > _DISTRUST * found.limit if worst["quarantined"] else False
    if not worst["quarantined"] or near != grave:
        return None
    if not grave:  # where no share is worrying, the most rows are worth the most
        worst = counts.loc[counts["quarantined"].astype(int).idxmax()]
    mine = found.reasons[found.reasons["table"] == worst["table"]]
    top = mine.sort_values(["n", "column"], ascending=[False, True]).iloc[0]
    figures = {
        "n": count(worst["quarantined"]),
        "table": term("table", worst["table"]),
        "share": percent(worst["bad_share"], 1),
        "limit": percent(found.limit),
        "column": term("column", top["column"]),
        "reason": term("fault", top["reason"]),
    }
    if grave:
        return say(
            "{table}: {n} rows ({share}) were set aside, near the limit of {limit}; most often {column} {reason}. Mend the export.",
            **figures,
        )
    return say(
        "{table}: {n} rows ({share}) were set aside, most often because {column} {reason}. See which to mend.",
        **figures,
    )


def _unreadable(found: Scorecard) -> Message | None:
    seen = found.quality[found.quality["exported"].astype(bool) & (found.quality["unreadable"] > 0)]
    seen = seen[seen["validity"].astype(float) < columns.TRUSTED]
    if seen.empty:
        return None
    worst = seen.loc[seen["validity"].astype(float).idxmin()]
    return say(
        "Only {share} of the filled cells of {column} in {table} can be read; the others count as empty. See the examples below.",
        share=percent(worst["validity"], 1),
        column=term("column", worst["column"]),
        table=term("table", worst["table"]),
    )


def _unknown(found: Scorecard) -> Message | None:
    lost = quality.references(found)
    if lost.empty:
        return None
    worst = lost.iloc[0]
    return say(
        "{n} of {rows} rows of {table} name a {column} that {other} do not know; they stay in. Add it there.",
        n=count(worst["orphans"]),
        rows=count(worst["rows"]),
        table=term("table", worst["table"]),
        column=term("column", worst["column"]),
        other=term("table", worst["refers_to"]),
    )


def _names(found: Scorecard) -> Message | None:
    if found.aliases.empty:
        return None
    return say(
        "Names that look like a known customer written otherwise: {n}. Confirm them in customer_aliases.csv.",
        n=count(len(found.aliases)),
    )


def _bare(found: Scorecard) -> Message | None:
    bare = found.uniqueness[found.uniqueness["unnumbered"] > 0]
    if bare.empty:
        return None
    worst = bare.loc[bare["unnumbered"].astype(int).idxmax()]
    return say(
        "{n} rows of {table} have no key of their own, so a file exported twice would count twice: export {key}, too.",
        n=count(worst["unnumbered"]),
        table=term("table", worst["table"]),
        key=worst["key"],
    )


def _absent(found: Scorecard) -> Message | None:
    gaps = found.gaps[(found.gaps["effect"] == "stops") & (found.gaps["stage"] != "clean")]
    if len(gaps):
        first = gaps.iloc[0]
        return say(
            "Export {what} to learn {adds}.",
            what=term("lacks", first["what"]),
            adds=term("lacks", first["adds"]),
        )
    if not found.absent:
        return None
    if len(found.absent) == 1:
        return say("One table is not exported: {table}.", table=term("table", found.absent[0]))
    return say(
        "{n} tables are not exported, among them {table}.",
        n=count(len(found.absent)),
        table=term("table", found.absent[0]),
    )


def cards(found: Scorecard) -> list[Card]:
    """Rows used, set aside, tables up to date, months out of line, tables exported; with the change since the previous run."""
    raw, clean, aside = (int(found.row_counts[c].sum()) for c in ("raw", "clean", "quarantined"))
    known = found.freshness[found.freshness["late"].notna()]
    fresh = len(known) - int(known["late"].astype(bool).sum())
    judged = volume.judged(found.volume, found.report_month)
    broken = sum(b.n for b in volume.breaks(found.volume, found.report_month))
    return [
        Card(
            say("Rows used"),
            percent(found.used_share, 1),
            say("{n} of {total} read", n=count(clean), total=count(raw)),
            say(
                "Clean rows of all tables that the figures rest on, as a share of the rows that are not filtered out."
            ),
            key="used",
            better="higher",
            material=0.001,
        ),
        Card(
            say("Set aside"),
            percent(aside / raw if raw else None, 2),
            say("{n} rows", n=count(aside)),
            say(
                "Rows that cannot be used: a key, date or amount is missing, unreadable or contradicts another."
            ),
        ),
        Card(
            say("Tables up to date"),
            _of(fresh, len(known)),
            quality.last_day(found),
            say(
                "Tables whose last day lies no farther back than their usual pause, of those with days enough to tell."
            ),
        ),
        Card(
            say("Months out of line"),
            count(broken if judged else None),
            say("of {n} judged", n=count(judged)),
            say(
                "Months of the last two years with far more or fewer rows than the season and the year before lead one to expect."
            ),
        ),
        Card(
            say("Tables exported"),
            count(len(found.exported)),
            say("of {n} that can be used", n=count(len(found.row_counts))),
            None,
        ),
    ]


def _of(n: int, total: int) -> Message | Value:
    return say("{n}/{total}", n=count(n), total=count(total)) if total else count(None)
