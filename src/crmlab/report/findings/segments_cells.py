"""Types × value × risk: who is in which cell, and what it gets; the policy by stage; the seed's simpler scheme beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.findings.segments_words import (
    BANDS,
    CLAUSES,
    FEW,
    RISKS,
    SHORT_BANDS,
    STAGES,
    in_order,
    named,
)
from crmlab.report.findings.value_words import customers_said
from crmlab.report.matrix import SHADES, Cell, Matrix
from crmlab.report.messages import MISSING, Message, count, is_missing, money, number, say, term

if TYPE_CHECKING:
    import pandas as pd

LEVELS = {"high": say("high"), "low": say("low"), "unknown": say("not known")}
"""Levels of the simpler scheme in words."""
POLICY = "policy"
"""Context of the catalogue for what policy.csv says."""


def cells_in_words(cells: pd.DataFrame) -> pd.DataFrame:
    """Table cells as the seed numbers the types, with `band_said` and `risk_said`; cells of nobody are left out."""
    rows = in_order(cells)
    rows = rows[rows["type"].isin(list(CLAUSES)) & (rows["n"] > 0)]
    places = {name: place for place, name in enumerate(BANDS)}
    rows = rows.assign(place=rows["value_band"].astype(object).map(places).astype(float))
    rows["band_said"] = [BANDS.get(band) for band in rows["value_band"].astype(object)]
    rows["risk_said"] = [RISKS.get(risk) for risk in rows["risk"].astype(object)]
    return rows.reset_index(drop=True)


def at_stake(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells at risk, the most at stake first."""
    rows = cells_in_words(cells)
    rows = rows[rows["risk"] == "at_risk"]
    order = ["at_stake", "to_come", "n"]
    return rows.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def worst(cells: pd.DataFrame) -> pd.Series | None:
    """The cell at risk with most at stake; None where nothing is, or nobody is at risk."""
    rows = at_stake(cells)
    rows = rows[rows["at_stake"] > 0]
    return None if rows.empty else rows.iloc[0]


def by_band(cells: pd.DataFrame) -> Matrix:
    """Customers by type and band of value, those at risk in brackets; the more is at stake, the darker."""
    rows = cells_in_words(cells)
    bands = [band for band in BANDS if (rows["value_band"] == band).any()]
    stakes = rows[rows["risk"] == "at_risk"].groupby(["type", "value_band"], observed=True)["at_stake"].sum()
    most = stakes.max() if len(stakes) else 0

    def cell(name: str, band: str) -> Cell:
        here = rows[(rows["type"] == name) & (rows["value_band"] == band)]
        if here.empty:
            return Cell(MISSING, 0)
        risky = int(here.loc[here["risk"] == "at_risk", "n"].sum())
        stake = stakes.get((name, band), 0)
        shade = round(SHADES * stake / most) if most > 0 and stake > 0 else 0
        return Cell(count(here["n"].sum()), shade, say("({n})", n=count(risky)) if risky else None)

    present = [name for name in CLAUSES if (rows["type"] == name).any()]
    return Matrix(
        say("Best guess"),
        [SHORT_BANDS[band] for band in bands],
        [(term("type", name), [cell(name, band) for band in bands]) for name in present],
    )


def title(cells: pd.DataFrame) -> Message:
    """The finding above types × value × risk: the cell where most is at stake."""
    rows, cell = cells_in_words(cells), worst(cells)
    if rows.empty:
        return say("What each customer gets cannot be told: no value is known")
    if (rows["risk"] == "unknown").all():
        return say("How many of each type and value there are; who is at risk cannot be told")
    risky = rows[rows["risk"] == "at_risk"]
    if cell is None and len(risky) and risky["at_stake"].isna().all():
        return say("What is at stake is not known; {n} are at risk", n=customers_said(risky["n"].sum()))
    if cell is None:
        return say("Nothing is at stake: nobody of value is at risk")
    return say(
        "Most is at stake with the {type}, {band}: {n} at risk, {amount}",
        type=term("type", cell["type"]),
        band=cell["band_said"],
        n=customers_said(cell["n"]),
        amount=money(cell["at_stake"]),
    )


