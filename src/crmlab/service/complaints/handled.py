"""Complaints as one whole: the tables of the room, and the figures that a page and a run's history keep of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from crmlab.service.complaints.counts import complaint_kinds
from crmlab.service.complaints.ends import ends
from crmlab.service.complaints.kinds import KindLexicon, agreement, kinds_of
from crmlab.service.complaints.outputs import COMPLAINTS, OUTPUTS
from crmlab.service.complaints.record import known
from crmlab.service.complaints.recovery import recovery
from crmlab.service.complaints.stayed import stayed, terms
from crmlab.service.complaints.steps import EVERY, complaint_steps, rests_before
from crmlab.service.promises.period import twelve_months
from crmlab.service.promises.workdays import Workdays
from crmlab.service.settings import Settings
from crmlab.tables import conform, empty


def handled(
    complaints: pd.DataFrame,
    contracts: pd.DataFrame,
    sales: pd.DataFrame,
    tickets: pd.DataFrame,
    settings: Settings,
    until: str,
    as_of: pd.Timestamp,
    workdays: Workdays,
    lexicon: Path | None = None,
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The tables of `outputs.OUTPUTS` and the room's figures.

    Parameters
    ----------
    complaints, contracts, sales, tickets : clean tables; any may be empty.
    until : the reporting month, such as "2026-10".
    as_of : the last day that counts.
    workdays : a calendar from the first complaint to `as_of`, at least.
    lexicon : a company's own kinds.yaml.

    Returns
    -------
    tables : name → table.
    metrics : complaints (n, last_year, year_before), negative (solved before they came in), compensation (minor units, of the
        complaints of the last twelve months; None where nobody put any down), kind_agreement (n, share, low, high), recovery
        (end → complaints, of_all, low, high, n, stayed, share, share_low, share_high), rests_before (the step before which most
        ignored complaints rest), slowest_step (of the greatest mean). What cannot be told is None.
    """
    words = KindLexicon(lexicon)
    frame = known(complaints, as_of)
    if frame.empty:
        return {name: empty(table) for name, table in OUTPUTS.items()}, _figures(frame, {}, until, words)
    found = ends(frame, as_of, settings.prompt_days, settings.ignored_days, workdays)
    recorded = frame[["kind"]].rename(columns={"kind": "recorded"})
    frame = pd.concat([frame.drop(columns="kind"), recorded, kinds_of(frame, words), found], axis=1)
    solved = frame["end"].isin(["solved", "solved promptly"])
    frame["rests_before"] = rests_before(frame).mask(solved)
    ended_terms = terms(contracts, as_of)
    frame["stayed"] = stayed(frame, ended_terms, sales, tickets, as_of, settings.stay_days)
    tables = {
        "complaints": conform(frame, COMPLAINTS),
        "complaint_kinds": complaint_kinds(frame, until, settings.min_group),
        "complaint_steps": complaint_steps(frame, frame["kind"], frame["end"], workdays, settings.min_group),
        "recovery": recovery(frame, ended_terms, settings.min_group),
    }
    return tables, _figures(frame, tables, until, words)


def _figures(
    frame: pd.DataFrame, tables: dict[str, pd.DataFrame], until: str, words: KindLexicon
) -> dict[str, Any]:
    in_year = twelve_months(frame["received_at"], until)
    before = twelve_months(frame["received_at"], until, years_back=1)
    paid = frame.loc[in_year, "compensation"].sum(min_count=1)
    labelled = frame.assign(kind=frame["recorded"]) if "recorded" in frame else frame
    return {
        "complaints": {"n": len(frame), "last_year": int(in_year.sum()), "year_before": int(before.sum())},
        "negative": int(frame["negative"].sum()) if "negative" in frame else 0,
        "compensation": None if pd.isna(paid) else int(paid),
        "kind_agreement": agreement(labelled, words),
        "recovery": _by_end(tables["recovery"]) if tables else {},
        **(_slow(tables["complaint_steps"]) if tables else {"rests_before": None, "slowest_step": None}),
    }


def _by_end(table: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    names = {"of_all_low": "low", "of_all_high": "high", "low": "share_low", "high": "share_high"}
    rows = table.set_index("end").rename(columns=names).astype(object)
    return {str(end): {k: None if pd.isna(v) else v for k, v in row.items()} for end, row in rows.T.items()}


def _slow(steps: pd.DataFrame) -> dict[str, int | None]:
    every = steps[steps["kind"] == EVERY].set_index("step")
    resting = every["rest"][every["rest"] > 0]
    timed = every["mean_days"].dropna()
    return {
        "rests_before": int(resting.idxmax()) if len(resting) else None,
        "slowest_step": int(timed.idxmax()) if len(timed) else None,
    }
