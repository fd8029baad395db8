"""What failed: the parts replaced on a ticket or its recorded causes, one incident counted once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.faults.causes.incidents import number_incidents


def failing_parts(ticket_parts: pd.DataFrame, ticket_causes: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """The parts that failed on each ticket: those of which a piece was built in.

    Where no ticket used any part, or nothing records it, the recorded causes take the place of the parts.

    Parameters
    ----------
    ticket_parts : ticket_id, part_no, part_name, qty_used.
    ticket_causes : ticket_id, cause.

    Returns
    -------
    ticket_id, part (its name, its number where it has none), each pair once; and whether these are causes.

    Examples
    --------
    >>> used = pd.DataFrame({"ticket_id": ["t", "t"], "part_no": ["H", "M"], "part_name": ["disk", None], "qty_used": [0, 2]})
    >>> causes = pd.DataFrame({"ticket_id": ["t"], "cause": ["disk failed"]})
    >>> parts, by_cause = failing_parts(used, causes)
    >>> parts["part"].tolist(), by_cause
    (['M'], False)
    >>> failing_parts(used.head(0), causes)[0]["part"].tolist()
    ['disk failed']
    """
    used = ticket_parts[(ticket_parts["qty_used"].fillna(0) > 0).to_numpy(bool)]
    part = used["part_name"].astype(object).where(used["part_name"].notna(), used["part_no"].astype(object))
    named = pd.DataFrame({"ticket_id": used["ticket_id"].astype(object), "part": part}).dropna()
    by_cause = named.empty
    if by_cause:
        named = (
            ticket_causes[["ticket_id", "cause"]].rename(columns={"cause": "part"}).astype(object).dropna()
        )
    return named.drop_duplicates(ignore_index=True), by_cause


def failures(tickets: pd.DataFrame, what: pd.DataFrame, incident_days: int) -> pd.DataFrame:
    """One row per failure: a ticket and what failed on it, duplicate calls about one incident counted once.

    Calls are duplicates when they share an incident (`number_incidents`) and a customer: several sites of a customer
    report one event, two customers that say the same have two.

    Parameters
    ----------
    tickets : ticket_id, reported_at, closed_at, symptom, serial_no, customer_id, machine_model, machine_family.
    what : ticket_id and one other column, such as part or cause; each pair once.

    Returns
    -------
    ticket_id, reported_at, known_at (when it was closed; the call where no closing time is known), serial_no,
    customer_id, machine_model, machine_family, and the other column of `what`; by time of the call.
    """
    name = next(c for c in what.columns if c != "ticket_id")
    kept = tickets[tickets["ticket_id"].isin(what["ticket_id"])]
    kept = kept.assign(
        incident=number_incidents(kept, incident_days),
        known_at=np.maximum(kept["closed_at"].fillna(kept["reported_at"]), kept["reported_at"]),
    )
    columns = ["ticket_id", "reported_at", "known_at", "serial_no", "customer_id"]
    columns += ["machine_model", "machine_family", "incident"]
    rows = what.merge(kept[columns].astype({"ticket_id": object}), on="ticket_id")
    rows = rows.sort_values("reported_at", kind="stable", ignore_index=True)
    rows = rows.drop_duplicates(["incident", "customer_id", name], ignore_index=True)
    return rows.drop(columns="incident")
