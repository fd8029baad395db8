"""How well the faults stage tells causes, kits and checks where the truth is known, and beside its peers on real repairs.

    python benchmarks/faults.py [--tickets N …] [--open-repair FOLDER] [--uci FOLDER] [--json FILE]

Simulated companies of each size: the model learns from the first four fifths of the incidents and is judged on the true causes of
the rest, beside the best possible diagnosis: the true parameters applied to everything visible at the call. Small sizes are means
over several companies. On the folders of real exports (with the mapping.yaml of tests/real) every peer learns from and is
judged on the same tickets as the pool; `gain` is the log-loss a peer loses to the pool, with its paired standard error.
LightGBM takes part where it is installed: pip install lightgbm.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from crmlab import files
from crmlab.faults.causes.features import with_context
from crmlab.faults.causes.incidents import number_incidents, split_by_time
from crmlab.faults.causes.pool import FaultPool
from crmlab.faults.causes.scores import (
    calibration,
    expected_calibration_error,
    losses,
    mean_and_error,
    positions,
)
from crmlab.faults.kits.plan import Plan, Record
from crmlab.faults.settings import Settings

SIZES = (300, 1_000, 10_000, 100_000)
COMPANIES = {300: 12, 1_000: 8, 10_000: 2}
"""Companies over which a size is averaged; one where none is named."""
PER_CUSTOMER = 16.1
NEEDED = ("tickets", "ticket_causes", "visits", "ticket_parts", "parts", "machines", "customers")
TARGETS = {
    1_000: {"share_of_best": "at least .86", "ece": "at most .05"},
    10_000: {"share_of_best": "at least .94", "ece": "at most .02"},
    100_000: {"share_of_best": "at least .97", "ece": "at most .02"},
    1_000_000: {"share_of_best": "at least .98", "ece": "at most .015", "fit_seconds": "less than 180"},
}
SETTINGS = Settings(
    at="call", incident_days=3, test_share=0.2, min_labelled=200, confident=0.35, max_parts=2,
    objective="first_time_fix", handling_cost=0, carrying_rate=0.01, parts={}, check_minutes=30, setup_minutes=12,
    min_group=5, false_alarms=0.05, rates={"visit_cost": 120, "hour_cost": 90, "km_cost": 1.5},
)  # fmt: skip
"""As in params.yaml."""


def company(customers: int, seed: int) -> tuple[dict[str, pd.DataFrame], pd.DataFrame, pd.DataFrame]:
    """The tables of a simulated company without dirt, its tickets' truth, and P(true cause | everything visible at the call)."""
    from crmlab import sample

    tables = {k: v for k, v in sample.tables(customers, seed=seed, dirt=False).items() if k in NEEDED}
    truth = sample.truth(seed, customers, draws=0)
    return tables, truth["tickets"], truth["at_call"]


def judged_company(size: int, seed: int) -> tuple[dict[str, float], pd.DataFrame]:
    """The figures of one simulated company of about `size` tickets, and `confidence` and `hit` of its test tickets."""
    tables, truth, at_call = company(max(round(size / PER_CUSTOMER), 5), seed)
    tickets = with_context(tables["tickets"], tables["machines"], tables["customers"])
    tickets = tickets.sort_values(["reported_at", "ticket_id"], ignore_index=True)
    first = tables["ticket_causes"].sort_values("cause_no").groupby("ticket_id")["cause"].first()
    cause = tickets["ticket_id"].map(first).astype(object)
    known = at_call.set_index("ticket_id")
    labelled = (cause.notna() & tickets["ticket_id"].isin(known.index)).to_numpy()
    tickets, cause = tickets[labelled], cause[labelled]
    incidents = number_incidents(tickets, SETTINGS.incident_days)
    split = split_by_time(tickets, incidents, SETTINGS.test_share)
    train, test = split.train, split.test

    began = time.perf_counter()
    model = FaultPool(keep_simple=True).fit(tickets[train], cause[train], incidents[train])
    fitted = time.perf_counter()
    p = model.predict_proba(tickets[test])
    predicted = time.perf_counter()
    simple = model.simple_proba(tickets[test])

    tickets["symptom_tag"] = model.lexicon.tags(tickets["symptom"])
    ids = tickets.loc[test, "ticket_id"]
    best = known.loc[ids]
    true = truth.set_index("ticket_id").loc[ids, "cause"]
    column, best_column = positions(model.classes_, true), positions(best.columns.to_numpy(object), true)
    hit = p.argmax(axis=1) == column
    best_hit = best.to_numpy().argmax(axis=1) == best_column
    recorded_hit = p.argmax(axis=1) == positions(model.classes_, cause[test])
    new = truth.set_index("ticket_id").loc[ids, "held_out"].to_numpy(bool)
    figures = {
        "tickets": float(len(tickets)),
        "accuracy": hit.mean(),
        "best_accuracy": best_hit.mean(),
        "share_of_best": hit.mean() / best_hit.mean(),
        "share_of_best_known_wording": hit[~new].mean() / best_hit[~new].mean(),
        "share_of_best_new_wording": hit[new].mean() / best_hit[new].mean() if new.any() else np.nan,
        "share_of_best_simple": (simple.argmax(axis=1) == column).mean() / best_hit.mean(),
        # twelve fits of half a million tickets would tell nothing new
        "share_of_best_refitted": np.nan
        if size > 100_000
        else refitted(model, tickets, cause, incidents, split, true) / best_hit.mean(),
        "log_loss_above_best": (losses(p, column) - losses(best.to_numpy(), best_column)).mean(),
        "log_loss_above_best_simple": (losses(simple, column) - losses(best.to_numpy(), best_column)).mean(),
        "fit_seconds": fitted - began,
        "tickets_per_second": len(p) / (predicted - fitted),
    }
    record = Record(*(tables[name] for name in ("ticket_causes", "visits", "ticket_parts", "parts")))
    plan = Plan(tickets[train], record, SETTINGS)
    ours, oracle = (
        plan.look_back(tickets[test], pd.DataFrame(chances, columns=classes, index=tickets.index[test]))
        for chances, classes in ((p, model.classes_), (best.to_numpy(), best.columns))
    )
    if ours is not None:
        m, o = ours.metrics, oracle.metrics
        figures |= {k: m[k] for k in ("ftf_history", "ftf_frequency", "ftf_model", "ftf_predicted")}
        figures |= {"ftf_oracle": o["ftf_model"], "parts_per_visit": m["parts_per_visit_model"]}
        figures |= {f"{k}_equal": m[f"{k}_equal"] for k in ("ftf_frequency", "ftf_model")}
        figures["ftf_oracle_equal"] = o["ftf_model_equal"]
        figures["ftf_gain"] = m["gain_over_frequency"]
        figures["ftf_gain_error"] = m["gain_over_frequency_error"]
    chances = pd.DataFrame(p, columns=model.classes_, index=tickets.index[test])
    figures |= plan.minutes_to_cause(tickets[test], true.set_axis(tickets.index[test]), chances, cause[train])
    return figures, pd.DataFrame({"confidence": p.max(axis=1), "hit": recorded_hit})


