"""The stage as a whole: shares by symptom, a cause model judged on later tickets, and its guesses for open ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from crmlab.faults.causes import CauseModel, can_fit
from crmlab.faults.growth import growth
from crmlab.faults.incidents import number_incidents, split_by_time
from crmlab.faults.lexicon import read_lexicon, tag_symptoms
from crmlab.faults.outputs import CALIBRATION, CAUSES, OUTPUTS, PREDICTIONS, SHARES, SYMPTOMS
from crmlab.faults.scores import by_group, calibration, gain, log_loss, positions, scores
from crmlab.faults.shares import cause_shares, wilson
from crmlab.tables import conform, empty

GUESSES = 3
SURE = 0.7
"""A best guess at least so probable is worth a part in the car without another question."""

FORECAST = "a forecast of the cause of every open ticket"
"""What enough recorded causes would add."""


@dataclass
class Diagnosis:
    """What the stage found: its tables by name, its figures, its model (None where there is too little to learn).

    `lacks` holds pairs (what is missing, what it would add).
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=lambda: {k: empty(t) for k, t in OUTPUTS.items()})
    metrics: dict[str, Any] = field(default_factory=dict)
    model: CauseModel | None = None
    lacks: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is no answer at all: no ticket has a recorded cause."""
        return not self.metrics["n_labelled"]

    @property
    def summary(self) -> str:
        """The one line that ends the run."""
        m = self.metrics
        if self.model is None:
            return f"{m['n_labelled']:,} tickets with a cause, no model"
        return (
            f"{m['n_labelled']:,} tickets with a cause, {m['n_open']:,} open; accuracy {m['accuracy']:.2f} "
            f"(majority {m['majority_accuracy']:.2f}), log-loss {m['log_loss']:.2f} ({m['majority_log_loss']:.2f})"
        )


def diagnose(
    tickets: pd.DataFrame,
    ticket_causes: pd.DataFrame,
    *,
    at: str,
    incident_days: int,
    test_share: float,
    min_labelled: int,
    until: str,
) -> Diagnosis:
    """Answer what is broken, from the clean tables `tickets` and `ticket_causes` and the section faults of params.

    `until` is the last complete month ("2026-10"), up to which growing causes are looked for.

    The model learns and is judged on the first recorded cause of a ticket. It is judged on the last `test_share` of
    the incidents by date, then fitted again on all of them, with the same C, for the open tickets.
    """
    found = Diagnosis()
    tickets = tickets.reset_index(drop=True)
    tickets["symptom_tag"] = tag_symptoms(tickets["symptom"], read_lexicon())
    first = ticket_causes.dropna(subset="cause").sort_values("cause_no").groupby("ticket_id")["cause"].first()
    cause = tickets["ticket_id"].map(first).astype(object)
    labelled = tickets[cause.notna()]
    still_open = tickets[
        tickets["is_open"].fillna(False).astype(bool) & cause.isna() & _is_repair(tickets, labelled)
    ]
    shares = cause_shares(tickets["symptom_tag"], tickets["ticket_id"], ticket_causes)
    found.tables["shares"] = conform(shares, SHARES)
    found.tables["growth"] = growth(tickets, ticket_causes, until)
    found.metrics = {"n_tickets": len(tickets), "n_labelled": len(labelled), "n_open": len(still_open)}
    found.metrics["closing_times_known"] = bool(tickets["closed_at"].notna().any())
    _note_missing(found, tickets)

    cause = cause[labelled.index]
    incidents = number_incidents(labelled, incident_days)
    judged = len(labelled) >= max(min_labelled, 1) and _judge(
        found, labelled, cause, incidents, at, test_share
    )
    if not judged:
        what = "more tickets with a cause" if len(labelled) else "tickets.cause_actual"
        found.lacks.append((what, FORECAST))
        return found
    found.model = CauseModel(at, c=found.metrics["chosen_c"]).fit(labelled, cause, incidents)
    guesses = predictions(found.model, still_open)
    found.tables["predictions"] = guesses
    found.metrics |= {"sure": SURE, "n_open_sure": int((guesses["p_1"] >= SURE).sum())}
    return found


def predictions(model: CauseModel, tickets: pd.DataFrame) -> pd.DataFrame:
    """The three most probable causes of each ticket, with their probabilities, as table `predictions`."""
    probabilities = model.predict_proba(tickets)
    order = np.argsort(-probabilities, axis=1, kind="stable")
    guesses = tickets.copy()
    for rank in range(GUESSES):
        there = rank < len(model.classes_)
        guesses[f"cause_{rank + 1}"] = model.classes_[order[:, rank]] if there else None
        guesses[f"p_{rank + 1}"] = (
            np.take_along_axis(probabilities, order, axis=1)[:, rank] if there else np.nan
        )
    return conform(guesses, PREDICTIONS)


def _is_repair(tickets: pd.DataFrame, labelled: pd.DataFrame) -> pd.Series:
    """Whether a cause was ever recorded for a ticket's kind of service: a question about an invoice has none."""
    return tickets["service_kind"].isin(labelled["service_kind"].unique()) | tickets["service_kind"].isna()


