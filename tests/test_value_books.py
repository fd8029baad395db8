"""Profit to date: every line in one component, contracts earned day by day, and nothing lost on the way to the customers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from bookkeeping import DAY, SETTINGS, books, nonzero, sold, term, ticket, to_date, visit
from exports import cleaned
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.churn.spells.frames import held
from crmlab.engine import Engine
from crmlab.files import CrmlabError
from crmlab.value.books.books import COSTS, INCOME, MOST, Books
from crmlab.value.books.reconciliation import reconciliation
from crmlab.value.outputs import RECONCILIATION

YEAR = ("2026-01-01", "2026-12-31")


def brought(day=DAY, who="A", **rows):
    """Income of one customer by component."""
    return nonzero(to_date(day, **rows).customers.loc[who], INCOME)


# Every line in one component


def test_a_line_is_in_the_component_of_its_kind():
    lines = {
        "machines": sold("A", "2026-05-01", 100, "product", product_id="M1"),
        "products": sold("B", "2026-05-01", 100, "product", product_id="P1"),
        "services": sold("C", "2026-05-01", 100, "service", product_id="M1"),
        "parts_sold": sold("D", "2026-05-01", 100, "part"),
        "other_sales": sold("E", "2026-05-01", 100, "other"),
        "contracts": sold("F", "2026-05-01", 100, "contract"),
    }
    unsaid = sold("G", "2026-05-01", 100, None)
    machines = [{"serial_no": "N1", "customer_id": "Z", "machine_model": "M1"}]
    found = to_date(
        sales=[line | {"margin": 60} for line in (*lines.values(), unsaid)], machines=machines
    ).customers
    by_customer = {who: nonzero(found.loc[who], INCOME) for who in found.index}
    assert by_customer == {who: {name: 60} for who, name in zip("ABCDEFG", (*lines, "products"), strict=True)}


def test_service_and_parts_after_a_repair_that_was_paid_for_are_repairs():
    paid = {"closed_at": "2026-03-01 17:00", "billing": "paid"}
    tickets = [ticket(f"T{who}", who, "2026-02-20", **paid) for who in "ABCDE"]
    tickets += [
        ticket("TF", "F", "2026-02-20", **paid | {"billing": "contract"}),
        ticket("TG", "G", "2026-02-20", billing="paid"),
    ]
    lines = [
        (sold("A", "2026-03-01", 100, "service"), "repairs"),
        (sold("B", "2026-04-15", 100, "part"), "repairs"),
        (sold("C", "2026-04-16", 100, "service"), "services"),  # 46 days after the repair
        (sold("D", "2026-02-28", 100, "service"), "services"),  # before it
        (sold("E", "2026-03-01", 100, "product"), "products"),
        (sold("F", "2026-03-01", 100, "service"), "services"),  # the contract paid
        (sold("H", "2026-03-01", 100, "service"), "services"),  # another's repair
    ]
    found = to_date(sales=[line | {"margin": 60} for line, _ in lines], tickets=tickets).customers
    for line, component in lines:
        assert nonzero(found.loc[line["customer_id"]], INCOME) == {component: 60}, line


def test_the_latest_of_several_repairs_counts_and_a_line_counts_once():
    repairs = [
        ticket(f"T{n}", "A", day, billing="paid")
        for n, day in enumerate(("2026-01-05", "2026-03-01", "2026-03-01"))
    ]
    lines = [sold("A", day, 100, "service", margin=60) for day in ("2026-03-02", "2026-04-10")]
    found = to_date(sales=lines, tickets=repairs)
    assert found.customers.loc["A", ["repairs", "n_lines"]].tolist() == [120, 2]


def test_kinds_that_are_no_purchases_are_other_sales():
    lines = [
        sold("A", "2026-05-01", 100, kind, margin=60) for kind in ("product", "service", "part", "other")
    ]
    assert brought(sales=lines, settings={"counts": ("product",)}) == {"products": 60, "other_sales": 180}
    assert brought(sales=lines, settings={"counts": ("product", "other")}) == {
        "products": 60,
        "other_sales": 180,
    }


def test_lines_after_the_day_do_not_count():
    lines = [sold("A", "2026-06-30 23:59", 100, margin=60), sold("A", "2026-07-01", 100, margin=60)]
    found = to_date("2026-06-30", sales=lines).customers.loc["A"]
    assert (found.n_lines, found.revenue, found.products) == (1, 100, 60)
    assert found.first_day == found.last_day == pd.Timestamp("2026-06-30")


# The margin that is known


def test_margin_as_exported_else_from_cost_else_a_configured_share():
    lines = [
        sold("A", "2026-05-01", 1000, cost=700, margin=250),
        sold("A", "2026-05-01", 1000, cost=700),
        sold("A", "2026-05-01", 1000, "service"),
        sold("A", "2026-05-01", -1000, "part"),
        sold("A", "2026-05-01", 1000, "other"),
    ]
    found = to_date(sales=lines).customers.loc["A"]
    assert nonzero(found, INCOME) == {"products": 550, "services": 400, "parts_sold": -300}
    assert (found.estimated_revenue, found.turnover, found.revenue) == (3000, 5000, 3000)


def test_a_configured_share_is_rounded_half_away_from_zero_to_the_minor_unit():
    lines = [sold(who, "2026-05-01", amount) for who, amount in zip("ABCD", (12, 13, -12, -13), strict=True)]
    found = to_date(sales=lines).customers.products  # 2.4, 2.6
    assert found.tolist() == [2, 3, -2, -3]
    halves = [sold(who, "2026-05-01", amount, "contract") for who, amount in zip("AB", (5, -5), strict=True)]
    assert to_date(sales=halves).customers.contracts.tolist() == [3, -3]  # 2.5
    negative = {"margin": {**SETTINGS.margin, "product": -0.2}}
    assert to_date(sales=lines, settings=negative).customers.products.tolist() == [-2, -3, 2, 3]


def test_costs_above_revenue_and_refunds_above_sales_make_a_loss():
    lines = [
        sold("A", "2026-05-01", 1000, cost=1700),
        sold("B", "2026-05-01", 1000, cost=400),
        sold("B", "2026-05-20", -3000, cost=-1200),
    ]
    found = to_date(sales=lines).customers
    assert found.products.tolist() == [-700, 600 - 1800]
    assert found.loc["B", ["revenue", "returns", "n_returns"]].tolist() == [-2000, -3000, 1]


# Contracts, earned day by day


def test_a_contract_is_earned_day_by_day_from_its_first_day_to_its_last():
    own = books(
        sales=[sold("A", "2025-12-20", 36_500, "contract", margin=18_250)],
        contracts=[term("A", *YEAR, 36_500)],
    )
    days = {
        "2025-12-31": 0,
        "2026-01-01": 1,
        "2026-01-02": 2,
        "2026-07-01": 182,
        "2026-12-30": 364,
        "2026-12-31": 365,
        "2027-12-31": 365,
    }
    for day, past in days.items():
        row = own.to_date(pd.Timestamp(day)).customers.loc["A"]
        assert (row.contracts, row.unearned, row.invoiced, row.profit) == (
            50 * past,
            50 * (365 - past),
            18_250,
            50 * past,
        )


def test_a_loss_on_a_contract_is_earned_day_by_day_too_and_whole_at_its_end():
    rows = {
        "sales": [sold("A", YEAR[0], 365, "contract", margin=-1000)],
        "contracts": [term("A", *YEAR, 365)],
    }
    by_day = [
        to_date(day, **rows).customers.contracts["A"] for day in ("2026-01-01", "2026-07-02", *YEAR[1:])
    ]
    assert by_day == [-2, -501, -1000]  # 2.7, 501.4: what is left of a unit falls on a later day


def test_a_contract_that_is_paid_back_was_never_earned():
    rows = {
        "sales": [sold("A", YEAR[0], 36_500, "contract"), sold("A", "2026-07-01", -36_500, "contract")],
        "contracts": [term("A", *YEAR, 36_500), term("A", "2027-01-01", "2027-12-31", 36_500)],
    }
    before, after = (to_date(day, **rows).customers.loc["A"] for day in ("2026-06-30", "2026-07-01"))
    assert (before.contracts, before.unearned) == (50 * 181, 50 * 184)
    assert (after.contracts, after.unearned, after.n_returns) == (0, 0, 1)


def test_a_part_of_a_price_that_is_paid_back_counts_at_once():
    rows = {
        "sales": [sold("A", YEAR[0], 36_500, "contract"), sold("A", "2026-01-01", -1_000, "contract")],
        "contracts": [term("A", *YEAR, 36_500)],
    }
    assert to_date("2026-01-01", **rows).customers.contracts["A"] == 50 - 500


def test_two_terms_with_one_price_are_each_paid_by_their_own_line():
    rows = {
        "sales": [sold("A", "2024-12-28", 36_500, "contract"), sold("A", "2026-01-09", 36_500, "contract")],
        "contracts": [term("A", "2025-01-01", "2025-12-31", 36_500), term("A", *YEAR, 36_500)],
    }
    assert to_date("2025-01-01", **rows).customers.contracts["A"] == 50
    assert to_date("2026-01-10", **rows).customers.contracts["A"] == 50 * 375


def test_two_contracts_that_begin_on_one_day_at_one_price_are_both_earned_day_by_day():
    rows = {
        "sales": [sold("A", YEAR[0], 36_500, "contract")] * 2,
        "contracts": [term("A", *YEAR, 36_500)] * 2,
    }
    assert to_date("2026-01-01", **rows).customers.contracts["A"] == 100


def test_a_line_without_a_term_is_earned_when_it_is_booked():
    others = [
        term("A", *YEAR, 36_499),
        term("Z", *YEAR, 36_500),
        term("B", "2026-07-04", "2027-07-03", 36_500),  # 184 days later
        term("C", "2025-07-01", "2026-06-30", 36_500),  # 184 days before
        term("D", "2026-07-03", "2027-07-02", 36_500),  # 183 days later: its own
    ]
    found = to_date(
        "2026-01-01", sales=[sold(who, YEAR[0], 36_500, "contract") for who in "ABCD"], contracts=others
    )
    assert found.customers.contracts.to_dict() == {"A": 18_250, "B": 18_250, "C": 18_250, "D": 0}


def test_a_second_line_for_one_term_is_earned_when_it_is_booked_and_takes_nothing_from_the_first():
    lines = [
        sold("A", "2025-12-20", 36_500, "contract"),
        sold("A", "2026-01-01", 36_500, "contract", margin=700),
    ]
    own = books(sales=lines, contracts=[term("A", *YEAR, 36_500)])
    earned = {"2025-12-31": 0, "2026-01-01": 50 + 700, "2026-01-02": 100 + 700}
    for day, amount in earned.items():
        assert own.to_date(pd.Timestamp(day)).customers.contracts["A"] == amount


def test_contracts_that_no_line_invoices_are_earned_by_their_price():
    rows = {
        "sales": [sold("A", "2026-05-01", 100, margin=60)],
        "contracts": [term("A", *YEAR, 36_500), term("B", "2026-07-01", "2027-06-30", 36_500)],
    }
    found = to_date("2026-01-01", **rows).customers
    assert found.loc["A", ["contracts", "unearned", "revenue", "estimated_revenue"]].tolist() == [
        50,
        18_200,
        36_500,
        36_500,
    ]
    assert list(found.index) == ["A"]  # the other has not begun
    invoiced = rows | {"sales": [*rows["sales"], sold("B", "2026-01-01", 700, "contract")]}
    assert to_date("2026-01-01", **invoiced).customers.contracts.to_dict() == {"B": 350}


# Customers with one kind of record only, and lines of nobody


def test_a_customer_with_only_tickets_only_contracts_or_only_returns():
    found = to_date(
        tickets=[ticket("T1", "calls")],
        visits=[visit("T1")],
        contracts=[term("signed", *YEAR, 36_500)],
        sales=[sold("returns", "2026-05-01", -500, cost=-300)],
    ).customers
    assert found.profit.to_dict() == {"calls": -10_000, "returns": -200, "signed": 50 * 181}
    assert found.n_lines.to_dict() == {"calls": 0, "returns": 1, "signed": 1}
    assert pd.isna(found.loc["calls", "first_day"])
    assert pd.isna(found.loc["returns", "last_day"])  # nothing was ever sold


def test_lines_that_name_nobody_are_nobodys():
    found = to_date(
        sales=[
            sold(None, "2026-05-01", 1000),
            sold("A", "2026-05-01", 500),
            sold(None, YEAR[0], 36_500, "contract"),
        ],
        contracts=[term("A", *YEAR, 36_500)],
        tickets=[ticket("T1", None)],
        visits=[visit("T1")],
    )
    assert found.customers.profit.to_dict() == {"A": 100}
    assert nonzero(found.nobody, (*INCOME, *COSTS)) == {
        "products": 200,
        "contracts": 18_250,
        "visits": 10_000,
    }
    assert found.nobody.profit == 8_450


def test_customers_are_in_order():
    who = [f"C{n:03d}" for n in range(400, 0, -1)]
    contacts = [{"customer_id": w, "at": "2026-06-01 10:00"} for w in who]
    found = to_date(sales=[sold(w, "2026-05-01", 100) for w in who], interactions=contacts).customers
    assert found.index.tolist() == sorted(who)
    assert found.profit.eq(20 - 500).all()


def test_books_without_any_line_have_no_customers():
    found = to_date()
    assert found.customers.empty
    assert (found.ledger.margin, found.ledger.lines, found.nobody.profit) == (0, 0, 0)
    assert set(found.customers) == set(to_date(sales=[sold("A", "2026-05-01", 1)]).customers)
    assert reconciliation(books(), DAY)[["lines", "ledger", "difference"]].eq(0).all(axis=None)
    assert books().begins() is None


def test_the_ledger_begins_on_its_first_day_be_it_a_sale_or_a_contract():
    rows = {"sales": [sold("A", "2026-05-01 12:00", 1)], "contracts": [term("A", *YEAR, 36_500)]}
    assert books(sales=rows["sales"]).begins() == pd.Timestamp("2026-05-01")
    assert books(**rows).begins() == pd.Timestamp("2026-01-01")


def test_amounts_in_another_currency_are_in_no_sum(tmp_path):
    ledger = "销售日期,客户,金额,成本\n2026-05-01,A,¥5,¥1\n2026-05-01,A,$6,1\n2026-05-01,A,EUR 7,1\n2026-05-01,A,8,£2\n"
    sales = cleaned(tmp_path, {"sales.csv": ledger}, max_bad_share=1).table("sales")
    own = books()
    found = Books(own.engine, own.tables | {"sales": held(own.engine, sales)}, SETTINGS).to_date(DAY)
    row = found.customers.iloc[0]
    # 5 less 1, and the configured share of 8: two pounds are no cost in yuan.
    assert (row.n_lines, row.revenue, row.products, row.estimated_revenue) == (2, 1300, 400 + 160, 800)


# Amounts as large as integers get


def test_amounts_of_ten_to_the_fifteen_are_exact():
    huge = 10**17 + 1  # minor units; no double holds it
    found = to_date(
        "2026-01-02",
        sales=[
            sold("A", "2026-01-01", huge, cost=2),
            sold("A", "2026-01-01", huge, "service"),
            sold("B", YEAR[0], huge, "contract", margin=huge),
        ],
        contracts=[term("B", *YEAR, huge)],
        tickets=[ticket("T1", "C", "2026-01-01")],
        visits=[visit("T1", arrived_at="2026-01-01", cost=huge, work_min=60)],
    ).customers
    assert found.loc["A", "products"] == huge - 2
    assert found.loc["A", "services"] == (huge * 4 + 5) // 10
    assert found.loc["B", "contracts"] == huge * 2 // 365
    assert found.loc["B", ["contracts", "unearned"]].sum() == huge
    assert found.loc["C", "profit"] == -huge


@pytest.mark.parametrize(
    ("place", "rows"),
    [
        ("sales.amount", {"sales": [sold("A", "2026-05-01", 2**61, margin=0)] * 4}),
        ("sales.cost", {"sales": [sold("A", "2026-05-01", 1, cost=-(2**61))] * 4}),
        ("contracts.amount", {"contracts": [term("A", *YEAR, 2**61)] * 4}),
        ("visits.work_min", {"visits": [visit("T1", work_min=1e18)]}),
        ("visits.distance_km", {"visits": [visit("T1", distance_km=1e18)]}),
        ("parts.unit_cost", {"ticket_parts": [{"ticket_id": "T1", "visit_no": 1, "part_no": "p", "qty_used": 10**4}],
                             "parts": [{"part_no": "p", "unit_cost": 10**15}]}),
        ("complaints.compensation", {"complaints": [{"customer_id": "A", "compensation": 2**61}] * 4}),
    ],
)  # fmt: skip
def test_sums_that_would_not_fit_64_bits_are_an_error_that_names_the_column(place, rows):
    with pytest.raises(CrmlabError, match=rf"^{place}: the amounts come to .*e\+1[89].*sums of 64 bits"):
        books(**rows).to_date(DAY)
    with pytest.raises(CrmlabError, match=place):
        books(**rows).costs(DAY)


def test_the_largest_sums_that_fit_are_exact():
    most = int(MOST) // 2 - 512
    found = to_date(sales=[sold(who, "2026-05-01", most, margin=1) for who in "AB"])
    assert found.customers.revenue.tolist() == [most, most]


# The books against the ledger


RECONCILED = {
    "sales": [
        sold("A", "2026-05-01", 1000, margin=300),
        sold(None, "2026-05-01", 500, margin=50),
        sold("A", YEAR[0], 36_500, "contract"),
        sold("B", "2026-05-02", -100, "other", margin=-10),
    ],
    "contracts": [term("A", *YEAR, 36_500)],
    "tickets": [ticket("T1", "A"), ticket("T2", None)],
    "visits": [visit("T1", work_min=30, distance_km=5), visit("T2")],
    "ticket_parts": [{"ticket_id": "T1", "visit_no": 1, "part_no": "p", "qty_used": 2, "unit_cost": 700}],
    "interactions": [{"customer_id": "B", "at": "2026-06-01 10:00"}],
    "complaints": [{"customer_id": "B", "received_at": "2026-06-01 10:00", "compensation": 90}],
}  # fmt: skip


def test_every_component_is_reconciled():
    found = reconciliation(books(**RECONCILED), DAY)
    assert list(found) == [c.name for c in RECONCILIATION.columns]
    assert found.component.tolist() == [*INCOME, *COSTS]
    rows = found.set_index("component")[["lines", "ledger", "customers", "nobody", "unearned"]]
    assert {name: row.tolist() for name, row in rows[rows.lines > 0].iterrows()} == {
        "contracts": [1, 18_250, 50 * 181, 0, 50 * 184],
        "products": [2, 350, 300, 50, 0],
        "other_sales": [1, -10, -10, 0, 0],
        "visits": [2, 20_000, 10_000, 10_000, 0],
        "minutes": [1, 3_000, 3_000, 0, 0],
        "kilometres": [1, 1_000, 1_000, 0, 0],
        "parts": [1, 1_400, 1_400, 0, 0],
        "contacts": [1, 500, 500, 0, 0],
        "compensation": [1, 90, 90, 0, 0],
    }
    assert (found.difference == 0).all()


@dataclass(frozen=True)
class Wrong(Books):
    """Books in which one customer's sum was changed by hand."""

    def to_date(self, as_of):
        found = super().to_date(as_of)
        customers = found.customers.copy()
        customers.loc["A", "products"] += 7
        customers.loc["B", "contacts"] -= 1
        customers.loc["A", "unearned"] += 2
        customers["margin"] = customers[list(INCOME)].sum(axis=1)
        return found._replace(customers=customers)


