"""What customers did as of a month: each feature is a ratio by hand, equal to a plain recomputation, and knows nothing later.

The hand-made customers are those of one company, which is read once: each says beside its test what it did (`given`).
"""

import numpy as np
import pandas as pd
import pytest
from customers_records import Records, answer, complaint, machine, quote, sale, term, ticket

from crmlab.engine import Engine
from crmlab.segments.behaviour.absent import TABLES
from crmlab.segments.behaviour.catalogue import FEATURES, NAMES
from crmlab.segments.behaviour.history import read_history
from crmlab.segments.behaviour.topics import TopicLexicon
from crmlab.segments.settings import Settings

LAST = pd.Timestamp("2026-10-31")
COMPANY = {name: [] for name in TABLES}


def given(**records):
    """What some customers of the company did."""
    for name, rows in records.items():
        COMPANY[name] += rows


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """The history of another company, with the records given."""
    records, engine = Records(tmp_path_factory.mktemp("clean")), Engine(threads=1)
    lexicon = TopicLexicon()
    return lambda last=LAST, months=24, **given: read_history(
        engine, records(**given), last, Settings(months=months, history=24), lexicon
    )


@pytest.fixture(scope="module")
def read(history):
    return history(**COMPANY)


@pytest.fixture
def told(read):
    """The features of one customer of the company as of a month."""
    return lambda customer, month=LAST: read.at(pd.Timestamp(month)).set_index("customer_id").loc[customer]


SERVER = {"series": "X", "category": "server"}
given(
    products=[  # generation g of series X is launched in June 2022 + g, and supported for three years
        SERVER
        | {"product_id": f"X{g}", "generation": g, "launch_at": f"{2022 + g}-06-01", "list_price": 1000_00}
        | {"end_of_support_at": f"{2025 + g}-05-15"}
        for g in (1, 2, 3, 4)
    ]
)


given(sales=[sale("2026-03-01", customer="bought once")])


def test_every_feature_has_its_denominator_and_without_records_it_is_missing_not_zero(told):
    found = told("bought once")
    for feature in FEATURES:
        assert np.isnan(found[feature.name]) == (found[f"{feature.name}_n"] == 0), feature.name
    assert np.isnan(found["howto_ticket_share"])  # no ticket is no evidence about questions
    assert found["records"] == 1


given(tickets=[ticket(day, customer="called twice") for day in ("2026-03-01", "2026-04-01")])


def test_a_share_of_zero_is_known_and_not_missing(told):
    assert told("called twice")["howto_ticket_share"] == 0
    assert told("called twice")["howto_ticket_share_n"] == 2


given(
    sales=[
        sale("2026-02-01", "X1", "lags behind"),
        sale("2026-05-31", "X3", "lags behind"),  # generation 4 comes out on the next day
        sale("2026-07-01", "X1", "lags behind", line_kind="part"),  # repairs what is there, chooses nothing
    ]
)


def test_generation_lag_counts_generations_launched_by_the_day_of_purchase(told):
    assert told("lags behind")["generation_lag"] == pytest.approx((2 + 0) / 2)
    assert told("lags behind")["generation_lag_n"] == 2


days = {"2025-12-01": "A", "2026-02-01": "A", "2026-02-02": "B", "2026-05-01": "A"}
given(sales=[sale(day, product, "repeats") for day, product in days.items()])


def test_a_repeat_needs_an_earlier_purchase_and_the_first_purchase_cannot_be_one(told):
    assert told("repeats")["sku_repeat_share"] == pytest.approx(2 / 3)
    assert told("repeats")["sku_repeat_share_n"] == 3


given(
    sales=[
        sale("2026-02-01", customer="returns"),
        sale("2026-03-01", customer="returns", amount=-100_00, is_return=True),
    ]
)


def test_returns_are_no_purchases(told):
    assert told("returns")["records"] == 1


given(sales=[sale(day, "A", "long known") for day in ("2024-10-31", "2024-11-01")])


def test_records_before_the_window_count_as_history_only(told):
    assert told("long known")["records"] == 1
    assert told("long known")["sku_repeat_share"] == 1.0
    assert told("long known")["tenure_days"] == 730


given(
    sales=[
        sale("2025-06-01", "X3", "takes it up first"),
        sale("2026-06-01", "X3", "takes it up first"),
        sale("2026-06-01", "X3", "takes it up a year later"),
    ]
)


