"""What the company has on record at END: the facts of a chunk without what nobody knows yet or ever.

Columns have the names of the data contract; days and minutes are counted from START, money is in fen, choices are
canonical, and `NONE` stands where a day or a minute is not known. `customer` numbers the customer, for cutting.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .. import tables
from .causes import CAUSE_PART, PARTS, SHARES
from .company import Chunk
from .desk import cause_names
from .products import catalogue
from .visits import part_numbers
from .world import DAY, DAYS, LEVELS, NONE, PROMISED_FIX, PROMISED_RESPONSE, START

_NOW = DAYS * DAY


def record(chunk: Chunk, customers: int | None = None) -> dict[str, pd.DataFrame]:
    """The tables of the contract for the chunk's customers, all or those numbered below `customers`."""
    people = chunk.people
    made = {
        "tickets": _tickets(chunk),
        "visits": _visits(chunk),
        "ticket_parts": _parts(chunk),
        "customers": people.rename(columns={"created": "created_at"}),
        "machines": _machines(chunk),
        "contracts": _contracts(chunk),
        "sales": _sales(chunk),
        **{name: _known(chunk, name, frame) for name, frame in chunk.office.tables.items()},
    }
    out = {}
    for name, frame in made.items():
        columns = ["customer", *(c.name for c in tables.CONTRACT[name].columns if c.name in frame)]
        mine = frame if customers is None else frame[frame["customer"] < customers]
        out[name] = mine[columns].reset_index(drop=True)
    return out


def products() -> pd.DataFrame:
    """The catalogue as on record at END."""
    goods = catalogue()
    goods = goods[goods["launch"] < DAYS].rename(
        columns={"launch": "launch_at", "end_of_support": "end_of_support_at"}
    )
    return goods[[c.name for c in tables.PRODUCTS.columns]].sort_values("product_id", ignore_index=True)


def parts() -> pd.DataFrame:
    """The catalogue of spare parts, and how many lie in stock: a quarter of a year's use, whatever the size of the company."""
    wanted = np.bincount(CAUSE_PART[CAUSE_PART >= 0], SHARES[CAUSE_PART >= 0], len(PARTS))
    return pd.DataFrame(
        {
            "part_no": list(PARTS),
            "part_name": [name for name, _ in PARTS.values()],
            "unit_cost": [yuan * 100 for _, yuan in PARTS.values()],
            "stock": np.ceil(900 * wanted).astype(int),
        }
    ).sort_values("part_no", ignore_index=True)


CATALOGUES = {"products": products, "parts": parts}
"""Tables that no chunk of customers makes."""


def is_open(calls: pd.DataFrame) -> np.ndarray:
    """Which calls look open at END because their service sheet is not typed in yet."""
    return (calls["entered"] >= _NOW).to_numpy()


UNNUMBERED = ("interactions", "service_plan")
"""Tables whose rows go by file and line."""


def _customer(chunk: Chunk, who: pd.Series) -> dict[str, np.ndarray]:
    people = chunk.people
    return {
        "customer": people["customer"].to_numpy()[who],
        "customer_id": people["customer_id"].to_numpy()[who],
    }


def _tickets(chunk: Chunk) -> pd.DataFrame:
    calls, people = chunk.calls, chunk.people
    who, machine = calls["who"], calls["machine"].to_numpy()
    park, opened = chunk.machines, is_open(calls)
    sent = ((calls["dispatched"] >= 0) & (calls["dispatched"] < _NOW)).to_numpy()
    named = machine >= 0
    recorded = cause_names(calls["recorded"].to_numpy())
    second = cause_names(np.where(calls["cause_2"] == calls["recorded"], -1, calls["cause_2"]))
    both = np.where(second == "", recorded, recorded + "、" + second)
    parts = part_numbers(calls["part_1"].to_numpy()), part_numbers(calls["part_2"].to_numpy())
    return calls.assign(
        **_customer(chunk, who),
        customer_name=people["customer_name"].to_numpy()[who],
        branch=people["branch_name"].to_numpy()[who],
        reported_at=calls["reported"],
        machine_model=np.where(named, park["machine_model"].to_numpy()[machine], ""),
        serial_no=np.where(named, park["serial_no"].to_numpy()[machine], ""),
        cause_actual=np.where(opened, "", both),
        cause_predicted=np.where(sent, cause_names(calls["guess"].to_numpy()), ""),
        parts_requested=np.where(sent, np.where(parts[1] == "", parts[0], parts[0] + "、" + parts[1]), ""),
        service_level=np.array(LEVELS, dtype=object)[calls["level"]],
        engineer_id=np.where(sent, calls["engineer_id"], ""),
        dispatched_at=np.where(sent, calls["dispatched"], NONE),
        appointed_at=np.where(sent, calls["appointed"], NONE),
        closed_at=np.where(opened, NONE, calls["closed"]),
        service_kind=np.where(calls["cause"] >= 0, "维修", "咨询"),
    )


