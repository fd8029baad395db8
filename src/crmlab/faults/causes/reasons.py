"""What speaks for a guess, in a few words a person can check."""

from __future__ import annotations

import pandas as pd

from crmlab.faults.causes.pool import FaultPool

SHOWN = 3
READABLE = ("concepts", "symptom", "words")
"""Views of a text whose pieces are words; character n-grams and single characters are left to `FaultPool.explain`."""


def reasons(model: FaultPool, tickets: pd.DataFrame, shown: int = SHOWN) -> list[str]:
    """For each ticket what speaks most for its most probable cause, with the log-odds it adds, the strongest first.

    A concept or a field that several experts read counts once, with the sum of what they say.

    Examples
    --------
    >>> calls = pd.DataFrame({"symptom": ["disk light", "no display"] * 12})
    >>> pool = FaultPool(fields=(), experts=("concepts",)).fit(calls, ["disk", "memory"] * 12)
    >>> reasons(pool, pd.DataFrame({"symptom": ["disk light"]}), shown=1)[0].split(" +")[0]
    'disk'
    """
    if tickets.empty:
        return []
    pieces = model.explain(tickets)
    field = ~pieces["part"].isin(["prior", "pieces", *READABLE])
    word = pieces["part"].isin(READABLE) & (pieces["value"].str.len() > 1)
    told = pieces[field | word]
    name = told["value"].where(~told["part"].isin(model.fields_), told["part"] + " " + told["value"])
    sums = told.assign(name=name).groupby(["ticket", "name"], as_index=False)["log_odds"].sum()
    sums = sums[sums["log_odds"] > 0].sort_values(
        ["ticket", "log_odds", "name"], ascending=[True, False, True]
    )
    top = sums.groupby("ticket").head(shown)
    said = (top["name"] + top["log_odds"].map(" {:+.1f}".format)).groupby(top["ticket"]).agg("; ".join)
    return said.reindex(range(len(tickets)), fill_value="").tolist()
