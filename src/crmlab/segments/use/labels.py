"""Types that analysts named themselves, in type_labels.csv."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pandas as pd

from crmlab.files import CrmlabError
from crmlab.segments.use.policy import TYPE_SPELLINGS
from crmlab.segments.use.sheets import Line, read_sheet

LABELS = "type_labels.csv"
_COLUMNS = {
    "customer_id": ("客户编号", "客户号", "客户代码"),
    "customer_name": ("客户名称", "客户名", "客户"),
    "type": ("类型", "客户类型"),
}


def read_labels(path: Path, customers: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The customers whose type an analyst named, and the lines whose customer nobody knows.

    A line without a type is not labelled yet. The number goes before the name; a name alone must be one customer's.

    Parameters
    ----------
    path : columns type and customer_id or customer_name; types in English or Chinese. An empty file labels nobody.
    customers : the clean table: customer_id, customer_name.

    Returns
    -------
    One row per customer: customer_id, type, sorted by customer_id; and the unknown customers as written, with their line.

    Raises
    ------
    CrmlabError : an unknown type, no customer in a line, one customer with two types, a name that several customers have; with
        file, line and column.
    """
    numbers = set(customers["customer_id"].dropna())
    by_name = (
        customers.dropna(subset=["customer_id", "customer_name"])
        .groupby("customer_name")["customer_id"]
        .unique()
    )
    first: dict[str, tuple[Line, str]] = {}
    unknown: list[str] = []
    for line in read_sheet(path, _COLUMNS, optional=("customer_id", "customer_name")):
        number, name = line.cells["customer_id"], line.cells["customer_name"]
        if not number and not name:
            raise CrmlabError(
                f"{line.place}, customer_id: empty, and so is customer_name; name the customer or delete the line"
            )
        if not line.cells["type"]:
            continue
        type_ = line.choice("type", TYPE_SPELLINGS)
        if number:
            customer = next((spelt for spelt in _widths(number) if spelt in numbers), None)
        else:
            owners = next((by_name[spelt] for spelt in _widths(name) if spelt in by_name.index), ())
            if len(owners) > 1:
                raise CrmlabError(
                    f"{line.place}, customer_name: {name!r} is the name of {len(owners)} customers "
                    f"({', '.join(sorted(owners)[:3])}); write the customer_id"
                )
            customer = owners[0] if len(owners) else None
        if customer is None:
            unknown.append(f"{number or name} (line {line.number})")
            continue
        before, was = first.setdefault(customer, (line, type_))
        if was != type_:
            raise CrmlabError(
                f"{line.place}, type: customer {customer} is {type_} here and {was} in line {before.number}; keep one of the two lines"
            )
    found = pd.DataFrame(
        {"customer_id": list(first), "type": [type_ for _, type_ in first.values()]}, dtype="string"
    )
    return found.sort_values("customer_id", ignore_index=True), unknown


def _widths(cell: str) -> tuple[str, str]:
    """As written, and with full-width letters and digits folded, as `clean` keeps them."""
    return cell, unicodedata.normalize("NFKC", cell)
