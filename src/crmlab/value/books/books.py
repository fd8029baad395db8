"""The books of a company, read as of any day: every line of income and every cost, by customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from crmlab.engine import DuckDB, Input, Relation, Spark
from crmlab.files import CrmlabError
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
MOST = 9e18
"""What all amounts may come to without regard to their sign, in minor units: just below the largest integer of 64 bits."""
_LAST_DAY = pd.Timestamp("2200-01-01")
INVOICE_DAYS = 45
"""Days after a repair that the customer pays for in which its visit and parts are invoiced."""
COUNTS = (
    "n_lines",
    "n_returns",
    "revenue",
    "returns",
    "estimated_revenue",
    "turnover",
    "invoiced",
    "unearned",
)
"""Further columns of `ToDate.customers`: lines and returns, what was invoiced, and the margin of contracts not yet earned."""


class ToDate(NamedTuple):
    """What customers brought and cost up to a day: a row each, the same of what names nobody, and the ledger's own totals.

    customers : index customer_id; `INCOME`, `COSTS` and `COUNTS` in minor units, margin, cost and profit (their sums), first_day,
        last_day (of a sale). nobody : the same columns, one row. ledger : margin and lines of all that was booked, from booked.sql.
    """

    customers: pd.DataFrame
    nobody: pd.Series
    ledger: pd.Series

    @property
    def difference(self) -> int:
        """The ledger's margin less what customers and nobody have of it, earned or not: 0, or the books are wrong."""
        of = (
            self.customers.margin.sum()
            + self.customers.unearned.sum()
            + self.nobody.margin
            + self.nobody.unearned
        )
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
    _made: dict[Any, Relation | None] = field(default_factory=dict, repr=False, compare=False)

    def to_date(self, as_of: pd.Timestamp) -> ToDate:
        """Profit up to the end of `as_of`, by customer and component.

        Raises
        ------
        CrmlabError : the amounts of a column are so large that a sum of them may not fit 64 bits.
        """
        if as_of not in self._told:
            self._told[as_of] = self._to_date(as_of)
        return self._told[as_of]

    def _to_date(self, as_of: pd.Timestamp) -> ToDate:
        parts = (
            (
                self._frame("income.sql", {"lines": self.lines(as_of), "earned": self.earned(as_of)}),
                INCOME + COUNTS,
            ),
            (self._frame("spent.sql", {"costs": self.costs(as_of)}), COSTS),
        )
        named = [found[found.customer_id.notna()].set_index("customer_id") for found, _ in parts]
        everyone = named[0].index.union(named[1].index).sort_values()
        # Filled as whole numbers: on the way through a missing value, amounts above 2**53 would lose their last digits.
        customers = pd.concat(
            [
                own[list(money)].reindex(everyone, fill_value=0)
                for own, (_, money) in zip(named, parts, strict=True)
            ],
            axis=1,
        )
        nobody = pd.concat([found.loc[found.customer_id.isna(), list(money)].sum() for found, money in parts])
        for book in (customers, nobody):
            book["margin"] = sum(book[name] for name in INCOME)
            book["cost"] = sum(book[name] for name in COSTS)
            book["profit"] = book["margin"] - book["cost"]
        for name in ("first_day", "last_day"):
            customers[name] = pd.to_datetime(named[0][name]).reindex(everyone)
        total = self._frame("total.sql", {"booked": self.booked(as_of)}).iloc[0]
        return ToDate(customers, nobody, total)

    def begins(self) -> pd.Timestamp | None:
        """The first day of the ledger; None where there is no line."""
        first = self.engine.rows("select min(day) as first from booked", {"booked": self.booked(_LAST_DAY)})[
            0
        ][0]
        return None if first is None else pd.Timestamp(first)

    def booked(self, as_of: pd.Timestamp) -> Relation:
        """Every line up to `as_of` at the margin that is known of it; see booked.sql."""
        if ("booked", as_of) not in self._made:
            self._must_fit()
            shares = self.settings.margin
            margins = self.engine.make(
                {"line_kind": list(shares), "millionths": [round(1e6 * share) for share in shares.values()]},
                {"millionths": "bigint"},
            )
            tables = {
                "sales": self.tables["sales"],
                "contracts": self.tables["contracts"],
                "margins": margins,
            }
            self._made["booked", as_of] = self.engine.run(
                _HERE / "booked.sql", tables, {"as_of": as_of.date()}
            )
        return self._made["booked", as_of]

    def lines(self, as_of: pd.Timestamp) -> Relation:
        """Every line up to `as_of` with the component it belongs to; see lines.sql."""
        if ("lines", as_of) not in self._made:
            tables = {
                "booked": self.booked(as_of),
                "machines": self.tables["machines"],
                "tickets": self.tables["tickets"],
            }
            args = {"counts": "|" + "|".join(self.settings.counts) + "|", "invoice_days": INVOICE_DAYS}
            self._made["lines", as_of] = self.engine.run(_HERE / "lines.sql", tables, args)
        return self._made["lines", as_of]

    def earned(self, as_of: pd.Timestamp) -> Relation:
        """Contract lines with what they have earned by `as_of`; see earned.sql."""
        if ("earned", as_of) not in self._made:
            tables = {"lines": self.lines(as_of), "contracts": self.tables["contracts"]}
            self._made["earned", as_of] = self.engine.run(
                _HERE / "earned.sql", tables, {"as_of": as_of.date()}
            )
        return self._made["earned", as_of]

    def costs(self, as_of: pd.Timestamp) -> Relation:
        """Every cost up to `as_of`; see costs.sql."""
        if ("costs", as_of) not in self._made:
            self._must_fit()
            names = ("visits", "tickets", "ticket_parts", "parts", "sales", "interactions", "complaints")
            tables = {name: self.tables[name] for name in names}
            args = {"as_of": as_of.date(), **self._fees}
            self._made["costs", as_of] = self.engine.run(_HERE / "costs.sql", tables, args)
        return self._made["costs", as_of]

    @property
    def _fees(self) -> dict[str, float]:
        """Cost rates in minor units."""
        s = self.settings
        return {
            "visit_fee": round(100 * s.visit_cost),
            "hour_fee": 100.0 * s.hour_cost,
            "km_fee": 100.0 * s.km_cost,
            "contact_fee": round(100 * s.contact_cost),
        }

    def _must_fit(self) -> None:
        """Once: no sum over the books may leave 64 bits, for pandas would go on with a wrong number."""
        if "fits" in self._made:
            return
        names = ("sales", "contracts", "visits", "ticket_parts", "parts", "interactions", "complaints")
        found = self.engine.rows(
            _HERE / "magnitudes.sql", {name: self.tables[name] for name in names}, self._fees
        )
        if sum(total for _, total, _ in found) > MOST:
            place, total, largest = found[0]
            raise CrmlabError(
                f"{place}: the amounts come to {total:.3g} in the smallest unit of the currency (the largest single one is "
                f"{largest:.3g}), but all amounts together may come to {MOST:.3g} at most, for sums of 64 bits; correct the "
                "amounts in the export, or leave the rows out"
            )
        self._made["fits"] = None

    def ask(
        self, sql: str | Path, inputs: Mapping[str, Input], args: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """The rows of a statement as a frame."""
        return self.engine.stream(sql, inputs, args).read_all().to_pandas()

    def _frame(self, sql: str, inputs: Mapping[str, Input]) -> pd.DataFrame:
        return self.ask(_HERE / sql, inputs)
