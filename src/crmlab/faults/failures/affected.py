"""Whom a growing fault befalls: the customers that reported it lately, and those that have the machines it is on."""

from __future__ import annotations

import pandas as pd

from crmlab.faults.failures.growth import MONTHS, grown
from crmlab.faults.failures.outputs import AFFECTED, ALL
from crmlab.tables import conform, empty


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

    A fault grows where an alarm is still on (table `emerging`: a cause on a family), or where the share of a cause grew beyond chance
    (table `growth`: on any machine).

    Parameters
    ----------
    growth, emerging : the tables of these names.
    tickets : ticket_id, customer_id, reported_at, machine_family. ticket_causes : ticket_id, cause.
    machines : serial_no, customer_id, machine_family, retired_at; may be empty. customers : customer_id, customer_name.
    until : the last complete month, "2026-10".

    Returns
    -------
    One row per fault and customer that reported it in the `MONTHS` up to `until`, or has such machines in service.
    """
    alarms = emerging[emerging["is_on"].fillna(False).astype(bool)]
    faults = list(alarms[["cause", "machine_family"]].drop_duplicates().itertuples(index=False, name=None))
    most = grown(growth)
    if most is not None and most["cause"] not in {cause for cause, _ in faults}:
        faults.append((most["cause"], ALL))
    if not faults:
        return empty(AFFECTED)
    last = pd.Period(until, "M")
    month = tickets["reported_at"].dt.to_period("M")
    lately = tickets[(month > last - MONTHS) & (month <= last)]
    reported = ticket_causes[["ticket_id", "cause"]].merge(
        lately[["ticket_id", "customer_id", "machine_family"]], on="ticket_id"
    )
    held = machines[machines["retired_at"].isna() & machines["customer_id"].notna()]
    found = pd.concat([_of(fault, reported, held) for fault in faults], ignore_index=True)
    names = customers.drop_duplicates("customer_id").set_index("customer_id")["customer_name"]
    found["customer_name"] = found["customer_id"].map(names)
    order = ["cause", "machine_family", "tickets", "machines", "customer_id"]
    ascending = [True, True, False, False, True]
    return conform(found.sort_values(order, ascending=ascending, ignore_index=True), AFFECTED)


def _of(fault: tuple[str, str], reported: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """The customers of one fault: how many tickets each reported, and on an alarm how many such machines each has."""
    cause, family = fault
    rows = reported[reported["cause"] == cause]
    counts = {}
    if family != ALL:
        rows = rows[(rows["machine_family"] == family).fillna(False)]
        own = held[(held["machine_family"] == family).fillna(False)]
        if len(held):
            counts["machines"] = own["customer_id"].value_counts()
    counts["tickets"] = rows.groupby("customer_id")["ticket_id"].nunique()
    found = pd.DataFrame(counts)
    if "machines" not in found:
        found["machines"] = pd.NA
    elif len(held):
        found["machines"] = found["machines"].fillna(0)
    found["tickets"] = found["tickets"].fillna(0)
    return found.rename_axis("customer_id").reset_index().assign(cause=cause, machine_family=family)
