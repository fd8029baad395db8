"""What telling types costs: scales, fit and prediction on one core, each size in a process of its own."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
from peers.measured import with_memory
from segments_parts.worlds import world
from sklearn.metrics import adjusted_rand_score

from crmlab.segments.types.mixture import NineTypeMixture
from crmlab.segments.types.scorer import ValueScorer

SEED = 11
TARGETS = {"1000000_cpu_seconds": 60}


def measured(sizes: list[int]) -> dict[str, Any]:
    """CPU seconds of each step by size, and by how many MB the process grew beyond its table of features."""
    spawn, found = multiprocessing.get_context("spawn"), {}
    for n in sizes:
        with ProcessPoolExecutor(1, mp_context=spawn) as pool:
            found[str(n)] = pool.submit(of_size, n).result()
        print(n, found[str(n)], flush=True)
    return {"sizes": found, "targets": TARGETS}


def of_size(n: int) -> dict[str, float]:
    """Seconds to score, to fit, and to tell `n` customers; adjusted Rand of what is told."""
    here = world(SEED, n)
    table = here.at(here.months[-1]).set_index("customer_id")
    truth = here.types(here.months[-1]).reindex(table.index).astype("category")
    del here
    seconds: dict[str, float] = {}

    def all_steps() -> np.ndarray:
        start = time.process_time()
        scorer = ValueScorer()
        fitting = scorer.fit_transform(table)
        scores = scorer.transform(table)
        seconds["scale"] = time.process_time() - start
        start = time.process_time()
        mixture = NineTypeMixture().fit(fitting)
        seconds["fit"] = time.process_time() - start
        start = time.process_time()
        proba = mixture.predict_proba(scores)
        seconds["predict"] = time.process_time() - start
        return proba.to_numpy().argmax(axis=1)

    guess, memory = with_memory(all_steps)
    seconds["all"] = sum(seconds.values())
    return seconds | {
        "memory_mb": memory,
        "customers": len(table),
        "ari": adjusted_rand_score(truth.cat.codes, guess),
    }
