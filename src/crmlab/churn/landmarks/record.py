"""The service record of a company, asked what it knew of each contract on any day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from crmlab.churn.spells.frames import held
from crmlab.engine import DuckDB, Input, Relation, Spark

_HERE = Path(__file__).parent
READS = ("tickets", "visits", "customers", "machines", "payments", "quotes", "surveys", "sales")
"""Clean tables of which the record is made; any may be empty."""
FROM_SERVICE = ("promises", "complaints")
"""Tables `tickets` and `complaints` of stage service, under the names by which the SQL knows them."""
WEIGHT_OF_ONE = 1 << 20
WEEKS = 157
"""Weeks after which an event is forgotten: three years."""


@dataclass(frozen=True)
class ServiceRecord:
    """What happened to every customer and when that became known, in one long table.

    Parameters
    ----------
    sources : each of `READS` and `FROM_SERVICE`, as a relation of `engine` or a Parquet file.
    ignored_days : service.ignored_days, after which a complaint not solved counts as ignored.
    half_life_days : days in which the weight of an event halves in the faded counts.
    offer_days : days before the end of a term in which a quote may be the price of the next one.
    """

    engine: DuckDB | Spark
    sources: Mapping[str, Input]
    ignored_days: int = 60
    half_life_days: int = 180
    offer_days: int = 180
    _events: list[Relation] = field(default_factory=list, repr=False, compare=False)
    _counted: list[Relation] = field(default_factory=list, repr=False, compare=False)

    def known_at(
        self,
        terms: pd.DataFrame,
        landmarks: Sequence[pd.Timestamp],
        grace_days: int,
        most_days: int | None = None,
    ) -> pd.DataFrame:
        """What was known on each landmark of each of `terms` that was at risk then.

        At risk is a term that had been signed or had begun, was not over for `grace_days` and had no follower anybody knew of.

        Parameters
        ----------
        terms : from `crmlab.churn.spells.known.known_spells`, as of any day not before the last landmark.
        landmarks : days at midnight.
        most_days : no landmarks farther than that before the last day of a term; default all.

        Returns
        -------
        One row per contract and landmark, sorted by both: contract_id, customer_id, landmark, days_to_end, the counts of
        history.sql (zero without an event), its days_since_… (missing without one in two years), quiet_days since the last
        sign of life (a ticket, an order, an answer, a complaint; missing without one in three years), offered_change and
        offered_days (missing without an offer). Only what is dated up to the landmark is read.
        """
        engine = self.engine
        with_spells = held(
            engine,
            terms[["contract_id", "customer_id", "known_at", "end_at", "next_known_at", "yearly_amount"]],
        )
        days = held(engine, pd.DataFrame({"landmark": sorted(set(landmarks))}))
        occasions = engine.run(
            _HERE / "occasions.sql",
            {"spells": with_spells, "landmarks": days},
            {"grace_days": grace_days, "most_days": 36_500 if most_days is None else most_days},
        )
        history = self._history(occasions)
        offers = engine.run(
            _HERE / "offers.sql",
            {"occasions": occasions, "terms": with_spells, "quotes": self.sources["quotes"]},
            {"offer_days": self.offer_days},
        )
        found = engine.stream(
            _HERE / "known.sql", {"occasions": occasions, "history": history, "offers": offers}
        ).read_all()
        engine.drop(occasions, offers)
        frame = found.to_pandas()
        frame["landmark"] = pd.to_datetime(frame["landmark"]).astype("datetime64[ms]")
        return frame

    def _history(self, occasions: Relation) -> Relation:
        """Counts of every customer and landmark asked for so far: which contract asks, and as of what day, makes no difference."""
        counting = {"events": self._made_events(), "fading": self._fading()}
        if not self._counted:
            self._counted.append(self.engine.run(_HERE / "history.sql", {"occasions": occasions, **counting}))
            return self._counted[0]
        before = self._counted.pop()
        new = "select customer_id, landmark from asked_now anti join counted using (customer_id, landmark)"
        more = self.engine.run(
            _HERE / "history.sql",
            {"occasions": new, "asked_now": occasions, "counted": before, **counting},
        )
        both = "select * from counted union all select * from more"
        self._counted.append(self.engine.run(both, {"counted": before, "more": more}))
        self.engine.drop(before, more)
        return self._counted[0]

    def _made_events(self) -> Relation:
        if not self._events:
            inputs = {
                name: self.sources[name]
                for name in (*READS, *FROM_SERVICE)
                if name not in ("customers", "quotes")
            }
            self._events.append(
                self.engine.run(_HERE / "events.sql", inputs, {"ignored_days": self.ignored_days})
            )
        return self._events[0]

    def _fading(self) -> Relation:
        weeks = np.arange(WEEKS)
        weight = np.rint(WEIGHT_OF_ONE * 0.5 ** ((7 * weeks + 3.5) / self.half_life_days)).astype(int)
        return self.engine.make(
            {"week": weeks.tolist(), "weight": weight.tolist()}, {"week": "bigint", "weight": "bigint"}
        )
