"""How well renewals are foretold in simulated companies, beside Cox, a boosted challenger, simple lines, and the truth's own chance.

    python benchmarks/churn.py [--parts companies large demo scale] [--size CUSTOMERS] [--companies N] [--large CUSTOMERS] [--json FILE]

On earlier days each line says for every contract that nobody has renewed yet how likely it is to be renewed, from what was
known then; scored are those that were due in the year after. `hazard`: RenewalHazard. `cox`: the stage's Cox model with its own
features; `cox_new`: the same with those of the hazard, on the same rows, with the one of several ridges that turned out best: a
favour to it. `boosted`: gradient boosting on the features of the hazard, calibrated on customers left out. `level`,
`last_year`: renewal rates. `pooled`: the hazard fitted on the records of all companies together, so what more data would give.
`truth`: the chance with which the contract was decided, after all that happened until then; `recorded`: the same without the
customer's frailty and engagement, which nobody records. Neither knows that a late contract has not been signed yet, so that
lines which do may have the smaller Brier score.

Gains are differences of Brier scores and of log losses, with standard errors over customers, and, of Brier scores, over companies.
`ece_by_chance` is the error by tenths that chances without any error would show in so many contracts. The features were
chosen on companies 1 to 10; the default begins after them. `large` is one bigger company, `demo` that of the pipeline's last run.
`scale`: 10,000 to a million contracts beside lifelines and, with --sksurv naming the interpreter of an environment that has it,
scikit-survival. About a minute of one core a company of 1,200. A part in the JSON file is replaced only by a run of that part.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml
from churn_scale import scale
from sklearn import __version__ as sklearn_version
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from crmlab import files, sample
from crmlab.churn import renewal
from crmlab.churn.hazard import RenewalHazard
from crmlab.churn.landmarks.features import LABELS, NUMERIC
from crmlab.churn.landmarks.occasions import Occasions
from crmlab.churn.landmarks.record import READS, ServiceRecord
from crmlab.churn.rolling import decile_error, landmark_days, scores, told
from crmlab.churn.spells.frames import held
from crmlab.churn.survival import RenewalCox
from crmlab.engine import Engine
from crmlab.intervals import clustered_mean
from crmlab.service import results as service
from crmlab.service.settings import Settings

PARAMS = yaml.safe_load((Path(__file__).parents[1] / "params.yaml").read_text(encoding="utf-8"))
UNTIL, AS_OF = "2026-10", pd.Timestamp("2026-10-31")
GRACE, ENOUGH = PARAMS["churn"]["grace_days"], PARAMS["churn"]["min_contracts"]
RIDGES = (0.02, 0.05, 0.1, 0.2)
TRIED = {ridge: f"cox_new_{ridge}" for ridge in RIDGES}
LINES = ("hazard", "cox", "cox_new", "boosted", "level", "last_year", "truth", "recorded")
FEATURES = [*NUMERIC, *LABELS]
NEAR = 90
"""Days for the score of all contracts, due or not."""
MANY = 1_000_000


class Day(NamedTuple):
    """What was known of one company on a day, and what each line said then."""

    X: pd.DataFrame
    y: np.ndarray
    said: pd.DataFrame


def company(customers: int, seed: int, days: list[pd.Timestamp]) -> Iterator[Day]:
    """One simulated company on each of `days`."""
    tables, truth = sample.tables(customers, seed=seed, dirt=False), sample.truth(seed, customers, draws=0)
    settings = Settings.read(PARAMS["service"], PARAMS["value"])
    exports = service.Exports(*(tables[name] for name in service.Exports._fields))
    served = service.results(exports, settings, until=UNTIL, as_of=AS_OF).tables
    true = true_chances(truth)
    for day in said_on(tables, served, days, seed):
        yield day._replace(
            said=day.said.join(true, on=day.said.contract_id.str.partition("-")[2].rename("own"))
        )


def demo(processed: Path, days: list[pd.Timestamp]) -> Iterator[Day]:
    """The company of the pipeline's last run; its truth is not looked up."""
    tables = {name: pd.read_parquet(processed / f"clean/{name}.parquet") for name in (*READS, "contracts")}
    served = {
        name: pd.read_parquet(processed / f"service/{name}.parquet") for name in ("tickets", "complaints")
    }
    return said_on(tables, served, days, 0)


