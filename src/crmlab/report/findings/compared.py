"""The figures of the data quality page that are compared from run to run, and what each means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.report.compared import difference
from crmlab.report.history import Meaning
from crmlab.report.messages import Message, day, say, term

if TYPE_CHECKING:
    from crmlab.report.findings.scorecard import Scorecard

_LOST = 0.01  # of a table's rows
_WORSE = 0.05  # of a column's cells


def figures(found: Scorecard) -> dict[str, float | None]:
    """Every figure by its id: used; rows, aside and behind of a table; filled and readable of a column."""
    told: dict[str, float | None] = {"used": found.used_share}
    for row in found.exported.itertuples():
        told[f"rows {row.table}"] = _number(row.clean)
        told[f"aside {row.table}"] = _number(row.bad_share)
    for row in found.freshness.itertuples():
        told[f"behind {row.table}"] = _number(row.behind)
    for row in found.quality[found.quality["exported"].astype(bool)].itertuples():
        told[f"filled {row.table} {row.column}"] = _number(row.completeness)
        told[f"readable {row.table} {row.column}"] = _number(row.validity)
    return told


def _number(x: object) -> float | None:
    import pandas as pd

    return None if pd.isna(x) else float(x)


def meaning(name: str) -> Meaning:
    """What the figure called `name` is, also where it is no more."""
    kind, table, column = (*name.split(" "), "", "")[:3]
    words = {"table": term("table", table), "column": term("column", column)}
    match kind:
        case "used":
            return Meaning(say("Rows used of all tables"), "percent2", "higher", 0.001)
        case "rows":
            return Meaning(say("Rows of {table}", table=words["table"]), "count", "", 1)
        case "aside":
            said = say("Set aside of {table}", table=words["table"])
            return Meaning(said, "percent2", "lower", 0.002, f"rows {table}")
        case "behind":
            said = say("Days that {table} lie behind", table=words["table"])
            return Meaning(said, "count", "lower", 7, f"rows {table}")
        case "filled":
            said = say("{column} of {table}: filled", **words)
            return Meaning(said, "percent1", "higher", 0.01, f"rows {table}")
        case _:
            said = say("{column} of {table}: readable", **words)
            return Meaning(said, "percent1", "higher", 0.005, f"filled {table} {column}")


def worse(found: Scorecard) -> list[Message]:
    """What got so much worse since the previous run that it needs attention: rows lost, tables and columns gone, cells emptied."""
    if found.earlier is None:
        return []
    now, since, said = figures(found), day(found.earlier), []
    for name, before in sorted(found.before.items()):
        kind, table, column = (*name.split(" "), "", "")[:3]
        words = {"table": term("table", table), "column": term("column", column), "day": since}
        after = now.get(name)
        if kind == "rows" and after is None:
            said.append(
                say("{table} are no longer exported, as they were as of {day}: ask for them again.", **words)
            )
        elif kind == "rows" and after < before * (1 - _LOST):
            size = difference(before, after, "count")
            said.append(
                say(
                    "Rows of {table}: {size} since {day}, though exports grow. Look for a file that is gone.",
                    **words,
                    size=size,
                )
            )
        elif kind == "filled" and after is None and f"rows {table}" in now and before > 0:
            said.append(
                say(
                    "{column} of {table} is no longer exported, as it was as of {day}: ask for it again.",
                    **words,
                )
            )
        elif kind in ("filled", "readable") and after is not None and after < before - _WORSE:
            size = difference(before, after, "percent1")
            said.append(
                say(
                    "{column} of {table} is worse than as of {day}, {size}: see what changed in the export.",
                    **words,
                    size=size,
                )
                if kind == "filled"
                else say(
                    "Fewer cells of {column} in {table} can be read than as of {day}, {size}: see the examples below.",
                    **words,
                    size=size,
                )
            )
    return said
