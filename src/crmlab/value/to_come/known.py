"""What was known of a company on a day, as far as value to come is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from crmlab.churn.spells.known import known_spells
from crmlab.value.books.books import Books

_HERE = Path(__file__).parent
WINDOW = 3 * 365
"""Days back from which rates are learnt."""
YEAR = 365


@dataclass(frozen=True)
class Known:
    """The tables of a day: nothing in them is dated later.

    terms : contract terms, from `known_spells`. contact : index customer_id; frequency, recency, T of days with a purchase or a call,
    last_day. first_seen : day on which each customer was first known, within the record. machines, calls, call_costs, cover, prices, machine_lines : the answers of the .sql files of these names.
    calls_lately : of the last year, by customer.
    margins : margin and revenue by income model. contacts : cost of contacts and compensation in the last year, by customer.
    """

    day: pd.Timestamp
    terms: pd.DataFrame
    contact: pd.DataFrame
    first_seen: pd.Series
    machines: pd.DataFrame
    calls: pd.DataFrame
    calls_lately: pd.Series
    call_costs: pd.DataFrame
    cover: pd.DataFrame
    prices: pd.DataFrame
    machine_lines: pd.Series
    margins: pd.DataFrame
    contacts: pd.Series

    @property
    def since(self) -> pd.Timestamp:
        """The day after which rates are learnt."""
        return self.day - pd.Timedelta(days=WINDOW)

    def share(self, *models: str) -> float:
        """Margin over revenue of lines of these income models; 0 without revenue."""
        of = self.margins[self.margins.model.isin(models)]
        return float(of.margin.sum() / of.revenue.sum()) if of.revenue.sum() > 0 else 0.0

    def in_place(self, customers: pd.Index) -> np.ndarray:
        """How many machines each of `customers` has on the day."""
        owners = self.machines.customer_id[self.machines.retired.isna()]
        return owners.value_counts().reindex(customers, fill_value=0).to_numpy(int)


def known(books: Books, day: pd.Timestamp) -> Known:
    """Ask the books what was known on `day`."""
    t, since = books.tables, day - pd.Timedelta(days=WINDOW)
    args = {"as_of": day.date(), "since": since.date()}

    def ask(name: str, *tables: str, **other) -> pd.DataFrame:
        return books.ask(_HERE / f"{name}.sql", {n: t[n] for n in tables} | other, args)

    contact = ask("contact_days", "tickets", "sales").set_index("customer_id")
    contact["last_day"] = pd.to_datetime(contact.last_day)
    terms = known_spells(books.engine, t["contracts"], day, books.settings.grace_days)
    lines, costs = books.lines(day), books.costs(day)
    lately = args | {"since": (day - pd.Timedelta(days=YEAR)).date()}
    last_year = books.ask(_HERE / "calls.sql", {n: t[n] for n in ("tickets", "machines")}, lately)
    created = pd.to_datetime(ask("customers", "customers").set_index("customer_id").created_at)
    first_seen = first_known(created, contact, terms, day)
    machines = served(ask("machines", "machines", "products"), created, first_seen)
    care = books.ask(_HERE / "care.sql", {"costs": costs}, lately).set_index("customer_id").cost
    return Known(
        day=day,
        terms=terms,
        contact=contact,
        first_seen=first_seen,
        machines=machines,
        calls=ask("calls", "tickets", "machines"),
        calls_lately=last_year.groupby("customer_id").n.sum(),
        call_costs=ask("call_costs", "tickets", costs=costs).set_index("customer_id"),
        cover=ask("cover", "tickets", "machines", "contracts"),
        prices=ask("prices", "products", lines=lines),
        machine_lines=ask("machine_lines", "products", lines=lines).iloc[0],
        margins=ask("margins", lines=lines),
        contacts=care.astype(float),
    )


def first_known(
    created: pd.Series, contact: pd.DataFrame, terms: pd.DataFrame, day: pd.Timestamp
) -> pd.Series:
    """The day on which each customer was first known: in the customer file, by a contract, or by a purchase or call."""
    heard = day - pd.to_timedelta(contact["T"], unit="D")
    signed = terms.groupby("customer_id").known_at.min()
    first = pd.concat([s.astype("datetime64[ns]") for s in (created, heard, signed)], axis=1).min(axis=1)
    return first[first <= day].rename_axis("customer_id").sort_index()


def served(machines: pd.DataFrame, created: pd.Series, first_seen: pd.Series) -> pd.DataFrame:
    """Machines of customers who were known on the day, with the day `since` which each is served.

    Whoever brings old machines is served from the day on which it is first known. A customer that was entered in the customer file
    later and not heard of before was not known; where neither is dated, the installation is the first that is known.
    """
    for name in ("installed", "retired", "warranty_end", "support_end"):
        machines[name] = pd.to_datetime(machines[name])
    first, entered = (s.reindex(machines.customer_id).to_numpy() for s in (first_seen, created))
    machines["since"] = np.fmax(machines.installed.to_numpy("datetime64[ns]"), first)
    there = ~np.isnat(first) | (machines.installed.notna().to_numpy() & np.isnat(entered))
    return machines[there].reset_index(drop=True)
