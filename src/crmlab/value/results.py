"""The stage's whole answer: what every customer brought, cost, and is worth; and how good such values were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from crmlab import tables
from crmlab.churn.days import earlier_days
from crmlab.engine import DuckDB, Spark
from crmlab.files import CrmlabError
from crmlab.purchases.settings import Settings as PurchaseSettings
from crmlab.value.books.books import MOST, READS, Books, ToDate
from crmlab.value.books.reconciliation import reconciliation
from crmlab.value.chain.links import chain
from crmlab.value.change import changes
from crmlab.value.customers import customer_values
from crmlab.value.equity import concentration, equity, pareto, renewals, sensitivities
from crmlab.value.groups import groups
from crmlab.value.judged.backtest import deciles, figures, scores, verdict
from crmlab.value.judged.came import YEAR
from crmlab.value.lacks import lacks
from crmlab.value.losses import at_mean_price
from crmlab.value.outputs import OUTPUTS, PARTS
from crmlab.value.settings import Settings
from crmlab.value.stated import Stated, state
from crmlab.value.to_come.forecast import LIMITS, Forecast, prospects

CLEAN = READS
"""The clean tables that the stage reads; any may be empty."""
_VERDICTS = {"better": "better", "even": "no better", "worse": "worse"}
_LINES = {"last_year": "last year's profit again", "mean_retained": "mean profit × retention"}


@dataclass(frozen=True)
class Results:
    """`tables` of outputs.py by name, the figures of value.json, and pairs of what is missing and what it would add."""

    tables: dict[str, pd.DataFrame]
    metrics: dict[str, Any]
    lacks: list[tuple[str, str]]

    @property
    def is_empty(self) -> bool:
        """Whether nobody brought anything."""
        return not self.metrics["n_valued"]

    @property
    def summary(self) -> str:
        """The one line that ends the run."""
        m = self.metrics
        if self.is_empty:
            return "no income to value"
        said = f"{m['n_valued']:,} customers worth {m['to_come'] / 100:,.0f} to come"
        how, line = _VERDICTS.get(m.get("verdict")), _LINES.get(m.get("best_line"))
        return f"{said}; a year ago {how} than {line}" if how and line else f"{said}, no back-test"


def results(
    engine: DuckDB | Spark,
    clean: Mapping[str, Path],
    chances: pd.DataFrame,
    earlier: pd.DataFrame,
    settings: Settings,
    buying: PurchaseSettings,
    as_of: pd.Timestamp,
    service: Mapping[str, Path],
    associations: pd.DataFrame,
    ignored_days: int,
) -> Results:
    """Value every customer.

    Parameters
    ----------
    clean : the Parquet files of `CLEAN` by name.
    chances : table `contracts` of stage churn. earlier : its table `earlier`.
    buying : the section purchases of params.yaml.
    as_of : the last day of which anything is known.
    service : tables `tickets` and `complaints` of stage service. associations : of stage churn. ignored_days : service.ignored_days,
        after which a complaint not solved is ignored. All three for the chain from service to value.

    Raises
    ------
    CrmlabError : amounts so large that sums of them do not fit 64 bits.
    """
    books = Books(engine, clean, settings)
    to_date = books.to_date(as_of)
    rows = {
        name: engine.rows(f"select count(*) as n from {name}", {name: path})[0][0]
        for name, path in clean.items()
    }
    if not to_date.ledger.lines:
        found = {name: tables.empty(table) for name, table in OUTPUTS.items()}
        metrics: dict[str, Any] = {"n_customers": 0, "n_valued": 0, "backtest": {}}
        return Results(found, metrics, list(lacks(rows, metrics)))
    said = state(books, chances, earlier, settings, buying, as_of)
    _must_fit(said, settings)
    ahead, told = said.ahead, said.told
    hangs = renewals(ahead, settings.annual_discount)
    told = replace(told, customers=told.customers.assign(at_stake=hangs.at_stake))
    customers = pd.read_parquet(clean["customers"])
    calls = books.ask(
        "select customer_id, count(*)::bigint as n from tickets "
        "where customer_id is not null and reported_at::date <= ($as_of)::date group by customer_id",
        {"tickets": clean["tickets"]},
        {"as_of": as_of.date()},
    )
    table = customer_values(
        to_date,
        told,
        customers,
        ahead.known.terms,
        calls.set_index("customer_id").n,
        at_mean_price(ahead, told, settings.annual_discount),
    )
    judged_lines = scores(said.seen)
    answers = {
        "customers": table,
        "reconciliation": reconciliation(books, as_of),
        "equity": equity(told, said.missed),
        "changes": _since_last_month(books, earlier, settings, buying, as_of, told),
        "sensitivities": sensitivities(ahead, settings.annual_discount),
        "pareto": pareto(_valued(table).historical),
        "groups": groups(table, told),
        "chain": chain(
            engine,
            clean,
            service,
            associations,
            ahead.known.terms,
            *_before_and_after(books, as_of),
            hangs.worth,
            as_of,
            ignored_days,
        ),
        "backtest": deciles(said.seen),
        "scores": judged_lines,
    }
    metrics = _figures(answers, to_date, told, settings) | {
        "low": round(said.total.low),
        "high": round(said.total.high),
        "stretch_below": said.wider.below,
        "stretch_above": said.wider.above,
        "backtest": figures(judged_lines),
    }
    metrics["verdict"] = verdict(metrics["backtest"])
    metrics["best_line"] = metrics["backtest"].get("1", {}).get("best_line")
    found = {name: tables.conform(answers[name], table) for name, table in OUTPUTS.items()}
    return Results(found, metrics, list(lacks(rows, metrics)))


def _must_fit(said: Stated, settings: Settings) -> None:
    """What is written are whole minor units of 64 bits: values and limits of all customers together must be such."""
    columns = [*PARTS, *(limit for pair in LIMITS.values() for limit in pair)]
    largest = max(
        float(said.told.customers[columns].abs().sum().max()), abs(said.total.low), abs(said.total.high)
    )
    if largest > MOST:
        raise CrmlabError(
            f"the value to come of {settings.horizon_months} months has sums of {largest:.3g} in the smallest unit of the currency, "
            f"but whole numbers end at {MOST:.3g}; correct the amounts in the export, or shorten params.yaml, value.horizon_months"
        )


def _before_and_after(books: Books, as_of: pd.Timestamp) -> tuple[pd.Series, pd.Series]:
    """Margin of the year before last, and profit of the last year, by customer."""
    now, year_ago, before = (books.to_date(as_of - pd.Timedelta(days=YEAR * y)).customers for y in range(3))
    return year_ago.margin.sub(before.margin, fill_value=0), now.profit.sub(year_ago.profit, fill_value=0)


def _since_last_month(
    books: Books,
    earlier: pd.DataFrame,
    settings: Settings,
    buying: PurchaseSettings,
    as_of: pd.Timestamp,
    now: Forecast,
) -> pd.DataFrame:
    day = earlier_days(as_of)[-1]
    if books.begins() is None or books.begins() > day:
        return tables.empty(OUTPUTS["changes"])
    chances = earlier[earlier.landmark == day]
    then = prospects(books, chances, buying, day, settings.horizon_months).valued(settings.annual_discount)
    return changes(then, now)


def _valued(table: pd.DataFrame) -> pd.DataFrame:
    """Customers with any revenue, cost or value to come."""
    return table[(table.revenue != 0) | (table.service_cost != 0) | (table.to_come != 0)]


def _figures(
    answers: Mapping[str, pd.DataFrame], to_date: ToDate, told: Forecast, settings: Settings
) -> dict[str, Any]:
    """Sums over customers, and what they rest on."""
    table, books = answers["customers"], to_date.customers
    valued = _valued(table)
    money = ["revenue", "margin", "service_cost", "historical", "unearned", *PARTS]
    money += ["potential", "cost_to_come", "to_come"]
    loses = (table.to_come < 0) & table.known
    n_to_come = int((table.to_come != 0).sum())
    turnover = int(books.turnover.sum())
    steps = answers["changes"].set_index("what").amount if len(answers["changes"]) else {}
    return {
        "n_customers": len(table),
        "n_valued": len(valued),
        "n_to_come": n_to_come,
        "n_unknown": int((~table.known).sum()),
        "n_new": int(table.is_new.sum()),
        "n_left": int((table.standing == "left").sum()),
        **{name: int(table[name].sum()) for name in money},
        "n_negative": int(loses.sum()),
        "negative_to_come": int(table.to_come[loses].sum()),
        "share_negative": float(loses.sum() / n_to_come) if n_to_come else None,
        "n_surely_negative": int((loses & (table.high < 0)).sum()),
        **concentration(valued.historical),
        "revenue_based_share": float(books.estimated_revenue.sum() / turnover) if turnover else None,
        "ledger_difference": to_date.difference,
        "nobody": int(to_date.nobody.profit),
        "n_lines": int(books.n_lines.sum()),
        "n_returns": int(books.n_returns.sum()),
        "returns": int(books.returns.sum()),
        "horizon_months": settings.horizon_months,
        "annual_discount": settings.annual_discount,
        "renewal_rate": told.habits.rate,
        "price_rise": told.habits.rise - 1,
        "moved_a_year": told.habits.moved,
        "heard_again": told.heard_again,
        "models": dict(told.models),
        "change": {
            "since": earlier_days(told.day)[-1].date().isoformat(),
            **{what: int(amount) for what, amount in steps.items()},
        }
        if len(steps)
        else None,
        "sensitivities": dict(
            zip(answers["sensitivities"].what, answers["sensitivities"].change.astype(int), strict=True)
        ),
    }
