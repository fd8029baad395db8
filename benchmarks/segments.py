"""How well the nine types are recovered where they are known: the mixture beside its simple lines, in simulated companies.

    python benchmarks/segments.py [--size CUSTOMERS] [--worlds N] [--json FILE]

Adjusted Rand index of the best guess, calibration error of its probability, share with a type at 0.6, and how often
that type is right. *all labels* is the limit: a logistic regression on the six scores that knows every label,
cross-validated.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn import __version__ as sklearn_version
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import cross_val_predict

from crmlab import files, sample, tables
from crmlab.engine import Engine
from crmlab.segments.assign import assign
from crmlab.segments.features import AXES, customer_features
from crmlab.segments.nine_types import TYPES, UNDETERMINED, probability_column, prototypes

AS_OF = "2026-10-31"
MIN_PROB = 0.6
NEEDED = ("sales", "products", "tickets", "machines", "contracts")


def company(seed: int, customers: int) -> tuple[pd.DataFrame, pd.Series]:
    """Features of a simulated company without dirt, and the true type of each of its customers in the last month."""
    clean = sample.tables(customers, seed=seed, dirt=False)
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / f"{name}.parquet" for name in NEEDED}
        for name, path in paths.items():
            tables.conform(clean[name], tables.CLEAN[name]).to_parquet(path)
        features = customer_features(Engine(), paths, AS_OF)
    types = sample.truth(seed, customers, draws=2)["types"]
    truth = types[types["month"] == types["month"].max()].set_index("customer_id")["type"]
    return features, truth.reindex(features["customer_id"])


def answers(features: pd.DataFrame, truth: pd.Series) -> dict[str, tuple[pd.Series, pd.Series | None]]:
    """Per method the best guess of each customer and its probability (None: the method gives none)."""
    found = assign(features, MIN_PROB, replicates=0).customers.set_index("customer_id")
    scores = found[list(AXES)]
    pure = prototypes()
    points = scores.fillna(0.0)
    apart = ((points.to_numpy()[:, None] - pure.to_numpy()[None]) ** 2).sum(axis=2)
    kmeans = KMeans(len(TYPES), n_init=10, random_state=0).fit(points)
    centre = ((kmeans.cluster_centers_[:, None] - pure.to_numpy()[None]) ** 2).sum(axis=2)
    matched = linear_sum_assignment(centre)[1]
    names = np.array(list(TYPES))
    limit = cross_val_predict(
        LogisticRegression(C=0.3, max_iter=1000), points, truth, cv=5, method="predict_proba"
    )
    labels = np.unique(truth)
    most = truth.value_counts().index[0]

    def by_customer(values) -> pd.Series:
        return pd.Series(values, index=scores.index)

    likeliest = found[[probability_column(name) for name in TYPES]].to_numpy(float)
    return {
        "mixture": (found["likeliest"].fillna(UNDETERMINED), by_customer(likeliest.max(axis=1))),
        "highest axes": (found["type_argmax"], None),
        "nearest prototype": (by_customer(names[apart.argmin(axis=1)]), None),
        "k-means, matched": (by_customer(names[matched[kmeans.labels_]]), None),
        "commonest type": (by_customer(most), None),
        "all labels": (by_customer(labels[limit.argmax(axis=1)]), by_customer(limit.max(axis=1))),
    }


def judge(guess: pd.Series, probability: pd.Series | None, truth: pd.Series) -> dict[str, float]:
    """Adjusted Rand, accuracy, and where there are probabilities calibration error and what is determined."""
    right = guess.to_numpy() == truth.to_numpy()
    scored = {"adjusted_rand": adjusted_rand_score(truth, guess), "accuracy": right.mean()}
    if probability is None:
        return scored
    p = probability.fillna(0.0).to_numpy()
    tenth = np.minimum((p * 10).astype(int), 9)
    scored["calibration_error"] = sum(
        (tenth == k).mean() * abs(p[tenth == k].mean() - right[tenth == k].mean()) for k in np.unique(tenth)
    )
    determined = p >= MIN_PROB
    scored["share_determined"] = determined.mean()
    scored["accuracy_determined"] = right[determined].mean() if determined.any() else np.nan
    return scored


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1200, help="customers per company")
    parser.add_argument("--worlds", type=int, default=4, help="companies, each with its own types and shares")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows = []
    for seed in range(1, args.worlds + 1):
        features, truth = company(seed, args.size)
        for method, answer in answers(features, truth).items():
            rows.append({"method": method, "world": seed} | judge(*answer, truth))
    judged = pd.DataFrame(rows)
    mean = judged.drop(columns="world").groupby("method", sort=False).mean()
    mean["adjusted_rand_error"] = judged.groupby("method")["adjusted_rand"].sem()
    mean["ratio_to_limit"] = mean["adjusted_rand"] / mean.loc["all labels", "adjusted_rand"]
    machine = {
        "cpu": platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "pandas": pd.__version__,
        "scikit-learn": sklearn_version,
    }
    print(mean.round(3).to_string(na_rep="–"))
    print(
        f"{args.worlds} simulated companies of {args.size} customers;",
        *(f"{k} {v}" for k, v in machine.items()),
    )
    if args.json:
        found = {
            "customers": args.size,
            "worlds": args.worlds,
            "machine": machine,
            "methods": mean.to_dict("index"),
        }
        files.write_json(args.json, found)


if __name__ == "__main__":
    main()
