"""How often parts fail: failures per year of a machine in service, by part and family, and the parts of each model."""

from __future__ import annotations

import pandas as pd

from crmlab.faults.failures.count import failing_parts, failures
from crmlab.faults.failures.installed_base import in_service, machine_years, on_machines
from crmlab.faults.failures.outputs import FAILING_PARTS, RATES
from crmlab.faults.failures.poisson import DAYS_A_YEAR, garwood, shrunk
from crmlab.faults.lacks import Lacks
from crmlab.files import CrmlabError
from crmlab.tables import conform, empty

PER_YEAR = "failure rates per machine-year by part and family"


def failure_rates(
    tickets: pd.DataFrame,
    ticket_parts: pd.DataFrame,
    ticket_causes: pd.DataFrame,
    machines: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
    incident_days: int,
    years: float | None = None,
) -> tuple[dict[str, pd.DataFrame], Lacks]:
    """Failure rates per machine-year, and the most frequently failing parts by model (整车档案).

    A ticket counts once for each part it used; where no ticket used any, for each recorded cause. Failures and
    machine-years are both counted only while a machine was in service and its customer known here, so machines that
    are not in the machine file, or without a day of installation, count in neither.

    Parameters
    ----------
    tickets, ticket_parts, ticket_causes, machines, customers : clean tables; any may be empty.
    as_of : the last day of the record.
    incident_days : one text on one family from one customer within so many days is one incident.
    years : how far back from `as_of` to count; default the whole record from the first ticket on.

    Returns
    -------
    Tables `rates` (every part in every family in service, zeros included) and `failing_parts`, by name; and what is
    missing, with what it would add.

    Raises
    ------
    CrmlabError : `years` is not positive.
    """
    if years is not None and not years > 0:
        raise CrmlabError(
            f"years: {years!r} is not a positive number of years; leave it empty for the whole record"
        )
    tables = {"rates": empty(RATES), "failing_parts": empty(FAILING_PARTS)}
    parts, by_cause = failing_parts(ticket_parts, ticket_causes)
    lacks: Lacks = []
    if by_cause:
        lacks.append(("ticket_parts.qty_used", "failure rates of parts; those of causes stand in"))
    failed = failures(tickets, parts, incident_days)
    if failed.empty:
        return tables, [("tickets.cause_actual", PER_YEAR)]
    base = in_service(machines, tickets, customers, as_of)
    if years is not None:
        start = as_of.normalize() + pd.Timedelta(days=1) - pd.Timedelta(days=round(years * DAYS_A_YEAR))
        failed = failed[failed["reported_at"] >= start]
        base = base.assign(since=base["since"].clip(lower=start))
        base = base[base["since"] < base["until"]].reset_index(drop=True)
    if base.empty:
        what = "machines.installed_at"
        lacks.append((what, PER_YEAR))
        tables["failing_parts"] = _by_model(failed, None, base, by_cause)
        return tables, lacks
    counted = on_machines(failed, base)
    tables["rates"] = _by_family(counted, base, by_cause)
    tables["failing_parts"] = _by_model(failed, counted, base, by_cause)
    return tables, lacks


def _by_family(counted: pd.DataFrame, base: pd.DataFrame, by_cause: bool) -> pd.DataFrame:
    """Table `rates`: parts × families in service, zeros included, since a part that never fails is an answer too."""
    exposure = machine_years(base, "machine_family")
    n = counted.groupby(["part", "machine_family"]).size()
    parts = sorted(counted["part"].unique())
    grid = pd.MultiIndex.from_product([parts, sorted(exposure.index)], names=["part", "machine_family"])
    frame = n.reindex(grid, fill_value=0).rename("n").reset_index()
    frame["machine_years"] = frame["machine_family"].map(exposure)
    frame["rate"] = frame["n"] / frame["machine_years"]
    frame["low"], frame["high"] = garwood(frame["n"], frame["machine_years"])
    frame["shrunk"] = shrunk(frame["n"], frame["machine_years"], frame["part"])
    return conform(frame.assign(by_cause=by_cause), RATES)


def _by_model(
    failed: pd.DataFrame, counted: pd.DataFrame | None, base: pd.DataFrame, by_cause: bool
) -> pd.DataFrame:
    """Table `failing_parts`; its rate rests on the failures that the machine-years answer for, its share on all."""
    keys = ["machine_model", "part"]
    frame = failed.dropna(subset="machine_model").astype({"machine_model": object})
    frame = frame.groupby(keys).size().rename("n").reset_index()
    frame["share"] = frame["n"] / frame.groupby("machine_model")["n"].transform("sum")
    exposure = machine_years(base, "machine_model")
    frame["machine_years"] = frame["machine_model"].map(exposure).astype(float)
    there = counted.groupby(keys).size() if counted is not None else pd.Series(dtype=float)
    there = there.reindex(pd.MultiIndex.from_frame(frame[keys]), fill_value=0).to_numpy(float)
    frame["rate"] = there / frame["machine_years"]
    frame["low"], frame["high"] = garwood(there, frame["machine_years"].fillna(0))
    frame = frame.sort_values(
        ["machine_model", "n", "part"], ascending=[True, False, True], ignore_index=True
    )
    frame["rank"] = frame.groupby("machine_model").cumcount() + 1
    return conform(frame.assign(by_cause=by_cause), FAILING_PARTS)
