"""Chances of renewal by one model: ours and its peers in `benchmarks/churn.py`, each in a process of its own.

    python benchmarks/peers/churn_fits.py --model hazard --train FILE.parquet --test FILE.parquet

`hazard` is ours. `lifelines` is its CoxPHFitter and `lifelines_varying` its CoxTimeVaryingFitter, from the day of the term on which a
contract was seen to the day after its last; `sksurv` is scikit-survival's Cox model, from the day on which it was seen, since it
knows no delayed entry. They are given one landmark a contract, drawn from all. `person_month` is scikit-learn's logistic regression on
every landmark of every contract, and `hazard_months` ours on the same rows. One JSON object is printed.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from measured import measured

KEYS = ["contract_id", "customer_id", "landmark", "days_to_end"]
TERM, GRACE, RIDGE = 365, 31, 0.05


def hazard(train: pd.DataFrame, test: pd.DataFrame) -> tuple[Callable, Callable]:
    from crmlab.churn.models.hazard import RenewalHazard

    X, later = train.drop(columns="lost"), test.drop(columns="lost")
    y = 1 - train.lost.to_numpy(int)
    return lambda: RenewalHazard().fit(X, y), lambda model: model.renewal_probability(
        later
    ).p_renew.to_numpy()


def person_month(train: pd.DataFrame, test: pd.DataFrame) -> tuple[Callable, Callable]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    design, later = (frame.drop(columns=[*KEYS, "lost"]).astype("float32") for frame in (train, test))
    model = make_pipeline(StandardScaler(), LogisticRegression(solver="lbfgs", max_iter=1000))
    return lambda: model.fit(design, train.lost), lambda fitted: 1 - fitted.predict_proba(later)[:, 1]


def hazard_months(train: pd.DataFrame, test: pd.DataFrame) -> tuple[Callable, Callable]:
    return hazard(train, test)


def lifelines(train: pd.DataFrame, test: pd.DataFrame) -> tuple[Callable, Callable]:
    from lifelines import CoxPHFitter

    design, later = numbers(train), numbers(test)
    rows = design.assign(entry=entered(train), ends=TERM + 1, lost=train.lost)

    def chances(model):
        hazard = model.baseline_cumulative_hazard_.iloc[:, 0].to_numpy()[-1]
        return np.exp(-hazard * model.predict_partial_hazard(later).to_numpy())

    return lambda: CoxPHFitter(penalizer=RIDGE).fit(rows, "ends", "lost", entry_col="entry"), chances


def lifelines_varying(train: pd.DataFrame, test: pd.DataFrame) -> tuple[Callable, Callable]:
    from lifelines import CoxTimeVaryingFitter

    design, later = numbers(train), numbers(test)
    rows = design.assign(id=np.arange(len(train)), start=entered(train), stop=TERM + 1, lost=train.lost)

    def chances(model):
        hazard = model.baseline_cumulative_hazard_.iloc[:, 0].to_numpy()[-1]
        return np.exp(-hazard * model.predict_partial_hazard(later).to_numpy())

    return lambda: CoxTimeVaryingFitter(penalizer=RIDGE).fit(rows, event_col="lost", id_col="id"), chances


def sksurv(train: pd.DataFrame, test: pd.DataFrame) -> tuple[Callable, Callable]:
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.util import Surv

    design, later = numbers(train), numbers(test)
    ends, at = (frame.days_to_end.to_numpy(float).clip(0) + GRACE for frame in (train, test))
    outcome = Surv.from_arrays(train.lost.to_numpy(bool), ends)

    def chances(model):
        hazard = model.cum_baseline_hazard_
        steps = np.concatenate([[0.0], hazard.y])[np.searchsorted(hazard.x, at, side="right")]
        return np.exp(-steps * np.exp(model.predict(later)))

    return lambda: CoxPHSurvivalAnalysis(alpha=RIDGE * len(train)).fit(design, outcome), chances


def entered(frame: pd.DataFrame) -> np.ndarray:
    return np.minimum(TERM - frame.days_to_end.to_numpy(int), TERM)


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=[*KEYS, "lost"]).astype(float)


MODELS = {
    model.__name__: model
    for model in (hazard, hazard_months, person_month, lifelines, lifelines_varying, sksurv)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", required=True)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    test = pd.read_parquet(args.test)
    fit, chances = MODELS[args.model](pd.read_parquet(args.train), test)
    model, cost = measured(fit)
    p, scoring = measured(lambda: chances(model))
    found = cost | {
        "scoring_cpu_seconds": scoring["cpu_seconds"],
        "brier": float(((1 - p - test.lost) ** 2).mean()),
        "predicted": float(np.mean(p)),
        "observed": float(1 - test.lost.mean()),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