def manners(cells: pd.DataFrame) -> pd.DataFrame:
    """How each type is served: columns type, n, at_risk, manner; once per type."""
    rows = cells_in_words(cells)
    risky = rows["n"].where(rows["risk"] == "at_risk", 0)
    found = rows.assign(risky=risky).groupby("type", sort=False, as_index=False)
    return found.agg(n=("n", "sum"), at_risk=("risky", "sum"), manner=("manner", "first"))


def efforts(cells: pd.DataFrame) -> pd.DataFrame:
    """How much each band of value and risk gets: columns band_said, risk_said, n, to_come, at_stake, effort; the highest value first."""
    rows = cells_in_words(cells)
    order = {name: place for place, name in enumerate(RISKS)}
    rows["risky"] = rows["risk"].astype(object).map(order).astype(float)
    found = rows.groupby(["place", "risky"], as_index=False).agg(
        band_said=("band_said", "first"),
        risk_said=("risk_said", "first"),
        n=("n", "sum"),
        to_come=("to_come", "sum"),
        at_stake=("at_stake", lambda x: x.sum(min_count=1)),
        effort=("effort", "first"),
    )
    return found.sort_values(["place", "risky"], ignore_index=True)


def by_stage(customers: pd.DataFrame) -> pd.DataFrame:
    """What the policy has for each best guess and stage in which somebody is: columns type, stage_said, n, action."""
    rows = named(customers[customers["likeliest"].isin(list(CLAUSES)) & customers["action"].notna()])
    found = rows.groupby(["likeliest", "stage", "action"], observed=True, as_index=False).size()
    found = in_order(found.rename(columns={"likeliest": "type", "size": "n"}))
    places = {name: place for place, name in enumerate(STAGES)}
    found["place"] = found["stage"].astype(object).map(places).astype(float)
    found["which"] = found["type"].map({name: place for place, name in enumerate(CLAUSES)}).astype(float)
    found["stage_said"] = [STAGES.get(stage) for stage in found["stage"].astype(object)]
    return found.sort_values(["which", "place", "action"], ignore_index=True)


def scheme(simple_scheme: pd.DataFrame) -> pd.DataFrame:
    """The simpler scheme in words, the most value to come first; the commonest type only of `FEW` or more."""
    rows = plain(simple_scheme)
    rows = rows[rows["n"] > 0].sort_values(
        ["to_come", "n", "profit", "loyalty", "satisfaction"], ascending=[False, False, True, True, True]
    )
    for column in ("profit", "loyalty", "satisfaction"):
        rows[f"{column}_said"] = [LEVELS.get(level) for level in rows[column].astype(object)]
    few = rows["n"] < FEW
    rows["commonest"] = rows["commonest"].mask(few)
    rows["commonest_share"] = rows["commonest_share"].mask(few)
    return rows.reset_index(drop=True)


def scheme_title(overlap: Any) -> Message:
    """The finding above the simpler scheme: whether it says the same as the types (adjusted mutual information, 0 to 1)."""
    if is_missing(overlap):
        return say("The simpler scheme, profit × loyalty × satisfaction")
    words = {"overlap": number(overlap, 2)}
    if overlap < 0.1:
        return say("The simpler scheme says something else: it shares {overlap} of 1 with the types", **words)
    if overlap < 0.5:
        return say("The simpler scheme says part of what the types say: {overlap} of 1", **words)
    return say("The simpler scheme says much the same as the types: {overlap} of 1", **words)


BY_BAND = say(
    "Customers by best guess and by value to come, those at risk in brackets; darker is more at stake. High: the top fifth of the customers "
    "worth something; middle: the next three tenths; low: the rest; loss: costs more than it brings. The type says how to serve, the value how much: value is no input of "
    "the type. Customers without a determined type are served as before."
)
"""How to read types × value × risk."""
SIMPLE = say(
    "The seed's simpler scheme, as a baseline: profit to date above the median, likely to stay, content in the surveys. It needs no types, and "
    "unlike them it knows the value. The overlap is adjusted mutual information: 0 is chance, 1 the same division."
)
"""How to read the simpler scheme."""
