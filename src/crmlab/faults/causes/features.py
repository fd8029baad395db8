"""What a cause model may look at: what is known of a ticket when it has to answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from crmlab.files import CrmlabError
from crmlab.tables import TICKETS

MOMENTS = ("call", "dispatch", "visit", "closed")
"""The moments in the life of a ticket, in order."""
MODEL_MOMENTS = ("call", "dispatch")
"""When a cause model can answer; later its answer would come too late to carry the right part."""

AT_CALL = (
    "machine_family",
    "machine_model",
    "service_level",
    "branch",
    "service_kind",
    "billing",
    "channel",
    "priority",
    "is_focus",
)
AT_DISPATCH = ("cause_predicted", "parts_requested")
JOINED = ("machine_age", "month", "industry", "region")
"""Fields that come from the machine file, the calendar and the customer file, all of them known when the customer calls."""
AGES = (0.5, 1, 2, 3, 4, 5, 6, 8)
"""Years that part the ages of machines: young ones fail for other reasons than old ones."""
CHANCE = 0.001
"""Probability below which an association of a field with the causes is no chance, over all fields tried."""
COMMON = 20
"""Tickets a value must have to be tested by itself."""


def fields_known(at: str) -> tuple[str, ...]:
    """The fields a model may use besides the text when it answers at the "call" or at "dispatch".

    Names of customers, machines and persons are left out: a model that knows them by heart helps nobody new.
    """
    if at not in MODEL_MOMENTS:
        raise CrmlabError(f'params.yaml, faults.at: {at!r} is unknown; write "call" or "dispatch"')
    return (*AT_CALL, *JOINED) if at == "call" else (*AT_CALL, *JOINED, *AT_DISPATCH)


def refuse_later(columns: Iterable[str], at: str) -> None:
    """Raise CrmlabError if one of the ticket's `columns` is known only after `at`: it would leak the answer.

    Examples
    --------
    >>> refuse_later(["symptom", "branch"], at="call")
    >>> refuse_later(["closed_at"], at="dispatch")
    Traceback (most recent call last):
    crmlab.files.CrmlabError: tickets.closed_at is known at "closed", after the "dispatch" a model answers at: ...
    """
    known_at = {column.name: column.available_at for column in TICKETS.kept} | dict.fromkeys(JOINED, "call")
    for name in columns:
        moment = known_at.get(name, "")
        if moment not in MOMENTS:
            raise CrmlabError(f"tickets.{name}: nothing says when it is known, so no model may use it")
        if MOMENTS.index(moment) > MOMENTS.index(at):
            raise CrmlabError(
                f'tickets.{name} is known at "{moment}", after the "{at}" a model answers at: '
                "leave it out, or its score would be a lie"
            )


def with_context(
    tickets: pd.DataFrame, machines: pd.DataFrame | None = None, customers: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The tickets with the fields of `JOINED`, missing where a table or an entry is.

    Parameters
    ----------
    tickets : columns of the contract.
    machines : `serial_no`, `installed_at`. customers : `customer_id`, `industry`, `region`.

    Examples
    --------
    >>> calls = pd.DataFrame({"reported_at": pd.to_datetime(["2026-07-01"]), "serial_no": ["A"], "customer_id": ["C"]})
    >>> machines = pd.DataFrame({"serial_no": ["A"], "installed_at": pd.to_datetime(["2024-01-01"])})
    >>> with_context(calls, machines)[["machine_age", "month", "industry"]].to_dict("records")
    [{'machine_age': '2 to 3 years', 'month': '07', 'industry': None}]
    """
    joined = tickets.assign(machine_age=None, industry=None, region=None)
    joined["month"] = tickets["reported_at"].dt.strftime("%m")
    if machines is not None and not machines.empty:
        installed = machines.drop_duplicates("serial_no").set_index("serial_no")["installed_at"]
        years = (tickets["reported_at"] - tickets["serial_no"].map(installed)).dt.days / 365.25
        edges = [float("-inf"), *AGES, float("inf")]
        names = [f"under {AGES[0]:g} years", *_between(), f"{AGES[-1]:g} years and more"]
        bands = pd.cut(years, edges, right=False, labels=names)
        joined["machine_age"] = bands.astype(object).where(bands.notna(), None)
    if customers is not None and not customers.empty:
        known = customers.drop_duplicates("customer_id").set_index("customer_id")
        for name in ("industry", "region"):
            values = tickets["customer_id"].map(known[name]).astype(object)
            joined[name] = values.where(values.notna(), None)
    return joined


def _between() -> list[str]:
    return [f"{low:g} to {high:g} years" for low, high in pairwise(AGES)]


def telling(values: pd.DataFrame, causes: Sequence[str]) -> tuple[str, ...]:
    """The fields that go with the causes beyond chance, the strongest first (Wilks 1938).

    Likelihood-ratio tests of independence: of each field by itself, then of the others among tickets alike in the strongest,
    so that a machine's model is not read where its family says it all. A field that says nothing only adds noise.

    Parameters
    ----------
    values : fields as text, one row per ticket. causes : the cause of each.

    Examples
    --------
    >>> fields = pd.DataFrame({"family": ["A", "B"] * 50, "copy": ["a", "b"] * 50, "idle": ["x", "x", "y", "y"] * 25})
    >>> telling(fields, ["fan", "disk"] * 50)
    ('copy',)
    """
    causes = pd.Series(np.asarray(causes, dtype=object), index=values.index)
    if values.empty:
        return ()
    common = {name: _common_values(values[name]) for name in values}
    alone = pd.Series(0, index=values.index)
    chance = {name: _chance(column, causes, alone) for name, column in common.items()}
    limit = np.log(CHANCE / max(len(chance), 1))
    likely = sorted((p, name) for name, p in chance.items() if p < limit)
    if not likely:
        return ()
    first = likely[0][1]
    rest = [name for _, name in likely[1:] if _chance(common[name], causes, common[first]) < limit]
    return (first, *rest)


def _common_values(column: pd.Series) -> pd.Series:
    return column.where(column.map(column.value_counts()) >= COMMON, "rare")


def _chance(column: pd.Series, causes: pd.Series, strata: pd.Series) -> float:
    """Logarithm of the probability of an association as strong by chance, within strata."""
    from scipy.stats import chi2

    cells = pd.DataFrame({"stratum": strata, "value": column, "cause": causes})
    counts = cells.groupby(["stratum", "value", "cause"]).size().rename("n").reset_index()
    by_value = counts.groupby(["stratum", "value"])["n"].transform("sum")
    by_cause = counts.groupby(["stratum", "cause"])["n"].transform("sum")
    whole = counts.groupby("stratum")["n"].transform("sum")
    strength = 2 * (counts["n"] * np.log(counts["n"] * whole / (by_value * by_cause))).sum()
    levels = cells.groupby("stratum")[["value", "cause"]].nunique() - 1
    freedom = int(levels.prod(axis=1).sum())
    return float(chi2.logsf(strength, freedom)) if freedom else 0.0
