"""What customers did in the year after a day, and how they stood on it: what types have to foretell, and what they have to beat.

Everything about how they stood was known on the day; the SQL of this folder counts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from crmlab.churn.spells.known import known_spells
from crmlab.engine import DuckDB, Spark
from crmlab.service.promises.levels import Levels

READS = ("sales", "tickets", "machines", "products", "contracts")
"""The clean tables that are read; any may be empty."""
_HERE = Path(__file__).parent


class Outcomes:
    """Standing and outcomes of customers, as of any month end.

    Parameters
    ----------
    clean : the Parquet files of `READS` by name.
    levels : what the codes of service levels say.
    months : how far back an outcome's own past reaches: as far as the behaviour on which types rest.
    grace_days : after the end of a contract, in which a renewal still counts.
    """

    def __init__(
        self,
        engine: DuckDB | Spark,
        clean: Mapping[str, Path],
        levels: Levels,
        months: int = 24,
        grace_days: int = 30,
    ):
        self.engine, self.months, self.grace_days = engine, months, grace_days
        self.clean = {name: clean[name] for name in READS}
        self.levels = _ranked(engine, self.clean["contracts"], levels)

    def standing(self, day: pd.Timestamp) -> pd.DataFrame:
        """How each customer known on `day` stood: recency, frequency, money, tenure, profit, tickets, machines, indexed by customer_id.

        Recency and tenure in days; frequency, money and tickets of the year to `day`; profit to date is the margin of what was sold, or
        the turnover where no margin is on record. Money and days as logarithms, for they are skewed.
        """
        found = self._table("standing.sql", day=day, since=day - pd.offsets.MonthEnd(12))
        profit = found["margin"] if found["margin"].notna().any() else found["amount"]
        logs = {
            name: np.log1p(found[name]) for name in ("recency", "frequency", "tenure", "tickets", "machines")
        }
        return pd.DataFrame(
            {**logs, "money": _signed_log(found["money"]), "profit": _signed_log(profit)}, index=found.index
        )

    def discount(self, day: pd.Timestamp) -> pd.DataFrame:
        """Mean share of the list price taken off products bought in the year after `day`: y; and in the months before it: past, past_n."""
        after = self._discounts(day, _year_after(day))
        before = self._discounts(day - pd.offsets.MonthEnd(self.months), day)
        return pd.DataFrame(
            {
                "y": after["share"],
                "past": before["share"].reindex(after.index),
                "past_n": np.log1p(before["lines"].reindex(after.index).fillna(0.0)),
            }
        )

    def upgrade(self, day: pd.Timestamp) -> pd.DataFrame:
        """Whether customers that had a machine or a contract on `day` moved up in the year after it: y.

        Beside it what they could move up from: past, whether they had done so in the months before; behind, generations behind the
        newest of the series; place of their level of contract.
        """
        after = self._upgrades(day, _year_after(day))
        before = self._upgrades(day - pd.offsets.MonthEnd(self.months), day)
        return pd.DataFrame(
            {
                "y": after["upgraded"].astype(float),
                "past": before["upgraded"].astype(float).reindex(after.index),
                "behind": after["behind"],
                "place": after["place"],
            }
        )

    def renewal(self, day: pd.Timestamp) -> pd.DataFrame:
        """Whether contracts open on `day` that ended in the year after it were renewed: y, a row each, indexed by customer_id.

        Those whose customer moved, closed or was merged tell nothing of it, nor those whose grace days were not over at the end of the
        year. Beside it past: share of the customer's contracts renewed that were settled in the months before; terms held before, and
        the price a year.
        """
        until = _year_after(day)
        then, later = (
            known_spells(self.engine, self.clean["contracts"], when, self.grace_days) for when in (day, until)
        )
        open_ = then[(then["fate"] == "open") & (then["end_at"] > day) & (then["end_at"] <= until)]
        fate = later.set_index("contract_id")["fate"].reindex(open_["contract_id"]).to_numpy()
        settled = then[
            then["fate"].isin(["renewed", "lost"]) & (then["end_at"] > day - pd.offsets.MonthEnd(self.months))
        ]
        share = (settled["fate"] == "renewed").groupby(settled["customer_id"]).mean()
        found = pd.DataFrame(
            {
                "y": np.where(fate == "renewed", 1.0, np.where(fate == "lost", 0.0, np.nan)),
                "past": open_["customer_id"].map(share).to_numpy(float),
                "terms": np.log1p(open_["previous_terms"].to_numpy(float)),
                "price": _signed_log(open_["yearly_amount"]).to_numpy(),
            },
            index=pd.Index(open_["customer_id"], name="customer_id"),
        )
        return found.dropna(subset=["y"])

    def _discounts(self, day: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
        found = self._table("discounts.sql", day=day, until=until)
        return found.assign(share=found["taken_off"] / found["lines"] / 10_000)

    def _upgrades(self, day: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
        return self._table("upgrades.sql", day=day, until=until)

    def _table(self, step: str, **days: pd.Timestamp) -> pd.DataFrame:
        inputs = {**self.clean, "levels": self.levels}
        when = {name: day.date() for name, day in days.items()}
        table = self.engine.stream(_HERE / step, inputs, when).read_all().to_pandas()
        table = table.set_index("customer_id")
        return table.astype(float)


def _year_after(day: pd.Timestamp) -> pd.Timestamp:
    return day + pd.offsets.MonthEnd(12)


def _signed_log(money: pd.Series) -> pd.Series:
    value = money.astype(float) / 100
    return np.sign(value) * np.log1p(value.abs())


def _ranked(engine: DuckDB | Spark, contracts: Path, levels: Levels):
    """The levels of the contracts that can be read, each with its place: more hours a week first, then the faster response."""
    codes = [
        code
        for (code,) in engine.rows(
            "select distinct service_level from contracts where service_level is not null order by service_level",
            {"contracts": contracts},
        )
    ]
    worth = {}
    for code in codes:
        level = levels.read(code)
        if level is not None:
            response = np.inf if level.response_h is None else level.response_h
            worth[code] = (level.days * level.hours, -response)
    order = sorted(set(worth.values()))
    return engine.make(
        {"service_level": list(worth), "place": [order.index(w) for w in worth.values()]}, {"place": "bigint"}
    )