def _note_missing(found: Diagnosis, tickets: pd.DataFrame) -> None:
    wanted = {
        "symptom": "causes by symptom, and most of what a forecast knows",
        "cause_predicted": "how often remote support is right, beside the model",
        "closed_at": "which tickets are still open, and a forecast for each",
    }
    found.lacks += [(f"tickets.{name}", adds) for name, adds in wanted.items() if tickets[name].isna().all()]


def _judge(
    found: Diagnosis,
    tickets: pd.DataFrame,
    cause: pd.Series,
    incidents: pd.Series,
    at: str,
    test_share: float,
) -> bool:
    """Fit on the earlier tickets, score on the later ones into `found`; False where either part is too thin."""
    split = split_by_time(tickets, incidents, test_share)
    train, test = split.train, split.test
    if not test.any() or not can_fit(cause[train], incidents[train]):
        return False
    model = CauseModel(at).fit(tickets[train], cause[train], incidents[train])
    probabilities = model.predict_proba(tickets[test])
    truth = cause[test]
    guess = pd.Series(model.classes_[probabilities.argmax(axis=1)], index=truth.index)
    hit = (guess == truth).to_numpy()

    known = cause[train].value_counts()
    majority = known[known == known.max()].index.min()
    prior = np.tile(known.reindex(model.classes_).to_numpy() / known.sum(), (len(truth), 1))
    tag = tickets["symptom_tag"]
    common = cause[train].groupby(tag[train]).agg(lambda causes: causes.mode().min())
    by_symptom = (tag[test].map(common).fillna(majority) == truth).to_numpy()
    remote = tickets.loc[test, "cause_predicted"].astype(object).str.split("[、，,;；]").str[0].str.strip()
    remote_hit = np.where(remote.notna(), remote == truth, np.nan)

    found.metrics |= {
        "n_train": int(train.sum()),
        "n_test": int(test.sum()),
        "test_from": str(split.cut.date()),
        "n_causes": len(model.classes_),
        "chosen_c": model.c_,
        **scores(probabilities, model.classes_, truth),
        "majority_cause": str(majority),
        "majority_accuracy": float((truth == majority).mean()),
        "majority_log_loss": log_loss(prior, positions(model.classes_, truth)),
        "by_symptom_accuracy": float(by_symptom.mean()),
        **_gain("by_symptom", hit, by_symptom),
        **_against_remote_support(hit, remote_hit),
    }
    found.tables["calibration"] = conform(calibration(probabilities.max(axis=1), hit), CALIBRATION)
    found.tables["causes"] = _per_cause(truth, guess)
    hits = {"accuracy": hit, "by_symptom": by_symptom, "remote_support": remote_hit}
    symptoms = by_group(tag[test], hits).rename(columns={"group": "symptom"})
    found.tables["symptoms"] = conform(symptoms, SYMPTOMS)
    found.metrics["remote_support_ahead_on"] = _remote_support_ahead(symptoms)
    return True


def _gain(over: str, hit: np.ndarray, other: np.ndarray) -> dict[str, float]:
    difference, error = gain(hit, other)
    return {f"gain_over_{over}": difference, f"gain_over_{over}_error": error}


def _against_remote_support(hit: np.ndarray, remote_hit: np.ndarray) -> dict[str, float | int | None]:
    named = ~np.isnan(remote_hit.astype(float))
    figures: dict[str, float | int | None] = {"remote_support_n": int(named.sum())}
    if not named.any():
        return figures | dict.fromkeys(
            ("remote_support_accuracy", "gain_over_remote_support", "gain_over_remote_support_error")
        )
    figures["remote_support_accuracy"] = float(remote_hit[named].astype(float).mean())
    return figures | _gain("remote_support", hit[named], remote_hit[named])


def _remote_support_ahead(symptoms: pd.DataFrame) -> dict[str, Any] | None:
    """The symptom on which remote support is furthest ahead of the model, their intervals apart; None if there is none."""
    low, _ = wilson(symptoms["remote_support"] * symptoms["n"], symptoms["n"])
    ahead = symptoms[low > symptoms["high"]]
    if ahead.empty:
        return None
    most = ahead.loc[(ahead["remote_support"] - ahead["accuracy"]).idxmax()]
    return most[["symptom", "n", "accuracy", "remote_support"]].to_dict()


def _per_cause(truth: pd.Series, guess: pd.Series) -> pd.DataFrame:
    counts = pd.crosstab(truth.to_numpy(object), guess.to_numpy(object))
    rows = []
    for cause, row in counts.iterrows():
        n = int(row.sum())
        right = int(row.get(cause, 0))
        wrong = row.drop(cause, errors="ignore")
        low, high = wilson(right, n)
        missed = n > right
        rows.append(
            {
                "cause": cause,
                "n": n,
                "recall": right / n,
                "low": float(low),
                "high": float(high),
                "mistaken_for": wrong.idxmax() if missed else None,
                "mistaken_share": wrong.max() / n if missed else 0.0,
            }
        )
    return conform(pd.DataFrame(rows), CAUSES)
