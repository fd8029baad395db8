"""A ledger of sales that fits on a screen, and its statistics. The last twelve months are 2025-11 to 2026-10."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import yaml

from crmlab.engine import Engine
from crmlab.purchases.sales.outputs import OUTPUTS
from crmlab.purchases.sales.sold import sold
from crmlab.purchases.settings import Settings
from crmlab.tables import CLEAN, conform, empty

UNTIL, AS_OF = "2026-10", pd.Timestamp("2026-10-31")
NOW, BEFORE, EARLIER = "2026-03-02", "2025-03-03", "2023-03-04"
ROOT = Path(__file__).parents[1]
_FOLDER = TemporaryDirectory()


@cache
def engine():
    return Engine(threads=1)


@cache
def settings():
    return Settings.read(yaml.safe_load((ROOT / "params.yaml").read_text())["purchases"])


def line(customer, day, amount, **more):
    """A line of the ledger: `product_id`, `qty`, `rate` and so on by their names in the contract."""
    return {"customer_id": customer, "sold_at": pd.Timestamp(day), "amount": amount, **more}


def statistics(*lines, products=(), customers=(), until=UNTIL, as_of=AS_OF, **changed):
    """Tables by name, and metrics, of a company that sold `lines`; `changed` are settings."""
    given = {"sales": lines, "products": products, "customers": customers}
    with TemporaryDirectory() as folder:
        clean = {
            name: _written(name, rows, Path(folder)) if rows else nothing(name)
            for name, rows in given.items()
        }
        tables, metrics = sold(engine(), clean, replace(settings(), **changed), until=until, as_of=as_of)
    for name, table in OUTPUTS.items():
        assert tables[name].dtypes.equals(stored(name)), name
        assert not tables[name].duplicated(list(table.key)).any(), name
    return tables, metrics


def _written(name, rows, folder):
    frame = pd.DataFrame(list(rows), columns=[column.name for column in CLEAN[name].kept])
    if name == "sales":
        frame["sale_id"] = [f"S{n}" for n in range(len(frame))]
    conform(frame, CLEAN[name]).to_parquet(folder / f"{name}.parquet")
    return folder / f"{name}.parquet"


@cache
def nothing(name):
    """The file of a clean table without rows."""
    return _written(name, (), Path(_FOLDER.name))


@cache
def stored(name):
    """The columns of an output and their types, in order."""
    return empty(OUTPUTS[name]).dtypes


def group(tables, of, name=""):
    """One row of table `sales`."""
    sales = tables["sales"].set_index(["of", "group"])
    return sales.loc[(of, name)]


def column(tables, of, name):
    """A column of table `sales` over the groups of a dimension."""
    sales = tables["sales"]
    of_one = sales[sales["of"] == of]
    return dict(zip(of_one["group"], of_one[name], strict=True))


def parts(tables, of):
    """Parts of one split of the change that are not 0."""
    change = tables["change"]
    rows = change[(change["of"] == of) & (change["amount"] != 0)]
    return rows.set_index("part")["amount"].to_dict()
