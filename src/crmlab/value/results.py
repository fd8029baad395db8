"""Everything the value stage says, from clean tables and the renewal chances: outputs by name, and metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from crmlab import tables
from crmlab.value.backtest import backtest, deciles
from crmlab.value.ledger import Exports, ledger
from crmlab.value.lifetime_value import customer_values, pareto
from crmlab.value.outputs import OUTPUTS
from crmlab.value.retention import contract_survival, purchase_survival


class Results(NamedTuple):
    """The outputs by name, and the metrics."""

    tables: dict[str, pd.DataFrame]
    metrics: dict[str, Any]


def results(
    exports: Exports,
    chances: pd.DataFrame,
    open_then: pd.DataFrame,
    as_of: pd.Timestamp,
    settings: Mapping[str, Any],
) -> Results:
    """Value every customer, and say how such values did a year ago.

    Parameters
    ----------
    chances : data/processed/churn/contracts.parquet; without rows customers survive by their purchases.
    open_then : data/processed/churn/backtest.parquet, the chances as they were said a year ago.
    settings : the value section of params.yaml.
    """
    horizon = settings["horizon_months"]
    lines = ledger(exports, settings)
    lines = lines[lines["at"] < as_of + pd.Timedelta(days=1)]
    income = lines[lines.kind != "service"]
    if income.empty:
        return Results({name: tables.empty(table) for name, table in OUTPUTS.items()}, {"n_customers": 0})
    by_contract = contract_survival(chances, as_of, horizon)
    by_purchase = purchase_survival(lines, as_of, horizon)
    living = chances if len(exports.contracts) else None
    values = customer_values(lines, living, by_contract, by_purchase, as_of, settings["annual_discount"])
    scores, compared = backtest(lines, exports.contracts, open_then, as_of)

    customers = exports.customers.set_index("customer_id")
    answer = values.reindex(values.index.union(customers.index.dropna()))
    money = [c.name for c in OUTPUTS["customers"].columns if c.kind == "money"]
    answer[money] = answer[money].fillna(0)
    answer["basis"] = answer.basis.fillna("none")
    answer["customer_name"] = customers.customer_name.reindex(answer.index)
    calls = exports.tickets.groupby("customer_id").size()
    answer["n_tickets"] = calls.reindex(answer.index).fillna(0)
    answer = answer.rename_axis("customer_id").reset_index()
    found = {
        "customers": answer,
        "pareto": pareto(values.historical),
        "backtest": deciles(compared),
    }
    written = {name: tables.conform(found[name], table) for name, table in OUTPUTS.items()}
    return Results(written, _totals(written["customers"], income, settings) | scores)


def _totals(customers: pd.DataFrame, income: pd.DataFrame, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Sums over all customers, and on how firm a ground the margins stand."""
    seen = customers[customers.basis != "none"]
    best = seen.historical.astype(float).sort_values(ascending=False)
    fifth = best.head(-(-len(best) // 5)).sum() / best.sum() if best.sum() > 0 else None
    money = [c.name for c in OUTPUTS["customers"].columns if c.kind == "money"]
    turnover = income.revenue.abs()
    return {
        "n_customers": len(customers),
        "n_valued": len(seen),
        **{name: int(customers[name].sum()) for name in money},
        "n_negative": int((customers.to_come < 0).sum()),
        "negative_to_come": int(customers.to_come[customers.to_come < 0].sum()),
        "share_negative": float((seen.to_come < 0).mean()) if len(seen) else None,
        "top_fifth_profit": fifth,
        "revenue_based_share": float(turnover[income.estimated].sum() / turnover.sum())
        if turnover.sum()
        else None,
        "n_lines": len(income),
        "n_returns": int((income.revenue < 0).sum()),
        "returns": int(income.revenue[income.revenue < 0].sum()),
        "horizon_months": settings["horizon_months"],
        "annual_discount": settings["annual_discount"],
    }
