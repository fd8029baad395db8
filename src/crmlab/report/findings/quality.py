"""The sections of the data quality page: which rows of each table deserve a look, and the finding over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from crmlab.report.messages import Message, count, day, listed, percent, say, sentences, term
from crmlab.report.page import TITLES

if TYPE_CHECKING:
    from crmlab.report.findings.scorecard import Scorecard

FILES = 60
"""Files that the page lists."""
_LISTED = 12  # columns, files and names on top
_COPY = 0.5  # of a file's rows that other rows repeat
_BAD, _TIMES = 0.01, 3  # share of a file set aside, and how often that of its table


def row_columns(found: Scorecard) -> dict[str, tuple[Message, str]]:
    """The columns of the row counts, without those in which nothing happened."""
    headings = {
        "quarantined": say("Set aside"),
        "duplicates": say("Duplicates"),
        "filtered": say("Filtered"),
        "unusable": say("Withheld"),
        "derived": say("Added"),
    }
    shown = {"table": (say("Table"), "term:table"), "files": (say("Files"), "count")}
    shown |= {"raw": (say("Read"), "count"), "clean": (say("Used"), "count")}
    shown |= {name: (said, "count") for name, said in headings.items() if found.row_counts[name].sum()}
    return shown | ({"bad_share": (say("Share set aside"), "percent1")} if "quarantined" in shown else {})


def rows_note(found: Scorecard) -> Message | str:
    """What the row counts mean, and which tables are not exported."""
    parts = []
    if found.row_counts["filtered"].sum():
        parts.append(say("Filtered: left out by the mapping, or later than a stated as-of date."))
    if found.row_counts["derived"].sum():
        parts.append(say("Added: customers that only other tables name."))
    if found.withheld:
        parts.append(
            say("Withheld: rows without a fault of their own in a table of which too many cannot be used.")
        )
    parts += [absent(found)] if found.absent else []
    return sentences(parts)


def rows_title(found: Scorecard) -> Message:
    """The finding over the row counts: every table balances, which every run asserts."""
    if not found.row_counts["raw"].sum():
        return say("No rows were read")
    if found.withheld:
        return say("Every row is accounted for: read = used + set aside + duplicates + filtered + withheld")
    return say("Every row is accounted for: read = used + set aside + duplicates + filtered")


def absent(found: Scorecard) -> Message | None:
    """The tables that are not exported, in one sentence; None where all are."""
    if not found.absent:
        return None
    return say("Not exported: {tables}.", tables=listed([term("table", t) for t in found.absent]))


def freshness(found: Scorecard) -> pd.DataFrame:
    """The exported tables with a day, the most behind first, with `verdict` as a message."""
    seen = found.freshness[found.freshness["last_day"].notna()].copy()
    seen["verdict"] = [_fresh(row) for row in seen.to_dict("records")]
    seen["order"] = seen["late"].fillna(False).astype(bool)
    return seen.sort_values(["order", "behind", "table"], ascending=[False, False, True])


def _fresh(row: dict) -> Message:
    if pd.isna(row["late"]):
        return say("too few days to tell")
    if row["late"]:
        return say("late")
    if row["behind"] > max(7, row["pause"]):
        return say("quiet for longer than before")
    return say("up to date")


def freshness_title(found: Scorecard) -> Message:
    """The finding over the last days."""
    known = found.freshness[found.freshness["late"].notna()]
    late = list(known.loc[known["late"].astype(bool), "table"])
    if late:
        return say("Late: {tables}", tables=listed([term("table", t) for t in sorted(late)]))
    if known.empty:
        return say("Too few days to say whether a table is late")
    return say("Every table that can be judged reaches the as-of day, give or take its usual pause")


def all_fresh(found: Scorecard) -> bool:
    """Whether no table is late."""
    return not found.freshness["late"].fillna(False).astype(bool).any()


def undated(found: Scorecard) -> Message | None:
    """The exported tables without a day of their own, in one sentence."""
    tables = sorted(found.freshness.loc[found.freshness["last_day"].isna(), "table"])
    if not tables:
        return None
    return say("Without days of their own: {tables}.", tables=listed([term("table", t) for t in tables]))


def keys(found: Scorecard) -> pd.DataFrame:
    """The tables in which a key names several rows, or rows have no key."""
    seen = found.uniqueness[(found.uniqueness["repeated"] > 0) | (found.uniqueness["unnumbered"] > 0)]
    return seen.sort_values(["repeated", "unnumbered", "table"], ascending=[False, False, True])


def keys_title(found: Scorecard) -> Message:
    """The finding over the keys."""
    repeated, copies = (int(found.uniqueness[c].sum()) for c in ("repeated", "copies"))
    bare = int(found.uniqueness["unnumbered"].sum())
    if repeated and copies == repeated:
        return say("Rows set aside as copies of another: {n}", n=count(repeated))
    if repeated:
        return say(
            "Rows set aside because they repeat a key: {n}; of these, {differ} differ from the row that stays",
            n=count(repeated),
            differ=count(repeated - copies),
        )
    if bare:
        return say("Rows without a key of their own: {n}; copies among them cannot be seen", n=count(bare))
    return say("Every key names one row")


def references(found: Scorecard) -> pd.DataFrame:
    """The references with rows that lead nowhere, and their share, the largest first."""
    lost = found.orphans[found.orphans["orphans"] > 0].copy()
    lost["share"] = lost["orphans"].astype(float) / lost["rows"].astype(float)
    return lost.sort_values(["share", "table", "column"], ascending=[False, True, True])


def references_title(found: Scorecard) -> Message:
    """The finding over the references."""
    checked, lost = len(found.orphans), int((found.orphans["orphans"] > 0).sum())
    if not checked:
        return say("No table refers to another that is exported")
    if not lost:
        return say("All {n} references between tables lead somewhere", n=count(checked))
    return say(
        "References between tables with rows that lead nowhere: {lost} of {n}",
        lost=count(lost),
        n=count(checked),
    )


def files(found: Scorecard) -> pd.DataFrame:
    """The files with `look` (a message, else None), those that deserve a look first, then the newest."""
    seen = found.files.merge(found.row_counts[["table", "bad_share"]], on="table", how="left")
    seen["bad"] = seen["quarantined"].astype(float) / (seen["rows"] - seen["filtered"]).replace(
        0, pd.NA
    ).astype("Float64")
    seen["look"] = [_file(row) for row in seen.to_dict("records")]
    seen["plain"] = seen["look"].isna()
    return seen.sort_values(
        ["plain", "last_day", "table", "file"], ascending=[True, False, True, True], na_position="last"
    )


def _file(row: dict) -> Message | None:
    if not row["rows"]:
        return say("no rows: only headers, or the mapping keeps none")
    if row["duplicates"] > _COPY * row["rows"]:
        return say("most rows are there twice: remove the copy")
    if not pd.isna(row["bad"]) and row["bad"] >= max(_BAD, _TIMES * row["bad_share"]):
        return say("{share} set aside, far more than in the other files", share=percent(row["bad"], 1))
    return None


def all_files_title(seen: pd.DataFrame) -> Message:
    """What the list of files holds."""
    if len(seen) > FILES:
        return say("The {n} newest of {total} files", n=count(FILES), total=count(len(seen)))
    return say("All {n} files", n=count(len(seen)))


def files_title(seen: pd.DataFrame) -> Message:
    """The finding over the files."""
    odd = int(seen["look"].notna().sum())
    if odd:
        return say("Files that deserve a look: {n} of {total}", n=count(odd), total=count(len(seen)))
    return say("Files that deserve a look: none of {n}", n=count(len(seen)))


def reasons_title(found: Scorecard) -> Message:
    """The finding over the rows set aside."""
    total = int(found.reasons["n"].sum())
    if not total:
        return say("No row was set aside")
    top = found.reasons.sort_values(["n", "table", "column"], ascending=[False, True, True]).iloc[0]
    return say(
        "{share} of the rows set aside have one reason: {column} of {table}, {reason}",
        share=percent(top["n"] / total),
        column=term("column", top["column"]),
        table=term("table", top["table"]),
        reason=term("fault", top["reason"]),
    )


def gaps(found: Scorecard) -> pd.DataFrame:
    """What is missing and what that costs: columns what, page, without, adds, each ready to be shown; what stops a page first."""
    seen = found.gaps[found.gaps["stage"] != "clean"].copy()
    seen["stops"] = seen["effect"] == "stops"
    seen = seen.sort_values(["stops", "n"], ascending=[False, True])
    return pd.DataFrame(
        {
            "what": [term("lacks", w) for w in seen["what"]],
            "page": [_page(*row) for row in zip(seen["stage"], seen["stops"], strict=True)],
            "without": [Message(w) for w in seen["without"]],
            "adds": [term("lacks", a) for a in seen["adds"]],
        }
    )


def _page(stage: str, stops: bool) -> Message | str:
    title = TITLES.get(stage, stage)
    return say("{page} (cannot answer)", page=title) if stops else title


def gaps_title(found: Scorecard) -> Message:
    """The finding over the gaps."""
    seen = found.gaps[found.gaps["stage"] != "clean"]
    stopped = sorted(set(seen.loc[seen["effect"] == "stops", "stage"]))
    if stopped:
        return say(
            "For want of data, these pages cannot answer: {pages}",
            pages=listed([TITLES.get(s, s) for s in stopped]),
        )
    if len(seen):
        return say("Every page can answer; gaps that narrow what they say: {n}", n=count(len(seen)))
    return say("No page lacks a table or a column")


def aliases_title(found: Scorecard) -> Message:
    """The finding over names that look like a known customer."""
    n = len(found.aliases)
    if not n:
        return say("No unknown name looks like a known customer")
    return say(
        "Unknown names that look like a known customer: {n}; only you can say whether they are", n=count(n)
    )


def aliases(found: Scorecard) -> pd.DataFrame:
    """The first proposals: those with the most rows."""
    return found.aliases.sort_values(["rows", "score", "raw_name"], ascending=[False, False, True]).head(
        _LISTED
    )


def last_day(found: Scorecard) -> Message:
    """Up to when the exports reach."""
    days = found.freshness["last_day"].dropna()
    return say("newest day {day}", day=day(days.max())) if len(days) else say("no table has days")
