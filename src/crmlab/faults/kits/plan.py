"""What to take along and what to check first, learnt from closed tickets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crmlab.faults.kits.checks import (
    check_minutes,
    check_order,
    compare_orders,
    likely_order,
    minutes_of,
    table_order,
)
from crmlab.faults.kits.needs import joined, learn_needs, parts_used
from crmlab.faults.kits.optimizer import KitOptimizer
from crmlab.faults.kits.retrospect import (
    Retrospect,
    frequency_kits,
    parts_carried,
    retrospect,
    second_visit_costs,
    thwarted_share,
)
from crmlab.faults.kits.tables import readable
from crmlab.faults.settings import Settings


@dataclass(frozen=True)
class Record:
    """The clean tables that say what was done on tickets; each may be empty."""

    ticket_causes: pd.DataFrame
    visits: pd.DataFrame
    ticket_parts: pd.DataFrame
    parts: pd.DataFrame


class Plan:
    """Kits and orders of checks by what the tickets `known` needed; where a model is judged, the tickets it learnt from.

    Attributes
    ----------
    optimizer : None where nothing says which parts a cause needs.
    minutes : table `check_minutes`. thwarted : share of visits that fail with every part there, and `thwarted_n`.

    A stored plan answers calls and holds no tickets: it has forgotten `known` and `record`, so it cannot look back.
    """

    def __init__(self, known: pd.DataFrame, record: Record, settings: Settings):
        self.known, self.record, self.settings = known, record, settings
        causes = record.ticket_causes[record.ticket_causes["ticket_id"].isin(known["ticket_id"])]
        self.minutes = check_minutes(
            record.visits[record.visits["ticket_id"].isin(known["ticket_id"])],
            causes,
            settings.check_minutes,
            settings.setup_minutes,
        )
        visited = known
        if not record.visits.empty:
            visited = known[known["ticket_id"].isin(record.visits["ticket_id"])]
        needs = learn_needs(visited, causes, record.ticket_parts, settings.parts)
        self.thwarted, self.thwarted_n = thwarted_share(visited, record.visits, record.ticket_parts)
        self.optimizer = needs and KitOptimizer(
            needs,
            max_parts=settings.max_parts,
            objective=settings.objective,
            part_costs=part_costs(record),
            handling_cost=settings.handling_cost * 100,
            carrying_rate=settings.carrying_rate,
            thwarted=self.thwarted,
        )
        levels = pd.Series([None, *sorted(known["service_level"].dropna().unique())], dtype=object)
        costs = second_visit_costs(levels, known, record.visits, settings.rates)
        self._again_of_level = dict(zip(levels[1:], costs[1:].tolist(), strict=True))
        self._again = float(costs[0])

    def second_visits(self, tickets: pd.DataFrame) -> pd.Series:
        """What a second visit would cost each ticket, smallest unit, indexed alike."""
        costs = tickets["service_level"].astype(object).map(self._again_of_level)
        return costs.astype(float).fillna(self._again)

    def kits(self, tickets: pd.DataFrame, probabilities: pd.DataFrame) -> pd.DataFrame:
        """The best kit of each ticket: `parts` in one cell, `first_time_fix`, `expected_cost`, `one_more`; missing without needs."""
        if self.optimizer is None:
            missing = {"parts": None, "first_time_fix": np.nan, "expected_cost": pd.NA, "one_more": np.nan}
            return pd.DataFrame(missing, index=tickets.index)
        chosen = self.optimizer.choose(probabilities, second_visit_cost=self.second_visits(tickets))
        return readable(chosen)

    def checks(self, probabilities: pd.DataFrame, shown: int) -> pd.DataFrame:
        """The order of checks of each ticket: `check_order`, its first `shown` causes joined by 、, and expected `minutes`."""
        classes = np.asarray(probabilities.columns, object)
        order, expected = check_order(probabilities.to_numpy(), self.minutes_each(classes))
        names = [joined(row) for row in classes[order[:, :shown]]]
        return pd.DataFrame({"check_order": names, "minutes": expected}, index=probabilities.index)

    def look_back(self, tickets: pd.DataFrame, probabilities: pd.DataFrame) -> Retrospect | None:
        """What these kits would have done on the closed `tickets`; None where parts or visits were not recorded."""
        record = self.record
        if self.optimizer is None or record.ticket_parts.empty or record.visits.empty:
            return None
        cost = self.second_visits(tickets)
        carried = parts_carried(tickets["ticket_id"], record.ticket_parts).map(len).to_numpy()
        kits, equal = (
            self.optimizer.choose(probabilities, limit=limit, second_visit_cost=cost)
            for limit in (None, carried)
        )
        needed = parts_used(self.known, record.ticket_parts)
        tags = self.known.drop_duplicates("ticket_id").set_index("ticket_id")["symptom_tag"]
        frequent = frequency_kits(
            tags.reindex(needed.index), needed, tickets["symptom_tag"], self.settings.max_parts
        )
        return retrospect(
            tickets, record.visits, record.ticket_parts, kits, equal, frequent, cost, self.thwarted
        )

    def minutes_to_cause(
        self, tickets: pd.DataFrame, truth: pd.Series, probabilities: pd.DataFrame, causes: pd.Series
    ) -> dict[str, Any]:
        """Minutes until the recorded cause is found: ours, the most likely first, the symptom's most frequent first.

        Parameters
        ----------
        tickets, truth : the test tickets and their causes, of which those that the model knows are judged.
        causes : the cause of each of the tickets `known`.
        """
        classes = np.asarray(probabilities.columns, object)
        column = pd.Index(classes).get_indexer(truth.to_numpy(object))
        seen = column >= 0
        p, minutes = probabilities.to_numpy()[seen], self.minutes_each(classes)
        orders = {
            "model": check_order(p, minutes)[0],
            "likely": likely_order(p),
            "table": table_order(self.known["symptom_tag"], causes, tickets["symptom_tag"][seen], classes),
        }
        found = compare_orders(orders, minutes, column[seen])
        return {
            "minutes_model": found["model_minutes"],
            "minutes_likely_first": found["likely_minutes"],
            "minutes_table": found["table_minutes"],
            **{
                f"minutes_saved_over_{name}": found[f"saved_over_{key}"]
                for name, key in (
                    ("likely_first", "likely"),
                    ("likely_first_error", "likely_error"),
                    ("table", "table"),
                    ("table_error", "table_error"),
                )
            },
        }

    def minutes_each(self, causes: Iterable[str]) -> np.ndarray:
        """Minutes that the check of each cause takes."""
        return minutes_of(self.minutes, causes, self.settings.check_minutes)

    def __getstate__(self) -> dict:
        return {k: v for k, v in self.__dict__.items() if k not in ("known", "record")}


def part_costs(record: Record) -> dict[str, float]:
    """The price of each part, smallest unit: that of the parts catalogue, else the median of what tickets paid."""
    paid = record.ticket_parts.dropna(subset=["part_no", "unit_cost"]).astype({"part_no": object})
    listed = record.parts.dropna(subset=["part_no", "unit_cost"]).astype({"part_no": object})
    prices = paid.groupby("part_no")["unit_cost"].median().astype(float).to_dict()
    return prices | listed.set_index("part_no")["unit_cost"].astype(float).to_dict()
