"""What is each customer worth? Sales, contracts, tickets and renewal chances in; profit to date and value to come out."""

import pandas as pd

from crmlab import files
from crmlab.value.ledger import Exports
from crmlab.value.outputs import OUTPUTS
from crmlab.value.results import results

with files.stage("value") as stage:
    clean = stage.project.processed("clean")
    exports = Exports(*(files.read_table(clean / f"{name}.parquet") for name in Exports._fields))
    chances, open_then = (
        files.read_table(stage.project.processed("churn") / f"{name}.parquet")
        for name in ("contracts", "backtest")
    )
    as_of = pd.Timestamp(files.read_json(clean / "as_of.json")["as_of"])

    found = results(exports, chances, open_then, as_of, stage.settings)

    for name, frame in found.tables.items():
        files.write_table(stage.out / f"{name}.parquet", frame, list(OUTPUTS[name].key))
    files.write_json(stage.project.metrics("value"), found.metrics)

    n = found.metrics
    if exports.tickets.empty:
        stage.lacks("tickets", "the cost to serve; without it, it counts as nothing")
    elif exports.visits.empty:
        stage.lacks("visits", "the cost of each visit; without it, every ticket counts as one visit")
    if exports.contracts.empty and n["n_customers"]:
        stage.lacks("contracts", "contract income to come, by the chance of renewal")
    if not n["n_customers"]:
        stage.empty = True
        stage.lacks("sales or contracts", "profit to date and value to come")
        stage.summary = "no income to value"
    else:
        if n["revenue_based_share"]:
            stage.lacks(
                "sales.cost or sales.margin", "margins as booked; without them, a share of the amount"
            )
        if "mae" not in n:
            stage.lacks("two years of sales", "a back-test of the value to come")
        told = (
            f", rank correlation {n['spearman']:.2f} (last year again {n['spearman_naive']:.2f})"
            if "mae" in n
            else ""
        )
        stage.summary = f"{n['n_valued']:,} customers worth {n['to_come'] / 100:,.0f} to come{told}"
