"""A service company of a few dozen customers as clean tables, and what the stage value says of it."""

import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from repair_desk import table

from crmlab.churn.days import earlier_days
from crmlab.churn.outputs import ASSOCIATIONS
from crmlab.churn.spells.frames import held
from crmlab.churn.spells.known import known_spells
from crmlab.engine import Engine
from crmlab.files import write_json
from crmlab.purchases.settings import Settings as PurchaseSettings
from crmlab.service.complaints.outputs import COMPLAINTS as ENDED
from crmlab.service.promises.outputs import TICKETS as PROMISED
from crmlab.tables import CLEAN, empty
from crmlab.value.books.books import READS, Books
from crmlab.value.outputs import OUTPUTS, PARTS
from crmlab.value.results import results
from crmlab.value.settings import Settings
from crmlab.value.to_come.contracts import Habits
from crmlab.value.to_come.forecast import Forecast
from crmlab.value.to_come.known import known

AS_OF = pd.Timestamp("2026-10-31")
ROOT = Path(__file__).parents[1]


@cache
def engine():
    return Engine(threads=1)


@cache
def _params():
    return yaml.safe_load((ROOT / "params.yaml").read_text())


def settings(**changed):
    """As params.yaml has them; `changed` are fields of `Settings`."""
    params = _params()
    return replace(Settings.read(params["value"], params["purchases"], params["churn"]), **changed)


def buying(**changed):
    """The section purchases; customer-base models from `min_repeat_buyers` on."""
    return replace(PurchaseSettings.read(_params()["purchases"]), **changed)


def tables(**rows):
    """Clean tables by name: a frame as it is, a list of rows with all other cells missing, and the rest without rows."""
    made = {}
    for name in READS:
        given = rows.pop(name, None)
        if given is None:
            made[name] = empty(CLEAN[name])
        else:
            made[name] = given if isinstance(given, pd.DataFrame) else table(CLEAN[name], _keyed(name, given))
    assert not rows, f"no such table: {', '.join(rows)}"
    return made


def _keyed(name, rows):
    """Rows with a key of their own where none is stated."""
    key = CLEAN[name].key[0]
    return [{key: f"{name}-{n:05d}", **row} for n, row in enumerate(rows)]


def books(clean, **changed):
    """Books on these tables; `changed` are settings."""
    return Books(engine(), {name: held(engine(), clean[name]) for name in READS}, settings(**changed))


def said(customers, **more):
    """A `Forecast` of these customers, by name the columns that a test is about; sums are made of the parts, all else is 0."""
    told = pd.DataFrame.from_dict(customers, orient="index").rename_axis("customer_id")
    flags = ("held", "left", "is_new")
    told = told.reindex(columns=list(dict.fromkeys([*told, *_NUMBERS, *flags])))
    told[[*_NUMBERS]] = told[[*_NUMBERS]].astype(float).fillna(0.0)
    told[[*flags]] = told[[*flags]].eq(True)
    told["potential"] = told[["renewals", "purchases", "replacements", "paid_repairs"]].sum(axis=1)
    told["cost_to_come"] = told.ticket_cost + told.care_cost
    told["to_come"] = told.current + told.potential - told.cost_to_come
    usual = {
        "day": AS_OF,
        "months": 36,
        "first_seen": pd.Series(dtype="datetime64[ns]"),
        "common": dict.fromkeys(PARTS, 0.0),
        "heard_again": 0.25,
        "habits": Habits(1.0, 1.0, 0.8, 100, 0.0),
        "models": {},
    }
    return Forecast(customers=told, **(usual | more))


_NUMBERS = (
    *PARTS,
    *(f"sd_{part}" for part in (*PARTS, "potential", "cost_to_come", "to_come")),
    *("machines", "tickets_a_year", "cost_of_ticket", "contract_price", "price_level"),
)


def served_by(**rows):
    """The day from which each machine is served, by serial number."""
    return known(books(tables(**rows)), AS_OF).machines.set_index("serial_no").since.to_dict()


