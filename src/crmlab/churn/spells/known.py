"""The contract terms of a company as anyone could know them on a day: the SQL of this folder, and what it means."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from crmlab.engine import DuckDB, Input, Relation, Spark

_HERE = Path(__file__).parent
_DATES = ("start_at", "end_at", "known_at", "signed_at", "next_known_at", "start_before", "end_before")
FATES = ("open", "signed", "superseded", "renewed", "lost", "competing", "unknown")
"""open: not settled; signed: not settled, and the next term is known already; superseded: another term took its place more
than the grace days before its end. Once its last day and the grace days are past: renewed, lost, competing (the customer moved,
closed or was merged) or unknown (no outcome on record and no term that followed, in an export
that does not show renewals as terms: in one that does, nine in ten or more, such a term is lost)."""


def spells(engine: DuckDB | Spark, contracts: Input, as_of: pd.Timestamp, grace_days: int) -> Relation:
    """Every term known on `as_of`, as a relation of `engine`; `known_spells` has it as a frame, and says what is in it."""
    when = {"as_of": as_of.date(), "grace_days": grace_days}
    links = engine.run(_HERE / "links.sql", {"contracts": contracts}, when)
    chains = engine.run(_HERE / "chains.sql", {"contracts": contracts, "links": links}, when)
    found = engine.run(_HERE / "spells.sql", {"contracts": contracts, "links": links, "chains": chains}, when)
    engine.drop(links, chains)
    return found


def known_spells(
    engine: DuckDB | Spark, contracts: Input, as_of: pd.Timestamp, grace_days: int
) -> pd.DataFrame:
    """The terms that had been signed (or had begun) by `as_of`, and what was known of their ends.

    A term follows another if the export says so, or else by the gap rule: same customer, and it begins at most `grace_days`
    before or after the end of the other. Links run forward in time and to one term each, so that cycles and double claims in
    an export come to nothing. A term that ends before it starts is no term. A renewal within the grace days counts even if
    the export calls the term lost: the customer came back.

    Parameters
    ----------
    contracts : the clean table, as a relation or a Parquet file.
    as_of : a day at midnight; later terms, links and outcomes are not known.
    grace_days : days after the last day within which a renewal still counts.

    Returns
    -------
    One row per term, sorted by contract_id: its columns of the export, and

    - known_at: signed, or begun where no signature is dated
    - fate: one of `FATES`; next_id, next_known_at: the term that followed; is_gap: by the gap rule; recorded, end_reason:
      the outcome and its reason as exported, whenever that was known: no model reads them
    - relation_id, place: first term of its chain of renewals, and how many were before it there
    - previous_terms: terms of the customer that began before this one
    - overlaps: the customer had another term for longer than the grace days of this one, so that losing one is not
      losing the customer
    - years: length in whole years, at least 1; yearly_amount: price of a year in minor units, terms taken in whole months
    - price_change: yearly price against that of the term it renewed, in steps of 10 %; 0 for a first term
    - usual_lead: days between the signature of this term and the end of the one before; missing for a first term
    """
    found = spells(engine, contracts, as_of, grace_days)
    table = engine.stream(f"select * from {found.name} order by contract_id", {found.name: found}).read_all()
    engine.drop(found)
    return priced(table.to_pandas())


def priced(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with its dates as such, and years, yearly_amount, price_change and usual_lead added."""
    for name in _DATES:
        table[name] = pd.to_datetime(table[name]).astype("datetime64[ms]")
    days = (table.end_at - table.start_at).dt.days + 1
    table["years"] = np.maximum(1, np.rint(days / 365)).astype(int)
    table["yearly_amount"] = 12 * price_of_a_month(table.amount, table.start_at, table.end_at)
    before = 12 * price_of_a_month(table.amount_before, table.start_before, table.end_before)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.log(table.yearly_amount / before)
    change = change.where(np.isfinite(change), 0.0)
    table["price_change"] = change.clip(-1, 1) / np.log(1.1)
    table["usual_lead"] = (table.end_before - table.signed_at).dt.days.astype(float)
    return table.drop(columns=["amount_before", "start_before", "end_before"])


def price_of_a_month(amount: pd.Series, start_at: pd.Series, end_at: pd.Series) -> pd.Series:
    """Price of each term a month, in the unit of `amount`: over its length in whole months, at least one.

    Whole, or a leap day would pass for a price cut.
    """
    days = (end_at - start_at).dt.days + 1
    return amount.astype(float) / np.maximum(1, np.rint(days / 365.25 * 12))
