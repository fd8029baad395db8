"""What our kits would have done on closed tickets, beside what was carried and beside the parts a symptom needs most.

Every way of choosing is judged alike: a kit fixes when it holds every part that was built in over all visits of the
ticket, less the share of visits that fail with every part there. So differences say what the choice of parts is worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crmlab.faults.kits.needs import part_sets, parts_used
from crmlab.faults.kits.outputs import RETROSPECT
from crmlab.intervals import wilson
from crmlab.tables import conform, empty

CENTS = 100
"""Smallest units in one of the currency of the books, in which rates are written."""
FEW = 30
"""Second visits of a service level below which those of all levels stand in."""


@dataclass(frozen=True)
class Retrospect:
    """The ways of choosing as table `retrospect`, and the figures of the page.

    Figures: `n`, tickets judged; `thwarted`; `second_visit_cost`, mean, smallest unit; `ftf_history`, first visits
    recorded as fixed; `ftf_<way>` and `parts_per_visit_<way>` for remote, frequency, model, frequency_equal and
    model_equal; `ftf_predicted` and `ftf_predicted_equal`, as the kits foretold; and as `<name>` with `<name>_error`,
    paired: `gain_over_frequency`, `gain_over_frequency_equal`, `gain_over_remote_equal`, `gain_over_history_equal`
    (shares of tickets) and `saved_over_…` of the same names (smallest unit per ticket). `_equal`: with no more parts on
    any ticket than remote support carried there. None where there is no ticket to judge.
    """

    table: pd.DataFrame
    metrics: dict[str, Any]


def first_outcomes(visits: pd.DataFrame) -> pd.Series:
    """Whether the first visit of each ticket fixed: ticket_id → 1.0 or 0.0; tickets without an outcome are left out."""
    first = visits[(visits["visit_no"] == 1).fillna(False).astype(bool)].dropna(subset="outcome")
    first = first.drop_duplicates("ticket_id").astype({"ticket_id": object})
    return (first.set_index("ticket_id")["outcome"] == "fixed").astype(float).rename("fixed")


def parts_carried(ids: pd.Series, ticket_parts: pd.DataFrame) -> pd.Series:
    """What was carried on the first visit of each ticket: ticket_id → sorted tuple; () where nothing was written down.

    Examples
    --------
    >>> rows = [("a", 1, "HDD", 1), ("a", 2, "MB", 1)]
    >>> columns = ["ticket_id", "visit_no", "part_no", "qty_carried"]
    >>> parts_carried(pd.Series(["a", "b"]), pd.DataFrame(rows, columns=columns)).to_dict()
    {'a': ('HDD',), 'b': ()}
    """
    there = (ticket_parts["visit_no"] == 1) & (ticket_parts["qty_carried"] > 0)
    rows = ticket_parts[there.fillna(False).astype(bool)].dropna(subset=["ticket_id", "part_no"])
    rows = rows.drop_duplicates(["ticket_id", "part_no"]).astype({"ticket_id": object, "part_no": object})
    ids = ids.astype(object)
    rows = rows[rows["ticket_id"].isin(ids)]
    return pd.Series(part_sets(rows, ids), index=pd.Index(ids, name="ticket_id"), dtype=object)


def thwarted_share(
    tickets: pd.DataFrame, visits: pd.DataFrame, ticket_parts: pd.DataFrame
) -> tuple[float, int]:
    """Share of first visits with every needed part there that still did not fix, and how many such visits there were.

    Skill or the customer stood in the way. It is estimated on the tickets a model learnt from, and lowers every
    forecast of a first-time fix by the same share; 0 where no such visit is on record.

    Parameters
    ----------
    tickets : ticket_id, reported_at, is_open.
    visits : ticket_id, visit_no, outcome.
    ticket_parts : ticket_id, visit_no, part_no, qty_carried, qty_used.
    """
    needed = parts_used(tickets, ticket_parts)
    fixed = first_outcomes(visits).reindex(needed.index)
    there = _holds(parts_carried(needed.index.to_series(), ticket_parts), needed) & fixed.notna().to_numpy()
    n = int(there.sum())
    return (float(1 - fixed[there].mean()) if n else 0.0), n


def frequency_kits(
    known_symptoms: pd.Series, needed: pd.Series, symptoms: pd.Series, max_parts: int
) -> pd.DataFrame:
    """The simple line: the parts that tickets of the same symptom needed most often, most frequent first.

    Parameters
    ----------
    known_symptoms, needed : symptom tag and needed set of the tickets that are counted, in the same order.
    symptoms : symptom tags of the tickets to choose for; one never counted gets the most frequent parts of all.

    Returns
    -------
    `part_1` … `part_k`, indexed as `symptoms`; missing where a symptom needed fewer parts.

    Examples
    --------
    >>> counted = pd.Series(["no display"] * 3), pd.Series([("MB",), ("MB", "DIMM"), ("CPU", "DIMM", "MB")])
    >>> frequency_kits(*counted, pd.Series(["no display"]), 2).to_dict("records")
    [{'part_1': 'MB', 'part_2': 'DIMM'}]
    """
    frame = pd.DataFrame({"symptom": known_symptoms.to_numpy(object), "part": needed.to_numpy(object)})
    frame = frame.explode("part").dropna()
    top = _most_frequent(frame, max_parts)
    overall = _most_frequent(frame.assign(symptom=""), max_parts).get("", [])
    tags = symptoms.astype(object).unique()
    kits = {tag: [*top.get(tag, overall), *[None] * max_parts][:max_parts] for tag in tags}
    columns = [f"part_{k + 1}" for k in range(max_parts)]
    table = pd.DataFrame.from_dict(kits, orient="index", columns=columns)
    return table.reindex(symptoms.astype(object)).set_axis(symptoms.index).astype("string")


def _most_frequent(frame: pd.DataFrame, max_parts: int) -> dict[str, list[str]]:
    counts = frame.value_counts(["symptom", "part"]).rename("n").reset_index()
    counts = counts.sort_values(["symptom", "n", "part"], ascending=[True, False, True])
    return counts.groupby("symptom").head(max_parts).groupby("symptom")["part"].agg(list).to_dict()


def second_visit_costs(
    levels: pd.Series, tickets: pd.DataFrame, visits: pd.DataFrame, rates: Mapping[str, float]
) -> pd.Series:
    """What a second visit costs each ticket: the mean of its service level, in the smallest unit of the currency.

    As recorded, else from minutes and kilometres at `rates`; of all levels where one had fewer than `FEW`, of first visits
    where nobody came twice, and the bare `visit_cost` where there are no visits.

    Parameters
    ----------
    levels : service_level of the tickets to answer for; the result is indexed alike.
    tickets : ticket_id and service_level of the tickets that are counted.
    visits : ticket_id, visit_no, cost, travel_min, work_min, talk_min, distance_km.
    rates : visit_cost, hour_cost and km_cost, in the currency of the books.
    """
    visits = visits[visits["ticket_id"].isin(tickets["ticket_id"])]
    again = visits[(visits["visit_no"] > 1).fillna(False).astype(bool)]
    again = again if len(again) else visits
    if again.empty:
        return pd.Series(float(rates["visit_cost"]) * CENTS, index=levels.index)
    minutes = sum(again[name].astype("Float64").fillna(0) for name in ("travel_min", "work_min", "talk_min"))
    modelled = (
        rates["visit_cost"]
        + rates["hour_cost"] * minutes / 60
        + rates["km_cost"] * again["distance_km"].astype("Float64").fillna(0)
    )
    cost = again["cost"].astype("Float64").fillna(modelled * CENTS).astype(float)
    level_of = tickets.drop_duplicates("ticket_id").set_index("ticket_id")["service_level"].astype(object)
    by_level = cost.groupby(again["ticket_id"].map(level_of).astype(object)).agg(["mean", "size"])
    known = by_level.loc[by_level["size"] >= FEW, "mean"]
    return levels.astype(object).map(known).astype(float).fillna(cost.mean())


def retrospect(
    tickets: pd.DataFrame,
    visits: pd.DataFrame,
    ticket_parts: pd.DataFrame,
    kits: pd.DataFrame,
    equal_kits: pd.DataFrame,
    frequent: pd.DataFrame,
    second_visit_cost: pd.Series,
    thwarted: float = 0.0,
) -> Retrospect:
    """Judge the kits chosen for closed tickets on the parts that were built in.

    Parameters
    ----------
    tickets : the test tickets: ticket_id, reported_at, is_open. Those without a first visit, or whose parts are not
        known, are not judged.
    visits, ticket_parts : of these tickets (others do no harm).
    kits : as `KitOptimizer.choose` gives them, indexed as `tickets`.
    equal_kits : the same with `limit` = the number of parts that remote support carried (`parts_carried`).
    frequent : as `frequency_kits` gives them, learnt on earlier tickets; cut here to that number for the equal line.
    second_visit_cost : per ticket, smallest unit (`second_visit_costs`).
    thwarted : as `thwarted_share` of earlier tickets, and as the optimizer was given.
    """
    needed = parts_used(tickets, ticket_parts)
    fixed = first_outcomes(visits)
    ids = tickets["ticket_id"].astype(object)
    judged = (ids.isin(needed.index) & ids.isin(fixed.index)).to_numpy()
    metrics: dict[str, Any] = {"n": int(judged.sum()), "thwarted": thwarted}
    if not judged.any():
        return Retrospect(empty(RETROSPECT), metrics)
    ids = ids[judged]
    needed, fixed = needed.loc[ids], fixed.loc[ids].to_numpy()
    carried = parts_carried(ids, ticket_parts)
    number = carried.map(len).to_numpy()
    cost = second_visit_cost.loc[ids.index].to_numpy(float)
    frequent = frequent.loc[ids.index]
    cut = frequent.where(np.arange(frequent.shape[1]) < number[:, None])
    sets = {
        "remote": carried,
        "frequency": _sets(frequent, ids),
        "model": _sets(kits.loc[ids.index], ids),
        "frequency_equal": _sets(cut, ids),
        "model_equal": _sets(equal_kits.loc[ids.index], ids),
    }
    foretold = {"model": kits, "model_equal": equal_kits}
    fixes = {way: (1 - thwarted) * _holds(of_way, needed) for way, of_way in sets.items()}
    rows = []
    for way, fix in fixes.items():
        predicted = foretold[way].loc[ids.index, "first_time_fix"].mean() if way in foretold else np.nan
        gain, saved = fix - fixes["remote"], (fix - fixes["remote"]) * cost
        low, high = wilson((fix > 0).sum(), len(fix))
        rows.append(
            {
                "way": way,
                "n": len(fix),
                "parts_per_visit": sets[way].map(len).mean(),
                "first_time_fix": fix.mean(),
                "low": (1 - thwarted) * low,
                "high": (1 - thwarted) * high,
                "predicted": predicted,
                "gain": gain.mean(),
                "gain_error": _error(gain),
                "saved": round(saved.mean()),
                "saved_error": round(_error(saved)),
            }
        )
        metrics |= {
            f"ftf_{way}": float(fix.mean()),
            f"parts_per_visit_{way}": float(sets[way].map(len).mean()),
        }
    metrics |= {
        "second_visit_cost": float(cost.mean()),
        "ftf_history": float(fixed.mean()),
        "ftf_predicted": float(rows[2]["predicted"]),
        "ftf_predicted_equal": float(rows[4]["predicted"]),
    }
    pairs = {
        "frequency": ("model", fixes["frequency"]),
        "frequency_equal": ("model_equal", fixes["frequency_equal"]),
        "remote_equal": ("model_equal", fixes["remote"]),
        "history_equal": ("model_equal", fixed),
    }
    for name, (way, other) in pairs.items():
        gain = fixes[way] - other
        metrics |= {f"gain_over_{name}": float(gain.mean()), f"gain_over_{name}_error": _error(gain)}
        metrics |= {
            f"saved_over_{name}": float((gain * cost).mean()),
            f"saved_over_{name}_error": _error(gain * cost),
        }
    table = pd.DataFrame(rows).sort_values("way", ignore_index=True)
    return Retrospect(conform(table, RETROSPECT), metrics)


def _error(values: np.ndarray) -> float:
    """Standard error of a mean of paired differences."""
    return float(values.std() / np.sqrt(len(values)))


def _sets(kits: pd.DataFrame, ids: pd.Series) -> pd.Series:
    """The parts of each row as sorted tuples, indexed by ticket."""
    columns = [name for name in kits.columns if name.startswith("part_")]
    parts = kits[columns].to_numpy(object)
    row, column = np.nonzero(pd.notna(parts))
    rows = pd.DataFrame({"ticket_id": ids.to_numpy(object)[row], "part_no": parts[row, column]})
    return pd.Series(part_sets(rows.drop_duplicates(), ids), index=pd.Index(ids), dtype=object)


def _holds(carried: pd.Series, needed: pd.Series) -> np.ndarray:
    """Whether each ticket's parts were all among those carried; the two in the same order of tickets."""
    kit, kits = pd.factorize(carried.to_numpy(object))
    need, needs = pd.factorize(needed.to_numpy(object))
    pair, pairs = pd.factorize(kit.astype("int64") * max(len(needs), 1) + need)
    known = [set(needs[code % len(needs)]) <= set(kits[code // len(needs)]) for code in pairs]
    return np.array(known, bool)[pair] if len(pair) else np.zeros(0, bool)
