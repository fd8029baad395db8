"""Every ticket judged: what was promised, how long it took on the clock of its level, and whether that was kept."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.service.promises.in_force import in_force
from crmlab.service.promises.level_clocks import LevelClocks
from crmlab.service.promises.outputs import TICKETS
from crmlab.tables import conform, empty

_READ = ["ticket_id", "customer_id", "service_level", "reported_at", "closed_at", "is_open"]


def judged(
    tickets: pd.DataFrame,
    contracts: pd.DataFrame,
    visits: pd.DataFrame,
    clocks: LevelClocks,
    as_of: pd.Timestamp,
    entry_days: float = 0,
) -> pd.DataFrame:
    """What became of the promises of each ticket reported until the end of `as_of`: table `tickets`.

    The promise is that of the contract in force at the report (of several: the one of the ticket's level, then the latest), else
    that of its service level, else that of the ticket's level; none where none of them says one. The clock is that of the
    contract's level, or of the ticket's where the contract names none that can be read, and runs day and night where no level
    is known.

    A visit or a close before the report tells nothing, nor does a close without a visit. An open ticket whose promise is over is
    broken; where sheets are typed in late, so many days later, because until then it may be kept and not on record: it cannot
    be told meanwhile. Nor can it where no ticket at all has a close: an export without them makes no ticket late.

    Parameters
    ----------
    tickets, contracts, visits : clean tables; without any arrival no response can be told. `promise_kept` of tickets (boolean),
        where there is such a column and it says anything, is what the desk itself put down.
    clocks : over a calendar that holds every moment up to `as_of`.
    entry_days : days within which a finished repair is on record; 0 where the desk records live.

    Returns
    -------
    Table `tickets` of outputs.py, by ticket_id. `broken_at` of a promise that only the desk calls broken is the
    close, or the end of `as_of` where that is missing.
    """
    now = as_of.normalize() + pd.Timedelta(days=1)
    read = [*_READ, *(["promise_kept"] if "promise_kept" in tickets else [])]
    reported = (tickets["reported_at"] < now).fillna(False)
    frame = tickets.loc[reported, read].sort_values("ticket_id", ignore_index=True)
    if frame.empty:
        return empty(TICKETS)
    frame["arrived_at"] = frame["ticket_id"].map(first_arrivals(visits, now))
    closed_later = (frame["closed_at"] >= now).fillna(False)
    frame["closed_at"] = frame["closed_at"].mask(closed_later)
    is_open = frame["closed_at"].isna() & (frame["is_open"].fillna(True) | closed_later)
    signed_later = (contracts["signed_at"] >= now).fillna(False)
    frame = frame.join(_promised(frame, contracts[~signed_later], clocks))

    end, late = np.datetime64(now, "us"), np.timedelta64(round(entry_days * 86_400), "s")
    closes_known = bool(frame["closed_at"].notna().any())
    ran_out = []
    for promise, done in (("response", "arrived_at"), ("fix", "closed_at")):
        moment = frame[done].mask((frame[done] < frame["reported_at"]).fillna(False))
        took = clocks.seconds_between(frame["level"], frame["reported_at"], moment)
        promised = frame[f"{promise}_promised"].to_numpy(float)
        over = clocks.after(frame["level"], frame["reported_at"], promised)
        waiting = (is_open & frame[done].isna()).to_numpy(bool)
        if promise == "response" and visits["arrived_at"].isna().all():
            waiting[:] = False
        overdue = waiting & (over < end - late) & closes_known
        verdict = np.select(
            [
                np.isnan(promised),
                took <= promised,
                (took > promised) | overdue,
                waiting & ~(over < end),
            ],
            ["no promise", "kept", "broken", "running"],
            "cannot tell",
        )
        frame[f"{promise}_took"], frame[promise] = took, verdict
        ran_out.append(np.where(verdict == "broken", over, np.datetime64("NaT", "us")))
    frame["recorded"] = _recorded(frame.get("promise_kept"), closed_later)
    frame["broken_at"] = np.fmin(*ran_out)
    only_recorded = (frame["recorded"] == "broken") & frame["broken_at"].isna()
    closed_by = frame["closed_at"].fillna(now - pd.Timedelta(microseconds=1))
    frame["broken_at"] = frame["broken_at"].mask(only_recorded, closed_by)
    return conform(frame, TICKETS)


def first_arrivals(visits: pd.DataFrame, now: pd.Timestamp) -> pd.Series:
    """The earliest arrival before `now` of each ticket that has one, by ticket_id."""
    seen = visits.loc[(visits["arrived_at"] < now).fillna(False), ["ticket_id", "arrived_at"]]
    return seen.groupby("ticket_id", sort=False)["arrived_at"].min()


def _promised(frame: pd.DataFrame, contracts: pd.DataFrame, clocks: LevelClocks) -> pd.DataFrame:
    """level, level_from, response_promised and fix_promised (seconds, missing where none), indexed as `frame`."""
    said = clocks.levels.table(frame["service_level"])
    terms = contracts.assign(level=clocks.levels.table(contracts["service_level"])["name"])
    calls = frame[["customer_id", "reported_at"]].assign(level=said["name"])
    contract = in_force(calls, terms)
    agreed = clocks.levels.table(contract["service_level"])
    # a level that can be read is worth more than one that cannot, wherever it stands
    by_contract = agreed["name"].notna() & (agreed["known"] | ~said["known"])
    level = said.mask(by_contract, agreed)
    found = pd.DataFrame(
        {
            "level": level["name"],
            "level_from": np.where(by_contract, "contract", np.where(said["name"].notna(), "ticket", None)),
        }
    )
    for promise in ("response", "fix"):
        minutes = contract[f"promise_{promise}_min"].astype("Float64")
        minutes = minutes.mask((minutes <= 0).fillna(False))  # a promise of no time is none
        found[f"{promise}_promised"] = (minutes * 60).fillna(level[f"{promise}_s"].astype("Float64"))
    return found


def _recorded(kept: pd.Series | None, closed_later: pd.Series) -> np.ndarray:
    if kept is None or kept.isna().all():
        return np.full(len(closed_later), "no promise")
    kept = kept.astype("boolean").mask(closed_later)
    return np.select([kept.fillna(False), (~kept).fillna(False)], ["kept", "broken"], "cannot tell")
