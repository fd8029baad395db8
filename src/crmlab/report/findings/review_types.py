"""How one customer wants to be served: for the company alone. A review that goes to the customer says nothing of types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.files import read_table
from crmlab.report.findings.segments_cells import POLICY
from crmlab.report.findings.segments_why import sentences
from crmlab.report.findings.segments_words import CLAUSES, UNDETERMINED, named
from crmlab.report.messages import Message, is_missing, percent, say, term

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def of_customer(folder: Path, ident: str, inside: bool) -> pd.DataFrame:
    """The row of one customer with `name`, `stage_said` and `why` in words; none, and nothing is read, where the review is not `inside`.

    `folder` holds the tables customers and why of the stage `segments`.
    """
    import pandas as pd

    if not inside:
        return pd.DataFrame()
    customers = read_table(folder / "customers.parquet")
    rows = named(customers[customers["customer_id"] == ident]).reset_index(drop=True)
    why = read_table(folder / "why.parquet")
    said = sentences(why[why["customer_id"] == ident])
    return rows.assign(why=[said.get(customer) for customer in rows["customer_id"]])


def title(row: pd.DataFrame) -> Message:
    """How to serve the customer: as its type wants where that is determined, else as before."""
    if row.empty or is_missing(row["likeliest"].iloc[0]):
        return say("Serve as before: no record tells how this customer wants to be served")
    x = row.iloc[0]
    words = {"type": term("type", x["likeliest"]), "p": percent(x["p"])}
    if _certain(x) and (x["labelled"] is True or x["labelled"] == 1):
        return say("Serve as {type}, as an analyst has named it", type=term("type", x["type"]))
    if not _certain(x):
        return say("Serve as before: no type is certain, the best guess is {type} ({p})", **words)
    return say("Serve as {type} ({p})", **words)


def lines(row: pd.DataFrame) -> pd.DataFrame:
    """What is known of how to serve it: columns name, value; nothing of a customer whose best guess is not known."""
    import pandas as pd

    found = []
    if len(row) and row["likeliest"].iloc[0] in CLAUSES:
        x = row.iloc[0]
        kind = x["type"] if _certain(x) else x["likeliest"]
        found = [
            (say("Such a customer"), term("type clause", CLAUSES[kind])),
            (say("Stage"), x["stage_said"]),
            (
                say("What to do"),
                None if is_missing(x["action"]) or not _certain(x) else term(POLICY, x["action"]),
            ),
            (say("Why"), x["why"]),
        ]
    return pd.DataFrame([(a, b) for a, b in found if b is not None], columns=["name", "value"], dtype=object)


def _certain(x: pd.Series) -> bool:
    return not is_missing(x["type"]) and x["type"] != UNDETERMINED


NOTE = say(
    "For the company alone: the type is this tool's reading of the records, not what the customer says of itself."
)
"""How to read it."""
