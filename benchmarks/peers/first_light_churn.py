"""The first model of renewals: a Cox model of ten features on yearly landmarks, the line `cox` of `benchmarks/churn.py`.

What replaces it must beat it by two paired standard errors, so it is kept as it was, apart from the stage's Cox model of today. Its
counts are per machine in service, so that one ticket is nothing to a bank with a hundred machines and all to a shop with one; nothing
dated after a landmark is read.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from scipy.optimize import brentq

from crmlab.churn.spells.frames import held
from crmlab.churn.spells.known import known_spells
from crmlab.churn.terms import YEAR, base_rates
from crmlab.engine import Engine

RUNNING = ("open", "signed", "superseded")
"""Fates of terms that may not have reached their last day."""
LATE_DAYS = 60
"""Before the end of a term, in which most renewals are signed: one that is not, is late."""
MIN_LOSSES = 20
"""Losses below which a term length gets no baseline of its own, and a label no coefficient."""
RIDGE = 0.01


def chances(
    tables: dict[str, pd.DataFrame],
    promises: pd.DataFrame,
    day: pd.Timestamp,
    grace_days: int,
    min_contracts: int,
) -> pd.Series:
    """P(renewed at its end) of every contract open on `day`, by contract_id.

    `tables` are the clean ones, `promises` is table `tickets` of stage service. The rate of the service level where no model can be
    fitted.
    """
    terms = known_terms(tables["contracts"], day, grace_days)
    living = terms[terms.fate == "open"]
    ended = terms.fate[terms.fate.isin(["renewed", "lost"])]
    if len(ended) < min_contracts or ended.nunique() < 2:
        return base_rates(terms, living.service_level).set_axis(living.contract_id)
    rows = landmark_rows(terms, day)
    now = living.assign(landmark=day)
    model = Cox(features(rows, terms, tables, promises), rows)
    end = clock(now, now.end_at)
    since = np.minimum(clock(now, now.landmark), end).to_numpy()
    over = (end + grace_days).to_numpy() + 1
    p = model.survival(features(now, terms, tables, promises), now.years, over, since)
    return pd.Series(p, index=living.contract_id)


def known_terms(contracts: pd.DataFrame, as_of: pd.Timestamp, grace_days: int) -> pd.DataFrame:
    """The terms of a frame as they were known on `as_of`, in the types of the clean tables."""
    engine = Engine(threads=1)
    terms = known_spells(engine, held(engine, contracts), as_of, grace_days)
    for name in (
        "contract_id",
        "customer_id",
        "service_level",
        "recorded",
        "relation_id",
        "renewed_contract_id",
    ):
        terms[name] = terms[name].astype("string")
    terms["auto_renew"] = terms.auto_renew.astype("boolean")
    terms["amount"] = terms.amount.astype("Int64")
    return terms


class Cox:
    """Coefficients by lifelines; baselines by length of the term, each step of which loses exactly as many as were lost."""

    def __init__(self, features: pd.DataFrame, rows: pd.DataFrame):
        losses = rows.groupby("years").lost.sum()
        kept = losses.index[losses >= MIN_LOSSES].tolist() or [losses.idxmax()]
        self.nearest = {y: min(kept, key=lambda k: (abs(k - y), k)) for y in range(1, 100)}
        self.medians = features.select_dtypes("number").median().dropna()
        self.columns = [n for n in self.medians.index if features[n].fillna(self.medians[n]).nunique() > 1]
        for label in features.select_dtypes(exclude="number"):
            counts = features[label].value_counts()
            rare = rows.lost.groupby(features[label]).sum() < MIN_LOSSES
            self.columns += [f"{label}={value}" for value in sorted(counts.index[1:]) if not rare[value]]
        design = self._design(features)
        self.means = design.mean()
        stratum = rows.years.map(self.nearest)
        shift = (stratum - rows.years) * YEAR
        observed = design.assign(
            stratum=stratum,
            entry=(rows.entry + shift).clip(lower=0),
            duration=rows.duration + shift,
            lost=rows.lost,
        )
        observed = observed[observed.entry < observed.duration]
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of labels without a loss in some term length, which the ridge holds
            cox = CoxPHFitter(penalizer=RIDGE)
            cox.fit(observed, "duration", "lost", entry_col="entry", strata=["stratum"])
        self.slopes = cox.params_[self.columns]
        risk = self._risk(design)
        self.baselines = {
            years: _baseline(own, risk[own.index]) for years, own in observed.groupby("stratum")
        }

    def survival(
        self, features: pd.DataFrame, years: pd.Series, until: np.ndarray, since: np.ndarray
    ) -> np.ndarray:
        """P(not lost by day `until` of its clock, given that it was not lost by day `since`), per row."""
        stratum = years.map(self.nearest)
        shift = ((stratum - years) * YEAR).to_numpy()
        hazard = np.zeros(len(years))
        for length, (days, steps) in self.baselines.items():
            own = (stratum == length).to_numpy()
            first, last = (np.searchsorted(days, (day + shift)[own], side="right") for day in (since, until))
            hazard[own] = steps[np.maximum(first, last)] - steps[first]
        return np.exp(-hazard * self._risk(self._design(features)).to_numpy())

    def _design(self, features: pd.DataFrame) -> pd.DataFrame:
        columns = {}
        for name in self.columns:
            label, _, value = name.partition("=")
            if value:
                columns[name] = (features[label] == value).fillna(False).astype(float)
            else:
                columns[name] = features[name].fillna(self.medians[name]).astype(float)
        return pd.DataFrame(columns, index=features.index)

    def _risk(self, design: pd.DataFrame) -> pd.Series:
        return np.exp((design - self.means) @ self.slopes)


def _baseline(rows: pd.DataFrame, risk: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Days with losses, and the cumulated hazard before the first and after each of them (Kalbfleisch and Prentice 1973)."""
    days, hazards = [], [0.0]
    for day, lost in rows.groupby("duration").lost.sum().items():
        if not lost:
            continue
        at_risk = risk[(rows.entry < day) & (rows.duration >= day)].to_numpy()
        most = 50 / at_risk.min()  # all at risk were lost: no finite hazard is large enough
        days.append(day)
        hazards.append(
            brentq(lambda h, r=at_risk, n=lost: np.sum(1 - np.exp(-h * r)) - n, 0, most)
            if lost < len(at_risk)
            else most
        )
    return np.array(days), np.cumsum(hazards)


