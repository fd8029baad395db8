"""The complaints as they were known on the as-of day, and which of the eight steps each of them takes."""

from __future__ import annotations

import numpy as np
import pandas as pd

STEPS = tuple(f"step_{number}_at" for number in range(1, 9))
"""记录, 判定, 转办, 分析, 方案, 批示, 实施, 总结: recorded, judged, assigned, analysed, proposed, approved, carried out, reviewed."""
UNJUSTIFIED = (1, 2, 8)
"""The steps of a complaint that was found unjustified: nobody looks for its cause."""
SOLVED_BY = ("resolved_at", "step_7_at", "step_8_at")
"""What says when a complaint was solved, best first: an unjustified one is over with its review."""
KNOWN_ON = {"valid": "step_2_at", "compensation": "resolved_at", "satisfied": "resolved_at"}
DAY = pd.Timedelta(days=1).as_unit("us")


def known(complaints: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Clean table `complaints` without whatever happened after the end of `as_of`, sorted by complaint_id.

    A day without a time of day that is the day of receipt counts as the moment of receipt: it is not before it.
    """
    after = as_of.normalize() + DAY
    frame = complaints[(complaints["received_at"] < after).fillna(False)].sort_values("complaint_id")
    frame = frame.reset_index(drop=True)
    for column, on in KNOWN_ON.items():
        frame[column] = frame[column].mask((frame[on] >= after).fillna(False))
    received = frame["received_at"]
    for column in (*STEPS, "resolved_at"):
        moment = frame[column].astype("datetime64[us]")
        moment = moment.mask(moment >= after)
        frame[column] = moment.mask((moment == received.dt.normalize()) & (moment < received), received)
    return frame


def solved_at(complaints: pd.DataFrame) -> pd.Series:
    """When each complaint was solved: resolved_at, else step 7 (carried out), else step 8; NaT where none is on record."""
    found = complaints[SOLVED_BY[0]]
    for column in SOLVED_BY[1:]:
        found = found.fillna(complaints[column])
    return found


def taken(complaints: pd.DataFrame) -> np.ndarray:
    """Which steps each complaint has to take (complaints × 8, bool): all eight, but 1, 2 and 8 where unjustified."""
    unjustified = (~complaints["valid"].astype("boolean")).fillna(False).to_numpy(bool)
    short = np.isin(np.arange(1, len(STEPS) + 1), UNJUSTIFIED)
    return ~unjustified[:, None] | short


def dates(complaints: pd.DataFrame) -> np.ndarray:
    """Dates of the eight steps (complaints × 8, datetime64[us]); NaT where there is none."""
    return np.column_stack([complaints[step].to_numpy("datetime64[us]") for step in STEPS])
