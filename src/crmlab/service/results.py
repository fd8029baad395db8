"""The stage's whole answer: visits, promises, complaints and satisfaction, and what each customer's record knew when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from crmlab.service.complaints.handled import handled
from crmlab.service.lacks import lacks
from crmlab.service.months import happened, months
from crmlab.service.promises.kept import promises
from crmlab.service.settings import Settings
from crmlab.service.surveys.answered import answered
from crmlab.service.visits.record import visit_record


class Exports(NamedTuple):
    """The clean tables that the stage reads; any may be empty."""

    tickets: pd.DataFrame
    visits: pd.DataFrame
    contracts: pd.DataFrame
    customers: pd.DataFrame
    sales: pd.DataFrame
    complaints: pd.DataFrame
    surveys: pd.DataFrame


@dataclass(frozen=True)
class Results:
    """`tables` of outputs.py by name, the figures of service.json, and pairs of what is missing and what it would add."""

    tables: dict[str, pd.DataFrame]
    metrics: dict[str, Any]
    lacks: list[tuple[str, str]]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to answer from."""
        return not any(len(self.tables[name]) for name in ("tickets", "complaints", "satisfaction"))

    @property
    def summary(self) -> str:
        """The one line that ends the run."""
        m = self.metrics
        response = m["attainment"].get("response", {}).get("all")
        said = [
            f"{m['n']:,} tickets",
            f"response kept {response['share']:.0%}" if response else "no response promise",
        ]
        if fixed := m["first_time_fix"]:
            said.append(f"first-time fix {fixed['share']:.0%} ({fixed['basis']})")
        said.append(f"{m['complaints']['n']:,} complaints")
        return ", ".join(said)


def results(exports: Exports, settings: Settings, *, until: str, as_of: pd.Timestamp) -> Results:
    """Answer the stage's questions from the clean tables.

    Parameters
    ----------
    until : the reporting month, "2026-10"; "the last twelve months" end with it.
    as_of : the last day of which anything is known.
    """
    when = {"until": until, "as_of": as_of}
    tickets, visits, contracts, customers = exports[:4]
    kept, promised, clocks = promises(
        tickets,
        contracts,
        visits,
        customers,
        exports.complaints,
        settings,
        entry_days=settings.entry_days,
        **when,
    )
    record = visit_record(tickets, visits, customers, kept["tickets"], clocks, settings, **when)
    complaints, heard = handled(
        exports.complaints,
        contracts,
        exports.sales,
        tickets,
        settings,
        workdays=clocks.workdays,
        **when,
    )
    events = happened(
        kept["tickets"], record.made, record.again, complaints["complaints"], settings.ignored_days
    )
    by_month = months(events, as_of)
    surveys, felt = answered(
        exports.surveys,
        tickets,
        exports.sales,
        customers,
        by_month,
        events,
        settings,
        **when,
    )
    tables = kept | record.tables | complaints | surveys | {"months": by_month}
    return Results(tables, promised | record.metrics | heard | felt, list(lacks(exports)))
