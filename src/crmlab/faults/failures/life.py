"""How long parts last: Kaplan-Meier from installation, or from the last replacement, to the next failure."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from crmlab.faults.failures.count import failing_parts, failures
from crmlab.faults.failures.installed_base import in_service, on_machines
from crmlab.faults.failures.outputs import ALL, LIFE, LIFE_CURVES
from crmlab.faults.failures.poisson import DAYS_A_YEAR
from crmlab.faults.lacks import Lacks
from crmlab.tables import conform, empty

MIN_FAILURES = 30
"""Failures of a part below which it gets no curve."""
MIN_AT_RISK = 10
"""Parts observed from which on a curve starts: a failure among the first two would halve it for good."""
YEARS = (1, 2, 3, 5)
"""Ages for which table `life` has a row."""
POINTS = 40
"""Points of a drawn curve, at most."""
FAMILIES = 5
"""Families with a curve of their own per part, at most: those with most failures of it."""

CURVES = "how long parts last"


def part_lives(
    tickets: pd.DataFrame,
    ticket_parts: pd.DataFrame,
    ticket_causes: pd.DataFrame,
    machines: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
    incident_days: int,
    families: int = FAMILIES,
) -> tuple[dict[str, pd.DataFrame], Lacks, list[str]]:
    """Life curves by part, and by part and family for the families with most failures.

    A life runs from the installation of a machine, or the last failure of the part on it, to the next one, in whole
    days; it is censored when the machine leaves service or the record ends. A machine that came under observation
    late enters its curve at that age (left truncation): what failed before is not on record, and what did not would
    make parts look sturdier than they are. A machine with several pieces of a part has one life, to the first failure; one
    that fails often has many lives, and they draw the early curve down.

    Parameters
    ----------
    tickets, ticket_parts, ticket_causes, machines, customers : clean tables; any may be empty.
    as_of : the last day of the record.
    incident_days : one text on one family from one customer within so many days is one incident.
    families : curves by family per part, at most; 0 for none.

    Returns
    -------
    Tables `life` and `life_curves`, by name; what is missing, with what it would add; and the parts left out because
    they failed fewer than `MIN_FAILURES` times.
    """
    tables = {"life": empty(LIFE), "life_curves": empty(LIFE_CURVES)}
    parts, by_cause = failing_parts(ticket_parts, ticket_causes)
    failed = failures(tickets, parts, incident_days)
    if failed.empty:
        return tables, [("tickets.cause_actual", CURVES)], []
    base = in_service(machines, tickets, customers, as_of)
    if base.empty:
        return tables, [("machines.installed_at", CURVES)], []
    if failed["serial_no"].isna().all():
        return tables, [("tickets.serial_no", CURVES)], []
    failed = on_machines(failed, base)
    failed = failed[failed["machine"] >= 0]
    counts = failed["part"].value_counts()
    left_out = sorted(counts.index[counts < MIN_FAILURES])
    rows, curves = [], []
    for part in sorted(counts.index[counts >= MIN_FAILURES]):
        lives = _lives(failed[failed["part"] == part], base)
        ended = lives.loc[lives["failed"], "machine_family"].value_counts()
        ended = ended[ended >= MIN_FAILURES].rename_axis("family").reset_index(name="n")
        largest = ended.sort_values(["n", "family"], ascending=[False, True])["family"].head(families)
        for family in [ALL, *largest]:
            own = lives if family == ALL else lives[(lives["machine_family"] == family).to_numpy()]
            curve = _kaplan_meier(own)
            named = {"part": part, "machine_family": family}
            numbers = {"n_failures": int(own["failed"].sum()), "n_lives": len(own), "by_cause": by_cause}
            rows.append(_at(curve, YEARS).assign(**named, **numbers))
            curves.append(_thinned(curve).assign(**named))
    lacks: Lacks = [] if rows else [(f"{MIN_FAILURES} failures of one part", CURVES)]
    if by_cause:
        lacks.append(("ticket_parts.qty_used", "lives of parts; times to a cause stand in"))
    for table, frames in ((LIFE, rows), (LIFE_CURVES, curves)):
        if frames:
            whole = pd.concat(frames).sort_values(list(table.key), ignore_index=True)
            tables[table.name] = conform(whole, table)
    return tables, lacks, left_out


def _lives(failed: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """The lives of one part: machine_family, entry, duration (days since it was new) and failed.

    Every machine of a family in which the part ever failed is taken to hold it.
    """
    held = base["machine_family"].isin(failed["machine_family"].unique()).to_numpy()
    day = failed["reported_at"].to_numpy("datetime64[D]")
    events = pd.DataFrame({"machine": failed["machine"].to_numpy(), "end": day, "failed": True})
    events = events.drop_duplicates(["machine", "end"])
    ends = pd.DataFrame(
        {
            "machine": np.flatnonzero(held),
            "end": base["until"].to_numpy("datetime64[D]")[held],
            "failed": False,
        }
    )
    lives = pd.concat([events, ends]).sort_values(["machine", "end", "failed"], kind="stable")
    new = lives.groupby("machine")["end"].shift().to_numpy("datetime64[D]")
    machine = lives["machine"].to_numpy()
    installed, since = (base[c].to_numpy("datetime64[D]")[machine] for c in ("installed_at", "since"))
    first = np.isnat(new)
    new = np.where(first, installed, new)
    lives = pd.DataFrame(
        {
            "machine_family": base["machine_family"].astype(object).to_numpy()[machine],
            "entry": np.where(first, (since - installed).astype(int), 0),
            "duration": (lives["end"].to_numpy("datetime64[D]") - new).astype(int),
            "failed": lives["failed"].to_numpy(bool),
        }
    )
    # a failure on the day the machine came under observation lasted that day
    lives["duration"] = np.where(
        lives["failed"], np.maximum(lives["duration"], lives["entry"] + 1), lives["duration"]
    )
    return lives[lives["entry"] < lives["duration"]]


def _kaplan_meier(lives: pd.DataFrame) -> pd.DataFrame:
    """The curve: day, at_risk, survival, low, high, from the first day with `MIN_AT_RISK` parts on."""
    from lifelines import KaplanMeierFitter

    entries, ends = np.sort(lives["entry"]), np.sort(lives["duration"])
    days = np.unique(entries)
    at_risk = np.searchsorted(entries, days, side="right") - np.searchsorted(ends, days, side="right")
    enough = days[at_risk >= min(MIN_AT_RISK, at_risk.max())][0]
    lives = lives[lives["duration"] > enough]
    entry = lives["entry"].clip(lower=enough)
    counted = pd.DataFrame({"entry": entry, "duration": lives["duration"], "failed": lives["failed"]})
    counted = counted.value_counts(sort=False).rename("weight").reset_index()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifelines warns of weights that are counts, and of late entries
        fit = KaplanMeierFitter().fit(
            counted["duration"], counted["failed"], entry=counted["entry"], weights=counted["weight"]
        )
    interval = fit.confidence_interval_survival_function_
    curve = pd.DataFrame(
        {
            "day": fit.survival_function_.index.astype(int),
            "survival": fit.survival_function_.iloc[:, 0].to_numpy(),
            "low": interval.iloc[:, 0].to_numpy(),
            "high": interval.iloc[:, 1].to_numpy(),
        }
    ).fillna({"low": 1.0, "high": 1.0})
    entries, ends = np.sort(entry), np.sort(lives["duration"])
    curve["at_risk"] = np.searchsorted(entries, curve["day"], side="left") - np.searchsorted(
        ends, curve["day"], side="left"
    )
    return curve[curve["day"] >= enough].reset_index(drop=True)


def _at(curve: pd.DataFrame, years: tuple[int, ...]) -> pd.DataFrame:
    """The curve at whole years; missing where nothing was observed so long, or so early."""
    day = np.array([round(y * DAYS_A_YEAR) for y in years])
    place = np.searchsorted(curve["day"], day, side="right") - 1
    seen = (place >= 0) & (day <= curve["day"].iloc[-1])
    rows = curve.iloc[np.maximum(place, 0)].reset_index(drop=True)
    values = rows[["survival", "low", "high"]].where(np.tile(seen[:, None], 3))
    after = curve["at_risk"].to_numpy()[
        np.minimum(np.searchsorted(curve["day"], day, side="left"), len(curve) - 1)
    ]
    return values.assign(years=list(years), at_risk=np.where(seen, after, 0))


def _thinned(curve: pd.DataFrame) -> pd.DataFrame:
    """At most `POINTS` points of the curve, evenly over its days, its first and last among them."""
    if len(curve) <= POINTS:
        return curve
    day = np.linspace(curve["day"].iloc[0], curve["day"].iloc[-1], POINTS)
    place = np.unique(np.searchsorted(curve["day"], day, side="right") - 1)
    return curve.iloc[place]
