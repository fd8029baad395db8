"""What the clean tables and the stage `service` hold about one customer, without a column about people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from crmlab.files import CrmlabError, read_table

if TYPE_CHECKING:
    import pandas as pd

AUTO = "auto"
"""Instead of a customer: the VIP who calls most."""

COLUMNS = {
    "machines": ("serial_no", "machine_model", "customer_id", "installed_at", "warranty_end", "retired_at"),
    "contracts": ("contract_id", "customer_id", "start_at", "end_at", "amount", "service_level"),
    "tickets": (
        "ticket_id", "customer_id", "reported_at", "symptom", "machine_model", "serial_no",
        "appointed_at", "closed_at", "is_open",
    ),
    "visits": ("ticket_id", "arrived_at"),
    "ticket_parts": ("ticket_id", "part_no", "part_name", "qty_used"),
    "complaints": ("complaint_id", "customer_id", "received_at", "valid"),
    "surveys": ("survey_id", "customer_id", "answered_at", "dimension", "kind", "score", "scale_max"),
    "payments": ("payment_id", "customer_id", "amount", "due_at", "paid_at"),
    "service_plan": ("plan_id", "customer_id", "planned_for", "activity", "done_at"),
    "products": ("product_id", "end_of_support_at"),
}  # fmt: skip
"""What is read. Engineers, contacts, costs and what is said of a customer behind its back are not: the page goes to the customer."""

JUDGED = {
    "tickets": ("ticket_id", "response_took", "response", "fix_took", "fix"),
    "complaints": ("complaint_id", "kind", "end", "ended_at", "working_days"),
}
"""What the stage `service` says of rows of those tables, by their key."""
MONTHS = ("customer_id", "month", "second_visits", "repeats")
"""What is read of its table `months`."""

_BEGINS = {
    "tickets": "reported_at",
    "visits": "arrived_at",
    "complaints": "received_at",
    "surveys": "answered_at",
}
_SLACK = 31  # days: an export that begins in the first month of a year still tells that year


@dataclass(frozen=True)
class Customer:
    """One customer's rows.

    id, name : "" where no export names any customer.
    today : the as-of day.
    until : the reporting month, such as "2026-10".
    tables : table of the contract → the customer's rows, as `with_verdicts` returns them, and the table `months` of the stage
        `service`; visits and ticket_parts are those of its tickets, products all.
    exported : tables that hold rows of any customer; the others are absent.
    since : table → the first day of any customer in it.
    """

    id: str
    name: str
    today: pd.Timestamp
    until: str
    tables: Mapping[str, pd.DataFrame]
    exported: frozenset[str] = frozenset()
    since: Mapping[str, pd.Timestamp] = field(default_factory=dict)

    def start(self, years: int = 1) -> pd.Timestamp:
        """The first moment of the last 12 months, or of the `years` years up to the as-of day."""
        import pandas as pd

        return self.today + pd.Timedelta(days=1) - pd.DateOffset(years=years)

    def first_month(self, years: int = 1) -> pd.Period:
        """The first of the 12 whole months up to the reporting month, or of `years` times as many."""
        import pandas as pd

        return pd.Period(self.until, "M") + 1 - 12 * years

    def comparable(self, table: str, by_month: bool = False) -> bool:
        """Whether `table` also covers the year before the last 12 months, or before the 12 whole ones."""
        import pandas as pd

        first = self.first_month(2).start_time if by_month else self.start(2)
        return table in self.since and self.since[table] < first + pd.Timedelta(days=_SLACK)


def vips(customers: pd.DataFrame) -> list[str]:
    """The ids of customers of the tier "vip", sorted; `customers` is the clean table."""
    return sorted(customers.loc[customers["tier"].eq("vip").fillna(False), "customer_id"])


def find_customer(customers: pd.DataFrame, asked: str) -> str:
    """The id of the customer whose id or exact name is `asked`.

    Raises
    ------
    CrmlabError : nobody is called so (names those nearest), or several are (names their ids).

    Examples
    --------
    >>> import pandas as pd
    >>> known = pd.DataFrame({"customer_id": ["C1", "C2"], "customer_name": ["North Bank", "South Bank"]})
    >>> find_customer(known, "South Bank")
    'C2'
    """
    ids, names = customers["customer_id"], customers["customer_name"].fillna("").str.strip()
    if (ids == asked).any():
        return asked
    same = sorted(ids[names == asked.strip()])
    if len(same) == 1:
        return same[0]
    if same:
        raise CrmlabError(f"customer {asked!r}: {len(same)} are called so; say which id: {', '.join(same)}")
    called = dict(zip(ids, ids, strict=True)) | dict(zip(names[names != ""], ids[names != ""], strict=True))
    holding = sorted(word for word in called if asked and asked.lower() in word.lower())
    near = dict.fromkeys([*holding[:5], *get_close_matches(asked, called, n=5, cutoff=0.5)])
    hint = (
        "the nearest: "
        + ", ".join(word if word == called[word] else f"{word} ({called[word]})" for word in near)
        if near
        else "data/processed/clean/customers.parquet lists them all"
    )
    raise CrmlabError(f"customer {asked!r}: no id and no exact name; {hint}")


def read_customer(clean: Path, service: Path, today: str, until: str, asked: str = AUTO) -> Customer:
    """The rows of one customer in the tables of `clean` and `service` (folders), as of the day `today`.

    Parameters
    ----------
    until : the reporting month, such as "2026-10".
    asked : an id, an exact name, or "auto": the VIP with most tickets in the last 12 months, of all customers where no tier is known;
        ties go to the smaller id.

    Raises
    ------
    CrmlabError : as `find_customer`.
    """
    import pandas as pd

    whole = {name: read_table(clean / f"{name}.parquet", list(columns)) for name, columns in COLUMNS.items()}
    judged = {
        name: read_table(service / f"{name}.parquet", list(columns)) for name, columns in JUDGED.items()
    }
    months = read_table(service / "months.parquet", list(MONTHS))
    customers = read_table(clean / "customers.parquet", ["customer_id", "customer_name", "tier"])
    day = pd.Timestamp(today)
    if asked != AUTO:
        found = find_customer(customers, asked)
    else:
        recent = whole["tickets"]["reported_at"] >= day + pd.Timedelta(days=1) - pd.DateOffset(years=1)
        found = _busiest(customers, whole["tickets"][recent])
    tables = {
        name: _of(frame, "customer_id", [found]) if "customer_id" in frame else frame
        for name, frame in (whole | {"months": months}).items()
    }
    for name in ("visits", "ticket_parts"):
        tables[name] = _of(whole[name], "ticket_id", tables["tickets"]["ticket_id"])
    names = customers.loc[customers["customer_id"] == found, "customer_name"].dropna()
    return Customer(
        found,
        names.iloc[0] if len(names) else found,
        day,
        until,
        with_verdicts(tables, judged),
        frozenset(name for name, frame in whole.items() if len(frame)),
        {name: whole[name][column].min() for name, column in _BEGINS.items() if len(whole[name])},
    )


def with_verdicts(
    tables: Mapping[str, pd.DataFrame], judged: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """`tables` with the columns of `JUDGED` joined to tickets and complaints; missing where the stage says nothing of a row.

    Parameters
    ----------
    judged : tickets and complaints as the stage `service` writes them, of any customers.
    """
    told = {
        name: tables[name].merge(judged[name][list(columns)], how="left", on=columns[0])
        for name, columns in JUDGED.items()
    }
    return {**tables, **told}


def _busiest(customers: pd.DataFrame, tickets: pd.DataFrame) -> str:
    candidates = vips(customers) or sorted(customers["customer_id"])
    calls = tickets["customer_id"].value_counts()
    return min(candidates, key=lambda one: (-int(calls.get(one, 0)), one), default="")


def _of(frame: pd.DataFrame, column: str, ids: object) -> pd.DataFrame:
    return frame[frame[column].isin(list(ids))].reset_index(drop=True)
