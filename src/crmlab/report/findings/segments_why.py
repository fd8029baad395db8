"""Why a customer is of its type and not of the next: one sentence per customer, from exact contributions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmlab.report.findings.segments_words import CLAUSES, UNDETERMINED, beside, named
from crmlab.report.findings.value_words import customers_said
from crmlab.report.messages import Message, is_missing, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

PER_TYPE = 1
"""Customers of each type that the page shows; the file beside it holds all."""


def told(feature: str, above: bool, value: Any, typical: Any) -> Message | None:
    """One reason in words: the fact, with what is typical, or on which side of the mean customer it lies where both are written alike."""
    said, usual = beside(feature, value, typical)
    if said is None:
        return None
    if usual is not None:
        return say("{fact} (typical {usual})", fact=said, usual=usual)
    if above:
        return say("{fact} (above the mean)", fact=said)
    return say("{fact} (below the mean)", fact=said)


def sentence(likeliest: str, runner_up: str, reasons: list[Message]) -> Message | None:
    """Why one type rather than the other, in one sentence; None without a reason.

    >>> from crmlab.report.language import Language
    >>> lead = told("renewal_lead", True, 41, 22)
    >>> sentence("planner", "bargain-seeker", [lead]).in_language(Language("en"))
    'More like a planner than a bargain-seeker: signs renewals 41 days before they start (typical 22)'
    """
    if not reasons:
        return None
    together = reasons[0]
    for another in reasons[1:]:
        together = say("{first}; {second}", first=together, second=another)
    return say(
        "More like a {type} than a {other}: {reasons}",
        type=term("type", likeliest),
        other=term("type", runner_up),
        reasons=together,
    )


def sentences(why: pd.DataFrame) -> dict[str, Message]:
    """Customer → its sentence, for the customers of table why."""
    found: dict[str, tuple[str, str, list[Message]]] = {}
    rows = why.sort_values(["customer_id", "rank"])
    columns = ["customer_id", "likeliest", "runner_up", "feature", "above", "value", "typical"]
    for customer, likeliest, runner_up, feature, above, value, typical in rows[columns].itertuples(
        index=False, name=None
    ):
        reasons = found.setdefault(customer, (likeliest, runner_up, []))[2]
        said = told(feature, above is True or bool(above == 1), value, typical)
        if said is not None:
            reasons.append(said)
    made = {customer: sentence(*parts) for customer, parts in found.items()}
    return {customer: said for customer, said in made.items() if said is not None}


def explained(customers: pd.DataFrame, why: pd.DataFrame) -> pd.DataFrame:
    """Customers with a best guess and `name`, `guess` and `why` in words: the clearest `PER_TYPE` of each type first, then all others.

    Within each half they stand by type, as the seed numbers them, and by probability.
    """
    rows = named(customers[customers["likeliest"].isin(list(CLAUSES))])
    order = {name: place for place, name in enumerate(CLAUSES)}
    rows["place"] = rows["likeliest"].map(order).astype(float)
    rows = rows.sort_values(["place", "p", "customer_id"], ascending=[True, False, True], ignore_index=True)
    rows["beyond"] = rows.groupby("place").cumcount() >= PER_TYPE
    rows = rows.sort_values(["beyond", "place"], kind="stable", ignore_index=True)
    said = sentences(why)
    rows["why"] = [said.get(customer) for customer in rows["customer_id"]]
    rows["guess"] = guesses(rows)
    return rows


def guess(likeliest: Any, kind: Any, p: Any, labelled: Any = None) -> Message | None:
    """The type in words with its probability, or who named it; where it is not determined, that it is no more than a guess."""
    if not is_missing(kind) and kind != UNDETERMINED and (labelled is True or labelled == 1):
        return say("{type}, named by an analyst", type=term("type", kind))
    if is_missing(likeliest) or not likeliest:
        return None
    words = {"type": term("type", likeliest), "p": percent(p)}
    if is_missing(kind) or kind == UNDETERMINED:
        return say("perhaps {type} ({p})", **words)
    return say("{type} ({p})", **words)


def guesses(rows: pd.DataFrame) -> list[Message | None]:
    """`guess` of each row of table customers."""
    columns = [rows[name].astype(object) for name in ("likeliest", "type", "p", "labelled")]
    return [guess(*x) for x in zip(*columns, strict=True)]


def title(customers: pd.DataFrame, why: pd.DataFrame) -> Message:
    """The finding above the list: the clearest customer and its strongest reason; nothing more where there is no reason to tell."""
    rows = explained(customers, why)
    rows = rows[rows["why"].notna() & (rows["type"] != UNDETERMINED)]
    if rows.empty:
        return say("No customer's type can be explained: none is determined")
    clearest = rows.loc[rows["p"].idxmax()]
    return say(
        "A type with its reasons: {n}; the clearest is {customer}, {type} with {p}",
        n=customers_said(len(rows)),
        customer=clearest["name"],
        type=term("type", clearest["likeliest"]),
        p=percent(clearest["p"]),
    )


NOTE = say(
    "The three features that speak most for the likeliest type and against the next, by their exact share in the log-odds; typical is the "
    "median of the customers of whom the feature is known. Number and length of records are taken out before customers are compared. The "
    "page shows the clearest customer of each type; the file beside it holds every customer."
)
"""How to read the list of reasons."""