def landmark_rows(terms: pd.DataFrame, as_of: pd.Timestamp, every: int = YEAR) -> pd.DataFrame:
    """Cut each term at landmarks: its start, and every `every` days counted back from `as_of`.

    A row begins at a landmark (delayed entry) and ends at the next one, at the end of the term or on `as_of`. A loss happens on the
    day after the last one of the clock; a renewed term is censored on that day, still at risk; competing and unknown ends are
    censored the day before. A term whose renewal was known at a landmark is no longer at risk there.

    Returns
    -------
    The columns of `terms`, and landmark, entry, duration (whole days of the clock, entry < duration), lost.
    """
    oldest = terms.start_at.min()
    days = pd.date_range(end=as_of, periods=max(1, (as_of - oldest).days // every + 1), freq=f"{every}D")
    grid = pd.DataFrame({"landmark": days[:-1].astype("datetime64[ms]")})
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
    ends = ends.where(~rows.fate.isin(RUNNING), still_open)
    rows["duration"] = ends.where(following.isna(), clock(rows, following.fillna(rows.end_at))).astype(int)
    rows["lost"] = (rows.fate == "lost") & following.isna()
    no_term = rows.next_known_at.isna() & (rows.fate == "renewed")
    renewed_at = rows.next_known_at.where(~no_term, rows.end_at)
    at_risk = (rows.entry < rows.duration) & ~(renewed_at <= rows.landmark)
    return rows[at_risk].reset_index(drop=True)


def clock(terms: pd.DataFrame, when: pd.Series) -> pd.Series:
    """Whole days since each term began, shifted so that the last day of a term of n years is day 365 n."""
    return terms.years * YEAR - (terms.end_at - when).dt.days


def features(
    rows: pd.DataFrame, terms: pd.DataFrame, tables: dict[str, pd.DataFrame], promises: pd.DataFrame
) -> pd.DataFrame:
    """Ten numbers and three labels per row of `rows`, as of its landmark; counts, amounts and ages as log2(1 + x)."""
    tickets, visits = tables["tickets"], tables["visits"]
    calls = tickets[["ticket_id", "customer_id", "reported_at"]].rename(columns={"reported_at": "at"})
    second = visits.loc[visits.visit_no > 1, ["ticket_id", "arrived_at"]].rename(columns={"arrived_at": "at"})
    second = second.merge(tickets[["ticket_id", "customer_id"]], on="ticket_id")
    broken = promises[["customer_id", "broken_at"]].rename(columns={"broken_at": "at"})
    park = _in_service(tables["machines"], rows)
    first = terms.groupby("customer_id").start_at.min()
    to_end = (rows.end_at - rows.landmark).dt.days.clip(0, LATE_DAYS)
    found = pd.DataFrame(
        {
            "tenure_years": np.log2(1 + (rows.landmark - rows.customer_id.map(first)).dt.days / 365.25),
            "previous_terms": np.log2(1 + rows.previous_terms),
            "tickets_90": np.log2(1 + _count(calls, rows, 90) / park),
            "tickets_365": np.log2(1 + _count(calls, rows, 365) / park),
            "second_visits_365": np.log2(1 + _count(second, rows, 365) / park),
            "broken_promises_365": np.log2(1 + _count(broken, rows, 365) / park),
            "amount": np.log2(1 + rows.yearly_amount.clip(lower=0) / 100),
            "price_change": rows.price_change,
            "auto_renew": rows.auto_renew.astype("Float64").astype(float),
            "unsigned_late": (LATE_DAYS - to_end) / 30,
            "service_level": rows.service_level,
        },
        index=rows.index,
    )
    by_customer = tables["customers"].set_index("customer_id")
    return found.assign(**{name: rows.customer_id.map(by_customer[name]) for name in ("tier", "industry")})


def _in_service(machines: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Machines of each row's customer on the landmark, at least one."""
    ever = 36_500
    installed = machines[["customer_id"]].assign(at=machines.installed_at.fillna(pd.Timestamp("1980-01-01")))
    retired = machines[["customer_id"]].assign(at=machines.retired_at)
    return (_count(installed, rows, ever) - _count(retired, rows, ever)).clip(lower=1)


def _count(events: pd.DataFrame, rows: pd.DataFrame, days: int) -> pd.Series:
    """Events (customer_id, at) of each row's customer in the `days` up to and with the landmark."""
    codes = pd.Index(rows.customer_id.unique())
    seen = events[events.customer_id.isin(codes) & events["at"].notna()]
    far = 1_000_000  # days: keeps the customers apart on one sorted line
    line = np.sort(codes.get_indexer(seen.customer_id) * far + _day(seen["at"]))
    until = codes.get_indexer(rows.customer_id) * far + _day(rows.landmark)
    n = np.searchsorted(line, until, side="right") - np.searchsorted(line, until - days, side="right")
    return pd.Series(n, index=rows.index)


def _day(when: pd.Series) -> np.ndarray:
    """Days since 1970 as integers."""
    return when.to_numpy().astype("datetime64[D]").astype("int64")