def said_on(
    tables: dict[str, pd.DataFrame], served: dict[str, pd.DataFrame], days: list[pd.Timestamp], seed: int
) -> Iterator[Day]:
    """What every line but the truth's said of one company on each of `days`."""
    occasions = occasions_of(tables, served)
    own = renewal.Exports(*(tables[n] for n in renewal.Exports._fields[:-1]), promises=served["tickets"])
    for day in days:
        X, y = occasions.ended(day)
        said = told(occasions, day, AS_OF).rename(
            columns={"p": "hazard", "p_level": "level", "p_last_year": "last_year"}
        )
        said["boosted"] = boosted(X, y).predict_proba(numbers(said[FEATURES]))[:, 1]
        for ridge, chances in cox_chances(X, y, said, occasions.terms(day)).items():
            said[TRIED[ridge]] = chances
        cox = renewal.forecast(own, day, [365], GRACE, ENOUGH).living.set_index("contract_id").p_renew
        said["cox"] = said.contract_id.map(cox)
        yield Day(named(X, seed), y, named(said.assign(company=seed, day=day), seed))


def occasions_of(tables: dict[str, pd.DataFrame], served: dict[str, pd.DataFrame]) -> Occasions:
    engine = Engine(threads=1)
    sources = {name: held(engine, tables[name]) for name in READS}
    sources |= {"promises": held(engine, served["tickets"]), "complaints": held(engine, served["complaints"])}
    record = ServiceRecord(engine, sources, ignored_days=PARAMS["service"]["ignored_days"])
    return Occasions(record, held(engine, tables["contracts"]), tables["customers"], GRACE)


