"""Tables of which too many rows are bad: withheld whole, so that the others can be reported on as if these were not exported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crmlab.clean.judging.dates import READ
from crmlab.clean.judging.judge import HERE, Judged
from crmlab.clean.judging.verdicts import Verdicts
from crmlab.clean.quality import scorecard
from crmlab.clean.reading.plan import Plan
from crmlab.engine import DuckDB
from crmlab.files import CrmlabError


@dataclass(frozen=True)
class Withheld:
    """A table of which more than `limit` of the rows cannot be used.

    rows : every row of it rejected; those that could be used have the fate "unusable".
    bad, asked : rows that cannot be used, of rows not filtered.
    reasons : of the bad ones, most frequent first (scorecard.reasons).
    """

    rows: Judged
    bad: int
    asked: int
    limit: float
    reasons: list[dict]

    @property
    def share(self) -> float:
        """Bad rows of those not filtered."""
        return self.bad / self.asked

    @property
    def brief(self) -> str:
        """In a few words: the share and the most frequent reason."""
        return in_brief(self.share, self.reasons[0])

    @property
    def full(self) -> str:
        """With counts, the three most frequent reasons and what to do."""
        top = [f"{r['n']:,} × {r['column']} {r['reason']} (first: {r['example']})" for r in self.reasons[:3]]
        dates = any(r["reason"].startswith("is not a date") for r in self.reasons[:3])
        forms = f"Dates are read as {READ}, others as `dates` in mapping.yaml says. " if dates else ""
        return (
            f"{self.rows.table.name}: {self.bad:,} of {self.asked:,} rows ({self.share:.0%}) cannot be used, "
            f"more than max_bad_share ({self.limit:.0%}). Most frequent: {'; '.join(top)}. {forms}"
            "Mend the export, or state a higher max_bad_share in mapping.yaml"
        )


@dataclass(frozen=True)
class Usable:
    """What a company can be reported on.

    layout : without the tables that are withheld. found : the verdicts on it.
    fault : why nothing can be reported, in one line; "" where something can. The verdicts are then on all tables.
    """

    layout: Plan
    found: Verdicts
    withheld: dict[str, Withheld]
    fault: str = ""

    @property
    def judged(self) -> dict[str, Judged]:
        """Every table, those that are withheld with every row rejected; where nothing can be reported, as they are."""
        if self.fault:
            return self.found.judged
        return self.found.judged | {name: table.rows for name, table in self.withheld.items()}


def in_brief(share: float, top: Mapping[str, Any]) -> str:
    """Why a table is withheld, from the share of its bad rows and the `column` and `reason` that most of them have.

    >>> in_brief(0.12, {"column": "arrived_at", "reason": "is not a date"})
    '12% of its rows could not be used, most often arrived_at is not a date'
    """
    return f"{share:.0%} of its rows could not be used, most often {top['column']} {top['reason']}"


def usable(judge: Callable[[Plan], Verdicts], engine: DuckDB, layout: Plan, limit: float) -> Usable:
    """Judge a company, and again without the tables of which more than `limit` of the rows are bad, until none is left.

    Such a table must not name customers or say what day it is, so the others are judged as if it were not exported. Nothing can
    be reported where tickets and sales, those of them that are exported, are all withheld; without both, where all tables are.
    """
    found, withheld, left = judge(layout), {}, layout
    while bad := _too_bad(engine, found.judged, left, limit):
        withheld |= bad
        said = "; ".join(table.full for table in withheld.values())
        main = {"tickets", "sales"} & set(layout.sources) or set(layout.sources)
        if main <= set(withheld):
            return Usable(layout, found, withheld, said)
        usable_ones = {n: s for n, s in layout.sources.items() if n not in withheld}
        left = replace(layout, sources=usable_ones, without=frozenset(withheld))
        try:
            found = judge(left)
        except CrmlabError as error:
            raise CrmlabError(f"{said}. Without it: {error}") from None
    return Usable(left, found, withheld)


def _too_bad(engine: DuckDB, judged: Mapping[str, Judged], layout: Plan, limit: float) -> dict[str, Withheld]:
    found = {}
    for name in layout.sources:
        table = judged[name]
        bad = table.fates["quarantined"]
        asked = table.text.raw - table.text.filtered - table.fates["filtered"]
        if bad > limit * asked:
            told = Withheld(table, bad, asked, limit, scorecard.reasons(engine, table))
            found[name] = replace(told, rows=_all_rejected(engine, told))
    return found


def _all_rejected(engine: DuckDB, told: Withheld) -> Judged:
    table = told.rows
    inputs = {"judged": table.rows, "rejected": table.rejected}
    rejected = engine.run(
        HERE / "withheld.sql", inputs, {"why": f"{table.table.name} is withheld: {told.brief}"}
    )
    spared = told.asked - told.bad - table.fates["duplicate"]
    text = engine.run("select * from text", {"text": table.source})  # the next judging reads customers anew
    return replace(table, source=text, rejected=rejected, fates={**table.fates, "unusable": spared})
