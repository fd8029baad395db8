"""The room's one call: every table of the surveys, and the figures of its page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmlab.service.settings import Settings
from crmlab.service.surveys.alpha import alphas
from crmlab.service.surveys.answers import answers, last_months, sheet_means, within
from crmlab.service.surveys.drivers import dimension_drivers, drivers, record_drivers
from crmlab.service.surveys.manners import branch_of, manners
from crmlab.service.surveys.outputs import OVERALL
from crmlab.service.surveys.response import response, served, weights, who_answered
from crmlab.service.surveys.satisfaction import satisfaction
from crmlab.service.surveys.scales import lowest_marks
from crmlab.service.surveys.servqual import servqual
from crmlab.service.surveys.silent import silent, silent_shift
from crmlab.service.visits.sequence import in_order


def answered(
    surveys: pd.DataFrame,
    tickets: pd.DataFrame,
    sales: pd.DataFrame,
    customers: pd.DataFrame,
    months: pd.DataFrame,
    settings: Settings,
    *,
    judged: pd.DataFrame,
    visits: pd.DataFrame,
    complaints: pd.DataFrame,
    until: str,
    as_of: pd.Timestamp,
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """What customers expect and meet, what goes with it, and for whom the answers stand.

    Parameters
    ----------
    surveys, tickets, sales, customers, visits : clean tables.
    months : the stage's table months.
    judged : the stage's table tickets: ticket_id, customer_id, reported_at, broken_at.
    complaints : the stage's table complaints: customer_id, received_at, end, ended_at.
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
                    _events(judged, "reported_at"),
                    _records(judged, visits, complaints, settings.ignored_days, as_of),
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


def _events(table: pd.DataFrame, at: str) -> pd.DataFrame:
    return table[["customer_id", at]].rename(columns={at: "at"}).dropna()


def _records(
    judged: pd.DataFrame,
    visits: pd.DataFrame,
    complaints: pd.DataFrame,
    ignored_days: int,
    as_of: pd.Timestamp,
) -> dict[str, pd.DataFrame]:
    """When each driver on record became known, by the rules of the table months; a complaint solved too late was ignored first."""
    made = in_order(visits, as_of)
    owner = judged.drop_duplicates("ticket_id").set_index("ticket_id")["customer_id"]
    second = made[made["later"]].assign(customer_id=lambda late: late["ticket_id"].map(owner))
    patience = complaints["received_at"] + pd.Timedelta(days=ignored_days)
    over = complaints["end"].notna() & (complaints["end"] != "running")
    ignored = complaints.assign(at=patience)[over & (complaints["ended_at"] >= patience)]
    return {
        "broken_promises": _events(judged, "broken_at"),
        "second_visits": _events(second, "arrived_at"),
        "complaints_ignored": _events(ignored, "at"),
    }


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