def test_a_product_is_taken_up_early_or_late_after_its_launch_whoever_else_takes_it(told):
    assert told("takes it up first")["adoption_rank"] == 1.0
    assert told("takes it up first")["adoption_rank_n"] == 1
    assert told("takes it up a year later")["adoption_rank"] == 0.5


given(
    sales=[
        sale("2026-02-01", customer="has rates", rate=0.1),
        sale("2026-03-01", customer="has rates", rate=0.3),
        sale("2026-02-01", customer="has prices", qty=2, list_price=100_00, amount=150_00),
    ]
)


def test_discount_is_read_from_the_rate_or_from_the_list_price(told):
    assert told("has rates")["discount_share"] == pytest.approx(0.2)
    assert told("has prices")["discount_share"] == pytest.approx(0.25)


given(
    sales=[sale("2026-02-01", customer="pays in full"), sale("2026-05-01", customer="waits", promo="spring")]
)


def test_promotions_are_unknown_until_a_line_of_the_company_names_one(told):
    assert np.isnan(told("pays in full", "2026-04-30")["promo_share"])
    assert told("pays in full", "2026-05-31")["promo_share"] == 0
    assert told("waits", "2026-05-31")["promo_share"] == 1


PLAIN = {"category": "server", "generation": 1}
given(
    products=[PLAIN | {"product_id": f"S{i}", "list_price": i * 1000_00, "series": "S"} for i in (1, 2, 3)]
    + [PLAIN | {"product_id": "S4", "list_price": 4000_00, "series": "S", "launch_at": "2026-09-01"}]
    + [PLAIN | {"product_id": "BIG", "list_price": 90_000_00, "series": "L"}],
    sales=[sale("2026-02-01", product, "buys dear") for product in ("S3", "S2", "BIG")]
    + [sale("2026-09-01", "S3", "buys the second dearest")],
)


def test_premium_is_the_place_among_the_models_of_one_generation(told):
    assert told("buys dear")["premium_share"] == pytest.approx((1.0 + 0.5) / 2)
    assert told("buys dear")["premium_share_n"] == 2  # a dear machine without a sister model says nothing
    assert told("buys the second dearest")["premium_share"] == pytest.approx(2 / 3, abs=1e-4)


kinds = {"CARD": "选件", "OS": "Software", "BOX": "server", "?": None}
given(
    products=[{"product_id": product, "category": category} for product, category in kinds.items()],
    sales=[sale("2026-03-01", product, "extends") for product in kinds],
)


def test_options_software_and_training_are_capabilities(told):
    assert told("extends")["capability_share"] == pytest.approx(2 / 3)


ASKED = {
    "请问如何设置阵列": "howto",
    "How to configure the array": "howto",
    "发票金额不对": "billing",
    "咨询续保报价": "billing",  # an enquiry, but about money
    "Question about INVOICE": "billing",
    "旧版系统还能继续用吗": "legacy",
    "咨询新一代什么时候出": "roadmap",
    "硬盘黄灯": None,
}
given(tickets=[ticket("2026-03-01", said, customer=said) for said in ASKED])


@pytest.mark.parametrize(("said", "topic"), ASKED.items())
def test_what_a_ticket_asks_is_read_from_its_words_and_the_first_topic_counts(told, said, topic):
    shares = {t: told(said)[f"{t}_ticket_share"] for t in ("howto", "billing", "legacy", "roadmap")}
    assert shares == {t: float(t == topic) for t in shares}


given(
    tickets=[ticket("2026-03-01", customer="asks for one", engineer_id=e) for e in ("e1", "e1", "e2")]
    + [
        ticket("2026-03-01", customer="waits for one", engineer_id="e1", dispatched_at="2026-03-01"),
        ticket("2026-03-31", customer="waits for one", engineer_id="e1", dispatched_at="2026-04-02"),
    ]
)


def test_the_same_engineer_counts_pairs_so_that_one_ticket_says_nothing(told):
    assert told("asks for one")["named_contact_share"] == pytest.approx(1 / 3)  # one pair of three
    assert np.isnan(told("waits for one", "2026-03-31")["named_contact_share"])


def test_an_engineer_is_known_from_the_dispatch(told):
    assert told("waits for one", "2026-04-30")["named_contact_share"] == 1.0


payers = ("paid", "contract", None, "warranty")
given(tickets=[ticket("2026-03-01", customer="pays", billing=b) for b in payers])


def test_paid_tickets_are_compared_with_those_that_say_who_pays(told):
    assert told("pays")["on_demand_share"] == pytest.approx(1 / 3)