def named(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Keys that no other company has."""
    keys = {name: f"{seed}-" + table[name].astype(str) for name in ("contract_id", "customer_id")}
    return table.assign(**keys)


def true_chances(truth: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """P(renewal) at each decision, and the same without what nobody records."""
    renewals = truth["renewals"].set_index("contract_id").p_renew
    people = truth["customers"].set_index("customer_id")
    # Contracts are numbered by customer: K000012-03 is one of C000012.
    customer = "C" + renewals.index.str[1:7]
    hidden = (
        people.frailty.reindex(customer).to_numpy() + 0.2 * people.engagement.reindex(customer).to_numpy()
    )
    logit = np.log(renewals / (1 - renewals)) - hidden
    return pd.DataFrame({"truth": renewals, "recorded": 1 / (1 + np.exp(-logit))})


def numbers(X: pd.DataFrame) -> pd.DataFrame:
    """Features for boosting: labels as categories."""
    return X.assign(
        **{c: X[c].astype("object").astype("category") for c in X.select_dtypes(exclude="number")}
    )


def boosted(X: pd.DataFrame, y: np.ndarray) -> Any:
    trees = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=120, max_leaf_nodes=8, min_samples_leaf=100, l2_regularization=10.0,
        categorical_features="from_dtype", random_state=0,
    )  # fmt: skip
    folds = list(GroupKFold(3).split(X, y, X.customer_id))
    return CalibratedClassifierCV(trees, method="sigmoid", cv=folds).fit(numbers(X[FEATURES]), y)


def cox_chances(
    X: pd.DataFrame, y: np.ndarray, now: pd.DataFrame, terms: pd.DataFrame
) -> dict[float, np.ndarray]:
    """The stage's Cox model on the hazard's features and rows, by ridge: a loss falls on the day after the last."""
    years = terms.set_index("contract_id").years
    rows, at = clocked(X, years).assign(lost=y == 0), clocked(now, years)
    chances = {}
    for ridge in RIDGES:
        model = RenewalCox(penalizer=ridge).fit(X[FEATURES], rows)
        chances[ridge] = model.survival(now[FEATURES], at, at.duration.to_numpy(), at.entry.to_numpy())
    return chances


def clocked(X: pd.DataFrame, years: pd.Series) -> pd.DataFrame:
    rows = X[["contract_id"]].assign(years=X.contract_id.map(years))
    last = 365 * rows.years
    return rows.assign(entry=np.minimum(last - X.days_to_end, last), duration=last + 1)


def with_pooled(known: list[Day]) -> pd.DataFrame:
    """What was said in all companies, with the line `pooled` and the best ridge as `cox_new`."""
    told_on = []
    for day in sorted({d.said.day.iloc[0] for d in known}):
        those = [d for d in known if d.said.day.iloc[0] == day]
        X, y = pd.concat([d.X for d in those], ignore_index=True), np.concatenate([d.y for d in those])
        said = pd.concat([d.said for d in those], ignore_index=True)
        told_on.append(said.assign(pooled=RenewalHazard().fit(X, y).renewal_probability(said, ()).p_renew))
    said = pd.concat(told_on, ignore_index=True)
    due = said[said.due & said.renewed.notna()]
    best = min(TRIED.values(), key=lambda line: ((due[line] - due.renewed) ** 2).mean())
    return said.assign(
        cox_new=said[best], landmark=said.company.astype(str) + said.day.dt.strftime(" %Y-%m-%d")
    )


def judged(said: pd.DataFrame, names: tuple[str, ...]) -> dict[str, Any]:
    """The figures of what was said, under the keys of the issue."""
    lines = scores(said, names)
    due = said[said.due & said.renewed.notna()]
    near = said[said.renewed.notna() | (said.days_to_end >= NEAR)]
    stays = np.where((near.days_to_end < NEAR) & (near.renewed == 0), 0, 1)
    for line in names:
        chance = np.where(near.days_to_end < NEAR, near[line].fillna(1.0), 1.0)
        lines[line] |= {
            "ece_by_chance": error_by_chance(due[line].to_numpy(float)),
            "auc_all_90": roc_auc_score(stays, chance),
            "hazard_gains": gains(due, line, "hazard"),
            "gains_over_cox": gains(due, "cox", line),
        }
    hazard, of = lines["hazard"], {name: lines["hazard"]["auc"] / lines[name]["auc"] for name in names}
    beside_truth = {
        "auc_truth": lines["truth"]["auc"],
        "auc_of_truth": of["truth"],
        "auc_of_recorded": of["recorded"],
        "auc_all_90_of_truth": hazard["auc_all_90"] / lines["truth"]["auc_all_90"],
    } if "truth" in names else {}  # fmt: skip
    return beside_truth | {
        "n": len(due),
        "n_lost": int((due.renewed == 0).sum()),
        "auc": hazard["auc"],
        "brier": hazard["brier"],
        "brier_cox": lines["cox"]["brier"],
        "ece": hazard["ece"],
        "ece_by_chance": hazard["ece_by_chance"],
        "due_predicted": hazard["predicted"],
        "due_observed": hazard["observed"],
        "wins": {line: bool(won(lines[line]["hazard_gains"])) for line in names if line != "hazard"},
        "lines": lines,
    }


def gains(due: pd.DataFrame, before: str, after: str) -> dict[str, float]:
    """How much smaller the losses of `after` are than those of `before`, with standard errors."""
    customers, y = due.customer_id.to_numpy(str), due.renewed.to_numpy(float)
    p, q = (due[line].to_numpy(float).clip(1e-4, 1 - 1e-4) for line in (before, after))
    squares = (p - y) ** 2 - (q - y) ** 2
    surprise = np.where(y == 1, np.log(q / p), np.log((1 - q) / (1 - p)))
    brier, _, brier_high = clustered_mean(squares, customers, z=1.0)
    log_loss, _, log_high = clustered_mean(surprise, customers, z=1.0)
    by_company = pd.Series(squares).groupby(due.company.to_numpy()).mean()
    return {
        "brier": brier,
        "brier_error": brier_high - brier,
        "log_loss": log_loss,
        "log_loss_error": log_high - log_loss,
        "brier_error_over_companies": (
            float(by_company.std() / np.sqrt(len(by_company))) if len(by_company) > 1 else None
        ),
        "companies_won": int((by_company > 0).sum()),
    }


def won(gain: dict[str, float]) -> bool:
    """Beyond two paired standard errors, over customers and, where there are several, over companies."""
    return gain["brier"] > 2 * max(gain["brier_error"], gain["brier_error_over_companies"] or 0.0)


def error_by_chance(p: np.ndarray, times: int = 200) -> float:
    """Mean error by tenths of outcomes drawn from `p` itself."""
    rng = np.random.default_rng(0)
    return float(np.mean([decile_error(p, (rng.random(len(p)) < p).astype(float)) for _ in range(times)]))


def scored_many(known: list[Day]) -> dict[str, float]:
    """CPU seconds to score a million contracts whose features are there."""
    model = RenewalHazard().fit(known[-1].X, known[-1].y)
    many = known[-1].X.sample(MANY, replace=True, random_state=0).reset_index(drop=True)
    began = time.process_time()
    model.renewal_probability(many)
    return {"contracts": MANY, "cpu_seconds": time.process_time() - began}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--size", type=int, default=1200, help="customers per company")
    parser.add_argument("--companies", type=int, default=10)
    parser.add_argument("--first", type=int, default=11, help="seed of the first company")
    parser.add_argument("--large", type=int, default=12_000, help="customers of `large`")
    parser.add_argument("--contracts", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--sksurv", type=Path, help="an interpreter with scikit-survival")
    parser.add_argument("--processed", type=Path, default=Path(__file__).parents[1] / "data/processed")
    parser.add_argument("--json", type=Path, help="write the figures here")
    args = parser.parse_args()
    days = landmark_days(AS_OF, n=3, every_months=6)
    found = files.read_json(args.json) if args.json and args.json.exists() else {}
    for part in args.parts:
        print(f"\n{part}", flush=True)
        figures = PARTS[part](args, days)
        found |= figures if part == "companies" else {part: figures}
        found["machine"] = {
            "cpu": platform.machine(),
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 2),
            "python": platform.python_version(),
            "scikit-learn": sklearn_version,
        }
        if "lines" in figures:
            show(figures)
        if args.json:
            files.write_json(args.json, found)


def many_companies(args: argparse.Namespace, days: list[pd.Timestamp]) -> dict[str, Any]:
    known: list[Day] = []
    for seed in range(args.first, args.first + args.companies):
        known += company(args.size, seed, days)
        print(f"company {seed}", flush=True)
    figures = judged(with_pooled(known), (*LINES, "pooled"))
    figures |= {"companies": args.companies, "customers": args.size, "scored": scored_many(known)}
    return figures | {"days": [day.date().isoformat() for day in days]}


def one_large(args: argparse.Namespace, days: list[pd.Timestamp]) -> dict[str, Any]:
    said = with_pooled(list(company(args.large, args.first + args.companies, days)))
    return judged(said, LINES) | {"customers": args.large}


def the_demo(args: argparse.Namespace, days: list[pd.Timestamp]) -> dict[str, Any]:
    return judged(with_pooled(list(demo(args.processed, days))), LINES[:-2])


def by_size(args: argparse.Namespace, days: list[pd.Timestamp]) -> dict[str, Any]:
    last = next(company(args.size, args.first, days[-1:]))
    return scale(last.X, last.y, args.contracts, args.sksurv)


PARTS = {"companies": many_companies, "large": one_large, "demo": the_demo, "scale": by_size}


def show(found: dict[str, Any]) -> None:
    lines = pd.DataFrame(found["lines"]).T
    plain = lines.drop(columns=["hazard_gains", "gains_over_cox"]).astype(float)
    print(plain.round(4).to_string())
    print("what the hazard gains over each line")
    print(pd.DataFrame(lines.hazard_gains.to_dict()).T.astype(float).round(5).to_string())
    print("what each line gains over the stage's Cox model")
    print(pd.DataFrame(lines.gains_over_cox.to_dict()).T.astype(float).round(5).to_string())
    print({name: round(value, 4) for name, value in found.items() if isinstance(value, float)})
    print(found["wins"], found.get("scored", ""))


if __name__ == "__main__":
    main()
