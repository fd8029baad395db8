"""The seed's four stages of the customer life cycle, by rules that anyone can check, as of any month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from crmlab.engine import DuckDB, Relation, Spark
from crmlab.service.promises.levels import Levels

CLEAN = (
    "customers",
    "sales",
    "products",
    "tickets",
    "contracts",
    "machines",
    "complaints",
    "surveys",
    "interactions",
    "quotes",
    "opportunities",
)
"""The clean tables from which it is told."""

_HERE = Path(__file__).parent


def life_cycle(
    engine: DuckDB | Spark,
    clean: Mapping[str, Path | Relation],
    months: Sequence[pd.Timestamp],
    grace_days: int = 30,
    levels: Levels | None = None,
) -> pd.DataFrame:
    """Stage of every customer known by each month, from what was known on its last day.

    *Business* is a purchase, a ticket or a contract signed; goods that came back are none, and a machine on file may be another's. A year
    is the twelve calendar months that end with the month told. The first that holds, of:

    - *selection* (筛选): known, by the customer file, a machine, a quotation, an opportunity, a contact, an answer; no business yet.
    - *it has left*: no stage. No contract is in force or within its grace days, and there has been no business for a year, or for
      two years where it never had a contract.
    - *acquisition* (获得): its first business lies within the year; or it had left and came back within the year (`won_back`). The
      first business in the first year of the record may not be the first: such a customer has no stage for that year, unless the
      customer file opened within it.
    - *extension* (拓展): within the year it bought a category of products, a service or a contract for the first time, more of its
      machines went into service than out of it, or it signed for a service level above all it had before. What is first seen in the
      first year of the record is no first; as the record grows firsts grow rarer, so that stages of distant months compare with care.
    - *retention* (维系): all other customers.

    It is *silent* if it has no contract in force and has not bought, called, signed, complained or answered for more than three times
    its usual gap, the mean number of days between two days on which it did, taken as thirty where it is less; or for a year, where
    there are fewer than three such days. Of customers whose days come at random one in twenty (e⁻³) is silent by chance.

    Parameters
    ----------
    clean : the tables `CLEAN`, as Parquet files or relations; any may be empty.
    months : last days of months.
    grace_days : days after the end of a contract within which a renewal still counts (params.yaml, churn).
    levels : how service levels read; default as their codes say.

    Returns
    -------
    customer_id, month, stage (text, missing where there is none), won_back, silent, has_left, is_held (a contract is in force, or
    within its grace days; flags): sorted by customer_id and
    month.
    """
    days = [pd.Timestamp(month).date().isoformat() for month in months]
    told = engine.make({"month": days}, {"month": "date"})
    places = engine.make(*_places(engine, clean["contracts"], levels or Levels({})))
    inputs = {name: clean[name] for name in CLEAN}
    moments = engine.run(_HERE / "moments.sql", inputs | {"levels": places})
    found = engine.run(
        _HERE / "life_cycle.sql", inputs | {"moments": moments, "months": told}, {"grace_days": grace_days}
    )
    frame = engine.stream(f"select * from {found.name} order by customer_id, month", {found.name: found})
    table = frame.read_all().to_pandas()
    engine.drop(told, places, moments, found)
    types = {"customer_id": "string", "month": "datetime64[ms]", "stage": "string"}
    flags = dict.fromkeys(("won_back", "silent", "has_left", "is_held"), "boolean")
    return table.astype(types | flags)


def _places(engine: DuckDB | Spark, contracts: Path | Relation, levels: Levels) -> tuple[dict, dict]:
    """service_level and place, 0 for the least: more hours are more, among equals a quicker response; unreadable ones are left out."""
    rows = engine.rows(
        "select distinct service_level from contracts where service_level is not null order by service_level",
        {"contracts": contracts},
    )
    codes = pd.Series([code for (code,) in rows], dtype="string")
    read = levels.table(codes)
    read = read.assign(
        code=codes, covered=read.days * read.hours, response=-read.response_s.fillna(float("inf"))
    )
    read = read[read.known].sort_values(["covered", "response", "code"])
    place = read.groupby(["covered", "response"]).ngroup()
    return {"service_level": read.code.tolist(), "place": place.tolist()}, {"place": "bigint"}