given(
    sales=[sale(day, customer="even") for day in ("2026-01-01", "2026-01-31", "2026-03-02")]
    + [sale(day, customer="uneven") for day in ("2026-01-01", "2026-01-03", "2026-09-01")]
    + [sale(day, customer="one gap") for day in ("2026-01-01", "2026-01-31")]
)


def test_rhythm_is_one_for_purchases_like_a_clock_and_needs_two_gaps(told):
    assert told("even")["purchase_rhythm"] == pytest.approx(1.0)
    assert told("uneven")["purchase_rhythm"] < 0.5
    assert np.isnan(told("one gap")["purchase_rhythm"])


quarters = pd.date_range("2024-11-10", periods=8, freq="3MS") + pd.Timedelta(days=9)
given(
    sales=[sale(day, customer="new and growing", amount=(q + 1) * 100_00) for q, day in enumerate(quarters)]
    + [sale(day, customer="growing", amount=(q + 1) * 100_00) for q, day in enumerate(quarters)]
    + [sale("2023-01-01", customer="growing", amount=1)]
)


def test_trend_is_relative_to_the_level_and_missing_for_a_short_history(told):
    assert told("growing")["spend_trend"] == pytest.approx(1 / 4.5)  # 100 more a quarter, 450 on average
    assert told("growing")["spend_trend_n"] == 8
    assert np.isnan(told("new and growing")["spend_trend"])


given(
    sales=[sale("2026-03-01", customer="under contract")],
    contracts=[
        term("2025-01-01", "2025-12-31", "under contract"),
        term("2026-01-01", "2027-12-31", "under contract", signed_at="2025-12-02"),
    ],
)


def test_contracts_tell_how_long_and_how_early(told):
    assert told("under contract")["prepaid_horizon"] == pytest.approx((365 + 730) / 2)
    assert told("under contract")["renewal_lead"] == 30
    assert told("under contract")["renewal_lead_n"] == 1


given(
    sales=[sale("2026-01-01", customer="signs early")],
    contracts=[
        term("2025-07-01", "2026-06-30", "signs early"),
        term("2026-07-01", "2027-06-30", "signs early", signed_at="2026-04-15"),
    ],
)


given(
    sales=[sale("2026-01-01", customer="signs out of order")],
    contracts=[
        term("2026-07-01", "2027-06-30", "signs out of order", signed_at="2026-04-15"),
        term("2026-06-01", "2026-06-30", "signs out of order", signed_at="2026-06-01"),
    ],
)


def test_a_term_is_a_renewal_of_those_known_when_it_was_signed(told):
    assert told("signs out of order")["renewal_lead_n"] == 0


def test_a_renewal_is_known_from_its_signature(told):
    assert np.isnan(told("signs early", "2026-03-31")["renewal_lead"])
    assert told("signs early", "2026-04-30")["renewal_lead"] == 77


given(
    sales=[sale("2026-03-01", customer="keeps machines")],
    machines=[
        machine("X1", "keeps machines"),
        machine("X4", "keeps machines"),
        machine("X1", "keeps machines", retired_at="2026-01-01"),
        machine("elsewhere", "keeps machines"),
    ],
)


def test_machines_tell_end_of_support_and_generation(told):
    found = told("keeps machines")
    assert found["end_of_support_share"] == 0.5
    assert found["level_currency"] == pytest.approx((0.25 + 1.0) / 2)
    assert found["level_currency_n"] == 2


def test_machines_grow_old_when_support_ends_and_when_a_newer_generation_is_launched(told):
    # a machine of generation 4 is one of the catalogue from its launch on
    newest = [told("keeps machines", month)["level_currency"] for month in ("2026-05-31", "2026-06-30")]
    assert newest == pytest.approx([1 / 3, (0.25 + 1) / 2], abs=1e-4)
    ended = [told("keeps machines", month)["end_of_support_share"] for month in ("2026-04-30", "2026-05-31")]
    assert ended == [0, 0.5]


levels = {"best": "7*24*4", "least": "5*9", "quicker": "5×9×8", "strange": "gold"}
given(
    sales=[sale("2026-03-01", customer=c) for c in levels],
    contracts=[term("2026-01-01", "2026-12-31", c, service_level=level) for c, level in levels.items()],
    machines=[machine("?", c, importance="低") for c in levels] + [machine("?", "best", importance="关键")],
)


