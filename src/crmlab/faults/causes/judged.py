"""How well a cause model tells: learnt from earlier tickets, judged on later ones, beside what anyone could say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crmlab.faults.causes.conformal import ConformalSets, abstain_reasons
from crmlab.faults.causes.held_out import can_fit
from crmlab.faults.causes.incidents import Split, split_by_time
from crmlab.faults.causes.lexicon import SymptomLexicon
from crmlab.faults.causes.outputs import CALIBRATION, CAUSES, SYMPTOMS
from crmlab.faults.causes.pool import SIMPLE, FaultPool
from crmlab.faults.causes.scores import (
    by_group,
    calibration,
    gain,
    log_loss,
    losses,
    mean_and_error,
    positions,
    scores,
)
from crmlab.faults.causes.text import fold
from crmlab.faults.desk.scorecard import first_named
from crmlab.intervals import wilson
from crmlab.tables import conform

CLEARLY = 2.0
"""Paired standard errors by which the pool has to beat the simple line."""


@dataclass
class Judged:
    """A model that learnt from the tickets before `split.cut`, and what it said of those after.

    `probabilities` are those of the test tickets, rows in their order; `sets` and `sets_by_cause` the fitted
    conformal sets; `guess` the best guess of each test ticket.
    """

    model: FaultPool
    split: Split
    probabilities: np.ndarray
    guess: pd.Series
    sets: ConformalSets
    sets_by_cause: ConformalSets
    metrics: dict[str, Any]
    tables: dict[str, pd.DataFrame]


def judge(
    tickets: pd.DataFrame,
    cause: pd.Series,
    incidents: pd.Series,
    *,
    at: str,
    test_share: float,
    confident: float,
    lexicon: SymptomLexicon | None = None,
) -> Judged | None:
    """Fit on the earlier tickets and score on the later ones; None where either part is too thin.

    The pool ships where its log-loss is lower than that of the tuned logistic regression by more than two paired standard
    errors, clustered by incident; else the logistic regression does.

    Parameters
    ----------
    tickets : with a recorded cause, in order of time; columns of the contract, `symptom_tag`, and the fields of `with_context`.
    cause : the first recorded cause of each. incidents : its incident.
    """
    split = split_by_time(tickets, incidents, test_share)
    train, test = split.train, split.test
    if not test.any() or not can_fit(cause[train], incidents[train]):
        return None
    model = FaultPool(at, lexicon=lexicon, keep_simple=True).fit(
        tickets[train], cause[train], incidents[train]
    )
    truth = cause[test]
    column = positions(model.classes_, truth)
    probabilities, simple = model.predict_proba(tickets[test]), model.simple_proba(tickets[test])
    better, error = mean_and_error(losses(simple, column) - losses(probabilities, column), incidents[test])
    metrics = {
        "model": "pool",
        "gain_over_simple": better,
        "gain_over_simple_error": error,
        "simple_log_loss": log_loss(simple, column),
        "simple_accuracy": float((simple.argmax(axis=1) == column).mean()),
    }
    if better <= CLEARLY * error:
        metrics["model"] = "logistic regression"
        model = FaultPool(at, experts=(SIMPLE,), lexicon=lexicon).fit(
            tickets[train], cause[train], incidents[train]
        )
        probabilities = model.predict_proba(tickets[test])
    guess = pd.Series(model.classes_[probabilities.argmax(axis=1)], index=truth.index)

    found = Judged(model, split, probabilities, guess, *_sets(model, cause[train]), metrics, {})
    hit = (guess == truth).to_numpy()
    metrics |= {
        "n_train": int(train.sum()),
        "n_test": int(test.sum()),
        "test_from": str(split.cut.date()),
        "n_causes": len(model.classes_),
        "weights": model.weights_,
        "strengths": {name: model.strengths_[name] for name in model.weights_ if name in model.strengths_},
        "fields": list(model.fields_),
        **scores(probabilities, model.classes_, truth),
        **_naive(tickets, cause, train, test, hit),
        **_coverage(found, column),
        **_reliance(found, tickets[test], hit, confident),
    }
    found.tables = _tables(found, tickets[test], truth, column, hit, metrics.pop("_naive_hits"))
    return found


def _sets(model: FaultPool, causes: pd.Series) -> tuple[ConformalSets, ConformalSets]:
    """Limits from tickets of the training part, each judged by models that had not learnt from it."""
    known = model.cross_validated_
    seen = ~np.isnan(known[:, 0])
    truth = positions(model.classes_, causes.iloc[-len(known) :])
    return tuple(ConformalSets(by_cause=by).fit(known[seen], truth[seen]) for by in (False, True))


def _naive(
    tickets: pd.DataFrame, cause: pd.Series, train: pd.Series, test: pd.Series, hit: np.ndarray
) -> dict[str, Any]:
    """The lines beside the score: always the same cause, the symptom's most frequent one, remote support."""
    truth, known = cause[test], cause[train].value_counts()
    majority = known[known == known.max()].index.min()
    classes = known.sort_index()
    prior = np.tile(classes.to_numpy() / known.sum(), (len(truth), 1))
    tag = tickets["symptom_tag"]
    common = cause[train].groupby(tag[train]).agg(lambda causes: causes.mode().min())
    by_symptom = (tag[test].map(common).fillna(majority) == truth).to_numpy()
    remote = first_named(tickets.loc[test, "cause_predicted"])
    remote_hit = np.where(remote.notna(), remote == truth, np.nan).astype(float)
    named = ~np.isnan(remote_hit)
    figures: dict[str, Any] = {
        "majority_cause": str(majority),
        "majority_accuracy": float((truth == majority).mean()),
        "majority_log_loss": log_loss(prior, positions(classes.index.to_numpy(), truth)),
        "by_symptom_accuracy": float(by_symptom.mean()),
        **_gain("by_symptom", hit, by_symptom),
        "remote_support_n": int(named.sum()),
        "remote_support_accuracy": float(remote_hit[named].mean()) if named.any() else None,
        **_gain("remote_support", hit[named], remote_hit[named]),
    }
    return figures | {"_naive_hits": {"by_symptom": by_symptom, "remote_support": remote_hit}}


