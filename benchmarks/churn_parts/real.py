"""Real contracts: US life policies that lapse, and IBM's customers of a telephone company (synthetic), cleaned by the stage's own code.

Of the policies, `fates` are what `known_spells` makes of the cleaned file. `cox` is lifelines on the file as it is: `DJIA`, the change of
the share index up to the day on which a policy ended, is that of the last day of the record for every policy in force, so it tells who
ended and when. It is named here as the leak that it is, and no other figure uses it. `hazard` is RenewalHazard on policy years, beside the
Kaplan-Meier rate of the year: of policies left out, and of years later than all those fitted on.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from crmlab import clean
from crmlab.churn.landmarks.features import KEYS
from crmlab.churn.models.hazard import RenewalHazard
from crmlab.churn.scores import decile_error
from crmlab.churn.spells.frames import held
from crmlab.churn.spells.known import known_spells
from crmlab.engine import Engine
from crmlab.intervals import clustered_mean

ROOT = Path(__file__).parents[2]
LAST_END, SEEN = pd.Timestamp("2010-06-30"), pd.Timestamp("2010-05-12")
"""The last day on which a policy ended, and the day on which all those in force were seen."""
CUT = pd.Timestamp("2006-12-31")
COVARIATES = [
    "acc.death.rider",
    "gender",
    "premium.frequency",
    "risk.state",
    "underwriting.age",
    "living.place",
    "annual.premium",
]
LEAK = "DJIA"
LABELS = ["acc_death_rider", "premium_frequency", "risk_state", "underwriting_age", "living_place"]
"""Of the clean table: `clean` drops the gender of a person."""
LATE = 10
"""The policy year from which on years are told apart no more: rates have levelled off, and none of the later ones is seen by `CUT`."""
YEARS = [f"year_{year}" for year in range(2, LATE + 1)]
SAMPLES, SAMPLE = 5, 6000
TELCO_NUMBERS = ["tenure", "seniorcitizen", "totalcharges"]


def measured(folder: Path) -> dict[str, Any]:
    """Set → figures; sets that are not in `folder` are left out."""
    found: dict[str, Any] = {}
    for name, measure in {"us_life_lapse": life_lapse, "telco_ibm": telco}.items():
        if not (folder / name).is_dir():
            print(f"{folder / name} is not here: its figures are left out (--data names the folder)")
            continue
        found[name] = measure(folder / name)
        print(name, yaml.safe_dump(found[name], sort_keys=False))
    return found


def cleaned(exports: Path) -> pd.DataFrame:
    """The contracts that `clean` makes of a set."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as made:
        raw, out = Path(made) / exports.name, Path(made) / "clean"
        raw.mkdir()
        (raw / "mapping.yaml").write_bytes((ROOT / "tests/real" / exports.name / "mapping.yaml").read_bytes())
        for file in exports.iterdir():
            (raw / file.name).symlink_to(file.resolve())
        clean.run(raw, out, max_bad_share=params["clean"]["max_bad_share"], key_file=Path(made) / "salt")
        return pd.read_parquet(out / "contracts.parquet")


def spells(contracts: pd.DataFrame, day: pd.Timestamp, grace_days: int = 0) -> pd.DataFrame:
    """The terms known on `day`, with what the export says of them besides."""
    engine = Engine(threads=1)
    terms = known_spells(engine, held(engine, contracts), day, grace_days)
    besides = [name for name in contracts if name == "contract_id" or name not in terms]
    return terms.merge(contracts[besides], on="contract_id", validate="one_to_one")


def life_lapse(exports: Path) -> dict[str, Any]:
    contracts = cleaned(exports)
    terms = spells(contracts, LAST_END)
    competing = terms[terms.fate == "competing"].x_termination_cause
    years = policy_years(spells(contracts, SEEN), SEEN)
    return {
        "policies": len(contracts),
        "fates": terms.fate.value_counts().to_dict(),
        "competing": competing.value_counts().to_dict(),
        "cox": concordance(pd.read_csv(next(exports.glob("uslapseagent.csv*")))),
        "hazard": {
            "policy_years": len(years),
            "lapsed": int((years.stayed == 0).sum()),
            "others_held_out": held_out(years, *by_customer(years)),
            "later_years_held_out": held_out(years, *by_time(years)),
        },
    }


def concordance(policies: pd.DataFrame) -> dict[str, Any]:
    """Of Cox models of surrender, on all rows and on samples of `SAMPLE`, without and with the leak."""
    from lifelines import CoxPHFitter

    def of(rows: pd.DataFrame, covariates: list[str]) -> float:
        design = pd.get_dummies(rows[covariates], drop_first=True, dtype=float)
        cox = CoxPHFitter().fit(design.join(rows[["duration", "surrender"]]), "duration", "surrender")
        return float(cox.concordance_index_)

    samples = [policies.sample(SAMPLE, random_state=seed) for seed in range(SAMPLES)]
    found: dict[str, Any] = {"n": len(policies), "sample": SAMPLE, "leak": LEAK}
    for name, covariates in {"": COVARIATES, "_with_leak": [*COVARIATES, LEAK]}.items():
        drawn = [of(rows, covariates) for rows in samples]
        found |= {
            f"concordance{name}": of(policies, covariates),
            f"concordance_of_samples{name}": drawn,
        }
    return found