def refitted(model: FaultPool, tickets, cause, incidents, split, true: pd.Series) -> float:
    """Accuracy on the same test tickets when the model learns anew every month, as a pipeline does that runs every month."""
    month = tickets["reported_at"].dt.strftime("%Y-%m")
    known_at = tickets["closed_at"].fillna(tickets["reported_at"])
    hits = []
    for name in sorted(month[split.test].unique()):
        block = split.test & (month == name)
        began = tickets.loc[block, "reported_at"].min()
        known = (known_at < began) & (tickets["reported_at"] < began)
        again = FaultPool(like=model).fit(tickets[known], cause[known], incidents[known])
        guess = again.predict(tickets[block])
        hits.append(guess == true.loc[tickets.loc[block, "ticket_id"]].to_numpy(object))
    return float(np.concatenate(hits).mean())


def by_size(size: int) -> dict[str, float]:
    """Means over the companies of a size, each in this process; `ftf_gap_closed` from the means."""
    made = [judged_company(size, seed) for seed in range(1, COMPANIES.get(size, 1) + 1)]
    rows, guesses = pd.DataFrame([figures for figures, _ in made]), pd.concat([guess for _, guess in made])
    mean = rows.mean()
    # of all companies together: few tickets in a tenth are off by chance alone
    mean["ece"] = expected_calibration_error(calibration(guesses["confidence"], guesses["hit"]))
    if len(rows) > 1:
        mean["share_of_best_error"] = rows["share_of_best"].sem()
        mean["ftf_gain_error"] = rows["ftf_gain"].sem()
    if "ftf_oracle" in mean:
        gap = mean["ftf_oracle"] - mean["ftf_frequency"]
        mean["ftf_gap_closed"] = (mean["ftf_model"] - mean["ftf_frequency"]) / gap
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return mean.round(4).to_dict() | {"companies": len(rows), "peak_mb_with_the_sample": round(peak)}


