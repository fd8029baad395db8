"""The stage's whole answer: what holds of every company, whatever it exported."""

import pandas as pd
import pytest
from small_company import AS_OF, buying, company, day, of, tables, term, valued

from crmlab.files import CrmlabError
from crmlab.tables import CLEAN, empty
from crmlab.value.outputs import OUTPUTS
from crmlab.value.results import Results


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A company of thirty customers and nearly four years, and what is said of it."""
    clean = company(customers=30)
    return clean, valued(tmp_path_factory.mktemp("whole"), clean, bought=buying(min_repeat_buyers=20))


def test_everything_adds_up_and_is_judged(whole):
    _, found = whole
    told = found.metrics
    assert told["n_customers"] == told["n_valued"] == 30
    assert told["to_come"] == found.tables["customers"].to_come.sum()
    assert told["low"] < told["to_come"] < told["high"]
    assert set(told["backtest"]) == {"1", "2"}
    assert found.tables["backtest"].years.unique().tolist() == [1, 2]
    assert told["verdict"] in {"better", "even", "worse"}
    assert told["renewal_rate"] == pytest.approx(0.8, abs=0.12)
    assert told["price_rise"] == pytest.approx(0.03, abs=0.002)
    assert not found.lacks
    assert f"{told['n_valued']} customers worth" in found.summary


@pytest.mark.parametrize(
    ("verdict", "line", "end"),
    [
        ("better", "mean_retained", "; a year ago better than mean profit × retention"),
        ("worse", "last_year", "; a year ago worse than last year's profit again"),
        ("even", "last_year", "; a year ago no better than last year's profit again"),
        (None, "mean_retained", ", no back-test"),
        (None, None, ", no back-test"),
    ],
)
def test_the_run_ends_with_the_verdict_in_words(verdict, line, end):
    told = {"n_valued": 1200, "to_come": 5_000_00, "verdict": verdict, "best_line": line}
    assert Results({}, told, []).summary == f"1,200 customers worth 5,000 to come{end}"


def test_figures_and_curve_of_the_profit_are_of_the_same_customers(strange):
    curve, customers = strange.tables["pareto"], strange.tables["customers"]
    assert strange.metrics["n_valued"] < len(
        customers
    )  # GIFT and others brought, cost and will bring nothing
    fifth = curve.share_profit[(curve.share_customers - 0.2).abs().idxmin()]
    best = customers.historical.astype(float).nlargest(-(-strange.metrics["n_valued"] // 5)).sum()
    assert strange.metrics["top_fifth_profit"] == pytest.approx(best / customers.historical.sum())
    n = strange.metrics["n_valued"]
    ranked = customers.historical.astype(float).sort_values(ascending=False, ignore_index=True)
    whole = int(0.2 * n)
    between = ranked[:whole].sum() + (0.2 * n - whole) * ranked[whole]
    assert fifth == pytest.approx(between / ranked.sum())


def test_customers_are_described_as_in_their_file(whole):
    clean, found = whole
    c = of(found, "C003")
    assert c[["customer_name", "industry", "region", "tier", "service_level"]].tolist() == [
        "Customer 3",
        "factory",
        "east",
        "small",
        "7*24",
    ]
    tickets = clean["tickets"]
    assert c.n_tickets == (tickets.customer_id == "C003").sum()


def test_the_figures_of_the_page_are_those_of_the_tables(whole):
    _, found = whole
    changes, told = found.tables["changes"].set_index("what").amount, found.metrics
    assert told["change"] == {"since": told["change"]["since"], **changes.astype(int).to_dict()}
    assert told["sensitivities"]["cost_minus_10"] == pytest.approx(told["cost_to_come"] / 10, rel=0.01)
    assert told["potential"] == sum(
        told[name] for name in ("renewals", "purchases", "replacements", "paid_repairs")
    )


def test_the_change_says_since_which_day(whole):
    _, found = whole
    assert found.metrics["change"]["since"] == "2026-09-30"


@pytest.mark.slow
def test_the_order_of_rows_is_of_no_account(whole, tmp_path):
    clean, found = whole
    mixed = {
        name: frame.sample(frac=1, random_state=2).reset_index(drop=True) for name, frame in clean.items()
    }
    again = valued(tmp_path, mixed, bought=buying(min_repeat_buyers=20))
    for name, output in OUTPUTS.items():
        key = list(output.key)
        a, b = (f.tables[name].sort_values(key, ignore_index=True) for f in (found, again))
        pd.testing.assert_frame_equal(a, b, check_exact=False, rtol=1e-9, atol=1)


# Odd customers, all in one company


def odd():
    """A company of a year, and customers of whom hardly anything is known."""
    clean = company(customers=24, begins="2025-09-01")

    def more(name, *rows):
        made = tables(
            **{name: [{CLEAN[name].key[0]: f"ODD {name} {n}", **row} for n, row in enumerate(rows)]}
        )[name]
        clean[name] = pd.concat([clean[name], made], ignore_index=True)

    def line(customer, amount, **cells):
        return {
            "customer_id": customer,
            "sold_at": day("2026-06-01"),
            "amount": amount,
            "line_kind": "product",
            **cells,
        }

    more(
        "tickets",
        {
            "customer_id": "TICKETS",
            "reported_at": day("2026-05-01"),
            "closed_at": day("2026-05-02"),
            "billing": "paid",
        },
        {"customer_id": "TICKETS", "reported_at": day("2026-10-30")},
        {"reported_at": day("2026-05-01"), "closed_at": day("2026-05-02"), "serial_no": "C001-0"},
        {"reported_at": day("2026-05-01")},
        {"customer_id": "LATER", "reported_at": day("2027-01-01")},
    )
    more(
        "visits", {"ticket_id": "ODD tickets 0", "visit_no": 1}, {"ticket_id": "ODD tickets 2", "visit_no": 1}
    )
    more(
        "contracts",
        term("CONTRACTS", "2026-03-01", "2027-02-28", signed_at=day("2026-03-01")),
        term("NO PRICE", "2026-03-01", "2027-02-28", None, signed_at=day("2026-03-01")),
        term("ENDED", "2025-03-01", "2026-02-28", signed_at=day("2025-03-01"), outcome="lost"),
    )
    more(
        "sales",
        line("RETURNS", -500_00, is_return=True),
        line("REFUNDED", 500_00, cost=400_00),
        line("REFUNDED", -900_00, cost=-700_00, is_return=True),
        line("BELOW COST", 500_00, cost=2_000_00),
        line("NO COST", 500_00),
        line("GIFT", 0, cost=0),
        line(None, 300_00, cost=200_00),
    )
    more(
        "machines",
        {"serial_no": "UNDATED", "customer_id": "UNDATED", "machine_model": "M1"},
        {
            "serial_no": "ALONE",
            "customer_id": "MACHINES",
            "machine_model": "M1",
            "installed_at": day("2026-03-01"),
        },
        {"serial_no": "OLD", "customer_id": "C001", "machine_model": "M1"},
    )
    clean["customers"] = pd.concat([clean["customers"], clean["customers"].head(3)], ignore_index=True)
    return clean


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    return valued(tmp_path_factory.mktemp("odd"), odd())


def test_a_customer_with_only_tickets_costs(strange):
    c = of(strange, "TICKETS")
    assert c.historical < 0
    assert c.to_come < 0
    assert c.n_tickets == 2
    assert c.standing == "none"


def test_who_is_on_no_file_is_named_so_and_not_given_a_reason(strange):
    assert not of(strange, "TICKETS").known
    assert pd.isna(of(strange, "TICKETS").reason)
    on_file = strange.tables["customers"].set_index("customer_id").known
    assert on_file[[f"C{n:03d}" for n in range(24)]].all()
    loses = strange.tables["customers"].query("to_come < 0 and known")
    assert loses.reason.notna().any()


def test_a_customer_with_only_a_contract_is_worth_its_contract(strange):
    c = of(strange, "CONTRACTS")
    assert c.standing == "contract"
    # A term of 1,200, of which a third is left, at a margin of three fifths; the ledger has no line of it.
    assert c.current == pytest.approx(400_00 * 0.6, rel=0.2)
    assert c.renewals > 0
    assert c.p_retained == pytest.approx(0.8)


def test_a_contract_without_a_price_keeps_its_customer(strange):
    c = of(strange, "NO PRICE")
    assert (c.standing, c.current, c.renewals) == ("contract", 0, 0)


def test_a_customer_whose_contract_ended_in_silence_has_left(strange):
    c = of(strange, "ENDED")
    assert (c.standing, c.current) == ("left", 0)


def test_returns_and_refunds_take_off(strange):
    assert of(strange, "RETURNS").revenue == -500_00
    assert of(strange, "RETURNS").historical < 0
    assert of(strange, "REFUNDED")[["revenue", "historical"]].tolist() == [-400_00, -100_00]


def test_goods_sold_below_cost_are_a_loss_to_date(strange):
    assert of(strange, "BELOW COST").historical == -1_500_00


def test_a_line_without_cost_has_the_configured_margin_and_says_so(strange):
    assert of(strange, "NO COST").estimated_share == 1
    assert of(strange, "C000").estimated_share == 0
    assert strange.metrics["revenue_based_share"] > 0
    assert (
        "sales.cost or sales.margin",
        "margins as booked; without them, a share of the amount",
    ) in strange.lacks


def test_what_names_nobody_is_told_apart(strange):
    visit = 120_00
    assert strange.metrics["nobody"] == 300_00 - 200_00 - visit
    assert strange.tables["customers"].customer_id.notna().all()


def test_machines_without_a_date_are_counted_and_a_customer_of_whom_nothing_else_is_known_is_not_valued(
    strange,
):
    machines = {c: of(strange, c).machines for c in ("C001", "MACHINES")}
    assert machines["MACHINES"] == 1
    assert machines["C001"] >= 2
    assert "UNDATED" not in set(strange.tables["customers"].customer_id)


def test_nobody_is_valued_twice_and_nothing_counts_that_is_yet_to_come(strange):
    ids = strange.tables["customers"].customer_id
    assert ids.is_unique
    assert "LATER" not in set(ids[strange.tables["customers"].n_tickets > 0])


# Companies that export hardly anything


def small(**without):
    """A company of fourteen months; `without` replaces tables."""
    return company(customers=16, begins="2025-09-01") | {
        name: empty(CLEAN[name]) if frame is None else frame for name, frame in without.items()
    }


def with_sales(change):
    """`small` with its sales changed."""
    clean = small()
    return clean | {"sales": clean["sales"].assign(**change(clean["sales"]))}


def times(factor):
    """All money so many times as much."""
    clean = small()
    return {
        name: frame.assign(**{c.name: frame[c.name] * factor for c in CLEAN[name].kept if c.kind == "money"})
        for name, frame in clean.items()
    }


def one_line(**more):
    return tables(
        sales=[
            {
                "customer_id": "A",
                "sold_at": day("2026-10-10"),
                "amount": 500_00,
                "cost": 300_00,
                "line_kind": "product",
            }
        ],
        **more,
    )


def alike():
    """Twenty customers with the same history to the day."""
    who = [f"C{n:02d}" for n in range(20)]
    months = pd.date_range("2025-10-15", AS_OF, freq="30D")
    return tables(
        customers=[{"customer_id": c, "created_at": months[0]} for c in who],
        contracts=[term(c, "2026-01-01", "2026-12-31", signed_at=day("2026-01-01")) for c in who],
        sales=[
            {"customer_id": c, "sold_at": m, "amount": 100_00, "cost": 60_00, "line_kind": "product"}
            for c in who
            for m in months
        ],
        tickets=[
            {"customer_id": c, "reported_at": m, "closed_at": m, "serial_no": c} for c in who for m in months
        ],
        machines=[
            {"serial_no": c, "customer_id": c, "machine_model": "M", "installed_at": months[0]} for c in who
        ],
    )


QUICK = {
    "one customer": one_line,
    "no machines": lambda: small(machines=None),
}
SLOW = {
    "customers all alike": alike,
    "refunds above sales": lambda: with_sales(
        lambda s: {"amount": -s.amount, "cost": -s.cost, "is_return": True}
    ),
    "no tickets": lambda: small(tickets=None, visits=None, ticket_parts=None),
    "no sales": lambda: small(sales=None),
    "one month": lambda: company(customers=16, begins="2026-10-01"),
    "no cost": lambda: with_sales(lambda s: {"cost": pd.NA}),
    "costs above revenue": lambda: with_sales(lambda s: {"cost": s.amount.abs() * 3}),
    "no products": lambda: small(products=None),
    "no visits": lambda: small(visits=None, ticket_parts=None),
    "no customer file": lambda: small(customers=None),
    "no prices of contracts": lambda: small(contracts=small()["contracts"].assign(amount=pd.NA)),
}
"""Rules that odd customers above show already, here of a whole company."""
COMPANIES = QUICK | SLOW


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_whatever_is_exported_numbers_are_finite_and_add_up(name, tmp_path):
    found = valued(tmp_path, COMPANIES[name]())
    assert not found.is_empty
    told = found.metrics
    if name == "no cost":
        assert told["revenue_based_share"] > 0.9
    if name == "costs above revenue":
        assert told["historical"] < 0
    if name == "refunds above sales":
        assert told["revenue"] < 0
        assert told["purchases"] == 0
    if name == "customers all alike":
        c = found.tables["customers"]
        assert c.to_come.nunique() == 1
        assert (c.low < c.to_come).all()
    if name == "no tickets":
        assert told["cost_to_come"] == told["care_cost"]
    if name == "no visits":
        assert told["service_cost"] > 0
        assert (
            "visits",
            "the cost of each visit; without it, every ticket counts as one visit",
        ) in found.lacks
    if name == "no machines":
        assert told["replacements"] == 0
        assert told["ticket_cost"] > 0
    if name == "no sales":
        assert told["current"] > 0
        assert told["purchases"] == 0
    if name == "no prices of contracts":
        assert told["current"] == told["renewals"] == 0
        assert (found.tables["customers"].standing == "contract").any()
    if name == "one month":
        assert told["change"] is None
        assert told["n_new"] == 0


def test_amounts_of_1e15_are_valued_to_the_last_digit_of_their_sums(tmp_path):
    factor = 10**9
    found = valued(tmp_path, times(factor))
    assert found.tables["customers"].revenue.max() > 10**14
    assert found.metrics["revenue"] == factor * small()["sales"].amount.sum()
    assert found.metrics["renewals"] > 10**14


def test_a_value_that_no_whole_number_could_hold_is_an_error_that_says_what_to_do(tmp_path):
    """A few lines of 4 × 10^15 yuan fit; ten years of such lines do not."""
    lines = [
        {
            "customer_id": who,
            "sold_at": AS_OF - pd.Timedelta(days=d),
            "amount": 4 * 10**17,
            "cost": 0,
            "line_kind": "product",
        }
        for who in "AB"
        for d in (5, 45, 85, 125)
    ]
    with pytest.raises(CrmlabError, match=r"120 months .* shorten params\.yaml, value\.horizon_months"):
        valued(tmp_path, tables(sales=lines), horizon_months=120)


@pytest.mark.slow
def test_the_longest_horizon_is_longer_than_any_data(tmp_path):
    found = valued(tmp_path, small(), horizon_months=120)
    assert found.metrics["horizon_months"] == 120


def test_before_every_row_there_is_nothing_to_value(tmp_path):
    found = valued(tmp_path, small(), as_of=day("2020-01-01"))
    assert found.is_empty
    assert found.summary == "no income to value"
    assert all(frame.empty for frame in found.tables.values())


def test_lines_that_name_nobody_value_nobody(tmp_path):
    clean = one_line()
    clean["sales"]["customer_id"] = pd.NA
    found = valued(tmp_path, clean)
    assert found.metrics["nobody"] == 200_00
    assert found.is_empty
