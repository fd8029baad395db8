"""The stage's whole answer: each customer's type, how sure that is, how it moves, what it gets, and whether types are good for anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from crmlab import tables
from crmlab.engine import DuckDB, Spark
from crmlab.segments.behaviour import history as behaviour
from crmlab.segments.behaviour.absent import TABLES
from crmlab.segments.behaviour.topics import TopicLexicon, topic_shares
from crmlab.segments.customers import customer_table
from crmlab.segments.figures import figures, type_table
from crmlab.segments.lacks import lacks
from crmlab.segments.moves import life_cycle as cycle
from crmlab.segments.moves.drift import shift
from crmlab.segments.moves.movers import movers
from crmlab.segments.moves.tracker import TypeTracker
from crmlab.segments.moves.transitions import agreement, changes_per_year, transitions
from crmlab.segments.outputs import OUTPUTS, STAGES
from crmlab.segments.reference import reference_month
from crmlab.segments.settings import Settings
from crmlab.segments.types.evidence import evidence
from crmlab.segments.types.fitted import Fitted, same_label
from crmlab.segments.types.reasons import why
from crmlab.segments.use.cells import cells
from crmlab.segments.use.labels import read_labels
from crmlab.segments.use.policy import Policy
from crmlab.segments.use.simple_scheme import overlap, scheme, simple_scheme
from crmlab.segments.use.usefulness import usefulness
from crmlab.service.promises.levels import Levels

CLEAN = tuple(sorted({*TABLES, *cycle.CLEAN}))
"""The clean tables that the stage reads; any may be empty."""
YEAR = 12


@dataclass(frozen=True)
class Edited:
    """What people of the company wrote, each file empty where they wrote nothing; the names are those of the files."""

    topics: Path
    policy: Path
    effort: Path
    type_labels: Path


@dataclass(frozen=True)
class Results:
    """`tables` of outputs.py by name, the figures of segments.json, the fitted scales and mixture, and what is missing."""

    tables: dict[str, pd.DataFrame]
    metrics: dict[str, Any]
    fitted: Fitted | None
    lacks: list[tuple[str, str]]

    @property
    def is_empty(self) -> bool:
        """Whether nobody left a record to tell a type from."""
        return not self.metrics["n"]

    @property
    def summary(self) -> str:
        """The one line that ends the run."""
        m = self.metrics
        if self.is_empty:
            return "no customer with a sale or a ticket"
        if m["em_steps"] is None:
            return f"cannot tell: {m['n']:,} customers are too few, or too alike, for nine types"
        kept = m["bootstrap_same_label"]
        said = f"{m['determined_share']:.0%} of {m['n']:,} customers have a type"
        return said if kept is None else f"{said}; {kept:.0%} of them keep it when told from a resample"


def results(
    engine: DuckDB | Spark,
    clean: Mapping[str, Path],
    value: pd.DataFrame,
    renewals: pd.DataFrame,
    edited: Edited,
    settings: Settings,
    last: pd.Timestamp,
) -> Results:
    """Tell the type of every customer, now and in earlier months, and what follows from it.

    Parameters
    ----------
    clean : the Parquet files of `CLEAN` by name.
    value : table `customers` of stage value, for presentation: value is no input of the type.
    renewals : table `contracts` of stage churn: customer_id, p_renew.
    last : last day of the last complete month.

    Raises
    ------
    CrmlabError : a file that people edited says what cannot be.
    """
    lexicon, policy = TopicLexicon(edited.topics), Policy.read(edited.policy, edited.effort)
    file = pd.read_parquet(clean["customers"])
    labels, unknown = read_labels(edited.type_labels, file)
    named = labels.set_index("customer_id")["type"].astype(object)
    levels = Levels(settings.levels)

    history = behaviour.read_history(engine, clean, last, settings, lexicon)
    missing = list(lacks(history.absent))
    today = history.at(last)
    if today.empty:
        return Results({name: tables.empty(t) for name, t in OUTPUTS.items()}, {"n": 0}, None, missing)
    reference = reference_month(history, settings)
    fitted = Fitted.on(history.at(reference), settings, named)
    by_month = {month: fitted.probabilities(history.at(month)) for month in history.months}
    recent = history.months[-settings.history - 1 :]
    silent = named.index.difference(today["customer_id"])
    tracked = TypeTracker(settings.margin, settings.patience, settings.min_prob).track(
        pd.concat([by_month[m].reset_index().assign(month=m) for m in recent], ignore_index=True)
    )
    stages = cycle.life_cycle(engine, clean, recent, settings.grace_days, levels)

    customers = customer_table(
        today,
        fitted,
        by_month[last],
        named,
        tracked,
        stages[stages["month"] == last],
        file,
        value,
        renewals,
        policy,
        settings,
    )
    reasons = why(today, fitted.scores(today), fitted.mixture, customers) if fitted.mixture else None
    moved = shift(
        fitted.scores(history.at(reference)), {m: fitted.scores(history.at(m)) for m in recent[-2:]}
    )
    standing = scheme(value, pd.read_parquet(clean["surveys"]), last)
    likeliest = customers.set_index("customer_id")["likeliest"]
    then, before = (last - pd.offsets.MonthEnd(YEAR * n) for n in (1, 2))
    useful = usefulness(
        engine,
        clean,
        _as_known(history, then, settings),
        _as_known(history, before, settings),
        then,
        levels=levels,
        months=settings.months,
        grace_days=settings.grace_days,
    )
    answers = {
        "customers": customers,
        "types": type_table(customers, by_month.get(then)),
        "features": today,
        "evidence": evidence(today, fitted.scorer, fitted.scores(today), fitted.mixture, moved),
        "why": reasons,
        "months": tracked.merge(
            stages[["customer_id", "month", "stage"]], on=["customer_id", "month"], how="left"
        ),
        "transitions": transitions(tracked),
        "movers": None,
        "stages": _by_stage(stages),
        "cells": cells(customers, policy),
        "simple_scheme": simple_scheme(standing, likeliest, customers.set_index("customer_id")["to_come"]),
        "usefulness": useful,
        "topics": topic_shares(engine, clean, lexicon, last, settings.months),
    }
    if fitted.mixture is not None:
        answers["movers"] = movers(
            tracked[~tracked["customer_id"].isin(named.index)],
            customers,
            history.at(then),
            today,
            lambda table, a, b: fitted.mixture.explain(fitted.scorer.transform(table), a, b),
        )
    found = {
        name: tables.empty(t) if answers[name] is None else tables.conform(answers[name], t)
        for name, t in OUTPUTS.items()
    }
    share, n = agreement(*(fitted.told(by_month[month])["type"] for month in (history.months[0], last)))
    metrics = figures(found, fitted) | {
        "n_known": len(file),
        "unknown_labels": [*unknown, *(f"{customer} (no record in the window)" for customer in silent)],
        "absent": dict(history.absent),
        "reference": reference.date().isoformat(),
        "frozen": reference != last,
        "changes_per_year": changes_per_year(tracked),
        "agreement": share,
        "agreement_n": n,
        "months": len(recent),
        "overlap_simple_scheme": overlap(standing, likeliest),
        **same_label(fitted, history.at(reference), settings),
    }
    return Results(found, metrics, fitted, missing)


def _as_known(history: behaviour.History, month: pd.Timestamp, settings: Settings) -> pd.DataFrame:
    """customer_id and the nine probabilities as a fit on that very month tells them; no rows where it tells nothing."""
    table = history.at(month) if month in history.months else None
    if table is None or table.empty:
        return pd.DataFrame()
    fitted = Fitted.on(table, settings, belief=1.0)  # what types say, not how far to believe them
    return fitted.probabilities(table).reset_index() if fitted.mixture else pd.DataFrame()


def _by_stage(stages: pd.DataFrame) -> pd.DataFrame:
    """Customers of each life-cycle stage by month."""
    told = stages.dropna(subset=["stage"])
    counted = told.groupby(["month", "stage"]).agg(n=("customer_id", "size"), won_back=("won_back", "sum"))
    every = pd.MultiIndex.from_product(
        [sorted(told["month"].unique()), list(STAGES)], names=["month", "stage"]
    )
    return counted.reindex(every, fill_value=0).reset_index()
