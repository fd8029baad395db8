"""The books of a company, read as of any day: every line of income and every cost, by customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from crmlab.engine import DuckDB, Input, Relation, Spark
from crmlab.value.settings import Settings

_HERE = Path(__file__).parent
READS = (
    "sales",
    "tickets",
    "visits",
    "ticket_parts",
    "parts",
    "contracts",
    "machines",
    "products",
    "interactions",
    "complaints",
    "customers",
)
"""The clean tables that the books are made of; any may be empty."""
INCOME = ("contracts", "machines", "repairs", "products", "services", "parts_sold", "other_sales")
"""Components of the margin, and the names of their columns. `contracts` is what contracts have earned by the day."""
COSTS = ("visits", "minutes", "kilometres", "parts", "contacts", "compensation")
"""Components of the cost to serve, and the names of their columns."""
INVOICE_DAYS = 45
"""Days after a repair that the customer pays for in which its visit and parts are invoiced."""
COUNTS = ("n_lines", "n_returns", "revenue", "returns", "estimated_revenue", "turnover", "invoiced", "unearned")
"""Further columns of `ToDate.customers`: lines and returns, what was invoiced, and the margin of contracts not yet earned."""


class ToDate(NamedTuple):
    """What customers brought and cost up to a day: a row each, the same of what names nobody, and the ledger's own totals.

    customers : index customer_id; `INCOME`, `COSTS` and `COUNTS` in minor units, margin, cost and profit (their sums), first_day,
        last_day (of a sale). nobody : the same columns, one row. ledger : margin and lines of all lines.
    """

    customers: pd.DataFrame
    nobody: pd.Series
    ledger: pd.Series

    @property
    def difference(self) -> int:
        """The ledger's margin less what customers and nobody have of it, earned or not: 0, or the books are wrong."""
        of = self.customers.margin.sum() + self.customers.unearned.sum() + self.nobody.margin + self.nobody.unearned
        return int(self.ledger.margin - of)


@dataclass(frozen=True)
class Books:
    """The clean tables of a company as its books.

    Parameters
    ----------
    engine : runs the SQL of this folder.
    tables : a relation of `engine` or a Parquet file by each name of `READS`.
    settings : margins and cost rates.
    """

    engine: DuckDB | Spark
    tables: Mapping[str, Input]
    settings: Settings
    _told: dict[pd.Timestamp, ToDate] = field(default_factory=dict, repr=False, compare=False)
    _made: dict[Any, Relation] = field(default_factory=dict, repr=False, compare=False)

    def to_date(self, as_of: pd.Timestamp) -> ToDate:
        """Profit up to the end of `as_of`, by customer and component."""
        if as_of not in self._told:
            self._told[as_of] = self._to_date(as_of)
        return self._told[as_of]

    def _to_date(self, as_of: pd.Timestamp) -> ToDate:
        income = self._frame("income.sql", {"lines": self.lines(as_of), "earned": self.earned(as_of)})
        spent = self._frame("spent.sql", {"costs": self.costs(as_of)})
        found = income.merge(spent, on="customer_id", how="outer")
        money = [*INCOME, *COSTS, *COUNTS]
        found[money] = found[money].fillna(0).astype("int64")
        found["margin"] = found[list(INCOME)].sum(axis=1)
        found["cost"] = found[list(COSTS)].sum(axis=1)
        found["profit"] = found.margin - found.cost
        for name in ("first_day", "last_day"):
            found[name] = pd.to_datetime(found[name])
        named = found[found.customer_id.notna()].set_index("customer_id").sort_index()
        sums = [*money, "margin", "cost", "profit"]
        nobody = found.loc[found.customer_id.isna(), sums].sum()
        total = self._frame("total.sql", {"lines": self.lines(as_of)}).iloc[0]
        return ToDate(named, nobody, total)

    def begins(self) -> pd.Timestamp | None:
        """The first day of the ledger; None where there is no line."""
        lines = self.lines(pd.Timestamp("2200-01-01"))
        first = self.engine.rows("select min(day) as first from lines", {"lines": lines})[0][0]
        return None if first is None else pd.Timestamp(first)

    def lines(self, as_of: pd.Timestamp) -> Relation:
        """Every line up to `as_of`; see lines.sql."""
        if ("lines", as_of) not in self._made:
            shares = self.settings.margin
            margins = self.engine.make(
                {"line_kind": list(shares), "share": [float(v) for v in shares.values()]}, {"share": "double"}
            )
            tables = {name: self.tables[name] for name in ("sales", "contracts", "machines", "tickets")} | {"margins": margins}
            args = {
                "as_of": as_of.date(),
                "counts": "|" + "|".join(self.settings.counts) + "|",
                "invoice_days": INVOICE_DAYS,
            }
            self._made["lines", as_of] = self.engine.run(_HERE / "lines.sql", tables, args)
        return self._made["lines", as_of]

    def earned(self, as_of: pd.Timestamp) -> Relation:
        """Contract lines with what they have earned by `as_of`; see earned.sql."""
        if ("earned", as_of) not in self._made:
            tables = {"lines": self.lines(as_of), "contracts": self.tables["contracts"]}
            self._made["earned", as_of] = self.engine.run(_HERE / "earned.sql", tables, {"as_of": as_of.date()})
        return self._made["earned", as_of]

    def costs(self, as_of: pd.Timestamp) -> Relation:
        """Every cost up to `as_of`; see costs.sql."""
        if ("costs", as_of) not in self._made:
            names = ("visits", "tickets", "ticket_parts", "parts", "sales", "interactions", "complaints")
            s = self.settings
            args = {
                "as_of": as_of.date(),
                "visit_fee": round(100 * s.visit_cost),
                "hour_fee": 100.0 * s.hour_cost,
                "km_fee": 100.0 * s.km_cost,
                "contact_fee": round(100 * s.contact_cost),
            }
            tables = {name: self.tables[name] for name in names}
            self._made["costs", as_of] = self.engine.run(_HERE / "costs.sql", tables, args)
        return self._made["costs", as_of]

    def ask(self, sql: str | Path, inputs: Mapping[str, Input], args: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """The rows of a statement as a frame."""
        return self.engine.stream(sql, inputs, args).read_all().to_pandas()

    def _frame(self, sql: str, inputs: Mapping[str, Input]) -> pd.DataFrame:
        return self.ask(_HERE / sql, inputs)
