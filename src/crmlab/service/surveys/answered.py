"""The room's one call: every table of the surveys, and the figures of its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crmlab.service.promises.period import last_months
from crmlab.service.settings import Settings
from crmlab.service.surveys.alpha import alphas
from crmlab.service.surveys.answers import answers, sheet_means, within
from crmlab.service.surveys.drivers import dimension_drivers, drivers, record_drivers
from crmlab.service.surveys.manners import branch_of, manners
from crmlab.service.surveys.outputs import OVERALL
from crmlab.service.surveys.response import response, served, weights, who_answered
from crmlab.service.surveys.satisfaction import satisfaction
from crmlab.service.surveys.scales import lowest_marks
from crmlab.service.surveys.servqual import servqual
from crmlab.service.surveys.silent import silent, silent_shift

_RECORDS = {
    "broken_promises": "broken_promises",
    "second_visits": "second_visits",
    "complaints_ignored": "ignored",
}
"""Drivers on record, and the events of `crmlab.service.months` that they are."""


def answered(
    surveys: pd.DataFrame,
    tickets: pd.DataFrame,
    sales: pd.DataFrame,
    customers: pd.DataFrame,
    months: pd.DataFrame,
    events: Mapping[str, pd.DataFrame],
    settings: Settings,
    *,
    until: str,
    as_of: pd.Timestamp,
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """What customers expect and meet, what goes with it, and for whom the answers stand.

    Parameters
    ----------
    surveys, tickets, sales, customers : clean tables.
    months, events : from `crmlab.service.months`: the table, and the events that it counts.
    until : the last complete month, such as 2026-10.
    as_of : the day up to whose end anything counts.

    Returns
    -------
    The tables of outputs.py by name; and the figures gap5, alpha, scales, answered_share, answered_share_unhappy,
    answered_share_others (customers with and without trouble in the last twelve months), silent (of the table) and n_customers (who
    answered within `survey_months`). A figure that cannot be told is None.
    """
    made = answers(surveys, as_of)
    start, end = last_months(until, settings.survey_months)
    newest = within(made, start, end)
    ever, means = sheet_means(made), sheet_means(newest)
    year, _ = last_months(until, 12)
    in_year = ever[(ever["answered_at"] >= year) & (ever["answered_at"] < end)]
    lately = served(months, sales, customers, year, end)
    longer = served(months, sales, customers, start, end)
    of_scale = alphas(newest, settings.min_group)
    asked = means[means["dimension"] != OVERALL]
    spoken = silent(ever, settings.min_group)
    yearly = ever.loc[ever["about"] == "yearly", "customer"].unique()
    shift = silent_shift(spoken, longer.index.isin(yearly).mean() if len(longer) else np.nan)
    tables = {
        "servqual": servqual(
            means, of_scale, weights(longer, who_answered(asked)), shift, settings.min_group
        ),
        "alphas": of_scale,
        "silent": spoken,
        "satisfaction": satisfaction(made, settings.min_group),
        "drivers": drivers(
            [
                dimension_drivers(means, settings.min_group),
                record_drivers(
                    means,
                    events["tickets"],
                    {driver: events[event] for driver, event in _RECORDS.items()},
                    settings.min_group,
                ),
            ]
        ),
        "manners": manners(means, branch_of(tickets, as_of), settings.min_group),
        "response": response(lately, who_answered(in_year), settings.min_group),
    }
    past = surveys[surveys["answered_at"] < as_of + pd.Timedelta(days=1)]
    metrics = {
        "gap5": _gaps(tables["servqual"]),
        "alpha": _alphas(of_scale),
        "scales": {f"{top:g}": low for top, low in lowest_marks(past).items()},
        **_shares(tables["response"]),
        "silent": {
            row["group"]: {name: _figure(row[name]) for name in ("mean", "low", "high", "customers")}
            for row in spoken.to_dict("records")
        },
        "n_customers": int(means["customer"].nunique()),
    }
    return tables, metrics


def _gaps(table: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    told = table[table["gap"].notna()]
    names = ["gap", "low", "high", "weighted_gap", "all_gap", "all_low", "all_high", "customers"]
    return {row["dimension"]: {name: _figure(row[name]) for name in names} for row in told.to_dict("records")}


def _alphas(table: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    found: dict[str, dict[str, float | None]] = {}
    for scale, kind, alpha in zip(table["scale"], table["kind"], table["alpha"], strict=True):
        found.setdefault(scale, {})[kind] = _figure(alpha)
    return found


def _shares(table: pd.DataFrame) -> dict[str, float | None]:
    share = table.set_index(["of", "group"])["share"]
    groups = {
        "answered_share": ("all", ""),
        "answered_share_unhappy": ("trouble", "some"),
        "answered_share_others": ("trouble", "none"),
    }
    return {name: _figure(share.get(key, np.nan)) for name, key in groups.items()}


def _figure(value: Any) -> float | None:
    return None if pd.isna(value) else round(float(value), 6)
