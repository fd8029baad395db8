"""The first link: whether second visits and broken promises are followed by more complaints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from crmlab.churn.standardised import standardised_differences
from crmlab.engine import DuckDB, Input, Spark
from crmlab.value.chain.groups import MIN_CASES, SOME, figure, indicators

_HERE = Path(__file__).parent
DAYS = 3 * 365
"""Days back in which tickets count: what the desk did before says little of what it does."""
COMPLAIN_DAYS = 30
"""Days after a repair in which a complaint is about it, and which must be over before a ticket counts."""
MOST_TICKETS = 200_000
"""Tickets, the latest, beyond which more would change no limit that anybody reads."""
MIN_COMPLAINTS = 5
"""Tickets with a complaint, and without one, below which a group is not compared."""
_EVENT = {"second_visits": "second_visit", "promises": "broken"}


def cases(
    engine: DuckDB | Spark,
    tables: Mapping[str, Input],
    service: Mapping[str, Input],
    as_of: pd.Timestamp,
    most: int = MOST_TICKETS,
) -> pd.DataFrame:
    """The tickets of `DAYS` of which a complaint would be known; where visits are on record, those that somebody went to.

    Returns
    -------
    Sorted by ticket_id: ticket_id, customer_id, branch, level, quarter of the report (1-4), second_visit, broken (1, 0, or missing
    where nobody can tell), complained (1 or 0), machines of the customer today.
    """
    inputs = {name: tables[name] for name in ("tickets", "visits", "complaints", "machines")}
    args = {"as_of": as_of.date(), "days": DAYS, "complain_days": COMPLAIN_DAYS, "most": most}
    found = engine.stream(_HERE / "cases.sql", inputs | {"promises": service["tickets"]}, args)
    found = found.read_all().to_pandas()
    if found["second_visit"].notna().any():
        found = found[found["second_visit"].notna()]
    return found.reset_index(drop=True)


def complaint_figures(found: pd.DataFrame) -> dict[tuple[str, str], dict[str, float]]:
    """For tickets with a second visit, and with a broken promise, how many more were followed by a complaint than of those without.

    Tickets alike in service level, machines of the customer, quarter of the year, branch, and the other of the two events. A
    customer is one witness.

    Parameters
    ----------
    found : from `cases`.

    Returns
    -------
    By what and group: n, customers, difference (a share, 0.01 = one point) and its standard error; missing with fewer than
    `MIN_CASES` tickets, or `MIN_COMPLAINTS` with or without a complaint, in the group or in the other.
    """
    figures = {}
    for what, group in SOME:
        event, other = _EVENT[what], next(e for w, e in _EVENT.items() if w != what)
        told = found[found[event].notna()]
        met = (told[event] == 1).to_numpy()
        y = told["complained"].to_numpy(int)
        difference = error = np.nan
        if all(len(part) >= MIN_CASES and _both(part) for part in (y[met], y[~met])):
            alike = np.column_stack(
                [
                    np.log2(told["machines"].clip(lower=1).to_numpy(float)),
                    told[other].fillna(0).to_numpy(float),
                    told[other].isna().to_numpy(float),
                    indicators(told["level"]),
                    indicators(told["quarter"]),
                    indicators(told["branch"]),
                ]
            )
            customers = told["customer_id"].to_numpy(str)
            ((difference, _, high),) = standardised_differences(y, met[:, None], alike, customers, z=1.0)
            error = high - difference
        figures[what, group] = figure(told[met], difference, error)
    return figures


def _both(complained: np.ndarray) -> bool:
    """Whether there are enough of each outcome."""
    return min(complained.sum(), len(complained) - complained.sum()) >= MIN_COMPLAINTS
