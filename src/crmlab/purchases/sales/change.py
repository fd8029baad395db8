"""Table `change`: three ways to say what the change of sales between two years is made of, each exact to the last minor unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from crmlab.purchases.sales.divisia import divisia
from crmlab.purchases.sales.outputs import CHANGE, PARTS
from crmlab.purchases.sales.price_volume_mix import price_volume_mix
from crmlab.tables import conform, empty


def change(customers: pd.DataFrame, products: pd.DataFrame, *, compared: bool = True) -> pd.DataFrame:
    """Table `change`, every part of every split in the order of outputs.py.

    Parameters
    ----------
    customers : rows of customers.sql. Their `amount` and `before` add up to all sales.
    products : rows of products.sql.
    compared : whether the ledger has a month before the last twelve. If not, nobody can be told to be new, and all of the change is
        not told.
    """
    if customers.empty:
        return empty(CHANGE)
    total = _change(customers)
    splits: dict[str, Mapping[str, tuple[int | None, int]]] = {
        "customers": by_customers(customers) if compared else {},
        "rhythm": by_rhythm(customers) if compared else {},
        "price": by_price(products) if compared else {},
    }
    rows = []
    for of, told in splits.items():
        rest = total - sum(amount for _, amount in told.values())
        parts = {**dict.fromkeys(PARTS[of], (None, 0)), **told, "not_told": (None, rest)}
        rows += [(of, part, n, amount) for part, (n, amount) in parts.items()]
    return conform(pd.DataFrame(rows, columns=["of", "part", "n", "amount"]), CHANGE)


def by_customers(customers: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Part → (customers, its share of the change): who came, came back, bought more or less, or stayed away.

    To buy is to have a line that is no return. Customers of whom only returns are on record for both years are in no part.
    """
    known = customers[customers["customer_id"].notna()]
    now, before, earlier = (
        known[f"bought{when}"].fillna(False).astype(bool) for when in ("", "_before", "_earlier")
    )
    more = (known["amount"] - known["before"]).astype("int64")
    which = {
        "won": now & ~before & ~earlier,
        "won_back": now & ~before & earlier,
        "more": now & before & (more > 0),
        "same": now & before & (more == 0),
        "less": now & before & (more < 0),
        "lost": before & ~now,
    }
    return {part: (int(of.sum()), int(more[of].sum())) for part, of in which.items()}


def by_rhythm(customers: pd.DataFrame) -> dict[str, tuple[None, int]]:
    """Part → (None, its share): amount = customers × purchases a customer × amount a purchase, by `divisia`.

    Lines that name no customer are left out. Empty where there were no customers in a year, or returns left nothing of it.
    """
    known = customers[customers["customer_id"].notna()]
    factors = []
    for money, count in (("before", "purchases_before"), ("amount", "purchases")):
        amount, purchases = int(known[money].sum()), int(known[count].sum())
        if amount <= 0 or purchases == 0:
            return {}
        buyers = int((known[count] > 0).sum())
        factors.append((buyers, purchases / buyers, amount / purchases))
    parts = whole(divisia(*factors), _change(known))
    return {part: (None, share) for part, share in zip(PARTS["rhythm"], parts, strict=False)}


def by_price(products: pd.DataFrame) -> dict[str, tuple[int | None, int]]:
    """Part → (products, where it is a group, and its share): `price_volume_mix` of products sold in both years, the new, the dropped.

    A product is sold in a year if returns left pieces of it. One that is sold in neither is in no part.
    """
    now, before = products["pieces"] > 0, products["pieces_before"] > 0
    both, new, dropped = products[now & before], products[now & ~before], products[before & ~now]
    told: dict[str, tuple[int | None, int]] = {}
    if len(both):
        parts = price_volume_mix(both)
        shares = whole(list(parts.values()), _change(both))
        told |= {part: (None, share) for part, share in zip(parts, shares, strict=True)}
    told["new_products"] = (len(new), _change(new))
    told["dropped_products"] = (len(dropped), _change(dropped))
    return told


def whole(parts: Sequence[float], total: int) -> list[int]:
    """`parts` as whole numbers that add up to `total`: each is rounded, and what that leaves goes to the largest, the first of equals.

    >>> whole([0.5, 10.5, -3.4], 8)
    [0, 11, -3]
    """
    rounded = [round(part) for part in parts]
    largest = max(range(len(parts)), key=lambda n: abs(rounded[n]))
    rounded[largest] += total - sum(rounded)
    return rounded


def _change(rows: pd.DataFrame) -> int:
    return int(rows["amount"].sum() - rows["before"].sum())
