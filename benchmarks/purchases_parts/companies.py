"""Simulated companies, whose buyers follow no model exactly: which model wins, how well it forecasts, and who truly had left.

Each company is read by the stage's own code: the earlier days, the choice of the model for each from the days before it, and
the model that all of them choose. A customer has left where the truth says that it had stopped buying or gone by that day.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import yaml

from crmlab import sample
from crmlab.engine import Engine
from crmlab.purchases.buyers.backtest import Origin, choose, origins, verdict
from crmlab.purchases.buyers.ledger import Ledger
from crmlab.purchases.buyers.outputs import NAIVE
from crmlab.purchases.buyers.scores import backtest_table
from crmlab.purchases.settings import Settings

AS_OF = pd.Timestamp("2026-10-31")
SETTINGS = Settings.read(
    yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text(encoding="utf-8"))["purchases"]
)
FIGURES = ["mae", "spearman", "log_score", "coverage", "coverage_exact"]
TARGETS = {"coverage90_exact": [0.87, 0.93], "coverage90_total": [0.87, 0.93]}


def measured(companies: int, customers: int) -> dict[str, Any]:
    """Figures over `companies` companies of `customers` customers, and each of their earlier days."""
    tables, alive, won, judged = [], [], Counter(), Counter()
    totals, latest = [], []
    for seed in range(1, companies + 1):
        seen, truth = company(customers, seed)
        table = backtest_table(seen).assign(company=seed)
        tables.append(table)
        chosen = table[table["chosen"]]
        inside = ((chosen["low"] <= chosen["actual"]) & (chosen["actual"] <= chosen["high"])).astype(bool)
        totals += inside.tolist()
        latest.append(bool(inside.iloc[-1]))
        won[choose(seen, SETTINGS.models)] += 1
        judged[verdict(seen).said] += 1
        alive += [still_customers(origin, truth) for origin in seen]
        print(f"\rcompany {seed} of {companies}", end="", flush=True)
    print()
    whole = pd.concat(tables, ignore_index=True)
    by_forecast = {name: figures(rows) for name, rows in whole.groupby("forecast")}
    chosen = figures(whole[whole["chosen"]])
    found = {
        "companies": companies,
        "customers": customers,
        "origins": len(totals),
        "won": dict(won),
        "against_naive": dict(judged),
        "chosen": chosen,
        "coverage90": chosen["coverage"],
        "coverage90_exact": chosen["coverage_exact"],
        "coverage90_total": {
            "n": len(totals),
            "share": float(np.mean(totals)),
            "share_latest_day": float(np.mean(latest)),
        },
        "forecasts": by_forecast,
        "alive": calibration(pd.concat(alive, ignore_index=True)),
    }
    say(found)
    return found


def company(customers: int, seed: int) -> tuple[list[Origin], pd.DataFrame]:
    """The earlier days of one company without dirt, and the truth of its customers."""
    tables, truth = sample.tables(customers, seed=seed, dirt=False), sample.truth(seed, customers, draws=0)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "sales.parquet"
        tables["sales"].to_parquet(file)
        return origins(Ledger(Engine(threads=1), file, SETTINGS), AS_OF), truth["customers"]


def figures(rows: pd.DataFrame) -> dict[str, float]:
    """Means over customers of all companies and days, where every day has the figure; the bias is that of all purchases together."""
    n, numbers = rows["n"].astype(float), rows[[*FIGURES, "expected", "actual"]].astype(float)
    found = {
        name: float(np.average(numbers[name], weights=n)) for name in FIGURES if numbers[name].notna().all()
    }
    bias = numbers["expected"].sum() / numbers["actual"].sum() - 1
    of_days = (numbers["expected"] / numbers["actual"] - 1).abs().mean()
    no_maximum = int((rows["converged"] == False).sum())  # noqa: E712 (missing for naive lines)
    return found | {
        "total_bias": float(bias),
        "mean_absolute_bias": float(of_days),
        "no_maximum": no_maximum,
    }


def still_customers(origin: Origin, truth: pd.DataFrame) -> pd.DataFrame:
    """P(still a customer) on an earlier day by the model chosen for it, and whether each customer truly still was one."""
    by_id = truth.set_index("customer_id").reindex(origin.histories["customer_id"])
    gone = (by_id["stops_buying"] <= origin.day) | (by_id["leaves"] <= origin.day)
    h = origin.histories
    said = origin.models[origin.chosen].model.probability_alive(h["frequency"], h["recency"], h["T"])
    return pd.DataFrame({"said": said, "true": ~gone.to_numpy(bool)})


def calibration(alive: pd.DataFrame) -> dict[str, Any]:
    """Tenths of all customers by P(still a customer): what was said and what was true; their mean gap; and how well they are told apart."""
    tenth = np.ceil(alive["said"].rank(method="first") / len(alive) * 10)
    by = alive.groupby(tenth).mean()
    ranks, true = alive["said"].rank(), alive["true"]
    n, m = int(true.sum()), int((~true).sum())
    return {
        "n": len(alive),
        "said": float(alive["said"].mean()),
        "true": float(true.mean()),
        "calibration_error": float((by["said"] - by["true"]).abs().mean()),
        "auc": float((ranks[true].sum() - n * (n + 1) / 2) / (n * m)),
        "tenths": by.round(4).to_dict("list"),
    }


def say(found: dict[str, Any]) -> None:
    """The figures as a table."""
    rows = {"chosen": found["chosen"], **{name: found["forecasts"][name] for name in NAIVE}}
    rows |= {name: found["forecasts"][name] for name in SETTINGS.models}
    print(pd.DataFrame(rows).T.round(3).to_string(na_rep="–"))
    total, alive = found["coverage90_total"], found["alive"]
    print(f"won: {found['won']}; against the better naive line: {found['against_naive']}")
    print(
        f"90 % limits hold: per customer {found['coverage90']:.3f} as printed, {found['coverage90_exact']:.3f} exact (.87-.93); "
        f"totals {total['share']:.3f} of {total['n']}, {total['share_latest_day']:.3f} on the latest day alone"
    )
    print(
        f"still customers: {alive['said']:.3f} said, {alive['true']:.3f} true; "
        f"calibration error {alive['calibration_error']:.3f}, AUC {alive['auc']:.3f}"
    )
