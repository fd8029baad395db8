"""The customer-base models by the names that params.yaml gives them."""

from __future__ import annotations

import re

from crmlab.files import CrmlabError
from crmlab.purchases.models.bgnbd import BGNBD, MBGCNBD, MBGNBD
from crmlab.purchases.models.model import PurchaseModel
from crmlab.purchases.models.pareto import ParetoNBD

MODELS = {"MBGNBD": MBGNBD, "BGNBD": BGNBD, "ParetoNBD": ParetoNBD}


def model_named(name: str) -> PurchaseModel:
    """An unfitted model: MBGNBD, BGNBD, ParetoNBD, or MBGCNBD-k for regular buyers.

    >>> model_named("MBGCNBD-3")
    MBGCNBD(k=3)
    """
    regular = re.fullmatch(r"MBGCNBD-([1-9][0-9]?)", name)
    if regular:
        return MBGCNBD(k=int(regular[1]))
    if name not in MODELS:
        raise CrmlabError(
            f"params.yaml, purchases.models: {name!r} is not one of {', '.join(MODELS)}, MBGCNBD-2, MBGCNBD-3 …"
        )
    return MODELS[name]()
