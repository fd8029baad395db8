"""Contract terms as they were known on a day: which are open, renewed, lost, or ended for another cause."""

from __future__ import annotations

import numpy as np
import pandas as pd

COMPETING = ("moved", "closed", "merged")
"""Ends that are no churn: the customer moved away, closed down or was merged. Such terms are censored."""

YEAR = 365
MIN_ENDED = 20
"""Ended terms below which a renewal rate is not taken for a chance."""
DAY = pd.Timedelta(days=1)


def known_terms(contracts: pd.DataFrame, as_of: pd.Timestamp, grace_days: int) -> pd.DataFrame:
    """The contract terms as anyone could know them on `as_of`: later rows and later outcomes are not used.

    A term is known from the day it was signed (or began). Its outcome counts once its last day and `grace_days` after
    it are past, for renewals and losses alike: else the early renewals of the last weeks would flatter every rate.

    Returns
    -------
    One row per known term: contract_id, customer_id, service_level, start_at, end_at, amount (minor units),
    auto_renew, renewed_contract_id, and

    - fate: open, signed (the next term is known already), and once settled renewed, lost, competing (moved, closed,
      merged) or unknown (no outcome recorded)
    - renewed_at: when the next term was known; NaT where it is not
    - recorded: the outcome as the export has it today, for telling which contracts are open *today* only
    - years: length of the term in whole years, at least 1
    - yearly_amount: price of a year, in minor units, terms taken in whole months
    - price_change: yearly price against that of the term it renewed, in steps of 10 %; 0 for a first term
    - previous_terms: terms of the customer that began before this one
    - relation_id: the first term of the chain of renewals that the term belongs to
    """
    all_terms = contracts.assign(known_at=contracts.signed_at.fillna(contracts.start_at))
    terms = all_terms.loc[all_terms.known_at <= as_of].copy()
    days = (terms.end_at - terms.start_at).dt.days + 1
    terms["years"] = np.maximum(1, np.rint(days / YEAR)).astype(int)

    known_at = terms.set_index("contract_id").known_at
    next_known = terms.renewed_contract_id.map(known_at)
    settled = terms.end_at + pd.Timedelta(days=grace_days) <= as_of
    lost = terms.outcome == "lost"
    away = terms.end_reason.isin(COMPETING)
    signed = next_known.notna()
    renewed = signed | (settled & (terms.outcome == "renewed"))
    fates = {
        "signed": signed & ~settled,
        "open": ~settled,
        "renewed": renewed,
        "competing": lost & away,
        "lost": lost,
    }
    conditions = [c.fillna(False).astype(bool) for c in fates.values()]
    terms["fate"] = np.select(conditions, list(fates), "unknown")
    terms["renewed_at"] = next_known.where(signed | ~renewed.fillna(False).astype(bool), terms.end_at)
    terms["recorded"] = terms.outcome
    terms["service_level"] = terms.service_level.fillna("none")

    terms["yearly_amount"] = 12 * monthly_price(terms)
    yearly = terms.yearly_amount.where(terms.yearly_amount > 0)
    before = pd.Series(yearly.array, index=terms.renewed_contract_id)
    before = before[before.index.notna() & ~before.index.duplicated()]
    change = np.log(yearly) - np.log(terms.contract_id.map(before).astype(float))
    terms["price_change"] = change.fillna(0.0).clip(-1, 1) / np.log(1.1)
    terms["previous_terms"] = terms.groupby("customer_id").start_at.rank("min").fillna(1).astype(int) - 1
    terms["relation_id"] = _first_of_chain(terms)
    columns = [
        "contract_id", "customer_id", "service_level", "start_at", "end_at", "amount", "auto_renew",
        "renewed_contract_id", "known_at", "fate", "renewed_at",
        "recorded", "years", "yearly_amount", "price_change", "previous_terms", "relation_id",
    ]  # fmt: skip
    return terms[columns].sort_values("contract_id", kind="stable").reset_index(drop=True)


def monthly_price(terms: pd.DataFrame) -> pd.Series:
    """Price of each term a month, in minor units: `amount` over its length in whole months, at least one.

    Whole, or a leap day would pass for a price cut.
    """
    days = (terms.end_at - terms.start_at).dt.days + 1
    return terms.amount.astype(float) / np.maximum(1, np.rint(days / 365.25 * 12))