def policy_years(terms: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """A row per policy and year of it at whose beginning it was in force and whose end had come by `day`.

    A year in which the policy ended for another cause is no row: what would have come of it is not known. Nor is one that was not over
    on `day`, lapsed or not: else the lapses of the last year would count, and those who stayed would not.

    Returns
    -------
    `KEYS`, stayed (0: lapsed within the year), year (`LATE` and later in one), `YEARS`, premium and `LABELS`.
    """
    ends = np.rint(365.25 * np.arange(200)).astype(int)  # days to the end of each year, the first of 0
    whole = np.searchsorted(ends, (day - terms.start_at).dt.days, side="right") - 1
    ended = terms.fate.isin(["lost", "competing"]).to_numpy()
    last = np.searchsorted(ends, (terms.end_at - terms.start_at).dt.days, side="right")
    times = np.minimum(whole, np.where(ended, last, whole))
    rows = terms.loc[terms.index.repeat(times)].reset_index(drop=True)
    year = rows.groupby("contract_id").cumcount() + 1
    over = np.repeat(ended, times) & (year == np.repeat(last, times))
    made = rows[["contract_id", "customer_id"]].assign(
        landmark=rows.start_at + pd.to_timedelta(ends[year - 1], unit="D"),
        days_to_end=365,
        stayed=(~(over & (rows.fate == "lost"))).astype(int),
        year=np.minimum(year, LATE),
        premium=rows.amount.astype(float) / 100,
        **{name: rows[f"x_{name}"] for name in LABELS},
    )
    made = made.assign(**{name: (made.year == int(name[5:])).astype(float) for name in YEARS})
    return made[~(over & (rows.fate == "competing"))].reset_index(drop=True)


def by_customer(years: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Two thirds of the customers to learn from, and the others."""
    customers = pd.Series(np.sort(years.customer_id.unique()))
    later = years.customer_id.isin(customers.sample(frac=1 / 3, random_state=0)).to_numpy()
    return ~later, later


def by_time(years: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Years over by `CUT`, and those that began after it."""
    over = years.landmark + pd.Timedelta(days=366) <= CUT
    return over.to_numpy(), (years.landmark > CUT).to_numpy()


def held_out(years: pd.DataFrame, first: np.ndarray, later: np.ndarray) -> dict[str, Any]:
    """RenewalHazard fitted on the rows `first`, judged on the rows `later`, beside the Kaplan-Meier rate of the year."""
    X, y = years[[*KEYS, *YEARS, "premium", *LABELS]], years.stayed.to_numpy()
    model = RenewalHazard(timing=YEARS).fit(X[first], y[first])
    rate = years.stayed[first].groupby(years.year[first]).mean()
    came = y[later]
    said = {
        "hazard": model.renewal_probability(X[later], ()).p_renew.to_numpy(),
        "kaplan_meier": years.year[later].map(rate).to_numpy(),
    }
    errors = {line: (p - came) ** 2 for line, p in said.items()}
    gain, _, high = clustered_mean(
        errors["kaplan_meier"] - errors["hazard"], X.customer_id[later].to_numpy(str), z=1.0
    )
    return {
        "n_fitted": int(first.sum()),
        "n": int(later.sum()),
        "n_lapsed": int((came == 0).sum()),
        **{
            line: {
                "auc": float(roc_auc_score(came, p)),
                "brier": float(errors[line].mean()),
                "lapse_predicted": float(1 - p.mean()),
            }
            for line, p in said.items()
        },
        "lapse_observed": float(1 - came.mean()),
        "ece": decile_error(said["hazard"], came),
        "brier_gain": gain,
        "brier_gain_error": high - gain,
    }


def telco(exports: Path) -> dict[str, Any]:
    """Area under the curve of who left, mean over five folds, published with .845 for logistic regression.

    All customers are seen on one day, so there is no later one to choose the ridge by: `auc_ridge` is with the ridge that the
    hazard takes then, `auc` with all features spared of it, which is plain logistic regression.
    """
    contracts = cleaned(exports)
    X = contracts[["contract_id", "customer_id"]].assign(
        landmark=contracts.end_at,
        days_to_end=30,
        monthlycharges=contracts.amount.astype(float) / 100,
        **{name[2:]: contracts[name] for name in contracts if name.startswith("x_") and name != "x_churn"},
    )
    X[TELCO_NUMBERS] = X[TELCO_NUMBERS].apply(pd.to_numeric, errors="coerce").astype(float)
    stayed = (contracts.outcome == "open").to_numpy(int)
    folds = list(StratifiedGroupKFold(5, shuffle=True, random_state=0).split(X, stayed, X.customer_id))
    dummies = pd.get_dummies(X.drop(columns=[*KEYS]), prefix_sep="=").columns
    models = {"auc": RenewalHazard(timing=list(dummies)), "auc_ridge": RenewalHazard()}
    found: dict[str, Any] = {"customers": len(X), "left": int((stayed == 0).sum()), "auc_published": 0.845}
    for name, model in models.items():
        chances = np.zeros(len(X))
        for first, later in folds:
            fitted = model.fit(X.iloc[first], stayed[first])
            chances[later] = fitted.renewal_probability(X.iloc[later], ()).p_renew
        found[name] = float(np.mean([roc_auc_score(stayed[later], chances[later]) for _, later in folds]))
    return found
