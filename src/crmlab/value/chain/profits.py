"""The third link: what the year after brought of customers by what they had met in the year before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from crmlab.engine import DuckDB, Input, Spark
from crmlab.value.chain.groups import FIGURES, MIN_CASES, figure, indicators
from crmlab.value.chain.linear import linear_differences

_HERE = Path(__file__).parent
DAYS = 365
TAIL = 0.01
"""Share of customers at either end whose amount of a year is drawn in to that of the next."""


def met(
    engine: DuckDB | Spark,
    tables: Mapping[str, Input],
    service: Mapping[str, Input],
    terms: pd.DataFrame,
    landmark: pd.Timestamp,
    ignored_days: int,
) -> pd.DataFrame:
    """Every customer with a contract on `landmark`, what it had met in the year up to then, and what customers are alike in.

    Parameters
    ----------
    terms : from `crmlab.churn.spells.known.known_spells`, as of `landmark` or later.
    ignored_days : days after which a complaint not solved is ignored.

    Returns
    -------
    Sorted by customer_id: customer_id, machines, tickets, service_level (of the contract that began last), tenure in years, and

    - second_visits, promises: none or some
    - complaints: how the one ended whose end was known last; none without one, missing where none had ended yet
    """
    inputs = {name: tables[name] for name in ("tickets", "visits", "machines")}
    inputs |= {"promises": service["tickets"], "complaints": service["complaints"]}
    args = {"landmark": landmark.date(), "days": DAYS, "ignored_days": ignored_days}
    found = engine.stream(_HERE / "met.sql", inputs, args).read_all().to_pandas().set_index("customer_id")
    signed = terms[terms["known_at"] <= landmark].sort_values(["start_at", "contract_id"])
    live = signed[(signed["start_at"] <= landmark) & (signed["end_at"] >= landmark)]
    last = live.drop_duplicates("customer_id", keep="last").set_index("customer_id").sort_index()
    found = found.reindex(last.index)
    counts = ["machines", "tickets", "second_visits", "broken", "complaints"]
    found[counts] = found[counts].astype(float).fillna(0.0)
    first = signed.groupby("customer_id")["start_at"].min().reindex(last.index)
    never = np.where(found["complaints"] == 0, "none", None)
    return pd.DataFrame(
        {
            "machines": found["machines"],
            "tickets": found["tickets"],
            "service_level": last["service_level"].astype(object),
            "tenure": (landmark - first).dt.days / 365.25,
            "second_visits": np.where(found["second_visits"] > 0, "some", "none"),
            "promises": np.where(found["broken"] > 0, "some", "none"),
            "complaints": found["last_end"].astype(object).where(found["last_end"].notna(), never),
        }
    ).reset_index()


def profit_figures(
    customers: pd.DataFrame, margin_before: pd.Series, profit_after: pd.Series
) -> dict[tuple[str, str], dict[str, float]]:
    """For customers that had met something, how much more profit the year after brought than of those alike that had not.

    Alike in machines, tickets and margin of the year before, service level and years as a customer. It is the margin before the cost
    to serve, not the profit: a second visit costs money, and a customer that earned the same in spite of it is a better one, so
    that held at the same profit visits would seem to be followed by more (in the simulated company by about what they cost).

    A machine sold brings what many contracts do, and falls into one year or the next by chance; so the amounts of either year are
    winsorised: the hundredth customer from either end stands for all beyond it. They are not taken per machine, which would let
    customers of one machine decide what a customer brings, at twice the error. Even so most figures of this link cannot be told
    for a company of some hundred contracts.

    Parameters
    ----------
    customers : from `met`. margin_before, profit_after : margin of the year up to the landmark, profit of the year after it, by
        customer_id, in minor units; a customer that is not there brought nothing.

    Returns
    -------
    By what and group: n, customers, difference per customer with its standard error, and share: of customers, to whom it happens
    in a year. The difference is missing with fewer than `MIN_CASES` customers in the group or in none, or too few for the adjustment.
    """
    figures = {}
    was, came = (_drawn_in(_of(year, customers["customer_id"])) for year in (margin_before, profit_after))
    for what in dict.fromkeys(what for what, _ in FIGURES["profit"]):
        groups = [group for of, group in FIGURES["profit"] if of == what]
        counts = customers[what].value_counts()
        enough = [group for group in groups if counts.get(group, 0) >= MIN_CASES]
        compared = customers[what].isin(["none", *enough]).to_numpy()
        found: dict[str, tuple[float, float]] = {}
        if enough and counts.get("none", 0) >= MIN_CASES:
            rows = customers[compared]
            membership = np.column_stack([rows[what] == group for group in enough])
            differences = linear_differences(came[compared], membership, _alike(rows, was[compared]))
            found = dict(zip(enough, differences, strict=True))
        told = int(customers[what].notna().sum())
        for group in groups:
            cases = customers[customers[what] == group]
            share = len(cases) / told if told else np.nan
            figures[what, group] = figure(cases, *found.get(group, ())) | {"share": share}
    return figures


def _alike(rows: pd.DataFrame, was: np.ndarray) -> np.ndarray:
    machines, tickets, tenure = (rows[name].to_numpy(float) for name in ("machines", "tickets", "tenure"))
    machines = machines.clip(1)
    return np.column_stack(
        [
            machines,
            np.log2(machines),
            tickets,
            np.log2(1 + tickets),
            was,
            np.log2(1 + tenure.clip(0)),
            indicators(rows["service_level"]),
        ]
    )


def _of(amount: pd.Series, customer_ids: pd.Series) -> np.ndarray:
    return amount.reindex(customer_ids).fillna(0).to_numpy(float)


def _drawn_in(amounts: np.ndarray) -> np.ndarray:
    if not len(amounts):
        return amounts
    return np.clip(amounts, *np.quantile(amounts, [TAIL, 1 - TAIL]))
