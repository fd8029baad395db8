"""What a cause model may look at: the columns of a ticket that are known when it has to answer."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from crmlab.faults.lexicon import read_lexicon, tag_symptoms
from crmlab.faults.text import fold
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


def fields_known(at: str) -> tuple[str, ...]:
    """The fields a model may use besides the text when it answers at the "call" or at "dispatch".

    Names of customers, machines and persons are left out: a model that knows them by heart helps nobody new.
    """
    if at not in MODEL_MOMENTS:
        raise CrmlabError(f'params.yaml, faults.at: {at!r} is unknown; write "call" or "dispatch"')
    return AT_CALL if at == "call" else AT_CALL + AT_DISPATCH


def refuse_later(columns: Iterable[str], at: str) -> None:
    """Raise CrmlabError if one of the ticket's `columns` is known only after `at`: it would leak the answer.

    Examples
    --------
    >>> refuse_later(["symptom", "branch"], at="call")
    >>> refuse_later(["closed_at"], at="dispatch")
    Traceback (most recent call last):
    crmlab.files.CrmlabError: tickets.closed_at is known at "closed", after the "dispatch" a model answers at: ...
    """
    known_at = {column.name: column.available_at for column in TICKETS.kept}
    for name in columns:
        moment = known_at.get(name, "")
        if moment not in MOMENTS:
            raise CrmlabError(f"tickets.{name}: nothing says when it is known, so no model may use it")
        if MOMENTS.index(moment) > MOMENTS.index(at):
            raise CrmlabError(
                f'tickets.{name} is known at "{moment}", after the "{at}" a model answers at: '
                "leave it out, or its score would be a lie"
            )


def features(tickets: pd.DataFrame, fields: Iterable[str]) -> pd.DataFrame:
    """The columns a model reads: folded `symptom`, its `symptom_tag`, and every field as text ("" where missing)."""
    columns = {
        "symptom": fold(tickets["symptom"]),
        "symptom_tag": tag_symptoms(tickets["symptom"], read_lexicon()),
    }
    columns.update({name: tickets[name].astype("string").fillna("").astype(object) for name in fields})
    return pd.DataFrame(columns, index=tickets.index)
