"""One call, answered: what is probably broken, what to carry, what to check first, and how far to trust it."""

from __future__ import annotations

import copy
import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmlab.faults.causes.features import with_context
from crmlab.faults.causes.reasons import strongest
from crmlab.files import CrmlabError
from crmlab.tables import TICKETS, conform

if TYPE_CHECKING:
    from crmlab.faults.diagnosis import Desk

FAMILY = 4
"""Characters of a model that name its family."""
TOGETHER = 3
"""Causes shown beside the most probable one, of those recorded with it."""
WORTH_NAMING = 0.005
"""What one part more must add to the chance of a first-time fix before it is named."""


@dataclass(frozen=True)
class Call:
    """What is known when a customer calls; all but `at` may be missing.

    `at` is the moment of the call: the age of the machine and the season follow from it.
    """

    symptom: str | None
    at: pd.Timestamp
    model: str | None = None
    serial_no: str | None = None
    customer_id: str | None = None


def load_desk(path: Path) -> Desk:
    """The desk that stage `faults` wrote to `path`, in the models folder of this very checkout.

    Such a file runs code when it is read, so nothing else is ever loaded: no option names another file.

    Raises
    ------
    CrmlabError : there is none, it holds no model, or another version wrote it; says what to run.
    """
    import joblib

    if not path.is_file():
        raise CrmlabError(f"{path} is not there yet: run `make` first")
    try:
        desk = joblib.load(path)
        complete = desk is None or hasattr(desk.model._reader, "_said")  # what the latest version added
    except Exception as error:  # whatever a damaged or an older file raises
        raise CrmlabError(
            f"{path} cannot be read ({type(error).__name__}): damaged, or written by another version; run `make`"
        ) from None
    if not complete:
        raise CrmlabError(f"{path} was written by an earlier version: run `make`")
    if desk is None:
        raise CrmlabError(
            f"{path} holds no model: too few tickets have a recorded cause, or all the same one; "
            "export more (tickets.cause_actual), see faults.min_labelled in params.yaml, and run `make`"
        )
    return desk


def answer(desk: Desk, call: Call) -> dict[str, Any]:
    """Everything a desk says to one call, as a JSON object would hold it.

    Returns
    -------
    said : the call; the model from the machine file where only a serial number was given. known : whether its `model`,
    `machine_family`, `serial_no` and `customer_id` were ever seen, None where not given. learnt_from : tickets, in all and
    like this one.
    symptom : tag. causes : every `cause` with its `probability`, most probable first. set_90 : those that hold the right one
    nine times in ten. abstain : why not to rely on it (no_text, unknown_words, low_confidence), or None.
    reasons : `part`, `value`, `log_odds`. together : causes recorded `with` the most probable one, `share` of its tickets.
    kit : `parts`, `first_time_fix`, `expected_cost` (smallest unit, may be None), `one_more` (`parts` of the kit with one part
    more, and what it `adds`); None where nothing says what a cause needs. checks : `cause` and its `minutes`, in order;
    minutes : until the cause is found, expected.
    """
    ticket, known = _ticket(desk, call)
    said = desk.answer(ticket).iloc[0]
    chances = json.loads(said["probabilities"])
    told = strongest(desk.model, with_context(ticket, desk.machines, desk.customers))
    order = [] if pd.isna(said["check_order"]) else said["check_order"].split("、")
    each = desk.plan.minutes_each(order)
    return {
        "said": {
            "symptom": call.symptom,
            **{name: _plain(ticket[name][0]) for name in ("machine_model", "serial_no", "customer_id")},
            "at": f"{call.at:%Y-%m-%d}",
        },
        "known": known,
        "learnt_from": _learnt_from(desk, ticket, said["symptom_tag"]),
        "symptom": said["symptom_tag"],
        "known_share": round(float(said["known_share"]), 4),
        "causes": [{"cause": cause, "probability": p} for cause, p in chances.items()],
        "set_90": said["causes_90"].split("、"),
        "abstain": _plain(said["abstain"]),
        "reasons": [
            {"part": r.part, "value": r.value, "log_odds": round(r.log_odds, 2)} for r in told.itertuples()
        ],
        "together": _together(desk, said["cause_1"]),
        "kit": _kit(desk, ticket, said, chances),
        "checks": [
            {"cause": cause, "minutes": round(float(m), 1)} for cause, m in zip(order, each, strict=True)
        ],
        "minutes": round(float(said["minutes"]), 1),
    }


