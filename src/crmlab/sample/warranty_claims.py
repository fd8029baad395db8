"""Claims on the maker's warranty for parts built in while a machine was covered.

One repair in eight is never claimed, more where nobody reads the sheet in time; claims handed in after thirty days, and those
for machines with parts of other makers, are mostly refused. Nothing of it depends on the cause of the failure.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .causes import PARTS
from .customers import numbered
from .visits import part_numbers
from .world import DAY

FORGOTTEN, LATE = 0.12, 30
_FEN = np.array([yuan * 100 for _, yuan in PARTS.values()])


def play(
    people: pd.DataFrame,
    machines: pd.DataFrame,
    calls: pd.DataFrame,
    parts: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """One claim per part built in under warranty and not forgotten: columns of the contract (days, fen), and `who`."""
    covered = (calls["billing"] == "warranty").to_numpy()
    used = parts[(parts["qty_used"] > 0) & covered[parts["call"]]]
    used = used[rng.random(len(used)) >= FORGOTTEN]
    call, n = used["call"].to_numpy(), len(used)
    wait = np.exp(rng.normal(2.2, 0.8, n)).astype(int) + 1
    machine = calls["machine"].to_numpy()[call]
    refused = 0.06 + 0.5 * (wait > LATE) + 0.5 * machines["nonstandard"].to_numpy()[machine]
    claims = pd.DataFrame(
        {
            "who": calls["who"].to_numpy()[call],
            "serial_no": machines["serial_no"].to_numpy()[machine],
            "submitted_at": calls["entered"].to_numpy()[call] // DAY + wait,
            "part_no": part_numbers(used["part"].to_numpy()),
            "approved": (rng.random(n) >= refused).astype(int),
            "amount": np.round(_FEN[used["part"]] * 0.8 / 100).astype(np.int64) * 100,
        }
    )
    claims = claims.sort_values(["who", "submitted_at", "serial_no", "part_no"], ignore_index=True)
    return claims.assign(claim_id=numbered(people, claims["who"].to_numpy(), "W"))
