"""Why a customer is of its likeliest type and not of the next: the features whose log-odds speak most for it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab import tables
from crmlab.segments.behaviour.catalogue import NAMES
from crmlab.segments.outputs import WHY
from crmlab.segments.types.mixture import NineTypeMixture

TOP = 3


def why(
    features: pd.DataFrame, scores: pd.DataFrame, mixture: NineTypeMixture, told: pd.DataFrame, top: int = TOP
) -> pd.DataFrame:
    """The features that add most to the log-odds of the likeliest type against the runner-up: table `why`.

    Parameters
    ----------
    features : customer_id and the features of a month. scores : their scores, index customer_id.
    told : customer_id, likeliest, runner_up; customers without a guess, or `labelled` by an analyst, have no
        reason.
    """
    if "labelled" in told:  # nobody's reason but the analyst's
        told = told[~told["labelled"].fillna(False).astype(bool)]
    told = told.set_index("customer_id")[["likeliest", "runner_up"]].dropna().astype(object)
    if told.empty:
        return tables.empty(WHY)
    scores, values = scores.loc[told.index], features.set_index("customer_id").loc[told.index, list(NAMES)]
    adds = mixture.explain(scores, told["likeliest"], told["runner_up"])[list(NAMES)].fillna(0.0).to_numpy()
    order = np.argsort(-adds, axis=1, kind="stable")[:, :top]
    rows = np.repeat(np.arange(len(told)), top)
    column = order.ravel()
    typical = features[list(NAMES)].median().to_numpy(float)
    found = pd.DataFrame(
        {
            "customer_id": told.index[rows],
            "rank": np.tile(np.arange(1, top + 1), len(told)),
            "likeliest": told["likeliest"].to_numpy()[rows],
            "runner_up": told["runner_up"].to_numpy()[rows],
            "feature": np.array(NAMES, dtype=object)[column],
            "above": scores[list(NAMES)].to_numpy(float)[rows, column] > 0,
            "value": values.to_numpy(float)[rows, column],
            "typical": typical[column],
            "log_odds": adds[rows, column],
        }
    )
    return tables.conform(found[found["log_odds"] > 0].reset_index(drop=True), WHY)