def _ticket(desk: Desk, call: Call) -> tuple[pd.DataFrame, dict[str, bool | None]]:
    """The call as a ticket of one row, and which of its names the desk knows."""
    model = _as_recorded(call.model, desk.learnt["machine_model"])
    serial = _as_recorded(call.serial_no, desk.machines["serial_no"])
    customer = _as_recorded(call.customer_id, desk.customers["customer_id"])
    machine = desk.machines[(desk.machines["serial_no"] == serial).fillna(False)] if serial else None
    if machine is not None and len(machine) and not model:
        model = _plain(machine["machine_model"].iloc[0])
    family = model[:FAMILY] if model else None
    row = dict.fromkeys(column.name for column in TICKETS.kept) | {
        "ticket_id": "call",
        "reported_at": call.at,
        "symptom": call.symptom,
        "machine_model": model,
        "machine_family": family,
        "serial_no": serial,
        "customer_id": customer,
    }
    seen = {
        "machine_model": (model, desk.learnt["machine_model"]),
        "machine_family": (family, desk.learnt["machine_family"]),
        "serial_no": (serial, desk.machines["serial_no"]),
        "customer_id": (customer, desk.customers["customer_id"]),
    }
    known = {
        name: bool((values == value).fillna(False).any()) if value else None
        for name, (value, values) in seen.items()
    }
    return conform(pd.DataFrame([row]), TICKETS), known


def _as_recorded(name: str | None, recorded: pd.Series) -> str | None:
    """A name as the tables spell it: full-width forms folded as `clean` does, and upper or lower case as recorded."""
    folded = unicodedata.normalize("NFKC", name or "").strip()
    if not folded:
        return None
    names = recorded.dropna().unique()
    if folded in names:
        return folded
    return next((other for other in names if other.casefold() == folded.casefold()), folded)


def _learnt_from(desk: Desk, ticket: pd.DataFrame, symptom: str) -> dict[str, int]:
    n, learnt = desk.learnt["n"], desk.learnt
    family = (learnt["machine_family"] == ticket["machine_family"][0]).fillna(False).astype(bool)
    model = (learnt["machine_model"] == ticket["machine_model"][0]).fillna(False).astype(bool)
    alike = learnt["symptom_tag"] == symptom
    return {
        "tickets": int(n.sum()),
        "symptom": int(n[alike].sum()),
        "machine_family": int(n[family].sum()),
        "machine_model": int(n[model].sum()),
        "symptom_and_family": int(n[alike & family].sum()),
    }


def _together(desk: Desk, cause: str) -> list[dict[str, Any]]:
    most = desk.pairs[desk.pairs["cause"] == cause].sort_values(
        ["together", "with_cause"], ascending=[False, True]
    )
    return [
        {
            "with": row.with_cause,
            "share": round(float(row.share), 4),
            "together": int(row.together),
            "n": int(row.n),
        }
        for row in most.head(TOGETHER).itertuples()
    ]


def _kit(desk: Desk, ticket: pd.DataFrame, said: pd.Series, chances: dict) -> dict[str, Any] | None:
    if desk.plan.optimizer is None:
        return None
    adds = max(float(said["one_more"]), 0.0)
    more = None
    if adds >= WORTH_NAMING:
        wider = copy.copy(desk.plan.optimizer)
        wider.max_parts += 1
        try:
            kit = wider.choose(
                pd.DataFrame([chances]), second_visit_cost=desk.plan.second_visits(ticket).to_numpy()
            )
            more = [kit[f"part_{k + 1}"][0] for k in range(wider.max_parts)]
        except CrmlabError:  # too many kits of that size to look at: what it adds is known, its parts are not
            more = None
    cost = said["expected_cost"]
    return {
        "parts": [part for part in said["parts"].split("、") if part],
        "first_time_fix": round(float(said["first_time_fix"]), 4),
        "expected_cost": None if pd.isna(cost) else int(cost),
        "one_more": {
            "adds": round(adds, 4),
            "parts": None if more is None else [part for part in more if pd.notna(part)],
        },
    }


def _plain(value: Any) -> Any:
    return None if pd.isna(value) else value
