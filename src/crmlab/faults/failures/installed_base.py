"""The installed base: which machines were in service, and under the eyes of the desk, from when to when."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.faults.failures.poisson import DAYS_A_YEAR

DAY = pd.Timedelta(days=1)


def in_service(
    machines: pd.DataFrame, tickets: pd.DataFrame, customers: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """When each machine was in service here, while there was a record of its failures.

    A machine counts from the latest of its installation, the first contact with its customer and the first ticket of
    all, to the day it was taken out of service or `as_of`. A first contact later than the customer's first ticket is
    that ticket's day. Machines without a day of installation are left out: nobody knows how long they ran.

    Parameters
    ----------
    machines : serial_no, machine_model, machine_family, customer_id, installed_at, retired_at.
    tickets : customer_id, reported_at.
    customers : customer_id, created_at; may be empty.

    Returns
    -------
    serial_no, machine_model, machine_family, installed_at, since, until (days; `until` is the first day after), one
    row per machine that was in service for a day at least.

    Examples
    --------
    >>> day = pd.Timestamp
    >>> machines = pd.DataFrame({"serial_no": ["a", "b"], "machine_model": "79793RX", "machine_family": "7979",
    ...     "customer_id": "C1", "installed_at": [day("2020-05-01"), pd.NaT], "retired_at": pd.NaT})
    >>> tickets = pd.DataFrame({"customer_id": ["C1"], "reported_at": [day("2024-03-01 09:00")]})
    >>> customers = pd.DataFrame({"customer_id": [], "created_at": pd.to_datetime([])})
    >>> base = in_service(machines, tickets, customers, day("2025-02-28"))
    >>> base[["serial_no", "since", "until"]].astype(str).to_dict("records")
    [{'serial_no': 'a', 'since': '2024-03-01', 'until': '2025-03-01'}]
    """
    called = pd.to_datetime(tickets["reported_at"]).dt.normalize()
    first_call = called.groupby(tickets["customer_id"].astype(object)).min()
    created = customers.dropna(subset=["customer_id"]).drop_duplicates("customer_id")
    created = created.set_index(created["customer_id"].astype(object))["created_at"]
    who = machines["customer_id"].astype(object)
    met = pd.to_datetime(who.map(created))
    called_first = pd.to_datetime(who.map(first_call))
    met = met.where(~(called_first < met), called_first)
    installed = pd.to_datetime(machines["installed_at"])
    since = pd.concat([installed, met], axis=1).max(axis=1).clip(lower=called.min())
    until = pd.to_datetime(machines["retired_at"]).fillna(as_of).clip(upper=as_of.normalize()) + DAY
    base = machines[["serial_no", "machine_model", "machine_family"]].assign(
        installed_at=installed, since=since, until=until
    )
    return base[installed.notna() & (since < until)].reset_index(drop=True)


def machine_years(base: pd.DataFrame, by: str) -> pd.Series:
    """Years in service, summed over the machines of each value of the column `by`."""
    days = (base["until"] - base["since"]).dt.days
    return (days.groupby(base[by].astype(object)).sum() / DAYS_A_YEAR).rename("machine_years")


def on_machines(failures: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """The failures that the machine-years of `base` answer for, with the row of their machine.

    A failure whose ticket names a machine counts where that machine is in `base` and was in service, and takes its
    model and family from there. One without a serial number counts by the model on its ticket. One of a machine that
    the base does not know counts nowhere: its years are not known either.

    Parameters
    ----------
    failures : serial_no, machine_model, machine_family, reported_at, and any other columns.

    Returns
    -------
    The rows of `failures` that count, with `machine`: the row of `base`, −1 where the ticket names none.
    """
    named = failures["serial_no"].notna().to_numpy()
    machine = pd.Index(base["serial_no"].astype(object)).get_indexer(failures["serial_no"].astype(object))
    known = machine >= 0
    day = failures["reported_at"].to_numpy("datetime64[D]")
    row = np.where(known, machine, 0)
    there = np.zeros(len(failures), bool)
    if len(base):
        since, until = (base[name].to_numpy("datetime64[D]")[row] for name in ("since", "until"))
        there = known & (since <= day) & (day < until)
    counted = failures.assign(machine=np.where(known, machine, -1))[there | ~named]
    its = counted["machine"].to_numpy()
    for name in ("machine_model", "machine_family"):
        own = base[name].astype(object).to_numpy()
        taken = own[np.maximum(its, 0)] if len(base) else np.full(len(its), None, object)
        counted[name] = np.where(its >= 0, taken, counted[name].astype(object))
    return counted
