"""What a cause model may look at: what is known of a ticket when it has to answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from crmlab.faults.causes.scores import log_softmax
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
CLEAR = 3.0
"""Standard errors by which a field has to tell: a dozen are tried."""
COMMON = 20
"""Imaginary tickets with which the causes of a value are drawn towards those of all."""


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
    """The fields from which causes could have been foretold, the most telling first.

    What a field said in the earlier half of the tickets has to raise the likelihood of the causes in the later half by more
    than three standard errors: of each field by itself, then of the others on top of the strongest, so that a machine's
    model is not read where its family says it all. A field that only says when or where somebody wrote down which cause does
    not hold its word, and one that says nothing only adds noise.

    Parameters
    ----------
    values : fields as text, one row per ticket, in order of time. causes : the cause of each.

    Examples
    --------
    >>> fields = pd.DataFrame({"family": ["A", "B"] * 50, "copy": ["a", "b"] * 50, "idle": ["x", "x", "y", "y"] * 25})
    >>> telling(fields, ["fan", "disk"] * 50)
    ('copy',)
    """
    half = len(values) // 2
    if half < COMMON:
        return ()
    code, names = pd.factorize(np.asarray(causes, dtype=object))
    counts = np.bincount(code[:half], minlength=len(names)) + 0.5
    overall = np.log(counts / counts.sum())
    held = code[half:]
    said = {name: _said(values[name], code, half, overall) for name in values}
    alone = {
        name: _gain(overall + lift, np.tile(overall, (len(held), 1)), held) for name, lift in said.items()
    }
    likely = sorted((-gain, name) for name, (gain, clear) in alone.items() if clear)
    if not likely:
        return ()
    first = likely[0][1]
    rest = [
        name
        for _, name in likely[1:]
        if not _same(values[name], values[first])
        and _gain(overall + said[first] + said[name], overall + said[first], held)[1]
    ]
    return (first, *rest)


def _said(column: pd.Series, code: np.ndarray, half: int, overall: np.ndarray) -> np.ndarray:
    """What each later ticket's value adds to the log-odds of the causes, as counted on the earlier ones and shrunk."""
    value, names = pd.factorize(column)
    counts = np.zeros((len(names), len(overall)))
    np.add.at(counts, (value[:half], code[:half]), 1)
    shares = (counts + COMMON * np.exp(overall)) / (counts.sum(axis=1, keepdims=True) + COMMON)
    return (np.log(shares) - overall)[value[half:]]


def _gain(scores: np.ndarray, before: np.ndarray, held: np.ndarray) -> tuple[float, bool]:
    """Mean gain in log-likelihood over `before`, and whether it is clear."""
    rows = np.arange(len(held))
    gains = log_softmax(scores)[rows, held] - log_softmax(before)[rows, held]
    return float(gains.mean()), bool(gains.mean() > CLEAR * gains.std() / np.sqrt(len(gains)))


def _same(one: pd.Series, other: pd.Series) -> bool:
    """Whether two fields say the same in other words."""
    pairs = pd.DataFrame({"one": one, "other": other}).drop_duplicates()
    return len(pairs) == one.nunique() == other.nunique()
