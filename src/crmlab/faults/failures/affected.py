"""Whom a growing fault befalls: the customers that reported it lately, and those that have the machines it is on."""

from __future__ import annotations

import pandas as pd

from crmlab.faults.failures.cells import PREFIX, half_year
from crmlab.faults.failures.growth import MONTHS, grown
from crmlab.faults.failures.outputs import AFFECTED, ALL
from crmlab.tables import conform, empty

_FAULT = ["cause", "machine_family", "serial_prefix", "installed_half"]


def affected(
    growth: pd.DataFrame,
    emerging: pd.DataFrame,
    tickets: pd.DataFrame,
    ticket_causes: pd.DataFrame,
    machines: pd.DataFrame,
    customers: pd.DataFrame,
    until: str,
) -> pd.DataFrame:
    """Customers that a growing fault befalls, those with most tickets first: table `affected`.

    A fault grows where an alarm is still on (table `emerging`: a cause on a family, or on a production group of it), or where the share of a cause grew beyond chance
    (table `growth`: on any machine).

    Parameters
    ----------
    growth, emerging : the tables of these names.
    tickets : ticket_id, customer_id, reported_at, machine_family, serial_no. ticket_causes : ticket_id, cause.
    machines : serial_no, customer_id, machine_family, installed_at, retired_at; may be empty. customers : customer_id, customer_name.
    until : the last complete month, "2026-10".

    Returns
    -------
    One row per fault and customer that reported it in the `MONTHS` up to `until`, or has such machines in service.
    """
    alarms = emerging[emerging["is_on"].fillna(False).astype(bool)]
    faults = list(alarms[_FAULT].drop_duplicates().itertuples(index=False, name=None))
    most = grown(growth)
    if most is not None and most["cause"] not in set(alarms["cause"]):
        faults.append((most["cause"], ALL, ALL, ALL))
    if not faults:
        return empty(AFFECTED)
    last = pd.Period(until, "M")
    month = tickets["reported_at"].dt.to_period("M")
    lately = tickets[(month > last - MONTHS) & (month <= last)]
    reported = ticket_causes[["ticket_id", "cause"]].merge(
        lately[["ticket_id", "customer_id", "machine_family", "serial_no"]], on="ticket_id"
    )
    installed = machines.drop_duplicates("serial_no").set_index("serial_no")["installed_at"]
    reported = reported.assign(installed_at=reported["serial_no"].map(installed))
    held = machines[machines["retired_at"].isna() & machines["customer_id"].notna()]
    found = pd.concat([_of(fault, reported, held) for fault in faults], ignore_index=True)
    names = customers.drop_duplicates("customer_id").set_index("customer_id")["customer_name"]
    found["customer_name"] = found["customer_id"].map(names)
    order = [*_FAULT, "tickets", "machines", "customer_id"]
    ascending = [True] * len(_FAULT) + [False, False, True]
    return conform(found.sort_values(order, ascending=ascending, ignore_index=True), AFFECTED)


def _of(fault: tuple[str, str, str, str], reported: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """The customers of one fault: how many tickets each reported, and on an alarm how many machines of its group each has."""
    cause, family, *_ = fault
    rows = reported[reported["cause"] == cause]
    found = pd.DataFrame({"tickets": _within(rows, fault).groupby("customer_id")["ticket_id"].nunique()})
    if family != ALL and len(held):
        found = found.join(_within(held, fault)["customer_id"].value_counts().rename("machines"), how="outer")
        found["machines"] = found["machines"].fillna(0)
    else:
        found["machines"] = pd.NA
    found["tickets"] = found["tickets"].fillna(0)
    return found.rename_axis("customer_id").reset_index().assign(**dict(zip(_FAULT, fault, strict=True)))


def _within(rows: pd.DataFrame, fault: tuple[str, str, str, str]) -> pd.DataFrame:
    """Those of `rows` (machine_family, serial_no, installed_at) that are of the fault's family and production group."""
    _, family, prefix, half = fault
    of = pd.Series(True, index=rows.index)
    if family != ALL:
        of &= rows["machine_family"].eq(family).fillna(False).astype(bool)
    if prefix != ALL:
        of &= rows["serial_no"].astype("string").str[:PREFIX].eq(prefix).fillna(False).astype(bool)
    if half != ALL:
        of &= half_year(rows["installed_at"].dropna()).eq(half).reindex(rows.index, fill_value=False)
    return rows[of]
