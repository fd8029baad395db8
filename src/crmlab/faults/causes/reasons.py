"""What speaks for a guess, in a few words a person can check."""

from __future__ import annotations

import pandas as pd

from crmlab.faults.causes.pool import FaultPool

SHOWN = 3
READABLE = ("concepts", "symptom", "words")
"""Views of a text whose pieces are words; character n-grams and single characters are left to `FaultPool.explain`."""


NOT_KNOWN = "not known"
"""The value of a field that a ticket does not state: that nothing is known of a machine's age may itself tell something."""


def strongest(model: FaultPool, tickets: pd.DataFrame, shown: int = SHOWN) -> pd.DataFrame:
    """What speaks most for the most probable cause of each ticket: `ticket` (position), `part`, `value`, `log_odds`.

    A concept or a field that several experts read counts once, with the sum of what they say. `part` is the name of a
    field, or "said" for what the text says.

    Examples
    --------
    >>> calls = pd.DataFrame({"symptom": ["disk light", "no display"] * 12})
    >>> pool = FaultPool(fields=(), experts=("concepts",)).fit(calls, ["disk", "memory"] * 12)
    >>> strongest(pool, pd.DataFrame({"symptom": ["disk light"]}), shown=1)[["part", "value"]].values.tolist()
    [['said', 'disk']]
    """
    pieces = model.explain(tickets)
    field = pieces["part"].isin(model.fields_)
    value = pieces["value"].str
    word = (
        pieces["part"].isin(READABLE) & (value.len() > 1) & ~value.startswith("#")
    )  # signs of the tokenizer
    told = pieces[field | word]
    told = told.assign(
        part=told["part"].where(field, "said"), value=told["value"].where(told["value"] != "", NOT_KNOWN)
    )
    sums = told.groupby(["ticket", "part", "value"], as_index=False)["log_odds"].sum()
    sums = sums[sums["log_odds"] > 0].sort_values(
        ["ticket", "log_odds", "part", "value"], ascending=[True, False, True, True]
    )
    return sums.groupby("ticket").head(shown).reset_index(drop=True)


def reasons(model: FaultPool, tickets: pd.DataFrame, shown: int = SHOWN) -> list[str]:
    """For each ticket what speaks most for its most probable cause, with the log-odds it adds, the strongest first.

    Examples
    --------
    >>> calls = pd.DataFrame({"symptom": ["disk light", "no display"] * 12})
    >>> pool = FaultPool(fields=(), experts=("concepts",)).fit(calls, ["disk", "memory"] * 12)
    >>> reasons(pool, pd.DataFrame({"symptom": ["disk light"]}), shown=1)[0].split(" +")[0]
    'disk'
    """
    if tickets.empty:
        return []
    top = strongest(model, tickets, shown)
    name = top["value"].where(top["part"] == "said", top["part"] + " " + top["value"])
    said = (name + top["log_odds"].map(" {:+.1f}".format)).groupby(top["ticket"]).agg("; ".join)
    return said.reindex(range(len(tickets)), fill_value="").tolist()
