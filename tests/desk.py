"""A service desk over lines: the clean tables that the rates of stage faults read, with only what a test states."""

import pandas as pd

AS_OF = pd.Timestamp("2025-12-31")
KEYWORDS = {"as_of": AS_OF, "incident_days": 3}
TEXT = "string[python]"


def day(date: str | None) -> pd.Timestamp:
    return pd.Timestamp(date) if date else pd.NaT


def machines(*rows: tuple[str, str, str, str | None, str | None]) -> pd.DataFrame:
    """serial_no, machine_model, customer_id, installed_at, retired_at."""
    names = ["serial_no", "machine_model", "customer_id", "installed_at", "retired_at"]
    frame = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[:3], TEXT))
    frame = frame.assign(machine_family=frame["machine_model"].str[:4])
    return frame.assign(**{n: pd.to_datetime(frame[n]).astype("datetime64[ms]") for n in names[3:]})


def tickets(*rows: tuple[str, str | None, str, str, str]) -> pd.DataFrame:
    """reported_at, serial_no, machine_model, customer_id, symptom; closed on the same day, numbered t0, t1, …"""
    names = ["reported_at", "serial_no", "machine_model", "customer_id", "symptom"]
    frame = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[1:], TEXT))
    at = pd.to_datetime(frame["reported_at"]).astype("datetime64[us]")
    ids = pd.Series([f"t{k}" for k in range(len(frame))], dtype=TEXT)
    return frame.assign(
        ticket_id=ids, reported_at=at, closed_at=at, machine_family=frame["machine_model"].str[:4]
    )


def used(*parts: str | None) -> pd.DataFrame:
    """One part built in on each of the tickets t0, t1, …; None: it was carried and not used."""
    names = pd.Series([p or "disk" for p in parts], dtype=TEXT)
    ids = pd.Series([f"t{k}" for k in range(len(parts))], dtype=TEXT)
    pieces = pd.Series([int(p is not None) for p in parts], dtype="Int64")
    return pd.DataFrame({"ticket_id": ids, "part_no": names, "part_name": names, "qty_used": pieces})


def caused(*causes: str) -> pd.DataFrame:
    """One cause recorded on each of the tickets t0, t1, …"""
    ids = pd.Series([f"t{k}" for k in range(len(causes))], dtype=TEXT)
    return pd.DataFrame({"ticket_id": ids, "cause_no": 1, "cause": pd.Series(causes, dtype=TEXT)})


def customers(**created: str) -> pd.DataFrame:
    """customer_id = the day of first contact."""
    at = pd.to_datetime(pd.Series(list(created.values()), dtype="object")).astype("datetime64[ms]")
    return pd.DataFrame({"customer_id": pd.Series(list(created), dtype=TEXT), "created_at": at})
