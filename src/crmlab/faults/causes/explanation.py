"""What each expert adds to the log-odds of a cause, piece by piece, so that the pieces add up to the whole."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.faults.causes.experts import KINDS, Linear
from crmlab.faults.causes.reading import Calls, Reader, as_text

PRIOR = "how often it occurs"
"""The value of a piece that no word and no field of the ticket brings."""


def whole_piece(
    expert: str, part: str, value: str | pd.Series, scores: np.ndarray, column: np.ndarray
) -> pd.DataFrame:
    """The log-odds of an expert that gives each ticket one reason for all it says.

    Parameters
    ----------
    scores : weighted, tickets × causes. column : of the cause that is explained, one per ticket.

    Returns
    -------
    `ticket` (position), `expert`, `part`, `value`, `log_odds`: against the mean of all causes.

    Examples
    --------
    >>> whole_piece("prior", "prior", PRIOR, np.log([[0.8, 0.2]]), np.array([0]))["log_odds"].round(2).tolist()
    [0.69]
    """
    tickets = np.arange(len(column))
    said = np.asarray(value, dtype=object)
    return _pieces(tickets, expert, part, said, _centred(scores)[tickets, column])


def linear_pieces(
    expert: Linear, weight: float, reader: Reader, tickets: pd.DataFrame, calls: Calls, column: np.ndarray
) -> list[pd.DataFrame]:
    """The log-odds of a linear expert, as `whole_piece` gives them: one piece per word and field, and one for its prior.

    `calls` are the tickets as the reader reads them.
    """
    name = expert.kind
    text, fields, intercept = (
        weight * _centred(block) for block in (expert.text_, expert.fields_, expert.intercept_[None, :])
    )
    found = [_pieces(np.arange(len(tickets)), name, "prior", PRIOR, intercept[0][column])]
    start = 0
    for view in KINDS[name].views:
        names = reader.names_[view]
        cells = calls.texts[view][calls.text_of].tocoo()
        added = cells.data * text[start + cells.col, column[cells.row]]
        found.append(_pieces(cells.row, name, view, names[cells.col], added))
        start += len(names)
    if reader.fields:
        cells = calls.fields.tocoo()
        which = reader.field_of_[cells.col]
        values = as_text(tickets, reader.fields).to_numpy(object)[cells.row, which]
        part = np.array(reader.fields, dtype=object)[which]
        found.append(
            _pieces(cells.row, name, part, values, cells.data * fields[cells.col, column[cells.row]])
        )
    return found


def _centred(scores: np.ndarray) -> np.ndarray:
    return scores - scores.mean(axis=1, keepdims=True)


def _pieces(ticket, expert, part, value, log_odds) -> pd.DataFrame:
    return pd.DataFrame(
        {"ticket": ticket, "expert": expert, "part": part, "value": value, "log_odds": log_odds}
    )