def _gain(over: str, hit: np.ndarray, other: np.ndarray) -> dict[str, float | None]:
    difference, error = gain(hit, other) if len(hit) else (None, None)
    return {f"gain_over_{over}": difference, f"gain_over_{over}_error": error}


def _coverage(found: Judged, column: np.ndarray) -> dict[str, Any]:
    """What the sets promised, and what came of it."""
    figures: dict[str, Any] = {}
    seen = column >= 0
    for name, sets in (("coverage90", found.sets), ("coverage90_by_cause", found.sets_by_cause)):
        within = sets.predict(found.probabilities)
        holds = within[np.arange(len(column)), column] & seen
        figures[name] = float(holds.mean())
        figures[f"{name}_size"] = float(within.sum(axis=1).mean())
    by_cause = pd.Series(holds).groupby(column)
    common = by_cause.size()[lambda n: (n >= 20) & (n.index >= 0)].index
    figures["worst_class_coverage90"] = float(by_cause.mean()[common].min()) if len(common) else None
    return figures


def _reliance(found: Judged, tickets: pd.DataFrame, hit: np.ndarray, confident: float) -> dict[str, Any]:
    """How many guesses nobody should rely on, and how good the others are."""
    known = found.model.known_share(tickets)
    reasons = abstain_reasons(
        fold(tickets["symptom"]).to_numpy(object), known, found.probabilities, confident
    )
    silent = pd.Series(reasons).notna().to_numpy()
    counts = pd.Series(reasons).value_counts()
    return {
        "known_share": float(known.mean()),
        "confident": confident,
        "abstained": float(silent.mean()),
        "abstained_by_reason": {
            reason: float(counts.get(reason, 0) / len(hit))
            for reason in ("no_text", "unknown_words", "low_confidence")
        },
        "accuracy_relied_on": float(hit[~silent].mean()) if not silent.all() else None,
        "accuracy_abstained": float(hit[silent].mean()) if silent.any() else None,
    }


def _tables(
    found: Judged,
    tickets: pd.DataFrame,
    truth: pd.Series,
    column: np.ndarray,
    hit: np.ndarray,
    naive: dict[str, np.ndarray],
) -> dict[str, pd.DataFrame]:
    causes = _per_cause(truth, found.guess)
    rows = np.arange(len(column))
    for name, sets in (("coverage", found.sets), ("coverage_by_cause", found.sets_by_cause)):
        holds = sets.predict(found.probabilities)[rows, column] & (column >= 0)
        causes[name] = causes["cause"].map(pd.Series(holds).groupby(truth.to_numpy(object)).mean())
    symptoms = by_group(tickets["symptom_tag"], {"accuracy": hit, **naive}).rename(
        columns={"group": "symptom"}
    )
    return {
        "calibration": conform(calibration(found.probabilities.max(axis=1), hit), CALIBRATION),
        "causes": conform(causes, CAUSES),
        "symptoms": conform(symptoms, SYMPTOMS),
    }


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
    return pd.DataFrame(rows)


def remote_support_ahead(symptoms: pd.DataFrame) -> dict[str, Any] | None:
    """The symptom on which remote support is furthest ahead of the model, their intervals apart; None if there is none."""
    low, _ = wilson(symptoms["remote_support"] * symptoms["n"], symptoms["n"])
    ahead = symptoms[low > symptoms["high"]]
    if ahead.empty:
        return None
    most = ahead.loc[(ahead["remote_support"] - ahead["accuracy"]).idxmax()]
    return most[["symptom", "n", "accuracy", "remote_support"]].to_dict()
