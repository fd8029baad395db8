"""A list beside a page: all rows as CSV that a spreadsheet opens, where the page shows the first 200."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from crmlab.report.blocks import Columns
from crmlab.report.messages import Value, as_text, formatted

if TYPE_CHECKING:
    import pandas as pd

    from crmlab.report.language import Language

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so would be taken for a formula."""


def csv_text(frame: pd.DataFrame, columns: Columns, language: Language) -> str:
    """`frame` as CSV in `language`, with a byte order mark, so that Excel reads Chinese; figures as machines write them.

    >>> import pandas as pd
    >>> from crmlab.report.language import Language
    >>> from crmlab.report.messages import say
    >>> frame = pd.DataFrame({"name": ["=1+1"], "n": [1200]})
    >>> columns = {"name": (say("Customer"), "text"), "n": (say("Tickets"), "count")}
    >>> csv_text(frame, columns, Language("en")).splitlines()
    ['\\ufeffCustomer,Tickets', "'=1+1,1200"]
    """
    out = io.StringIO(newline="")
    write = csv.writer(out)
    write.writerow([_cell(heading, language) for heading, _ in columns.values()])
    for row in frame[list(columns)].itertuples(index=False, name=None):
        cells = (formatted(form, cell) for (_, form), cell in zip(columns.values(), row, strict=True))
        write.writerow([_cell(cell, language) for cell in cells])
    return "\ufeff" + out.getvalue()


def _cell(part: Any, language: Language) -> str:
    if isinstance(part, Value):
        return part.plain
    text = as_text(part, language)
    return f"'{text}" if text.startswith(_FORMULA) else text
