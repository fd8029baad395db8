"""Real sales, the end of the record held out: CDNOW and Online Retail, cleaned and forecast by the stages' own code."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from crmlab import clean
from crmlab.engine import Engine
from crmlab.purchases import BGNBD, MBGNBD, ParetoNBD
from crmlab.purchases.buyers.backtest import origins, verdict
from crmlab.purchases.buyers.ledger import Ledger
from crmlab.purchases.buyers.scores import backtest_table
from crmlab.purchases.settings import Settings

ROOT = Path(__file__).parents[2]
HELD_OUT = {"cdnow": ("1998-06-30", 272), "online_retail": ("2010-11-30", 91)}
"""Set → last day, and days before it that are held out: 39 weeks but a day; September to November."""
SHOWN = ["mae", "bias", "spearman", "log_score", "coverage", "coverage_exact"]


def measured(folder: Path) -> dict[str, Any]:
    """Set → forecasts beside the naive lines; sets that are not in `folder` are left out."""
    found: dict[str, Any] = {}
    for name in HELD_OUT:
        if not (folder / name).is_dir():
            print(f"{folder / name} is not here: its forecast is left out (--data names the folder)")
            continue
        found[name] = forecast(folder / name, name)
        print(name, found[name]["said"])
        print(pd.DataFrame(found[name]["forecasts"]).T.round(4).to_string(na_rep="–"))
    if (folder / "cdnow").is_dir():
        found["cdnow_39_weeks"] = cdnow_39_weeks(folder / "cdnow")
        print(pd.DataFrame(found["cdnow_39_weeks"]).T.round(4).to_string(na_rep="–"))
    return found


def forecast(exports: Path, name: str) -> dict[str, Any]:
    """What the stage would have forecast then, of each model and naive line."""
    last, days = HELD_OUT[name]
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    settings = Settings.read(params["purchases"] | {"horizon_days": days, "origins": 1})
    with tempfile.TemporaryDirectory() as made:
        raw, out = Path(made) / name, Path(made) / "clean"
        raw.mkdir()
        (raw / "mapping.yaml").write_bytes((ROOT / "tests/real" / name / "mapping.yaml").read_bytes())
        for file in exports.iterdir():
            (raw / file.name).symlink_to(file.resolve())
        clean.run(raw, out, max_bad_share=params["clean"]["max_bad_share"], key_file=Path(made) / "salt")
        ledger = Ledger(Engine(threads=1), out / "sales.parquet", settings)
        seen = origins(ledger, pd.Timestamp(last))
    table = backtest_table(seen).set_index("forecast")
    table["bias"] = table["expected"] / table["actual"] - 1
    judged = verdict(seen)
    chosen = table[table["chosen"]].iloc[0]
    return {
        "day": str(seen[0].day.date()),
        "days_ahead": days,
        "customers": int(chosen["n"]),
        "actual": float(chosen["actual"]),
        "chosen": seen[0].chosen,
        "naive": judged.naive,
        "said": judged.said,
        "gain": judged.gain,
        "gain_se": judged.error,
        "total": {name: float(chosen[name]) for name in ("low", "expected", "high")},
        "forecasts": table[SHOWN].astype(float).to_dict("index"),
    }


def cdnow_39_weeks(folder: Path) -> dict[str, dict[str, float]]:
    """The table of methods.md: 39 weeks fitted, 39 weeks ahead, all 23,570 customers, weeks as the unit of time."""
    lines = pd.read_csv(folder / "cdnow_master.csv.gz", usecols=["customer_id", "date"]).drop_duplicates()
    lines["date"] = pd.to_datetime(lines.date.astype(str))
    end = pd.Timestamp("1997-09-30")
    seen = lines[lines.date <= end].groupby("customer_id").date.agg(["min", "max", "size"])
    later = lines[lines.date > end].groupby("customer_id").size().reindex(seen.index).fillna(0).to_numpy()
    history = (
        seen["size"].to_numpy() - 1.0,
        (seen["max"] - seen["min"]).dt.days.to_numpy() / 7,
        (end - seen["min"]).dt.days.to_numpy() / 7,
    )
    found = {"mean rate": {"mae": float(np.abs(history[0] / history[2] * 39 - later).mean())}}
    for make in (BGNBD, MBGNBD, ParetoNBD):
        model = make().fit(*history)
        expected = model.expected_purchases(39, *history)
        low, high = model.predictive_interval(39, *history)
        found[make.__name__] = {
            "mae": float(np.abs(expected - later).mean()),
            "bias": float(expected.sum() / later.sum() - 1),
            "coverage": float(((low <= later) & (later <= high)).mean()),
            "log_likelihood": model.log_likelihood_,
        }
    return found