def real(folder: Path) -> dict[str, dict[str, float]]:
    """Every peer on one real export, the pool first: accuracy, log-loss, calibration error, gain of the pool and its error."""
    from crmlab import clean

    with tempfile.TemporaryDirectory() as raw, tempfile.TemporaryDirectory() as out:
        shutil.copy(Path(__file__).parents[1] / "tests" / "real" / folder.name / "mapping.yaml", raw)
        for path in folder.iterdir():
            (Path(raw) / path.name).symlink_to(path.resolve())
        clean.run(Path(raw), Path(out), key_file=Path(out) / ".salt")
        tickets, causes = (files.read_table(Path(out) / f"{n}.parquet") for n in ("tickets", "ticket_causes"))
    tickets = with_context(tickets).sort_values(["reported_at", "ticket_id"], ignore_index=True)
    first = causes.dropna(subset="cause").sort_values("cause_no").groupby("ticket_id")["cause"].first()
    cause = tickets["ticket_id"].map(first).astype(object)
    tickets, cause = tickets[cause.notna()], cause[cause.notna()]
    incidents = number_incidents(tickets, SETTINGS.incident_days)
    split = split_by_time(tickets, incidents, SETTINGS.test_share)
    train, test = split.train, split.test
    began = time.perf_counter()
    pool = FaultPool(keep_simple=True).fit(tickets[train], cause[train], incidents[train])
    seconds = time.perf_counter() - began
    found = {"pool": (pool.predict_proba(tickets[test]), pool.classes_, seconds)}
    found |= {"pool, one expert": (pool.simple_proba(tickets[test]), pool.classes_, np.nan)}
    for name, peer in peers(incidents[train].to_numpy()).items():
        print(f"{folder.name}: {name} …", flush=True)
        began = time.perf_counter()
        matrix = pool._reader.read(tickets)  # the same columns for every peer
        x = matrix.matrix(("words", "pieces", "symptom"))
        fitted = peer.fit(x[train.to_numpy()], cause[train].to_numpy(object))
        p = fitted.predict_proba(x[test.to_numpy()])
        found[name] = (p, fitted.classes_, time.perf_counter() - began)
    counts = cause[train].value_counts(normalize=True).sort_index()
    found["majority"] = (np.tile(counts.to_numpy(), (int(test.sum()), 1)), counts.index.to_numpy(object), 0.0)
    ours = losses(found["pool"][0], positions(pool.classes_, cause[test]))
    rows = {}
    for name, (p, classes, seconds) in found.items():
        column = positions(classes, cause[test])
        hit = p.argmax(axis=1) == column
        gain, error = mean_and_error(losses(p, column) - ours, incidents[test])
        rows[name] = {
            "accuracy": hit.mean(),
            "accuracy_error": hit.std() / len(hit) ** 0.5,
            "log_loss": losses(p, column).mean(),
            "ece": expected_calibration_error(calibration(p.max(axis=1), hit)),
            "gain_of_pool": gain,
            "gain_of_pool_error": error,
            "seconds": seconds,
        }
    rows = {name: {k: round(float(v), 4) for k, v in row.items()} for name, row in rows.items()}
    rows["pool"] |= {"n_train": int(train.sum()), "n_test": int(test.sum()), "weights": pool.weights_}
    return rows


def peers(groups: np.ndarray) -> dict:
    """What an analyst would try: each tuned or calibrated by cross-validation on the training tickets alone."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.model_selection import GridSearchCV, GroupKFold
    from sklearn.naive_bayes import ComplementNB
    from sklearn.svm import LinearSVC

    folds = list(GroupKFold(3).split(groups, groups=groups))
    found = {
        "tuned logistic regression": LogisticRegressionCV(
            Cs=[1, 3, 10], cv=folds, scoring="neg_log_loss", max_iter=300, tol=5e-4,
            l1_ratios=(0.0,), use_legacy_attributes=False,
        ),
        "calibrated linear SVC": CalibratedClassifierCV(LinearSVC(C=0.3), cv=folds, ensemble=False),
        "complement NB": GridSearchCV(ComplementNB(), {"alpha": [0.1, 0.3, 1.0]}, cv=folds, scoring="neg_log_loss"),
    }  # fmt: skip
    try:
        from lightgbm import LGBMClassifier

        found["LightGBM"] = LGBMClassifier(
            n_estimators=60, learning_rate=0.1, num_leaves=15, min_child_samples=10, colsample_bytree=0.2,
            verbose=-1, random_state=0, n_jobs=2,
        )  # fmt: skip
    except ImportError:
        print("LightGBM is not installed and does not take part: pip install lightgbm")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--tickets", type=int, nargs="*", default=list(SIZES), help="sizes of the simulated companies"
    )
    parser.add_argument("--open-repair", type=Path, help="folder of repairs.csv.gz")
    parser.add_argument("--uci", type=Path, help="folder of incident_event_log.csv.gz")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only:
        files.write_json(args.json, by_size(args.only))
        return
    found = files.read_json(args.json) if args.json and args.json.is_file() else {}
    for size in args.tickets:
        with tempfile.TemporaryDirectory() as folder:  # in its own process, so that its memory is its own
            out = Path(folder) / "size.json"
            subprocess.run([sys.executable, __file__, "--only", str(size), "--json", str(out)], check=True)
            figures = files.read_json(out)
        found.setdefault("by_size", {})[f"{size:,}"] = figures | {"targets": TARGETS.get(size, {})}
        print(f"{size:,} tickets:", {k: v for k, v in figures.items() if not isinstance(v, dict)}, flush=True)
    for name, folder in (("open_repair", args.open_repair), ("uci_incident_log", args.uci)):
        if folder:
            found[name] = real(folder)
            print(
                name,
                pd.DataFrame(found[name]).T.drop(columns="weights", errors="ignore").to_string(),
                sep="\n",
            )
    found["machine"] = {
        "cpu": platform.machine(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }  # fmt: skip
    if args.json:
        files.write_json(args.json, found)


if __name__ == "__main__":
    main()