def _of_closed(chunk: Chunk, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    rows = rows[~is_open(chunk.calls)[rows["call"]]]
    return rows, chunk.calls["who"].to_numpy()[rows["call"]]


def _visits(chunk: Chunk) -> pd.DataFrame:
    trips, who = _of_closed(chunk, chunk.visits)
    return trips.assign(
        customer=chunk.people["customer"].to_numpy()[who],
        ticket_id=chunk.calls["ticket_id"].to_numpy()[trips["call"]],
        engineer_id=chunk.calls["engineer_id"].to_numpy()[trips["call"]],
        arrived_at=trips["arrived"],
        left_at=trips["left"],
        outcome=np.where(trips["fixed"], "fixed", "not_fixed"),
    )


def _parts(chunk: Chunk) -> pd.DataFrame:
    parts, who = _of_closed(chunk, chunk.parts)
    index = parts["part"].to_numpy()
    return parts.assign(
        customer=chunk.people["customer"].to_numpy()[who],
        ticket_id=chunk.calls["ticket_id"].to_numpy()[parts["call"]],
        part_no=part_numbers(index),
        part_name=np.array([name for name, _ in PARTS.values()], dtype=object)[index],
        qty_carried=1,
        unit_cost=np.array([yuan * 100 for _, yuan in PARTS.values()])[index],
    )


def _machines(chunk: Chunk) -> pd.DataFrame:
    park = chunk.machines
    return park.assign(
        **_customer(chunk, park["who"]),
        installed_at=park["installed"],
        retired_at=np.where(park["retired"] < DAYS, park["retired"], NONE),
        nonstandard_parts=park["nonstandard"],
    )


def _contracts(chunk: Chunk) -> pd.DataFrame:
    terms = chunk.terms
    decided = (terms["decides"] < DAYS).to_numpy()
    outcome = np.select(
        [(terms["renews"] & decided), ~terms["renews"] & (terms["end"] < DAYS)], ["renewed", "lost"], "open"
    ).astype(object)
    ids = [
        f"K{c:06d}-{k:02d}"
        for c, k in zip(_customer(chunk, terms["who"])["customer"], terms["k"], strict=True)
    ]
    following = [f"{i[:-2]}{k + 1:02d}" for i, k in zip(ids, terms["k"], strict=True)]
    level = terms["level"].to_numpy()
    lost = outcome == "lost"
    return terms.assign(
        **_customer(chunk, terms["who"]),
        contract_id=np.array(ids, dtype=object),
        start_at=terms["start"],
        end_at=terms["end"],
        signed_at=terms["signed"],
        service_level=np.array(LEVELS, dtype=object)[level],
        outcome=outcome,
        end_reason=np.where(lost, terms["end_reason"], ""),
        renewed_contract_id=np.where(outcome == "renewed", np.array(following, dtype=object), ""),
        offered_amount=np.where(decided, terms["offered"], NONE),
        promise_response_min=PROMISED_RESPONSE[level].astype(float),
        promise_fix_min=PROMISED_FIX[level].astype(float),
    )


def _sales(chunk: Chunk) -> pd.DataFrame:
    lines = chunk.sales
    goods = catalogue()["product_id"].to_numpy()
    price = lines["list_price"].to_numpy() * (1 - lines["rate"].to_numpy())
    return lines.assign(
        **_customer(chunk, lines["who"]),
        sold_at=lines["sold"],
        product_id=goods[lines["product"]],
        qty=lines["qty"].astype(float),
        unit_price=np.round(price / 100).astype(np.int64) * 100,
        region=chunk.people["region"].to_numpy()[lines["who"]],
    )


def _known(chunk: Chunk, name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A table of the office as known at END: rows dated later are not there, cells learnt later are empty."""
    table = tables.CONTRACT[name]

    def later(column: str) -> np.ndarray:
        values = frame[column].to_numpy()
        return values >= (_NOW if table.column(column).kind == "time" else DAYS)

    cells = {"customer": chunk.people["customer"].to_numpy()[frame["who"]]}
    for column in table.columns:
        if column.known_on and column.name in frame:
            nothing = {"flag": -1, "label": ""}.get(column.kind, NONE)
            cells[column.name] = np.where(later(column.known_on), nothing, frame[column.name])
    if "customer_id" in [c.name for c in table.columns]:
        cells |= _customer(chunk, frame["who"])
    made = frame.assign(**cells)
    return made[~later(table.dated)] if table.dated else made


def typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A table of the record as a flawless `clean` would write it: types and derived columns of the contract.

    Ids of persons stay as exported, since only `clean` holds the key.
    """
    table = tables.CONTRACT[name]
    columns = {}
    for column in table.columns:
        if column.kind == "private":
            continue
        values = frame[column.name] if column.name in frame else pd.Series([None] * len(frame), dtype=object)
        if column.kind in ("date", "time") and column.name in frame:
            unit = "D" if column.kind == "date" else "m"
            moment = START.astype(f"M8[{unit}]") + values.to_numpy().astype(f"m8[{unit}]")
            values = pd.Series(np.where(values == NONE, np.datetime64("NaT"), moment.astype("M8[us]")))
        elif column.kind == "money" and column.name in frame:
            values = values.astype("Int64").mask(values == NONE)
        elif column.kind == "flag" and values.dtype != bool and values.notna().any():
            values = values.astype("Int64").mask(values < 0).astype("boolean")
        elif values.dtype == object:
            values = values.replace("", None)
        columns[column.name] = values
    made = pd.DataFrame(columns)
    if name in ("tickets", "machines"):
        made["machine_family"] = made["machine_model"].str[:4]
    if name == "tickets":
        made["n_causes"] = made["cause_actual"].str.split("、").str.len().fillna(0)
        made["is_open"] = made["closed_at"].isna()
    if name == "customers":
        made["known"] = True
    if name == "sales":
        made["margin"] = made["amount"] - made["cost"]
        made["sale_id"] = made["order_id"] + "-" + made["order_line"].astype("string")
    if name in UNNUMBERED:
        made[table.key[0]] = [f"{name}.csv:{line}" for line in range(2, len(made) + 2)]
    return tables.conform(made, table)


def ticket_causes(tickets: pd.DataFrame) -> pd.DataFrame:
    """The causes of typed `tickets`, one row each."""
    long = (
        tickets[["ticket_id"]].assign(cause=tickets["cause_actual"].str.split("、")).explode("cause").dropna()
    )
    long["cause_no"] = long.groupby("ticket_id").cumcount() + 1
    return tables.conform(long.reset_index(drop=True), tables.TICKET_CAUSES)