def test_a_sum_that_is_wrong_shows_as_a_difference_of_its_component():
    right = books(**RECONCILED)
    wrong = Wrong(right.engine, right.tables, right.settings)
    found = reconciliation(wrong, DAY).set_index("component").difference
    assert found[found != 0].to_dict() == {"contracts": -2, "products": -7, "contacts": 1}
    assert wrong.to_date(DAY).difference == -9


WHO = st.sampled_from(["A", "B", "C", None])
DAYS = st.dates(pd.Timestamp("2024-06-01").date(), pd.Timestamp("2026-12-31").date()).map(str)
PRICES = st.sampled_from([100, 36_500, 999_999, 10**16 + 3])
KINDS = st.sampled_from(["product", "service", "part", "contract", "other", None])
MONEY = st.none() | st.integers(0, 10**6)
LINES = st.builds(
    lambda who, day, price, sign, kind, margin, product: sold(who, day, sign * price, kind, margin=margin, product_id=product),
    WHO, DAYS, PRICES, st.sampled_from([1, 1, 1, -1]), KINDS, st.none() | st.integers(-(10**6), 10**6), st.sampled_from(["M1", "P1", None]),
)  # fmt: skip
TERMS = st.builds(
    lambda who, first, days, price: term(who, first, str(pd.Timestamp(first) + pd.Timedelta(days=days))[:10], price),
    st.sampled_from("ABC"), DAYS, st.sampled_from([0, 89, 364, 1095]), PRICES,
)  # fmt: skip
CALLS = st.builds(
    lambda who, day, billing, cost, minutes, km, qty, unit: (who, day, billing, cost, minutes, km, qty, unit),
    WHO, DAYS, st.sampled_from(["paid", "contract", None]), MONEY, st.none() | st.integers(0, 600), st.none() | st.integers(0, 300),
    st.none() | st.integers(0, 9), MONEY,
)  # fmt: skip


