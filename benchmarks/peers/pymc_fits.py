"""A customer-base model fitted by pymc-marketing's MAP: a peer of `benchmarks/purchases.py`, in an environment of its own.

    PYTHON benchmarks/peers/pymc_fits.py --model BGNBD --customers FILE.parquet

Every prior is flat on the positive numbers and `find_MAP` leaves the Jacobian out, so that the maximum is the likelihood's. One JSON
object is printed. `cpu_seconds` is the climb alone (SciPy's `minimize`, compiled functions called once before): importing,
building and compiling are told apart, and what follows the climb is in `whole_cpu_seconds` only.
"""

from __future__ import annotations

import argparse
import json
import logging
import warnings
from importlib.metadata import version
from typing import Any

from measured import cpu_seconds, timed, with_memory

MODELS = {
    "BGNBD": ("BetaGeoModel", ("r", "alpha", "a", "b")),
    "MBGNBD": ("ModifiedBetaGeoModel", ("r", "alpha", "a", "b")),
    "ParetoNBD": ("ParetoNBDModel", ("r", "alpha", "s", "beta")),
    "GammaGamma": ("GammaGammaModel", ("p", "q", "v")),
}

MANY = 10**9
"""Evaluations that find_MAP allows; it counts those of all rounds of timing."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--customers", required=True)
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    import pandas as pd

    before = cpu_seconds()
    import pymc as pm
    from pymc.tuning import starting
    from pymc_extras.prior import Prior
    from pymc_marketing import clv

    imported = cpu_seconds() - before
    logging.getLogger("pymc").setLevel(logging.ERROR)
    data = pd.read_parquet(args.customers).reset_index(names="customer_id")
    peer, names = MODELS[args.model]
    model = getattr(clv, peer)(model_config={name: Prior("HalfFlat") for name in names})
    climb: dict[str, Any] = {}
    minimize = starting.minimize

    def minimize_timed(fun: Any, x0: Any, **kwargs: Any) -> Any:
        fun(x0)
        began = cpu_seconds()
        found, seconds = timed(lambda: minimize(fun, x0, **kwargs))
        climb.update(cpu_seconds=seconds, evaluations=int(found.nfev), converged=bool(found.success))
        climb["again"] = cpu_seconds() - began - seconds
        return found

    starting.minimize = minimize_timed
    before = cpu_seconds()
    fitted, memory = with_memory(lambda: model.fit(data, method="map", progressbar=False, maxeval=MANY))
    whole = cpu_seconds() - before - climb.pop("again")
    at = {name: float(fitted.posterior[name].to_numpy().ravel()[0]) for name in names}
    likelihood = float(model.model.compile_logp(jacobian=False)(_inner(model.model, at)))
    if "v" in at:
        at["gamma"] = at.pop("v")
    print(
        json.dumps(
            climb
            | {
                "import_cpu_seconds": imported,
                "whole_cpu_seconds": whole,
                "memory_mb": memory,
                "parameters": at,
                "log_likelihood": likelihood,
                "version": f"pymc-marketing {version('pymc-marketing')}, pymc {pm.__version__}",
            }
        )
    )


def _inner(model: Any, at: dict[str, float]) -> dict[str, Any]:
    """Parameters as the model holds them: logarithms of the positive ones."""
    import numpy as np

    return {f"{name}_log__": np.array(np.log(value)) for name, value in at.items()}


if __name__ == "__main__":
    main()
