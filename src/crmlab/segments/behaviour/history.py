"""What customers do, as features as of any month: each with its denominator, missing where that is zero.

Nothing that became known after a month's end is in that month. Sums of whole numbers change from month to month (SQL);
here they are added up and divided, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmlab.segments.behaviour.absent import absent
from crmlab.segments.behaviour.catalogue import NAMES
from crmlab.segments.behaviour.running import RunningSum, running_sums
from crmlab.segments.behaviour.scales import importance_place, level_place, words
from crmlab.segments.behaviour.topics import TopicLexicon, asked, pattern, remarked

if TYPE_CHECKING:
    from crmlab.engine import DuckDB, Input, Relation, Spark
    from crmlab.segments.settings import Settings

WHOLE = 10_000
"""Shares that are no counts are summed as whole ten-thousandths, so that every engine adds them to the same sum."""
IN_TEN_THOUSANDTHS = ("adoption_rank", "discount_share", "premium_share", "level_currency")
QUARTERS = 8
"""Of which the trend of spending is told; a customer younger than that has none, for its start would look like growth."""
PER_TICKET = ("legacy_ticket_share", "roadmap_ticket_share", "howto_ticket_share", "billing_ticket_share")
PER_REMARK = (
    "used_to_share",
    "next_topic_share",
    "function_topic_share",
    "price_topic_share",
    "manner_topic_share",
)

_HERE = Path(__file__).parent
_SPANS: dict[str, tuple[str, ...]] = {
    "sales": ("lines", "generations", "price_places"),
    "rhythm": ("lines",),
    "spend": ("lines",),
    "machines": ("machines", "products", "generations", "importances"),
    "contracts": ("contracts", "service_levels"),
    "quotes": ("quotes",),
    "tickets": ("asked",),
    "remarks": ("remarked",),
}
"""The statements that say what counts and for how long, and what they read."""


@dataclass(frozen=True)
class History:
    """Features of every customer as of the end of each of `months`, oldest first.

    absent : the tables and columns ("quotes", "sales.promo") that are missing, each with the features nobody has without it.
    """

    months: list[pd.Timestamp]
    absent: list[tuple[str, list[str]]]
    _customer_id: pd.Series
    _first_day: np.ndarray
    _sums: dict[str, RunningSum]

    def at(self, month: pd.Timestamp) -> pd.DataFrame:
        """One row per customer with a sale or ticket in the window up to the end of `month`, sorted by customer_id.

        Returns
        -------
        customer_id; each feature (float) and its denominator `<feature>_n`; and what size and age are, to be taken out and
        not used: `records` (sales lines and tickets in the window), `tenure_days` (since the first of either).

        Raises
        ------
        KeyError : `month` is none of `months`.
        """
        if month not in self.months:
            raise KeyError(
                f"{month:%Y-%m-%d} is no month of this history, which has {self.months[0]:%Y-%m-%d} and from "
                f"{self.months[min(1, len(self.months) - 1)]:%Y-%m-%d} to {self.months[-1]:%Y-%m-%d} every month's last day"
            )
        number = _month_number(month)
        tenure = (np.datetime64(month, "D") - self._first_day).astype("int64")
        table = {
            "customer_id": self._customer_id,
            "records": self._of("lines", number)[1] + self._of("tickets", number)[1],
            "tenure_days": tenure,
        }
        for name in NAMES:
            value, n = self._feature(name, number)
            table[name] = np.where(n > 0, value, np.nan)
            table[f"{name}_n"] = n
        frame = pd.DataFrame(table)
        return frame[frame["records"] > 0].reset_index(drop=True)

    def _of(self, what: str, number: int) -> tuple[np.ndarray, np.ndarray]:
        if what not in self._sums:
            nothing = np.zeros(len(self._first_day), dtype="int64")
            return nothing, nothing
        return self._sums[what].amount(number), self._sums[what].times(number)

    def _feature(self, name: str, number: int) -> tuple[np.ndarray, np.ndarray]:
        if name == "spend_trend":
            return self._spend_trend(number)
        if name == "purchase_rhythm":
            return self._purchase_rhythm(number)
        if name == "tier_excess":
            return self._tier_excess(number)
        amount, n = self._of(name, number)
        if name in PER_TICKET:
            n = self._of("texts", number)[1]
        if name in PER_REMARK:
            n = self._of("remarks", number)[1]
        return _ratio(amount, n) / (WHOLE if name in IN_TEN_THOUSANDTHS else 1), n

    def _spend_trend(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        ends = [self._of("spend", number - 3 * quarter)[0] for quarter in range(QUARTERS, -1, -1)]
        spend = np.diff(np.column_stack(ends), axis=1).astype(float)
        first = self._first_day.astype("datetime64[M]").astype("int64") + 1970 * 12 + 1
        old_enough = number - first >= 3 * QUARTERS
        return _ratio(theil_sen(spend), spend.mean(axis=1)), (spend > 0).sum(axis=1) * old_enough

    def _purchase_rhythm(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """1 / (1 + squared coefficient of variation) of the gaps between purchases; needs two gaps."""
        days, n = self._of("gaps", number)
        squares, _ = self._of("gap_squares", number)
        n = np.where(n > 1, n, 0)
        spread = _ratio(squares - _ratio(days.astype(float) ** 2, n), n - 1)
        return 1 / (1 + _ratio(spread, _ratio(days, n) ** 2)), n

    def _tier_excess(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        held, terms = self._of("level_held", number)
        needed, machines = self._of("level_asked", number)
        return (_ratio(held, terms) - _ratio(needed, machines)) / WHOLE, np.where(terms > 0, machines, 0)


def read_history(
    engine: DuckDB | Spark,
    clean: Mapping[str, Path],
    last: pd.Timestamp,
    settings: Settings,
    lexicon: TopicLexicon | None = None,
) -> History:
    """What customers did, as of the `settings.history` + 1 months up to `last`, and `settings.months` before it.

    Parameters
    ----------
    clean : Parquet files of the clean tables `TABLES`, any of them without rows.
    last : last day of the last complete month.
    settings : `months` of behaviour that a type rests on, `history` of months asked for.
    lexicon : topics of what customers say and write; default the embedded one.

    Raises
    ------
    ValueError : `last` is not the last day of a month.
    """
    if not last.is_month_end:
        raise ValueError(f"{last:%Y-%m-%d} is not the last day of a month")
    back = sorted({*range(settings.history + 1), 12, 24, settings.months}, reverse=True)
    months = [(last - pd.DateOffset(months=n)) + pd.offsets.MonthEnd(0) for n in back]
    args = {"last": _month_number(last), "first": _month_number(months[0]), "months": settings.months}
    lexicon = lexicon or TopicLexicon()

    made = _scales(engine, clean)
    made["asked"] = asked(engine, clean, lexicon, last)
    made["remarked"] = remarked(engine, clean, lexicon, last)

    def inputs(*names: str) -> dict[str, Input]:
        return {name: made[name] if name in made else clean[name] for name in names}

    made["lines"] = engine.run(
        _HERE / "lines.sql",
        inputs("sales", "products"),
        args | {"capability": pattern(words()["capability"])},
    )
    made["generations"] = engine.run(_HERE / "generations.sql", inputs("products"))
    made["price_places"] = engine.run(_HERE / "price_places.sql", inputs("products"))
    made["numbered"] = engine.run(_HERE / "customers.sql", inputs("lines", "tickets"), args)
    customers = engine.stream(
        "select customer_id, first_day from numbered order by number", inputs("numbered")
    ).read_all()
    sums = {}
    for spans, names in _SPANS.items():
        # a quarter's spending is the difference of two sums, the earlier of which may lie before the first month
        first = args["first"] - (3 * QUARTERS if spans == "spend" else 0)
        source = inputs("numbered", *names) | {"spans": _HERE / f"{spans}.sql"}
        changes = engine.stream(_HERE / "changes.sql", source, args | {"first": first})
        sums |= running_sums(changes, customers.num_rows)
    changes = engine.stream(_HERE / "engineers.sql", inputs("numbered", "asked"), args)
    sums |= running_sums(changes, customers.num_rows)
    engine.drop(*made.values())
    return History(
        months,
        absent(engine, clean),
        customers["customer_id"].to_pandas().astype("string"),
        customers["first_day"].to_numpy().astype("datetime64[D]"),
        sums,
    )


def theil_sen(series: np.ndarray) -> np.ndarray:
    """The median of the slopes between every two points of each row: (n, k) in, (n,) out, per step.

    Examples
    --------
    >>> theil_sen(np.array([[1, 2, 3, 4, 5, 6, 7, 900.0]])).tolist()
    [1.0]
    """
    slopes = [(series[:, j] - series[:, i]) / (j - i) for i, j in combinations(range(series.shape[1]), 2)]
    return np.median(np.column_stack(slopes), axis=1)


def _scales(engine: DuckDB | Spark, clean: Mapping[str, Path]) -> dict[str, Relation]:
    """Where each service level and each importance stands, of those that the company has ever written."""
    scales = {}
    for table, column, place_of in (
        ("contracts", "service_level", level_place),
        ("machines", "importance", importance_place),
    ):
        rows = engine.rows(f"select distinct {column} from {table}", {table: clean[table]})
        texts = pd.Series(sorted(text for (text,) in rows if text is not None), dtype=object)
        place = (place_of(texts) * WHOLE).dropna().round().astype("int64")
        columns = {column: texts[place.index].tolist(), "place": place.tolist()}
        scales[f"{column}s"] = engine.make(columns, {"place": "bigint"})
    return scales


def _month_number(month: pd.Timestamp) -> int:
    return month.year * 12 + month.month


def _ratio(amount: np.ndarray, n: np.ndarray) -> np.ndarray:
    return np.divide(amount, n, out=np.full(len(amount), np.nan), where=n != 0)
