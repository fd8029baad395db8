"""Answers to questionnaires, each from 0 to 1, and the means of every questionnaire."""

from __future__ import annotations

import pandas as pd

from crmlab.service.surveys.outputs import OVERALL
from crmlab.service.surveys.scales import lowest_marks, rescaled

EXPECTED, MET = "expectation", "perception"


def answers(surveys: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The answers given up to the end of the day `as_of`, from 0 to 1.

    Answers without a kind are perceptions, those without a dimension are `overall`. Answers without a questionnaire number are of
    one questionnaire where customer and moment are the same.

    Parameters
    ----------
    surveys : the clean table surveys.

    Returns
    -------
    One row per answer: sheet, customer, answered_at, about (repair: the questionnaire names a ticket; else yearly), dimension, item, kind,
    value (0 to 1), scale (such as 1-5).
    """
    surveys = surveys[
        surveys["answered_at"].notna() & (surveys["answered_at"] < as_of + pd.Timedelta(days=1))
    ]
    low = lowest_marks(surveys)
    name = pd.Series({top: f"{mark:g}-{top:g}" for top, mark in low.items()}, dtype=object)
    customer = surveys["customer_id"].astype(object)
    sheet = surveys["survey_id"].astype(object)
    unnumbered = sheet.isna()
    moment = surveys.loc[unnumbered, "answered_at"].astype(str)
    sheet = sheet.mask(unnumbered, customer[unnumbered].astype(str) + " " + moment)
    of_ticket = surveys["ticket_id"].notna().groupby(sheet).transform("max").astype(bool)
    made = pd.DataFrame(
        {
            "sheet": sheet,
            "customer": customer.where(customer.notna(), sheet),
            "answered_at": surveys["answered_at"],
            "about": of_ticket.map({True: "repair", False: "yearly"}),
            "dimension": surveys["dimension"].astype(object).where(surveys["dimension"].notna(), OVERALL),
            "item": surveys["item"].astype(object).where(surveys["item"].notna(), ""),
            "kind": surveys["kind"].astype(object).where(surveys["kind"].notna(), MET),
            "value": rescaled(surveys),
            "scale": surveys["scale_max"].astype("Float64").astype(float).map(name),
        }
    )
    return made.dropna(subset="value").reset_index(drop=True)


def within(made: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """The answers given from `start` to before `end`."""
    return made[(made["answered_at"] >= start) & (made["answered_at"] < end)]


def sheet_means(made: pd.DataFrame) -> pd.DataFrame:
    """Means of each questionnaire, so that it counts once however many of its items were answered.

    Parameters
    ----------
    made : from `answers`.

    Returns
    -------
    One row per questionnaire and dimension, sorted: sheet, customer, answered_at, about, dimension, expectation and perception (0 to
    1, missing where not answered), n_expectation and n_perception (answers).
    """
    of_sheet = made.groupby("sheet", as_index=False).agg(
        customer=("customer", "first"), answered_at=("answered_at", "max"), about=("about", "first")
    )
    grouped = made.groupby(["sheet", "dimension", "kind"])["value"]
    mean = grouped.mean().unstack("kind").reindex(columns=[EXPECTED, MET])
    n = grouped.size().unstack("kind", fill_value=0).reindex(columns=[EXPECTED, MET], fill_value=0)
    wide = mean.join(n.add_prefix("n_")).rename_axis(columns=None).reset_index()
    return of_sheet.merge(wide, on="sheet").sort_values(["sheet", "dimension"], ignore_index=True)