def test_a_level_is_compared_with_what_the_machines_need(told):
    excess = {customer: round(told(customer)["tier_excess"], 4) for customer in levels}
    assert excess == pytest.approx({"best": 0.5, "least": 0, "quicker": 0.5, "strange": np.nan}, nan_ok=True)
    assert [told(customer)["tier_excess_n"] for customer in levels] == [2, 1, 1, 0]


given(
    sales=[sale("2026-03-01", customer="haggles")],
    quotes=[
        quote("2026-03-01", "haggles", revisions=3),
        quote("2026-03-02", "haggles", revisions=0, price_lock=True),
    ],
)


def test_quotations_tell_rounds_and_locked_prices_where_they_say_so(told):
    found = told("haggles")
    assert (found["quote_rounds"], found["quote_rounds_n"]) == (1.5, 2)
    assert (found["price_lock_share"], found["price_lock_share_n"]) == (1.0, 1)


given(
    sales=[sale("2026-03-01", customer="writes")],
    surveys=[answer("2026-03-01", "以前更便宜", item=item, customer="writes") for item in "ABC"]
    + [answer("2026-03-01", None, customer="writes")],
    complaints=[
        complaint("2026-04-01", "上门费太贵", "writes"),
        complaint("2026-05-01", "拿错备件", "writes"),
    ],
)


def test_comments_count_once_and_stand_beside_complaints(told):
    assert told("writes")["price_topic_share"] == pytest.approx(2 / 3)
    assert told("writes")["used_to_share"] == pytest.approx(1 / 3)
    assert told("writes")["next_topic_share"] == 0
    assert told("writes", "2026-03-31")["price_topic_share_n"] == 1


bought = [
    sale(day, f"S{i}", "small", amount=i * 900_00)
    for day in ("2024-10-20", "2025-12-01", "2026-03-01", "2026-10-01")
    for i in (1, 2)
]
given(
    sales=bought
    + [
        line | {"sale_id": f"large {i}", "customer_id": "large", "qty": 10, "amount": line["amount"] * 10}
        for i, line in enumerate(bought)
    ]
)


def test_ten_times_as_large_is_the_same_type_of_customer(told):
    assert told("small")["spend_trend_n"] > 0
    assert told("small")["discount_share"] == pytest.approx(0.1)
    pd.testing.assert_series_equal(told("small"), told("large"), check_names=False)


given(tickets=[ticket("2026-03-01", "问上门费", "only calls", engineer_id="e1")])


def test_of_a_customer_with_tickets_only_the_rest_is_missing(told):
    known = {name for name in NAMES if not np.isnan(told("only calls")[name])}
    assert known == {f"{topic}_ticket_share" for topic in ("billing", "legacy", "roadmap", "howto")}
    assert told("only calls")["billing_ticket_share"] == 1


def test_customers_are_sorted_and_those_without_a_record_in_the_window_are_not_there(read):
    october, a_year_before = read.at(LAST), read.at(pd.Timestamp("2025-10-31"))
    assert october["customer_id"].is_monotonic_increasing
    assert october["customer_id"].is_unique
    assert "bought once" in set(october["customer_id"]) - set(a_year_before["customer_id"])


def test_a_company_without_records_has_no_customers_and_the_same_columns(history, read):
    nothing = history()
    assert nothing.at(LAST).empty
    assert nothing.at(LAST).dtypes.equals(read.at(LAST).dtypes)
    assert {name for _, lost in nothing.absent for name in lost} == set(NAMES)


def test_a_month_without_records_says_what_the_window_still_holds(history):
    read = history(months=6, sales=[sale("2026-01-15"), sale("2026-10-01", "P2")])
    held = {m: read.at(pd.Timestamp(m))["records"].tolist() for m in ("2026-06-30", "2026-07-31", LAST)}
    assert held == {"2026-06-30": [1], "2026-07-31": [], LAST: [1]}


def test_the_months_asked_for_reach_back_as_far_as_the_window(history, read):
    assert len(read.months) == 25
    assert read.months[0] == pd.Timestamp("2024-10-31")
    longer = history(months=36)
    assert longer.months[:2] == [pd.Timestamp("2023-10-31"), pd.Timestamp("2024-10-31")]
    with pytest.raises(KeyError, match="2024-09-30 is no month"):
        longer.at(pd.Timestamp("2024-09-30"))
    with pytest.raises(ValueError, match="2026-10-30 is not the last day"):
        history(last=pd.Timestamp("2026-10-30"))