def _first_of_chain(terms: pd.DataFrame) -> pd.Series:
    """Follow each term back to the one it did not renew."""
    links = terms.loc[terms.renewed_contract_id.notna(), ["renewed_contract_id", "contract_id"]]
    before = links.drop_duplicates("renewed_contract_id").set_index("renewed_contract_id").contract_id
    first = terms.contract_id
    for _ in range(100):  # a chain longer than a century of yearly terms is a loop in the data
        earlier = first.map(before)
        if earlier.isna().all():
            break
        first = earlier.fillna(first)
    return first


def renewal_rate(terms: pd.DataFrame) -> float:
    """Renewed over renewed and lost; NaN where none ended."""
    ended = terms.fate.isin(["renewed", "lost"])
    return float((terms.fate[ended] == "renewed").mean())


def base_rates(terms: pd.DataFrame, level: pd.Series) -> pd.Series:
    """The naive line: the renewal rate of all terms of a service level that have ended.

    A level with fewer than `MIN_ENDED` ended terms gets the rate of all, NaN if all are fewer than that. Returns one
    rate per entry of `level`.
    """
    over = terms[terms.fate.isin(["renewed", "lost"])]
    by_level = (over.fate == "renewed").groupby(over.service_level).agg(["mean", "size"])
    rates = by_level.loc[by_level["size"] >= MIN_ENDED, "mean"]
    of_all = renewal_rate(over) if len(over) >= MIN_ENDED else np.nan
    return level.map(rates).astype(float).fillna(of_all)


def renewals_by_month(terms: pd.DataFrame, months: int = 24) -> pd.DataFrame:
    """Contracts due and renewed by the month of their last day: the latest `months` that are settled to their end."""
    month = terms.end_at.dt.strftime("%Y-%m")
    unsettled = month[terms.fate.isin(["open", "signed"])].min()
    due = terms.fate.isin(["renewed", "lost"])
    if isinstance(unsettled, str):
        due &= month < unsettled
    table = (terms.fate[due] == "renewed").groupby(month[due]).agg(["size", "sum"])
    table.columns = ["due", "renewed"]
    table["rate"] = table.renewed / table.due
    return table.tail(months).rename_axis("month").reset_index()


def landmark_rows(terms: pd.DataFrame, as_of: pd.Timestamp, every: int = YEAR) -> pd.DataFrame:
    """Cut each term at landmarks: its start, and every `every` days counted back from `as_of`.

    A row begins at a landmark, where its features are taken (delayed entry), and ends at the next landmark, at the
    end of the term or on `as_of`. A term whose renewal was known at a landmark is no longer at risk there.

    The clock is days since the term began, shifted so that the last day of a term of n years is day 365 n: leap
    years and odd lengths then do not scatter the ends, on which nearly every loss falls. A loss happens on the day
    after the last one; a renewed term is censored on that day, still at risk; competing and unknown ends are
    censored the day before.

    Returns
    -------
    contract_id, customer_id, landmark, entry, duration (whole days of the clock, entry < duration), lost (bool),
    and the columns of `terms` that features need.
    """
    oldest = terms.start_at.min()
    regular = pd.date_range(end=as_of, periods=max(1, (as_of - oldest).days // every + 1), freq=f"{every}D")[
        :-1
    ]
    grid = pd.DataFrame({"landmark": regular.astype("datetime64[ms]")})
    cut = terms.merge(grid, how="cross")
    cut = cut[(cut.landmark > cut.start_at) & (cut.landmark <= cut.end_at)]
    own = terms.assign(landmark=terms.start_at)
    rows = pd.concat([own[own.landmark < as_of], cut], ignore_index=True)
    rows = rows.sort_values(["contract_id", "landmark"], kind="stable").reset_index(drop=True)

    following = rows.groupby("contract_id").landmark.shift(-1)
    last_day = clock(rows, rows.end_at)
    rows["entry"] = clock(rows, rows.landmark)
    ends = last_day + rows.fate.isin(["renewed", "lost"]).astype(int)
    still_open = np.minimum(clock(rows, pd.Series(as_of, index=rows.index)), last_day)
    ends = ends.where(~rows.fate.isin(["open", "signed"]), still_open)
    rows["duration"] = ends.where(following.isna(), clock(rows, following.fillna(rows.end_at))).astype(int)
    rows["lost"] = (rows.fate == "lost") & following.isna()
    at_risk = (rows.entry < rows.duration) & ~(rows.renewed_at <= rows.landmark)
    return rows[at_risk].reset_index(drop=True)


def clock(terms: pd.DataFrame, when: pd.Series) -> pd.Series:
    """Whole days since each term began, shifted so that the last day of a term of n years is day 365 n."""
    return terms.years * YEAR - (terms.end_at - when).dt.days
