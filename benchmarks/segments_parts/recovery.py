"""Worlds of known types, at several sizes: how much is recovered, how honestly, and how steadily."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from segments_parts.judged import compared, judge, say
from segments_parts.lines import SIMPLE, answers, mixture_of, told
from segments_parts.worlds import world

from crmlab.segments.behaviour.catalogue import UNDETERMINED
from crmlab.segments.types.mixture import NineTypeMixture
from crmlab.segments.types.simple import started_mixture

BOOTSTRAPS, SHOWN = 10, 2_000
"""Samples of the customers on which all is fitted again; the size whose figures stand at the top."""
TARGETS = {"share_of_limit": 0.90, "ece": 0.03, "invented_share": 0.01, "bootstrap_same_label": 0.90}


def measured(sizes: list[int], worlds: int, first: int) -> dict[str, Any]:
    """Figures by size, those of 2,000 customers (or else of the middle size) at the top."""
    by_size = {n: of_size(n, range(first, first + worlds)) for n in sizes}
    shown = by_size[SHOWN if SHOWN in by_size else sorted(by_size)[len(by_size) // 2]]
    lines = shown["lines"]
    return {
        "ari": lines["mixture"]["ari"],
        "ari_limit": lines["all_labels"]["ari"],
        "ari_simple": {name: lines[name]["ari"] for name in SIMPLE},
        "share_of_limit": lines["mixture"]["share_of_limit"],
        "ece": lines["mixture"]["ece"],
        "bootstrap_same_label": shown["steady"]["same_label"],
        "invented_share": lines["mixture"].get("invented"),
        "worlds": worlds,
        "first": first,
        "sizes": {str(n): found for n, found in by_size.items()},
        "targets": TARGETS,
    }


def of_size(n: int, seeds: range) -> dict[str, Any]:
    """All lines in each of the worlds, and how often customers keep their label."""
    rows, steady = [], []
    for seed in seeds:
        here = world(seed, n)
        table = here.at(here.months[-1]).set_index("customer_id")
        truth = here.types(here.months[-1]).reindex(table.index)
        found, mixture = answers(table, truth)
        rows += [
            {"line": line, "world": seed} | judge(said, truth, here.absent) for line, said in found.items()
        ]
        steady.append(same_label(table, mixture) | {"belief": mixture.belief_, "temper": mixture.temper_})
        print(f"\r{n} customers, world {seed}", end="", flush=True)
    lines = compared(pd.DataFrame(rows))
    means = {name: float(np.nanmean([one[name] for one in steady])) for name in steady[0]}
    say(f"{n} customers, {len(seeds)} worlds", lines)
    print(", ".join(f"{name} {value:.3f}" for name, value in means.items()), flush=True)
    return {"lines": lines, "steady": means}


def same_label(table: pd.DataFrame, mixture: NineTypeMixture) -> dict[str, float]:
    """How often customers are told the same when scales and mixture are fitted on a bootstrap sample.

    `same_label`: of those with a type, the share with the same one. `same_guess`: of all, the share with the same best guess;
    `same_guess_started` by the started mixture, of
    the customers in the sample, its scales kept.
    """
    rng = np.random.default_rng(0)
    scorer, again = mixture_of(table, belief=mixture.belief_)
    scores = scorer.transform(table)
    was, best = again.predict(scores).to_numpy(), told(again.predict_proba(scores)).guess.to_numpy()
    axes = scorer.axis_scores(scores)
    started = told(started_mixture(axes)).guess.to_numpy()
    same = []
    for _ in range(BOOTSTRAPS):
        drawn = np.sort(rng.integers(len(table), size=len(table)))
        sample = table.iloc[drawn]
        scorer, again = mixture_of(sample, belief=mixture.belief_)
        scores = scorer.transform(table)
        sure = was != UNDETERMINED
        other = told(started_mixture(axes.iloc[drawn])).guess.to_numpy()
        same.append(
            {
                "same_label": (again.predict(scores).to_numpy() == was)[sure].mean()
                if sure.any()
                else np.nan,
                "same_guess": (told(again.predict_proba(scores)).guess.to_numpy() == best).mean(),
                "same_guess_started": (other == started[drawn]).mean(),
            }
        )
    return pd.DataFrame(same).mean().to_dict()