def test_what_is_absent_is_named_with_the_features_it_takes_away(history, read):
    assert read.absent == []
    absent = dict(history(sales=[sale("2026-03-01")], tickets=[ticket("2026-03-01")]).absent)
    assert absent["quotes"] == ["quote_rounds", "price_lock_share"]
    assert absent["sales.promo"] == ["promo_share"]
    assert absent["tickets.billing"] == ["on_demand_share"]
    assert absent["surveys"] == absent["complaints"] == [f.name for f in FEATURES if f.source == "remarks"]
    assert not any("sku_repeat_share" in lost for lost in absent.values())
    spoken = dict(history(complaints=[complaint("2026-03-01", "太贵")]).absent)
    assert "surveys" not in spoken  # complaints alone speak for the same features
    assert spoken["sales"][:2] == ["generation_lag", "sku_repeat_share"]


# ---------------------------------------------------------------- against a plain recomputation

SAID = ("硬盘黄灯", "发票不对", "怎么加内存", "旧版还能用吗", "下一代何时上市", None)
WROTE = ("以前更便宜", "态度不好", "功能不清楚", "希望了解升级", "", None)
"""Texts of which every topic of a ticket, and of a remark, is one."""


@pytest.fixture(scope="module")
def random_company():
    """Five years of a dozen customers who do a little of everything."""
    rng = np.random.default_rng(7)

    def of(*values):
        return values[rng.integers(len(values))]

    def after(day, least, most):
        return day + pd.Timedelta(days=int(rng.integers(least, most)))

    def events(n):
        return [(after(pd.Timestamp("2021-11-01"), 0, 1870), f"c{rng.integers(12):02d}") for _ in range(n)]

    def launched(day):
        return of(*(p["product_id"] for p in products if pd.Timestamp(p["launch_at"]) <= day))

    products = [
        {"product_id": f"{s}{g}{v}", "series": s, "generation": g, "launch_at": f"{2017 + 2 * g}-0{2 + v}-15"}
        | {"list_price": 1000_00 * g + 300_00 * v, "category": "选件" if s == "Y" else "server"}
        | {"end_of_support_at": f"{2021 + 2 * g}-08-20" if s == "X" else None}
        for s in "XY"
        for g in (1, 2, 3, 4)
        for v in (1, 2, 3)
    ]
    menu = [term("2015-01-01", "2015-12-31", "nobody", service_level=s) for s in ("5*9", "7*24*8", "7*24*4")]
    scale = [machine("none", "nobody", importance=i) for i in ("一般", "重要", "关键")]
    return {
        "products": products,
        "sales": [
            sale(day, launched(day), c, amount=int(rng.integers(10_000, 90_000)), list_price=90_000)
            | {"promo": of(None, None, "spring"), "is_return": rng.random() < 0.05}
            for day, c in events(260)
        ],
        "tickets": [
            ticket(day, of(*SAID), c, engineer_id=of("e1", "e2", None), dispatched_at=after(day, 0, 40))
            | {"billing": of("paid", "contract", None)}
            for day, c in events(300)
        ],
        "contracts": menu
        + [
            term(day, after(day, 100, 900), c, service_level=of("5*9", "7*24*8", None))
            | {"signed_at": of(after(day, -90, 20), None)}
            for day, c in events(70)
        ],
        "machines": scale
        + [
            machine(launched(day), c, installed_at=day, retired_at=of(after(day, 20, 900), None))
            | {"importance": of("一般", "关键", None)}
            for day, c in events(120)
        ],
        "quotes": [
            quote(day, c, revisions=of(0, 2, None), price_lock=of(True, False, None))
            for day, c in events(150)
        ],
        "complaints": [complaint(day, of(*WROTE), c) for day, c in events(80)],
        "surveys": [
            answer(day, text, f"f{i}", item, c)
            for i, (day, c) in enumerate(events(80))
            for text in [of(*WROTE)]
            for item in "AB"
        ],
    }


@pytest.fixture(scope="module")
def random_history(history, random_company):
    return history(**random_company)


def known_at(company, end):
    """The records of the company that were there at the end of the day."""
    day = {"sales": "sold_at", "tickets": "reported_at", "quotes": "quoted_at", "products": "launch_at"}
    day |= {"complaints": "received_at", "surveys": "answered_at"}
    known = {
        name: [row for row in company[name] if pd.Timestamp(row[column]) <= end]
        for name, column in day.items()
    }
    known["tickets"] = [
        row if row["dispatched_at"] <= end else row | {"dispatched_at": None, "engineer_id": None}
        for row in known["tickets"]
    ]
    known["contracts"] = [
        row for row in company["contracts"] if pd.Timestamp(row.get("signed_at") or row["start_at"]) <= end
    ]
    known["machines"] = [
        row if row.get("retired_at") is None or row["retired_at"] <= end else row | {"retired_at": None}
        for row in company["machines"]
        if row.get("installed_at") is None or row["installed_at"] <= end
    ]
    return known


