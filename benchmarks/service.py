"""How well the service stage finds what was planted in simulated companies, and how fast its clock runs.

    python benchmarks/service.py [--size CUSTOMERS] [--companies N] [--json FILE]

Per figure: the share of companies in whose 95 % limits the planted value lies, and the mean of estimate less planted.
`first_time_fix`: repairs of the last twelve months that one visit fixed. `attainment`: by service level, the mean chance that somebody
comes in time as it stood at the report, before anything happened. `recovery`: the share of complaints that truly were ignored,
solved, solved promptly. `gap5`: what customers truly met less what they expected by dimension at the end, `answered` of those who ever
fill in a questionnaire beside the plain gap, `all` of all customers beside the plain gap, the weighted one and `all_gap`.
The clock is timed beside a loop over the days of each span, the way one writes it first, and both give the same seconds.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from crmlab import files, sample
from crmlab.service.promises.clock import ServiceClock
from crmlab.service.promises.workdays import Workdays
from crmlab.service.results import Exports, results
from crmlab.service.settings import Settings

PARAMS = yaml.safe_load((Path(__file__).parents[1] / "params.yaml").read_text(encoding="utf-8"))
UNTIL, AS_OF = "2026-10", pd.Timestamp("2026-10-31")
SPANS, LOOPED = 1_000_000, 20_000


def company(customers: int, seed: int) -> list[dict[str, object]]:
    """Every figure of one simulated company without dirt: key, name, estimate, low, high, planted."""
    tables, truth = sample.tables(customers, seed=seed, dirt=False), sample.truth(seed, customers, draws=0)
    settings = Settings.read(PARAMS["service"], PARAMS["value"])
    found = results(Exports(*(tables[name] for name in Exports._fields)), settings, until=UNTIL, as_of=AS_OF)
    return [
        *_first_time_fix(found, tables["tickets"], truth["tickets"]),
        *_attainment(found, truth["tickets"]),
        *_recovery(found, truth["complaints"]),
        *_gap5(found, truth["quality"], truth["customers"]),
    ]


def _row(key: str, name: str, estimate: float, low: float, high: float, planted: float) -> dict[str, object]:
    return {"key": key, "name": name, "estimate": estimate, "low": low, "high": high, "planted": planted}


def _first_time_fix(found, tickets: pd.DataFrame, truth: pd.DataFrame):
    closed = tickets.loc[tickets["closed_at"] >= "2025-11-01", "ticket_id"]
    visits = truth.loc[truth["ticket_id"].isin(closed) & truth["cause"].ne(""), "visits"]
    m = found.metrics["first_time_fix"]
    yield _row("first_time_fix", "all", m["share"], m["low"], m["high"], (visits == 1).mean())


def _attainment(found, truth: pd.DataFrame):
    judged = found.tables["tickets"]
    recent = judged[judged["reported_at"] >= "2025-11-01"].merge(
        truth[["ticket_id", "response_chance"]], on="ticket_id"
    )
    chance = recent.groupby("level")["response_chance"].mean()
    for level, m in found.metrics["attainment"]["response"].items():
        if level != "all":
            yield _row("attainment", level, m["share"], m["low"], m["high"], chance[level])


def _recovery(found, truth: pd.DataFrame):
    over = found.tables["complaints"]
    over = over.loc[over["end"].ne("running"), "complaint_id"]
    share = truth.loc[truth["complaint_id"].isin(over), "recovery"].value_counts(normalize=True)
    for end, m in found.metrics["recovery"].items():
        if end != "none":
            yield _row("recovery", end, m["of_all"], m["low"], m["high"], share[end])


def _gap5(found, quality: pd.DataFrame, customers: pd.DataFrame):
    gap = (quality["perceived"] - quality["expected"]).groupby([quality["dimension"], quality["customer_id"]])
    gap = gap.mean().unstack("dimension")
    asked = customers.set_index("customer_id")["takes_part"].reindex(gap.index)
    for m in found.tables["servqual"].query("dimension != 'overall'").to_dict("records"):
        name, everyone = m["dimension"], gap[m["dimension"]].mean()
        yield _row("gap5 answered: plain", name, m["gap"], m["low"], m["high"], gap.loc[asked, name].mean())
        yield _row("gap5 all: plain", name, m["gap"], m["low"], m["high"], everyone)
        yield _row(
            "gap5 all: weighted", name, m["weighted_gap"], m["weighted_low"], m["weighted_high"], everyone
        )
        yield _row("gap5 all: all_gap", name, m["all_gap"], m["all_low"], m["all_high"], everyone)


def clock() -> dict[str, float]:
    """Seconds for a million spans under 5*9, beside a loop over days on some of them, scaled."""
    first, last = np.datetime64("2021-12-01"), np.datetime64("2026-12-31")
    rng = np.random.default_rng(1)
    start = np.datetime64("2022-01-01T00:00:00") + rng.integers(0, 1600 * 86_400, SPANS).astype("m8[s]")
    end = start + rng.integers(0, 5 * 86_400, SPANS).astype("m8[s]")
    workdays = Workdays(first, last, "CN")
    began = time.perf_counter()
    ours = ServiceClock(workdays, days=5, hours=9).seconds_between(start, end)
    took = time.perf_counter() - began
    worked = dict(zip(np.arange(first, last + 1).tolist(), workdays.worked.tolist(), strict=True))
    began = time.perf_counter()
    looped = [
        _by_days(a, b, worked) for a, b in zip(start[:LOOPED].tolist(), end[:LOOPED].tolist(), strict=True)
    ]
    loop = (time.perf_counter() - began) * SPANS / LOOPED
    return {
        "spans": SPANS,
        "seconds": took,
        "ratio_loop": loop / took,
        "differing": int((np.array(looped) != ours[:LOOPED]).sum()),
    }


def _by_days(start: datetime, end: datetime, worked: dict) -> float:
    total, day = 0.0, start.date()
    while day <= end.date():
        if worked[day]:
            opens = datetime(day.year, day.month, day.day, 9)
            closes = opens + timedelta(hours=9)
            total += max((min(end, closes) - max(start, opens)).total_seconds(), 0)
        day += timedelta(days=1)
    return total


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=400, help="customers per company")
    parser.add_argument("--companies", type=int, default=20)
    parser.add_argument("--json", type=Path, help="write the figures here")
    args = parser.parse_args()
    rows = []
    for seed in range(1, args.companies + 1):
        rows += [{"company": seed} | row for row in company(args.size, seed)]
        print(f"\rcompany {seed} of {args.companies}", end="", flush=True)
    print()
    made = pd.DataFrame(rows).dropna()
    made["within"] = (made["low"] <= made["planted"]) & (made["planted"] <= made["high"])
    made["bias"] = made["estimate"] - made["planted"]
    by = made.groupby(["key", "name"])[["estimate", "planted", "bias", "within"]].mean()
    by["n"] = made.groupby(["key", "name"]).size()
    of_key = made.groupby("key")["within"].mean()
    timed = clock()
    print(by.round(3).to_string())
    print(of_key.round(3).to_string())
    print(timed)
    if args.json:
        files.write_json(
            args.json,
            {
                "companies": args.companies,
                "customers": args.size,
                "clock": timed,
                "within": of_key.to_dict(),
                "figures": {key: by.loc[key].to_dict("index") for key in of_key.index},
                "machine": {
                    "cpu": platform.machine(),
                    "cores": os.cpu_count(),
                    "load": round(os.getloadavg()[0], 2),
                    "python": platform.python_version(),
                },
            },
        )


if __name__ == "__main__":
    main()
