"""Records of customers, written down in a few words, as the clean tables that the features of value types are made from."""

import itertools

import pandas as pd

from crmlab import tables
from crmlab.segments.behaviour.absent import TABLES

_number = itertools.count(1)


class Records:
    """A folder of clean tables; those that are not given are empty."""

    def __init__(self, folder):
        self.folder = folder
        self.empty = {name: self._write(f"no_{name}", name, []) for name in TABLES}

    def __call__(self, **given):
        """Parquet files of the tables with the rows (dicts) given; columns not named are missing."""
        return self.empty | {name: self._write(name, name, rows) for name, rows in given.items()}

    def _write(self, stem, name, rows):
        table = tables.CLEAN[name]
        path = self.folder / f"{stem}.parquet"
        frame = pd.DataFrame(list(rows), columns=[c.name for c in table.kept])
        tables.conform(frame, table).to_parquet(path)
        return path


def sale(day, product="P1", customer="c1", **more):
    line = {"sale_id": f"s{next(_number)}", "customer_id": customer, "sold_at": day, "product_id": product}
    return line | {"qty": 1, "amount": 100_00, "line_kind": "product", "is_return": False} | more


def ticket(day, symptom="no display", customer="c1", **more):
    opened = {"ticket_id": f"t{next(_number)}", "customer_id": customer, "reported_at": day}
    return opened | {"symptom": symptom, "is_open": False} | more


def machine(model="M", customer="c1", **more):
    return {"serial_no": f"m{next(_number)}", "machine_model": model, "customer_id": customer} | more


def term(start, end, customer="c1", **more):
    signed = {"contract_id": f"k{next(_number)}", "customer_id": customer, "start_at": start, "end_at": end}
    return signed | {"amount": 1} | more


def quote(day, customer="c1", **more):
    return {"quote_id": f"q{next(_number)}", "customer_id": customer, "quoted_at": day, "amount": 1} | more


def complaint(day, text, customer="c1"):
    return {
        "complaint_id": f"b{next(_number)}",
        "customer_id": customer,
        "received_at": day,
        "text": text,
        "kind": "service",
    }


def answer(day, comment, survey="f1", item="Q1", customer="c1"):
    filled = {"survey_id": survey, "customer_id": customer, "answered_at": day, "item": item}
    return filled | {"score": 4, "scale_max": 5, "comment": comment}
