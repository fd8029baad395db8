"""Types followed month by month in worlds where they are known: how often told and true types change, and how late a change is told.

Scales and mixture are fitted once, on the last month, and told back over 37 months, whose windows of 24 reach back to the first. Beside
the mixture stands `labels`, a logistic regression of the same scores that learnt from the labels of other customers of the same company:
what any method could come to. `by_margin` tells what the mixture's tracker would do with other margins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from segments_parts.worlds import WINDOW, World, world
from sklearn.linear_model import LogisticRegression

from crmlab.segments.behaviour.catalogue import TYPES, UNDETERMINED
from crmlab.segments.moves.tracker import TypeTracker
from crmlab.segments.moves.transitions import agreement, changes_per_year
from crmlab.segments.settings import Settings
from crmlab.segments.types.mixture import NineTypeMixture
from crmlab.segments.types.scorer import ValueScorer

SETTINGS = Settings()
FOLLOWED = 24
"""Months that a true change must have after it: by then the window has none before it."""
MARGINS = (0.2, 0.4, 0.6, 0.7, 0.8)
Proba = Callable[[pd.DataFrame], pd.DataFrame]


def measured(worlds: int, customers: int, first: int) -> dict[str, Any]:
    """The means over worlds of what `followed` tells of the mixture, and of the line beside it."""
    found = [by_world(seed, customers) for seed in range(first, first + worlds)]
    lines = {line: pd.DataFrame([one[line] for one in found]) for line in found[0]}
    means = {line: {k: float(v) for k, v in rows.mean().items()} for line, rows in lines.items()}
    figures = means.pop("mixture")
    gap = lines["mixture"].changes_per_year - lines["mixture"].changes_truth
    figures |= {
        "changes_gap": float(gap.mean()),
        "changes_gap_worst": float(gap.max()),
        "margin": SETTINGS.margin,
        "patience": SETTINGS.patience,
        "labels": means.pop("labels"),
        "by_margin": means,
        "customers": customers,
        "worlds": worlds,
        "targets": {"changes_gap": 0.1},
    }
    for line, told in {"mixture": figures, "labels": figures["labels"], **means}.items():
        print(
            f"{line}: {told['changes_per_year']:.3f} changes per customer-year (true {told['changes_truth']:.3f}), told after "
            f"{told['delay_months']:.1f} months ({told['told_share']:.0%} of them within {FOLLOWED}), agreement 24 months apart "
            f"{told['agreement']:.3f} (true {told['agreement_truth']:.3f}), tracked type right {told['right']:.3f}"
        )
    return figures


def by_world(seed: int, customers: int) -> dict[str, dict[str, float]]:
    """What `followed` tells of one world: of the mixture, of the line that knew labels, and of the mixture with other margins."""
    company, others = world(seed, customers), world(seed, customers + 1)
    last = company.months[-1]
    scorer = ValueScorer().fit(_at(company, last))
    mixture = NineTypeMixture().fit(scorer.transform(_at(company, last)))

    learnt = scorer.transform(_at(others, last))
    line = LogisticRegression(C=0.3, max_iter=1000)
    line.fit(_known(learnt), others.types(last).reindex(learnt.index))

    def by_labels(scores: pd.DataFrame) -> pd.DataFrame:
        p = pd.DataFrame(line.predict_proba(_known(scores)), index=scores.index, columns=line.classes_)
        return p.reindex(columns=list(TYPES), fill_value=0.0)

    scores = {month: scorer.transform(_at(company, month)) for month in company.months[WINDOW - 1 :]}
    told = _told(scores, mixture.predict_proba)
    return {
        "mixture": followed(company, told, SETTINGS.margin),
        "labels": followed(company, _told(scores, by_labels), SETTINGS.margin),
        **{f"{margin:.1f}": followed(company, told, margin) for margin in MARGINS},
    }


def followed(company: World, probabilities: pd.DataFrame, margin: float) -> dict[str, float]:
    """Changes per customer-year told and true over the same rows, the delay of a change, agreement over windows without a month in common."""
    months = sorted(probabilities["month"].unique())
    tracker = TypeTracker(margin, SETTINGS.patience, SETTINGS.min_prob)
    tracked = tracker.track(probabilities)
    truth = pd.concat({month: company.types(month) for month in months}, names=["month", "customer_id"])
    keys = pd.MultiIndex.from_frame(tracked[["month", "customer_id"]].astype({"customer_id": object}))
    true = tracked.assign(type=truth.reindex(keys).to_numpy())
    determined = (tracked["type"] != UNDETERMINED).to_numpy()
    delays = _delays(tracked, true)
    after = months[-1]
    before = after - pd.offsets.MonthEnd(WINDOW)
    labels = probabilities[["customer_id", "month"]].assign(type=_label(probabilities))
    told = [labels[labels["month"] == m].set_index("customer_id")["type"] for m in (before, after)]
    share, _ = agreement(*told)
    both = [kinds[kinds != UNDETERMINED].index for kinds in told]
    same = both[0].intersection(both[1]).astype(object)
    share_truth, _ = agreement(truth[before].reindex(same), truth[after].reindex(same))
    return {
        "changes_per_year": changes_per_year(tracked),
        "changes_truth": changes_per_year(true[determined]),
        "delay_months": float(np.median(delays)) if len(delays) else np.nan,
        "told_share": float(np.mean(delays <= FOLLOWED)) if len(delays) else np.nan,
        "agreement": share,
        "agreement_truth": share_truth,
        "right": float((tracked["type"].astype(object) == true["type"])[determined].mean()),
    }


def _delays(tracked: pd.DataFrame, true: pd.DataFrame) -> np.ndarray:
    """Months until each true change is told, infinite where it is not: of customers whose type was told rightly before it."""
    told, real = (
        rows.astype({"customer_id": object, "type": object}).pivot(
            index="customer_id", columns="month", values="type"
        )
        for rows in (tracked, true)
    )
    told, real = told.to_numpy(), real.to_numpy()
    late = []
    for month in range(1, real.shape[1] - FOLLOWED):
        turned = (real[:, month] != real[:, month - 1]) & (told[:, month - 1] == real[:, month - 1])
        turned &= pd.notna(real[:, month]) & pd.notna(real[:, month - 1])
        stays = (real[:, month : month + FOLLOWED + 1] == real[:, [month]]).all(axis=1)
        rows = np.flatnonzero(turned & stays)
        found = told[rows, month : month + FOLLOWED + 1] == real[rows, month][:, None]
        late += np.where(found.any(axis=1), found.argmax(axis=1), np.inf).tolist()
    return np.array(late)


def _at(company: World, month: pd.Timestamp) -> pd.DataFrame:
    return company.at(month).set_index("customer_id")


def _known(scores: pd.DataFrame) -> np.ndarray:
    return np.hstack([scores.fillna(0.0), scores.isna()])


def _told(scores: dict[pd.Timestamp, pd.DataFrame], proba: Proba) -> pd.DataFrame:
    """customer_id, month and the nine probabilities."""
    rows = [
        proba(table).rename_axis("customer_id").reset_index().assign(month=month)
        for month, table in scores.items()
    ]
    return pd.concat(rows, ignore_index=True)


def _label(probabilities: pd.DataFrame) -> np.ndarray:
    """The type of the month alone."""
    p = probabilities[list(TYPES)].to_numpy()
    names = np.array(list(TYPES), dtype=object)
    return np.where(p.max(axis=1) >= SETTINGS.min_prob, names[p.argmax(axis=1)], UNDETERMINED)
