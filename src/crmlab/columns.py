"""Columns and tables: what a table of the contract or of a stage is made of, and how its columns are stored.

A column's *kind* says how its text is read and how it is stored:

========  =========================================  ===========================================
kind      read from                                  stored as
========  =========================================  ===========================================
id        any text, trimmed, full-width folded       text
person    the same, then replaced by a keyed hash    text (16 hex digits)
private   never kept                                 –
text      free text, scrubbed of phones and e-mails  text
label     a short text from a list that grows        text, trimmed and folded; a known spelling as its choice
choice    one of `choices`, in either language       text (the canonical choice)
date      a day, in any accepted form                date
time      a day or a moment                          timestamp, local wall time
money     an amount, in any accepted form            integer, smallest unit of the currency
count     a whole number                             integer
number    a number                                   double
flag      yes/no, 1/0, true/false, 是/否             boolean
========  =========================================  ===========================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal[
    "id", "person", "private", "text", "label", "choice", "date", "time", "money", "count", "number", "flag"
]
Known = Literal["call", "dispatch", "visit", "closed", ""]
"""When a ticket's column is known; a model for the call may use only what is known at the call."""


@dataclass(frozen=True)
class Column:
    """One column: its name, how it is read, what it means, other headers it goes by.

    available_at : when a ticket's column is known.
    known_on : the date column of the same row on which this cell became known; a stated earlier as-of day empties it.
    choices : canonical choice → its other spellings. A `choice` is one of them; a `label` may be another word, too.
    not_negative : a row with a negative value contradicts itself.
    """

    name: str
    kind: Kind
    meaning: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    available_at: Known = ""
    unit: str = ""
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    known_on: str = ""
    not_negative: bool = False


@dataclass(frozen=True)
class Table:
    """One table. `key` names one row; `derived` are columns that `clean` adds.

    also : other names of the file, beside `name` and `zh`.
    dated : the column that says when a row became known; empty where a row may lie in the future or has no date.
    ordered : pairs of columns (a, b) of which a never exceeds b; a row in which it does contradicts itself.
    """

    name: str
    zh: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    derived: tuple[Column, ...] = ()
    also: tuple[str, ...] = ()
    dated: str = ""
    ordered: tuple[tuple[str, str], ...] = ()

    def column(self, name: str) -> Column:
        """The column called `name`."""
        return next(c for c in (*self.columns, *self.derived) if c.name == name)

    @property
    def kept(self) -> tuple[Column, ...]:
        """The columns of the clean table, in order: the exported ones that are kept, then the derived ones."""
        return tuple(c for c in self.columns if c.kind != "private") + self.derived


STORED = {
    "date": "datetime64[ms]",
    "time": "datetime64[us]",
    "money": "Int64",
    "count": "Int64",
    "number": "Float64",
    "flag": "boolean",
}


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """`frame` with exactly the columns of `table`, in its order and its stored types.

    Raises KeyError when a column of the contract is absent: a stage that forgets a column is a bug, not bad input.
    """
    import pandas as pd

    columns = {c.name: frame[c.name].astype(STORED.get(c.kind, "string")) for c in table.kept}
    return pd.DataFrame(columns, index=frame.index)


def empty(table: Table) -> pd.DataFrame:
    """`table` without rows: what a stage writes when it lacks its input."""
    import pandas as pd

    return conform(pd.DataFrame({c.name: [] for c in table.kept}), table)