@pytest.mark.parametrize("month", ["2024-10-31", "2025-02-28", "2026-03-31"])
def test_what_happened_later_changes_nothing(history, random_company, random_history, month):
    end = pd.Timestamp(month)
    from_all = random_history.at(end)
    from_known = history(last=end, **known_at(random_company, end)).at(end)
    pd.testing.assert_frame_equal(from_all, from_known)
    assert from_all[list(NAMES)].notna().any().all()  # no feature is compared with nothing


def plain(company, end):
    """Features as of `end`, said in pandas, one customer at a time."""
    since, since_rhythm = (end - pd.DateOffset(months=m) + pd.offsets.MonthEnd(0) for m in (24, 48))
    known = {name: pd.DataFrame(rows) for name, rows in known_at(company, end).items()}
    goods = known["products"].set_index("product_id")
    sales = known["sales"][~known["sales"]["is_return"]]
    found = {}
    for customer, bought in sales.groupby("customer_id"):
        bought = bought.sort_values("sold_at")
        recent = bought[bought["sold_at"] > since]
        takes = bought[~bought["product_id"].duplicated()]
        takes = takes[takes["sold_at"] > since]
        wait = (takes["sold_at"] - pd.to_datetime(takes["product_id"].map(goods["launch_at"]))).dt.days
        wait = wait.dropna().clip(lower=0)
        day = bought["sold_at"].drop_duplicates()
        gaps = day[day > since_rhythm].diff().dropna().dt.days
        tickets = known["tickets"][known["tickets"]["customer_id"] == customer]
        opened = tickets[tickets["reported_at"] > since]
        times = tickets[tickets["dispatched_at"] > since]["engineer_id"].value_counts()
        pairs = times.sum() * (times.sum() - 1)
        held = known["machines"].query("customer_id == @customer")
        held = held[held["retired_at"].isna()]
        held = held[held["machine_model"].isin(goods.index)]
        newest = goods.groupby("series")["generation"].max()
        level = held["machine_model"].map(goods["generation"]) / held["machine_model"].map(
            goods["series"]
        ).map(newest)
        terms = known["contracts"].query("customer_id == @customer")
        terms = terms[pd.to_datetime(terms["end_at"]) > since]
        horizon = (pd.to_datetime(terms["end_at"]) - pd.to_datetime(terms["start_at"])).dt.days + 1
        asked = known["quotes"].query("customer_id == @customer and quoted_at > @since")
        found[customer] = {
            "records": len(recent) + len(opened),
            "sku_repeat_share": bought["product_id"]
            .duplicated()[recent.index]
            .drop(bought.index[0], errors="ignore")
            .mean(),
            "adoption_rank": (365 / (365 + wait)).mean(),
            "purchase_rhythm": 1 / (1 + gaps.var() / gaps.mean() ** 2) if len(gaps) > 1 else np.nan,
            "billing_ticket_share": (opened["symptom"] == "发票不对").sum() / opened["symptom"].notna().sum(),
            "on_demand_share": (opened["billing"].dropna() == "paid").mean(),
            "named_contact_share": (times * (times - 1)).sum() / pairs if pairs else np.nan,
            "level_currency": level.mean(),
            "prepaid_horizon": horizon.mean(),
            "quote_rounds": asked["revisions"].mean(),
        }
    return pd.DataFrame.from_dict(found, orient="index").query("records > 0").sort_index()


@pytest.mark.parametrize("month", ["2024-10-31", "2025-02-28", "2026-10-31"])
def test_sums_of_changes_are_what_a_plain_recomputation_finds(random_company, random_history, month):
    end = pd.Timestamp(month)
    wanted = plain(random_company, end)
    found = random_history.at(end).set_index("customer_id")[list(wanted.columns)]
    # shares that are no counts are whole ten-thousandths of each record
    np.testing.assert_allclose(found.loc[wanted.index].to_numpy(float), wanted.to_numpy(float), atol=1e-4)
    assert found.index.tolist() == wanted.index.tolist()