def company(lines, terms, calls):
    """Rows by table; each call is a ticket, a visit and a part."""
    named = [(f"T{n}", *call) for n, call in enumerate(calls)]
    return {
        "sales": lines,
        "contracts": terms,
        "machines": [{"serial_no": "N1", "customer_id": "A", "machine_model": "M1"}],
        "tickets": [ticket(t, who, day, billing=billing) for t, who, day, billing, *_ in named],
        "visits": [
            visit(t, arrived_at=f"{day} 10:00", cost=cost, work_min=minutes, distance_km=km)
            for t, _, day, _, cost, minutes, km, *_ in named
        ],
        "ticket_parts": [
            {"ticket_id": t, "visit_no": 1, "part_no": "p", "qty_used": qty, "unit_cost": unit}
            for t, *_, qty, unit in named
        ],
    }


def ledger_of(lines, terms, day):
    """Margin booked by the end of a day, line by line, in Python's own integers."""
    booked = [line for line in lines if line["sold_at"] <= day]
    if not any(line["line_kind"] == "contract" for line in lines):
        booked += [
            sold(t["customer_id"], t["start_at"], t["amount"], "contract", margin=None)
            for t in terms
            if t["start_at"] <= day
        ]
    return sum(
        line["margin"]
        if line["margin"] is not None
        else int(np.sign(line["amount"]))
        * ((abs(line["amount"]) * round(10 * SETTINGS.margin[line["line_kind"] or "product"]) + 5) // 10)
        for line in booked
    )


def cost_of(calls, lines, day):
    """Cost by the end of a day, in Python's own integers: 100 a visit, 1 a minute, 2 a kilometre, or what was recorded; and parts."""
    sells_parts = any(line["line_kind"] == "part" for line in lines)
    total = 0
    for _, on, billing, cost, minutes, km, qty, unit in calls:
        if on <= day:
            total += cost if cost is not None else 10_000 + 100 * (minutes or 0) + 200 * (km or 0)
            total += 0 if billing == "paid" and sells_parts else (qty or 0) * (unit or 0)
    return total


@settings(max_examples=8, deadline=None)
@given(
    st.lists(LINES, max_size=12),
    st.lists(TERMS, max_size=6),
    st.lists(CALLS, max_size=6),
    st.tuples(DAYS, DAYS).map(sorted),
)
def test_customers_nobody_and_the_unearned_come_to_the_ledger_on_any_day(lines, terms, calls, days):
    own = books(**company(lines, terms, calls))
    for day in days:
        at = pd.Timestamp(day)
        found = own.to_date(at)
        everyone = (
            found.customers[["margin", "unearned", "cost"]].sum()
            + found.nobody[["margin", "unearned", "cost"]]
        )
        assert everyone.margin + everyone.unearned == found.ledger.margin == ledger_of(lines, terms, day)
        assert everyone.cost == cost_of(calls, lines, day)
        assert (found.customers[list(COSTS)] >= 0).all(axis=None)
        checked = reconciliation(own, at)
        assert (checked.difference == 0).all()
        assert checked.lines[checked.side == "income"].sum() == found.ledger.lines


@settings(max_examples=8, deadline=None)
@given(st.lists(LINES, max_size=12), st.lists(TERMS, max_size=6), st.tuples(DAYS, DAYS).map(sorted))
def test_no_later_line_changes_what_a_day_has_seen(lines, terms, days):
    own = books(**company(lines, terms, []))
    then, now = (own.to_date(pd.Timestamp(day)) for day in days)
    between = [line for line in lines if days[0] < line["sold_at"] <= days[1]]
    came = books(**company([*between, sold("Z", "2200-01-01", 1, "contract")], [], [])).to_date(
        pd.Timestamp(days[1])
    )
    rest = [name for name in INCOME if name != "contracts"]
    gain = (
        now.customers[rest].sub(then.customers[rest], fill_value=0).sum()
        + now.nobody[rest]
        - then.nobody[rest]
    )
    assert gain.sum() == came.customers[rest].sum().sum() + came.nobody[rest].sum()

    paid = "select e.sale_id, e.contract_id, e.margin, e.earned, l.is_back from earned e join lines l on l.sale_id = e.sale_id"
    before, after = (
        own.ask(paid, {"earned": own.earned(pd.Timestamp(day)), "lines": own.lines(pd.Timestamp(day))})
        for day in days
    )
    both = before.merge(after, on="sale_id", how="left", suffixes=("", "_now"), validate="one_to_one")
    assert (both.contract_id.fillna("") == both.contract_id_now.fillna("")).all()
    assert (both.margin == both.margin_now).all()
    assert (both.earned.abs() <= both.earned_now.abs()).all()
    assert (after.earned.abs() <= after.margin.abs()).all()
    assert not after[after.contract_id.notna()].duplicated(["contract_id", "is_back"]).any()


@pytest.mark.spark
def test_spark_keeps_the_same_books():
    rng = np.random.default_rng(1)
    days = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 700, 300), "D")
    at = [str(day)[:10] for day in days]
    who = [None if k == 0 else f"C{k}" for k in rng.integers(0, 12, 300)]
    prices = [int(p) for p in rng.choice([100, 36_500, 999_999, 10**16 + 3], 300)]
    kinds = rng.choice(["product", "service", "part", "contract", "other"], 300)
    rows = company(
        [
            sold(
                w,
                d,
                p if n % 7 else -p,
                k,
                margin=None if n % 3 else p // 3,
                product_id="M1" if n % 2 else "P1",
            )
            for n, (w, d, p, k) in enumerate(zip(who, at, prices, kinds, strict=True))
        ],
        [
            term(w or "C1", d, str(pd.Timestamp(d) + pd.Timedelta(days=364))[:10], p)
            for w, d, p in zip(who[:120], at[:120], prices[:120], strict=True)
        ],
        [
            (
                w,
                d,
                "paid" if n % 2 else None,
                None if n % 4 else n * 997,
                n % 90,
                n % 40 + 0.37,
                n % 3,
                n * 31,
            )
            for n, (w, d) in enumerate(zip(who, at, strict=True))
        ],
    )
    duckdb, spark = (books(Engine(name), **rows) for name in ("duckdb", "spark"))
    for day in (pd.Timestamp("2025-10-31"), pd.Timestamp("2026-12-31")):
        one, other = duckdb.to_date(day), spark.to_date(day)
        pd.testing.assert_frame_equal(other.customers, one.customers, check_dtype=False)
        pd.testing.assert_series_equal(other.nobody, one.nobody, check_dtype=False)
        assert (other.difference, other.ledger.tolist()) == (0, one.ledger.tolist())
        pd.testing.assert_frame_equal(reconciliation(spark, day), reconciliation(duckdb, day))
    assert spark.begins() == duckdb.begins()
    with pytest.raises(CrmlabError, match=r"sales\.amount"):
        books(spark.engine, sales=[sold("A", "2026-05-01", 2**61, margin=0)] * 4).to_date(DAY)
