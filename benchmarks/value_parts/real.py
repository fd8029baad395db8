"""Real sales: CDNOW and Online Retail, cleaned by the stage's own code, valued in the middle of the record and held to what came.

Neither has costs or margins, so that profit is a configured share of the sales: all of it rests on revenue. Neither has contracts,
machines or tickets, so that purchases are all that is to come.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from value_parts.judged import errors, gain, simple_lines, won

from crmlab import clean
from crmlab.engine import Engine
from crmlab.purchases.settings import Settings as PurchaseSettings
from crmlab.value.books.books import READS, Books
from crmlab.value.settings import Settings
from crmlab.value.stated import state

ROOT = Path(__file__).parents[2]
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
SETTINGS = Settings.read(PARAMS["value"], PARAMS["purchases"], PARAMS["churn"])
BUYING = PurchaseSettings.read(PARAMS["purchases"])
SETS = {"cdnow": ("1997-09-30", "1998-06-30", 9), "online_retail": ("2010-05-31", "2010-11-30", 6)}
"""Set → the day of the forecast, the last day on record, and the months between them."""
LINES = ("value", "last_year", "mean_retained")
NONE = pd.DataFrame({"landmark": [], "contract_id": [], "p_renew": []}).astype(
    {"landmark": "datetime64[ms]", "contract_id": "string", "p_renew": float}
)
"""Chances of contracts."""


def measured(folder: Path) -> dict[str, Any]:
    """Set → the value beside two simple lines; sets that are not in `folder` are left out."""
    found: dict[str, Any] = {}
    for name in SETS:
        if not (folder / name).is_dir():
            print(f"{folder / name} is not here: its value is left out (--data names the folder)")
            continue
        found[name] = valued(folder / name)
        say(name, found[name])
    return found


def valued(exports: Path) -> dict[str, Any]:
    """What would have been stated on the day, and what came by the end of the record; no record has a year before the day."""
    day, end, months = SETS[exports.name]
    then, now = pd.Timestamp(day), pd.Timestamp(end)
    with tempfile.TemporaryDirectory() as made:
        raw, out = Path(made) / exports.name, Path(made) / "clean"
        raw.mkdir()
        (raw / "mapping.yaml").write_bytes((ROOT / "tests/real" / exports.name / "mapping.yaml").read_bytes())
        for file in exports.iterdir():
            (raw / file.name).symlink_to(file.resolve())
        clean.run(raw, out, max_bad_share=PARAMS["clean"]["max_bad_share"], key_file=Path(made) / "salt")
        books = Books(Engine(threads=1), {name: out / f"{name}.parquet" for name in READS}, SETTINGS)
        settings = replace(SETTINGS, horizon_months=months, annual_discount=0.0)
        said = state(books, NONE.drop(columns="landmark"), NONE, settings, BUYING, then)
        lines = simple_lines(books, then, months)
        before, after = (books.to_date(at).customers for at in (then, now))
    table = (
        lines.join(said.told.customers.rename(columns={"to_come": "value"})[["value", "low", "high"]]) / 100
    )
    came = (after.profit - before.profit.reindex(after.index)).reindex(table.index).fillna(0)
    table["came"] = came.astype(float) / 100
    missing = int(table.value.isna().sum())
    table = table.fillna(0.0)
    figures = errors(table, LINES, "came")
    best = min(LINES[1:], key=lambda line: figures[line]["mae"])
    less = dict(zip(("mean", "error"), gain(table, best, "came"), strict=True))
    total = said.total
    inside = (table.came >= table.low - 0.01) & (table.came <= table.high + 0.01)
    return {
        "day": day,
        "until": end,
        "months": months,
        "customers": len(table),
        "not_valued": missing,
        "model": dict(said.told.models),
        "stated": float(table["value"].sum()),
        "actual": float(table.came.sum()),
        "total": {"low": total.low / 100, "high": total.high / 100},
        "total_held": bool(total.low / 100 <= table.came.sum() <= total.high / 100),
        "coverage90": float(inside.mean()),
        "below": float((table.came < table.low - 0.01).mean()),
        "above": float((table.came > table.high + 0.01).mean()),
        "best_line": best,
        "gain": less["mean"],
        "gain_error": less["error"],
        "said": won(less),
        "lines": figures,
    }


def say(name: str, found: dict[str, Any]) -> None:
    """The figures of one set."""
    print(name, {key: value for key, value in found.items() if key != "lines"})
    print(pd.DataFrame(found["lines"]).T.round(4).to_string())
    if found["said"] == "worse":
        print(f"the simple line {found['best_line']} is nearer to what came")