def terms(*rows, as_of=AS_OF, grace_days=30):
    """What is known on a day of contracts that state only what a test is about; ids are K0, K1, …"""
    rows = [{"contract_id": f"K{n}", **row} for n, row in enumerate(rows)]
    return known_spells(engine(), held(engine(), table(CLEAN["contracts"], rows)), as_of, grace_days)


def term(customer, first, last, amount=1_200_00, **cells):
    """A term of a contract: 100 yuan a month where it lasts a year."""
    return {
        "customer_id": customer,
        "start_at": pd.Timestamp(first),
        "end_at": pd.Timestamp(last),
        "amount": amount,
        **cells,
    }


def day(text, plus=0):
    return pd.Timestamp(text) + pd.Timedelta(days=plus)


def company(customers=40, seed=1, begins="2023-01-01"):
    """Three years and ten months of a company: machines, yearly contracts, calls, visits, parts, contacts, complaints and sales.

    Half of the customers have a contract from their first year on and renew it four times in five; all buy small goods. One in
    seven brings machines that it bought elsewhere; a machine that retires is replaced within days.
    """
    rng = np.random.default_rng(seed)
    found = {name: [] for name in READS}
    begins = pd.Timestamp(begins)
    days = (AS_OF - begins).days
    found["products"] = [
        {"product_id": "M1", "list_price": 10_000_00, "end_of_support_at": pd.Timestamp("2027-06-30")},
        {"product_id": "G1", "list_price": 500_00},
    ]
    found["parts"] = [{"part_no": "P1", "unit_cost": 80_00}]

    def sold(who, at, amount, kind, share, **cells):
        line = {"customer_id": who, "sold_at": at, "amount": amount, "cost": round(amount * (1 - share))}
        found["sales"].append({**line, "line_kind": kind, "qty": 1.0, **cells})

    for n in range(customers):
        who = f"C{n:03d}"
        joined = begins + pd.Timedelta(days=int(rng.integers(0, days // 2)))
        found["customers"].append(
            {
                "customer_id": who,
                "customer_name": f"Customer {n}",
                "industry": ["bank", "factory"][n % 2],
                "region": ["east", "west", "north"][n % 3],
                "tier": ["vip", "large", "medium", "small"][n % 4],
                "known": True,
                "created_at": joined,
            }
        )
        serials = []
        for m in range(int(rng.integers(1, 3))):
            serials.append(f"{who}-{m}")
            machine = {"machine_model": "M1", "machine_family": "M1", "customer_id": who}
            up = joined + pd.Timedelta(days=5 if n % 7 != 3 else -500)
            down = up + pd.Timedelta(days=int(rng.integers(300, 2500)))
            found["machines"].append(
                {
                    "serial_no": serials[-1],
                    "installed_at": up,
                    "warranty_end": up + pd.Timedelta(days=365),
                    "retired_at": down if down < AS_OF else None,
                    **machine,
                }
            )
            if up > joined:
                sold(who, joined, 9_000_00, "product", 0.2, product_id="M1")
            if joined < down < AS_OF:
                again = down + pd.Timedelta(days=3)
                found["machines"].append({"serial_no": f"{who}-{m}b", "installed_at": again, **machine})
                sold(who, again, 9_500_00, "product", 0.2, product_id="M1")
        if n % 2:
            start, price = joined + pd.Timedelta(days=30), 1_200_00 * len(serials)
            while start <= AS_OF:
                end = start + pd.Timedelta(days=364)
                renews = bool(rng.random() < 0.8)
                found["contracts"].append(
                    {
                        "contract_id": f"K{len(found['contracts']):04d}",
                        "customer_id": who,
                        "start_at": start,
                        "end_at": end,
                        "amount": price,
                        "signed_at": start,
                        "service_level": ["5*9", "7*24"][n % 4 // 2],
                        "outcome": None if end > AS_OF else "renewed" if renews else "lost",
                    }
                )
                sold(who, start, price, "contract", 0.6)
                start, price = end + pd.Timedelta(days=1), round(price * 1.03)
                if not renews:
                    break
        for at in np.sort(rng.integers(0, days, rng.poisson(6))):
            called = begins + pd.Timedelta(days=int(at), hours=9)
            if called < joined + pd.Timedelta(days=6) or called > AS_OF:
                continue
            ticket = f"T{len(found['tickets']):04d}"
            paid = bool(rng.random() < 0.3)
            done = called + pd.Timedelta(days=2)
            found["tickets"].append(
                {
                    "ticket_id": ticket,
                    "customer_id": who,
                    "reported_at": called,
                    "closed_at": done if done <= AS_OF else None,
                    "serial_no": serials[0],
                    "billing": "paid" if paid else "contract",
                }
            )
            found["visits"].append(
                {
                    "ticket_id": ticket,
                    "visit_no": 1,
                    "arrived_at": called + pd.Timedelta(days=1),
                    "travel_min": 60.0,
                    "work_min": 90.0,
                    "distance_km": 30.0,
                }
            )
            found["ticket_parts"].append(
                {"ticket_id": ticket, "visit_no": 1, "part_no": "P1", "qty_used": int(rng.integers(0, 3))}
            )
            if paid and done <= AS_OF:
                sold(who, done + pd.Timedelta(days=3), 400_00, "service", 0.9)
        for at in rng.integers(0, days, rng.poisson(8)):
            bought = begins + pd.Timedelta(days=int(at))
            if bought >= joined:
                sold(who, bought, int(rng.integers(100_00, 900_00)), "product", 0.3, product_id="G1")
        found["interactions"].append({"customer_id": who, "at": joined + pd.Timedelta(days=90)})
        if n % 5 == 0:
            found["complaints"].append(
                {
                    "complaint_id": f"B{n}",
                    "customer_id": who,
                    "received_at": joined + pd.Timedelta(days=200),
                    "resolved_at": joined + pd.Timedelta(days=210),
                    "compensation": 100_00,
                }
            )
    found["sales"].append(
        {"customer_id": "C001", "sold_at": AS_OF - pd.Timedelta(days=9), "amount": -300_00, "cost": -210_00}
        | {"line_kind": "product", "product_id": "G1", "qty": -1.0, "is_return": True}
    )
    return tables(**found)


def chances(clean, as_of=AS_OF, p_renew=0.8):
    """contract_id, p_renew of the contracts that are in force on a day and had been signed by then."""
    c = clean["contracts"]
    open_ = (c.signed_at.fillna(c.start_at) <= as_of) & (c.end_at > as_of)
    return pd.DataFrame({"contract_id": c.contract_id[open_].astype(object), "p_renew": p_renew})


def no_chances():
    """No contract at risk."""
    return pd.DataFrame({"contract_id": pd.Series(dtype=object), "p_renew": pd.Series(dtype=float)})


def earlier(clean, as_of=AS_OF, p_renew=0.8):
    """The same on the days before `as_of` on which the stage looks back."""
    told = [chances(clean, at, p_renew).assign(landmark=at) for at in earlier_days(as_of)]
    return pd.concat(told, ignore_index=True)


def valued(folder, clean, as_of=AS_OF, bought=None, **changed):
    """What `results` says of these tables, after checking what holds of every company; warnings are errors.

    Parameters
    ----------
    folder : for the Parquet files. bought : the section purchases. changed : settings.
    """
    paths = {}
    for name in READS:
        paths[name] = folder / f"{name}.parquet"
        clean[name].to_parquet(paths[name], index=False)
    served = {"tickets": folder / "promises.parquet", "complaints": folder / "ended.parquet"}
    empty(PROMISED).to_parquet(served["tickets"])
    empty(ENDED).to_parquet(served["complaints"])
    told = chances(clean, as_of), earlier(clean, as_of)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = results(
            engine(),
            paths,
            *told,
            settings(**changed),
            bought or buying(),
            as_of,
            served,
            empty(ASSOCIATIONS),
            30,
        )
    write_json(folder / "value.json", found.metrics)
    holds(found)
    return found


def holds(found):
    """What is true of the value of every company, whatever it exported."""
    for name, output in OUTPUTS.items():
        frame = found.tables[name]
        assert frame.dtypes.equals(empty(output).dtypes), name
        assert not frame.duplicated(list(output.key)).any(), name
        numbers = frame.select_dtypes("number").astype("Float64").to_numpy(float, na_value=0.0)
        assert np.isfinite(numbers).all(), name
    c = found.tables["customers"]
    told_of_some = {"at_stake", "reason_money"}
    money = [column.name for column in OUTPUTS["customers"].columns if column.kind == "money"]
    assert not c[[name for name in money if name not in told_of_some]].isna().any(axis=None)
    income = ["earned", "machines_sold", "repairs_sold", "products_sold", "services_sold", "parts_sold"]
    costs = ["visit_cost", "time_cost", "way_cost", "part_cost", "contact_cost", "compensation"]
    _same(c.margin, c[[*income, "other_sold"]].sum(axis=1))
    _same(c.service_cost, c[costs].sum(axis=1))
    _same(c.historical, c.margin - c.service_cost)
    _same(c.potential, c.renewals + c.purchases + c.replacements + c.paid_repairs)
    _same(c.cost_to_come, c.ticket_cost + c.care_cost)
    _same(c.to_come, c.current + c.potential - c.cost_to_come)
    for low, value, high in (
        ("low", "to_come", "high"),
        ("potential_low", "potential", "potential_high"),
        ("cost_low", "cost_to_come", "cost_high"),
    ):
        assert (c[low] <= c[value]).all(), low
        assert (c[value] <= c[high]).all(), high
    assert (c.at_stake.isna() | (c.standing == "contract")).all()
    assert (c.reason_money.isna() == c.reason.isna()).all()
    assert (c.reason_money.dropna() > 0).all()
    assert c.reason[~c.known].isna().all()
    assert c.p_retained.dropna().between(0, 1).all()
    assert c.reason[c.to_come >= 0].isna().all()
    assert (found.tables["reconciliation"].difference == 0).all()
    told = found.metrics
    if found.is_empty:
        return
    assert told["ledger_difference"] == 0
    equity = found.tables["equity"].set_index("part")
    assert list(equity.index) == [*PARTS, "to_come"]
    assert abs(int(equity.expected[list(PARTS)].sum()) - int(equity.expected["to_come"])) <= _cents(equity)
    assert (equity.low <= equity.expected).all()
    assert (equity.expected <= equity.high).all()
    changes = found.tables["changes"].set_index("what").amount
    if len(changes):
        assert changes["then"] + changes.iloc[1:-1].sum() == changes["now"]


def _cents(equity):
    """What rounding seven parts to whole minor units may leave, and the last digits of sums that no double holds."""
    return 4 + int(equity.expected.abs().max()) // 10**15


def _same(found, expected):
    assert (found == expected).all(), found[found != expected]


def of(found, customer):
    """A customer's row."""
    return found.tables["customers"].set_index("customer_id").loc[customer]


def as_known(clean, as_of):
    """The same tables as an export on the evening of `as_of` would have had them: no later row, no later cell."""
    end, found = as_of + pd.Timedelta(days=1), {}
    for name, frame in clean.items():
        dated = CLEAN[name].dated
        if name == "contracts":
            frame = frame[frame.signed_at.fillna(frame.start_at) < end]
            frame = frame.assign(outcome=frame.outcome.mask(frame.end_at >= end))
        elif dated:
            frame = frame[frame[dated].isna() | (frame[dated] < end)]
        later = {
            c.name: frame[c.name].mask((frame[c.known_on] >= end).fillna(False))
            for c in CLEAN[name].kept
            if c.known_on
        }
        found[name] = frame.assign(**later).reset_index(drop=True)
    unknown = found["machines"].customer_id.isin(clean["customers"].customer_id) & ~found[
        "machines"
    ].customer_id.isin(found["customers"].customer_id)
    found["machines"] = found["machines"][~unknown].reset_index(drop=True)
    visited = found["visits"].set_index(["ticket_id", "visit_no"]).index
    carried = pd.MultiIndex.from_frame(clean["ticket_parts"][["ticket_id", "visit_no"]])
    found["ticket_parts"] = clean["ticket_parts"][carried.isin(visited)].reset_index(drop=True)
    return found
