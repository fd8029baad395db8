"""What telling types costs: scales, fit and prediction on one core, each size in a process of its own."""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
from segments_parts.worlds import world
from sklearn.metrics import adjusted_rand_score

from crmlab.segments.types.mixture import NineTypeMixture
from crmlab.segments.types.scorer import ValueScorer

SEED = 11
TARGETS = {"1000000_cpu_seconds": 60}


def measured(sizes: list[int]) -> dict[str, Any]:
    """CPU seconds of each step by size, and the most memory the process held, its table of features included."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for n in sizes:
            file = Path(folder) / f"{n}.parquet"
            alone(write_table, n, file)
            found[str(n)] = alone(of_table, file)
            print(n, found[str(n)], flush=True)
    return {"sizes": found, "targets": TARGETS}


def alone(what: Callable[..., Any], *args: Any) -> Any:
    """The result of `what` in a process of its own, so that nothing else is in its memory."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(what, *args).result()


def write_table(n: int, file: Path) -> None:
    here = world(SEED, n)
    table = here.at(here.months[-1])
    truth = here.types(here.months[-1]).reindex(table["customer_id"]).to_numpy()
    table.assign(truth=pd.Categorical(truth).codes).to_parquet(file)


def of_table(file: Path) -> dict[str, float]:
    """Seconds to score, to fit and to tell its customers; adjusted Rand of what is told."""
    table = pd.read_parquet(file).set_index("customer_id")
    seconds = {}
    start = time.process_time()
    scorer = ValueScorer()
    fitting = scorer.fit_transform(table)
    scores = scorer.transform(table)
    seconds["scale"] = time.process_time() - start
    start = time.process_time()
    mixture = NineTypeMixture().fit(fitting)
    seconds["fit"] = time.process_time() - start
    start = time.process_time()
    guess = mixture.predict_proba(scores).to_numpy().argmax(axis=1)
    seconds["predict"] = time.process_time() - start
    seconds["all"] = sum(seconds.values())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return seconds | {
        "memory_mb": memory,
        "customers": len(table),
        "ari": adjusted_rand_score(table["truth"], guess),
    }
