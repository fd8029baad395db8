"""Purchase histories from the sales ledger: the SQL of this folder, and what its answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from crmlab.engine import DuckDB, Input, Spark
from crmlab.purchases.settings import Settings

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Ledger:
    """The sales of a company (a clean `sales` table, or its Parquet file), read as purchases.

    Purchases are told apart by the day (or week) they fall on; what was returned later, but before the day one looks
    from, is taken back from them. Only the kinds of lines that `settings.counts` names are purchases.
    """

    engine: DuckDB | Spark
    sales: Input
    settings: Settings

    def histories(self, as_of: pd.Timestamp) -> pd.DataFrame:
        """One row per customer who had bought by the end of `as_of`, as seen then.

        Returns
        -------
        customer_id, first_at, last_at, frequency (purchases after the first), recency (first to last) and T (first to
        as_of) in `settings.unit`, amount (spent on purchases, returns taken off, minor units), lately (purchases in
        the last `settings.horizon_days`); sorted by customer_id.
        """
        found = self._ask("rfm.sql", as_of, since=as_of - pd.Timedelta(days=self.settings.horizon_days))
        for name in ("first_at", "last_at"):
            found[name] = pd.to_datetime(found[name])
        return found

    def counted(self, as_of: pd.Timestamp) -> pd.DataFrame:
        """How many customers share each history of (frequency, recency, T), those of T = 0 left out."""
        return self._ask("counted.sql", as_of)

    def later(self, origin: pd.Timestamp, until: pd.Timestamp, step: int) -> pd.DataFrame:
        """Purchases after `origin` up to `until`, as seen on `until`, in steps of so many days.

        Returns
        -------
        customer_id, step (0 for the first `step` days after the origin), purchases, amount (minor units).
        """
        return self._ask("later.sql", until, origin=origin, step=step)

    def set_aside(self, as_of: pd.Timestamp) -> dict[str, int]:
        """What no history holds: returns without a purchase (`alone` lines, their amount), lines of other kinds and of nobody."""
        return {name: int(value) for name, value in self._ask("set_aside.sql", as_of).iloc[0].items()}

    def _ask(self, sql: str, as_of: pd.Timestamp, **args: Any) -> pd.DataFrame:
        values: Mapping[str, Any] = {
            "as_of": as_of.date(),
            "unit": self.settings.unit_days,
            "kinds": "|" + "|".join(self.settings.counts) + "|",
            **{
                name: value.date() if isinstance(value, pd.Timestamp) else value
                for name, value in args.items()
            },
        }
        inputs: dict[str, Input] = {"sales": self.sales}
        if sql != "set_aside.sql":
            inputs["purchase_days"] = _HERE / "purchase_days.sql"
        if sql == "counted.sql":
            inputs["rfm"] = _HERE / "rfm.sql"
            values = {**values, "since": as_of.date()}
        return self.engine.stream(_HERE / sql, inputs, values).read_all().to_pandas()
