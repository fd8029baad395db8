"""Dirt: what export programs and tired people do to 1-2 % of the rows. Each touched row is listed in the truth.

Works on text, after export and before writing. `clean` judges by rules; the dirt here is drawn by kind, so a rule that
catches its own examples only would show.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .touches import TOUCHES

KEY = {
    "tickets": ["ticket_id"],
    "visits": ["ticket_id", "visit_no"],
    "ticket_parts": ["ticket_id", "visit_no", "part_no"],
    "customers": ["customer_id"],
    "machines": ["serial_no"],
    "contracts": ["contract_id"],
    "sales": ["order_id", "order_line"],
    "complaints": ["complaint_id"],
    "surveys": ["survey_id", "item", "kind"],
    "interactions": ["customer_id", "at", "channel"],
    "payments": ["payment_id"],
    "quotes": ["quote_id"],
    "service_plan": ["customer_id", "planned_for", "activity"],
    "opportunities": ["opportunity_id"],
    "warranty_claims": ["claim_id"],
}
"""What names a row in the list of dirt: its cells as they were before."""
_COPIED = {"payments": 0.0025}
"""Share of rows that stand in the export twice, as they are."""
_DUPLICATED, _CLOSED_BEFORE, _TYPED_BY_HAND = 0.003, 0.0008, 0.15


LISTED = ("table", "key", "column", "kind", "was", "row")


@dataclass
class _Soiled:
    """A table as it gets dirty: its cells by column, the rows still clean, and what was done."""

    name: str
    cells: dict[str, np.ndarray]
    key: list[np.ndarray]
    clean: np.ndarray
    done: list[tuple] = field(default_factory=list)

    def touch(self, rows: np.ndarray, column: str, kind: str, new: list[str]) -> None:
        """Write `new` into `rows` of `column`."""
        self.note(rows, column, kind, self.cells[column][rows])
        self.cells[column][rows] = new
        self.clean[rows] = False

    def note(self, rows: np.ndarray, column: str, kind: str, was: np.ndarray) -> None:
        """Say what happens to `rows`."""
        for row, before in zip(rows.tolist(), was, strict=True):
            key = "-".join(part[row] for part in self.key)
            self.done.append((self.name, key, column, kind, before, row))

    def frame(self) -> pd.DataFrame:
        """The table as it now stands."""
        return pd.DataFrame(self.cells)


def soil(
    name: str, frame: pd.DataFrame, rng: np.random.Generator, variants: dict[str, str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`frame` (text) with dirt, its index the rows of `frame`, and what was done: the columns of LISTED.

    `variants` are second spellings by customer_id: the desk types them into tickets and leaves the number out.
    """
    n = len(frame)
    cells = {column: frame[column].to_numpy(dtype=object, copy=True) for column in frame}
    soiled = _Soiled(name, cells, [frame[c].to_numpy() for c in KEY[name]], np.ones(n, bool))
    for share, column, kinds in TOUCHES[name]:
        values = cells[column]
        chosen = np.flatnonzero((rng.random(n) < share) & soiled.clean & (values != ""))
        if "negative_amount" in kinds and "is_return" in cells:
            chosen = chosen[cells["is_return"][chosen] == "否"]
        which = rng.integers(0, len(kinds), len(chosen))
        for k, (kind, change) in enumerate(kinds.items()):
            rows = np.array([r for r in chosen[which == k] if change(values[r]) != values[r]], int)
            soiled.touch(rows, column, kind, [change(values[r]) for r in rows])
    made = _tickets(soiled, rng, variants or {}) if name == "tickets" else soiled.frame()
    if name in _COPIED:
        rows = np.flatnonzero((rng.random(n) < _COPIED[name]) & soiled.clean)
        soiled.note(rows, "", "duplicate", np.full(len(rows), ""))
        made = pd.concat([made, made.iloc[rows]]).sort_index(kind="stable")
    return made, pd.DataFrame(soiled.done, columns=LISTED).astype({"row": int})


def _tickets(soiled: _Soiled, rng: np.random.Generator, variants: dict[str, str]) -> pd.DataFrame:
    """Dirt that only tickets have: closed before opened, names typed by hand, exported twice."""
    cells, clean = soiled.cells, soiled.clean
    closed, n = cells["closed_at"].copy(), len(clean)
    rows = np.flatnonzero((rng.random(n) < _CLOSED_BEFORE) & clean & (closed != ""))
    soiled.touch(
        rows, "closed_at", "closed_before_opened", [_days_later(t, -3) for t in cells["reported_at"][rows]]
    )
    spelled = np.array([variants.get(customer, "") for customer in cells["customer_id"]], dtype=object)
    rows = np.flatnonzero((rng.random(n) < _TYPED_BY_HAND) & clean & (spelled != ""))
    soiled.touch(rows, "customer_name", "name_variant", spelled[rows].tolist())
    cells["customer_id"][rows] = ""
    rows = np.flatnonzero((rng.random(n) < _DUPLICATED) & clean & (closed != ""))
    days = rng.integers(1, 6, len(rows))
    soiled.note(rows, "", "duplicate", closed[rows])
    made = soiled.frame()
    again = made.iloc[rows].assign(
        closed_at=[_days_later(t, d) for t, d in zip(closed[rows], days.tolist(), strict=True)]
    )
    return pd.concat([made, again]).sort_index(kind="stable")


def _days_later(moment: str, days: int) -> str:
    return str(np.datetime64(moment.replace(" ", "T")) + np.timedelta64(days, "D")).replace("T", " ")
