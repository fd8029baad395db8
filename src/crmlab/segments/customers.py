"""One row per customer: its type, how sure that is, where it stands in its life cycle, and what it gets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab import tables
from crmlab.segments.behaviour.catalogue import (
    FEATURES,
    NAMES,
    UNDETERMINED,
    probability_column,
)
from crmlab.segments.outputs import CUSTOMERS
from crmlab.segments.settings import Settings
from crmlab.segments.types.fitted import Fitted
from crmlab.segments.types.mixture import axis_probabilities
from crmlab.segments.types.simple import highest_axes
from crmlab.segments.use.cells import risk_bands, value_bands
from crmlab.segments.use.policy import Policy


def customer_table(
    features: pd.DataFrame,
    fitted: Fitted,
    probabilities: pd.DataFrame,
    named: pd.Series,
    tracked: pd.DataFrame,
    stages: pd.DataFrame,
    file: pd.DataFrame,
    value: pd.DataFrame,
    renewals: pd.DataFrame,
    policy: Policy,
    settings: Settings,
) -> pd.DataFrame:
    """Table `customers`, and the column risk that `crmlab.segments.use.cells.cells` asks for.

    Parameters
    ----------
    features : of the last month. probabilities : of the nine types, by customer_id.
    named : types that analysts named, by customer_id; they go before what the mixture says, whose probabilities stay as they are.
    tracked : every month's tracked type. stages : the life cycle in the last month.
    file, value, renewals : the clean table of customers, table `customers` of stage value, table `contracts` of stage churn.
    """
    told = fitted.told(probabilities)
    scores = fitted.scores(features)
    axes = fitted.scorer.axis_scores(scores)
    followed = tracked[tracked["month"] == tracked["month"].max()].set_index("customer_id")["type"]
    table = told.assign(
        n_features=scores.notna().sum(axis=1),
        reason=_why_not(told, scores, fitted),
        axis=told["axis"].replace("", None),
        tracked=followed.reindex(told.index),
        since=_since(tracked).reindex(told.index),
        highest_axes=highest_axes(axes),
    )
    table = _as_named(table, named)
    table = (
        table.join(axes)
        .join(probabilities.rename(columns=probability_column))
        .join(axis_probabilities(probabilities).rename(columns=probability_column))
    )
    table = table.join(
        stages.set_index("customer_id")[["stage", "won_back", "silent", "has_left", "is_held"]]
    )
    table = table.join(file.set_index("customer_id")["customer_name"])
    table = table.join(value.set_index("customer_id")[["historical", "to_come", "at_stake"]])
    p_renew = renewals.groupby("customer_id")["p_renew"].min().reindex(table.index)
    table["risk"] = risk_bands(
        p_renew, table["silent"].mask(table["has_left"] | table["is_held"]), settings.at_risk
    )
    table["at_risk"] = (table["risk"] == "at_risk").where(table["risk"] != "unknown")
    table["value_band"] = value_bands(table["to_come"])
    table["action"] = policy.action(table["likeliest"], table["stage"])
    table = table.rename_axis("customer_id").reset_index()
    return tables.conform(table, CUSTOMERS).assign(risk=table["risk"])


def _why_not(told: pd.DataFrame, scores: pd.DataFrame, fitted: Fitted) -> pd.Series:
    """Why a customer is undetermined, empty for the others."""
    if fitted.mixture is None:
        return pd.Series("too_few", index=told.index, dtype="string")
    spoken = {name: feature.source for name, feature in zip(NAMES, FEATURES, strict=True)}
    told_of = [name for name in NAMES if name not in fitted.scorer.silent_]
    known = scores[told_of].notna().T.groupby(spoken).any().T
    why = np.select(
        [told["type"] != UNDETERMINED, told["p"].isna(), ~known.all(axis=1)],
        ["", "no_records", "some_records"],
        "between",
    )
    return pd.Series(why, index=told.index, dtype="string").replace("", pd.NA)


def _since(tracked: pd.DataFrame) -> pd.Series:
    """The month in which the tracked type of the last month was first told without a break, by customer_id; missing for the undetermined."""
    rows = tracked.sort_values(["customer_id", "month"])
    changed = (rows["type"] != rows["type"].shift()) | (rows["customer_id"] != rows["customer_id"].shift())
    begun = rows["month"].where(changed).ffill()
    last = rows.assign(since=begun.where(rows["type"] != UNDETERMINED))
    return last.drop_duplicates("customer_id", keep="last").set_index("customer_id")["since"]


def _as_named(table: pd.DataFrame, named: pd.Series) -> pd.DataFrame:
    """The types that analysts named in the place of those that were told."""
    label = named.reindex(table.index).astype(object)
    has = label.notna()
    second = table["likeliest"].where(table["likeliest"] != label, table["runner_up"])
    return table.assign(
        labelled=has,
        type=label.where(has, table["type"]),
        tracked=label.where(has, table["tracked"]),
        since=table["since"].mask(has),
        runner_up=second.where(has, table["runner_up"]),
        likeliest=label.where(has, table["likeliest"]),
        p=table["p"].where(~has, 1.0),
        reason=table["reason"].where(~has),
        axis=table["axis"].where(~has),
    )
