"""Features by hand: each is a ratio, and a zero denominator leaves it missing."""

import numpy as np
import pandas as pd
import pytest

from crmlab import tables
from crmlab.engine import Engine
from crmlab.segments.features import FEATURES, customer_features, pattern, reading_words, theil_sen
from crmlab.segments.holdings import importance_place, level_place

AS_OF = "2026-10-31"
NEEDED = ("sales", "products", "tickets", "machines", "contracts")


def frame(table, rows):
    """`rows` (dicts) as a clean table; columns not named are missing."""
    names = [c.name for c in table.kept]
    return tables.conform(pd.DataFrame(rows, columns=names), table)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """Features of a company with the rows given per table; the other tables are empty."""
    folder, engine = tmp_path_factory.mktemp("clean"), Engine(threads=1)
    nothing = {name: folder / f"no_{name}.parquet" for name in NEEDED}
    for name, path in nothing.items():
        tables.empty(tables.CLEAN[name]).to_parquet(path)

    def features(**given):
        clean = dict(nothing)
        for name, rows in given.items():
            clean[name] = folder / f"{name}.parquet"
            frame(tables.CLEAN[name], rows).to_parquet(clean[name])
        return customer_features(engine, clean, AS_OF).set_index("customer_id")

    return features


@pytest.fixture
def features_of(company):
    """The features of the one customer of a company."""
    return lambda **given: company(**given).loc["c1"]


def sale(day, product="P1", customer="c1", n=[0], **more):  # noqa: B006 (a counter)
    n[0] += 1
    line = {"sale_id": f"s{n[0]}", "customer_id": customer, "sold_at": day, "product_id": product}
    return line | {"qty": 1, "amount": 100_00, "line_kind": "product", "is_return": False} | more


def ticket(day, symptom="no display", customer="c1", n=[0], **more):  # noqa: B006 (a counter)
    n[0] += 1
    return {"ticket_id": f"t{n[0]}", "customer_id": customer, "reported_at": day, "symptom": symptom} | more


def test_every_feature_has_its_denominator_and_without_records_it_is_missing_not_zero(features_of):
    only_a_sale = features_of(sales=[sale("2026-03-01")])
    for feature in FEATURES:
        if only_a_sale[f"{feature.name}_n"] == 0:
            assert np.isnan(only_a_sale[feature.name]), feature.name
    assert np.isnan(only_a_sale["howto_ticket_share"])  # no ticket is no evidence about questions
    assert only_a_sale["records"] == 1


def test_a_share_of_zero_is_known_and_not_missing(features_of):
    found = features_of(tickets=[ticket("2026-03-01"), ticket("2026-04-01")])
    assert found["howto_ticket_share"] == 0
    assert found["howto_ticket_share_n"] == 2


def test_generation_lag_counts_generations_launched_by_the_day_of_purchase(features_of):
    series = [
        {
            "product_id": f"G{g}",
            "series": "X",
            "generation": g,
            "launch_at": f"{2022 + g}-06-01",
            "category": "server",
        }
        for g in (1, 2, 3)
    ]
    bought = [sale("2026-02-01", "G1"), sale("2026-07-01", "G3")]  # generation 3 came out in June 2025
    spare_part = sale("2026-07-01", "G1", line_kind="part")  # repairs what is there, chooses nothing
    found = features_of(products=series, sales=[*bought, spare_part])
    assert found["generation_lag"] == pytest.approx((2 + 0) / 2)
    assert found["generation_lag_n"] == 2


def test_a_repeat_needs_an_earlier_purchase_and_the_first_purchase_cannot_be_one(features_of):
    bought = [
        sale("2025-12-01", "A"),
        sale("2026-02-01", "A"),
        sale("2026-02-01", "B"),
        sale("2026-05-01", "A"),
    ]
    found = features_of(sales=bought)
    assert found["sku_repeat_share"] == pytest.approx(2 / 3)
    assert found["sku_repeat_share_n"] == 3


def test_returns_are_no_purchases(features_of):
    found = features_of(sales=[sale("2026-02-01"), sale("2026-03-01", amount=-100_00, is_return=True)])
    assert found["records"] == 1


def test_records_before_the_window_count_as_history_only(features_of):
    found = features_of(sales=[sale("2024-10-31", "A"), sale("2024-11-01", "A")])
    assert found["records"] == 1
    assert found["sku_repeat_share"] == 1.0


def test_who_took_a_product_up_first_ranks_highest(company):
    product = [{"product_id": "N", "launch_at": "2026-01-01"}]
    bought = [
        sale("2026-02-01", "N", "early"),
        sale("2026-05-01", "N", "middle"),
        sale("2026-09-01", "N", "late"),
    ]
    found = company(products=product, sales=bought)
    assert found["adoption_rank"].to_dict() == {"early": 1.0, "middle": 0.5, "late": 0.0}


def test_discount_is_read_from_the_rate_or_from_the_list_price(features_of):
    by_rate = features_of(sales=[sale("2026-02-01", rate=0.1), sale("2026-03-01", rate=0.3)])
    by_price = features_of(sales=[sale("2026-02-01", qty=2, list_price=100_00, amount=150_00)])
    assert by_rate["discount_share"] == pytest.approx(0.2)
    assert by_price["discount_share"] == pytest.approx(0.25)


def test_promotions_are_unknown_where_no_line_of_the_company_names_one(features_of):
    assert np.isnan(features_of(sales=[sale("2026-02-01")])["promo_share"])
    assert features_of(sales=[sale("2026-02-01"), sale("2026-03-01", promo="spring")])["promo_share"] == 0.5


def test_premium_is_the_place_among_the_models_of_one_generation(features_of):
    models = [{"product_id": f"P{i}", "list_price": i * 1000_00, "generation": 1} for i in (1, 2, 3)]
    catalogue = [m | {"category": "server", "series": "S"} for m in models]
    other_series = {
        "product_id": "BIG",
        "list_price": 90_000_00,
        "generation": 1,
        "category": "server",
        "series": "L",
    }
    bought = [sale("2026-02-01", "P3"), sale("2026-02-01", "P2"), sale("2026-02-01", "BIG")]
    found = features_of(products=[*catalogue, other_series], sales=bought)
    assert found["premium_share"] == pytest.approx((1.0 + 0.5) / 2)
    assert found["premium_share_n"] == 2  # a dear machine without a sister model says nothing


def test_what_a_ticket_asks_is_read_from_its_words_and_the_first_topic_counts(company):
    asked = {
        "请问如何设置阵列": "howto",
        "How to configure the array": "howto",
        "发票金额不对": "billing",
        "咨询续保报价": "billing",  # an enquiry, but about money
        "Question about INVOICE": "billing",
        "旧版系统还能继续用吗": "legacy",
        "咨询新一代什么时候出": "roadmap",
        "硬盘黄灯": None,
    }
    found = company(tickets=[ticket("2026-03-01", said, customer=said) for said in asked])
    for said, topic in asked.items():
        shares = {t: found.loc[said, f"{t}_ticket_share"] for t in ("howto", "billing", "legacy", "roadmap")}
        assert shares == {t: float(t == topic) for t in shares}, said


def test_a_repair_is_none_of_the_topics():
    faults = [
        "硬盘黄灯报警",
        "开机无显",
        "one disk light amber",
        "RAID self-test fails",
        "server down",
        "风扇噪音大",
    ]
    topics = reading_words()["topics"]
    assert not pd.Series(faults).str.contains("|".join(pattern(words) for words in topics.values())).any()


def test_the_same_engineer_counts_pairs_so_that_one_ticket_says_nothing(features_of):
    one = features_of(tickets=[ticket("2026-03-01", engineer_id="e1")])
    assert np.isnan(one["named_contact_share"])
    three = features_of(tickets=[ticket("2026-03-01", engineer_id=e) for e in ("e1", "e1", "e2")])
    assert three["named_contact_share"] == pytest.approx(1 / 3)  # one pair of three


def test_paid_tickets_are_compared_with_those_that_say_who_pays(features_of):
    said = ["paid", "contract", None, "warranty"]
    found = features_of(tickets=[ticket("2026-03-01", billing=b) for b in said])
    assert found["on_demand_share"] == pytest.approx(1 / 3)


def test_rhythm_is_one_for_purchases_like_a_clock_and_needs_two_gaps(features_of):
    even = features_of(sales=[sale(day) for day in ("2026-01-01", "2026-01-31", "2026-03-02")])
    uneven = features_of(sales=[sale(day) for day in ("2026-01-01", "2026-01-03", "2026-09-01")])
    assert even["purchase_rhythm"] == pytest.approx(1.0)
    assert uneven["purchase_rhythm"] < 0.5
    assert np.isnan(features_of(sales=[sale("2026-01-01"), sale("2026-01-31")])["purchase_rhythm"])


def test_theil_sen_ignores_one_wild_quarter():
    assert theil_sen(np.array([[1, 2, 3, 4, 5, 6, 7, 900.0]]))[0] == pytest.approx(1.0)


def test_trend_is_relative_to_the_level_and_missing_for_a_short_history(features_of):
    end = pd.Timestamp(AS_OF)
    quarters = [end - pd.Timedelta(days=91 * q + 5) for q in range(7, -1, -1)]
    growing = features_of(sales=[sale(day, amount=(q + 1) * 100_00) for q, day in enumerate(quarters)])
    assert growing["spend_trend"] == pytest.approx(1 / 4.5)  # +100 a quarter on a mean of 450
    assert np.isnan(features_of(sales=[sale("2026-08-01"), sale("2026-10-01")])["spend_trend"])


def test_contracts_tell_how_long_and_how_early(features_of):
    terms = [
        {
            "contract_id": "a",
            "customer_id": "c1",
            "start_at": "2025-01-01",
            "end_at": "2025-12-31",
            "amount": 1,
        },
        {
            "contract_id": "b",
            "customer_id": "c1",
            "start_at": "2026-01-01",
            "end_at": "2027-12-31",
            "amount": 1,
        }
        | {"signed_at": "2025-12-02"},
    ]
    found = features_of(sales=[sale("2026-03-01")], contracts=terms)
    assert found["renewal_lead"] == 30
    assert found["prepaid_horizon"] == pytest.approx((365 + 730) / 2)


def test_machines_tell_end_of_support_and_generation(features_of):
    held = [
        {"serial_no": "1", "machine_model": "OLD", "customer_id": "c1"},
        {"serial_no": "2", "machine_model": "NEW", "customer_id": "c1"},
        {"serial_no": "3", "machine_model": "OLD", "customer_id": "c1", "retired_at": "2026-01-01"},
        {"serial_no": "4", "machine_model": "not in the catalogue", "customer_id": "c1"},
    ]
    catalogue = [
        {"product_id": "OLD", "series": "S", "generation": 1, "launch_at": "2015-01-01"}
        | {"end_of_support_at": "2024-01-01"},
        {"product_id": "NEW", "series": "S", "generation": 2, "launch_at": "2021-01-01"}
        | {"end_of_support_at": "2029-01-01"},
        {"product_id": "NEXT", "series": "S", "generation": 3, "launch_at": "2026-12-01"},  # not yet launched
    ]
    found = features_of(sales=[sale("2026-03-01")], machines=held, products=catalogue)
    assert found["end_of_support_share"] == 0.5
    assert found["level_currency"] == pytest.approx((0.5 + 1.0) / 2)


def test_a_level_above_what_the_machine_needs(features_of):
    levels = level_place(pd.Series(["5*9", "7*24*8", "7×24×4", "gold", None]))
    assert levels.tolist()[:3] == [0.0, 0.5, 1.0]
    assert levels.isna().tolist() == [False, False, False, True, True]
    words = reading_words()["importance"]
    assert importance_place(pd.Series(["关键", "一般", "重要"]), words).tolist() == [1.0, 0.0, 0.5]
    terms = [
        {
            "contract_id": "a",
            "customer_id": "c1",
            "start_at": "2026-01-01",
            "end_at": "2026-12-31",
            "amount": 1,
        }
    ]
    other = terms[0] | {"contract_id": "b", "customer_id": "c2", "service_level": "5*9"}
    machine = {"serial_no": "1", "machine_model": "M", "customer_id": "c1", "importance": "low"}
    found = features_of(
        sales=[sale("2026-03-01")],
        contracts=[terms[0] | {"service_level": "7*24*4"}, other],
        machines=[machine],
    )
    assert found["tier_excess"] == 1.0


def test_ten_times_as_large_is_the_same_type_of_customer(company):
    catalogue = [{"product_id": f"P{i}", "category": "server", "list_price": i * 1000_00} for i in (1, 2, 3)]
    days = ("2024-11-20", "2025-12-01", "2026-03-01", "2026-09-01")
    small = [sale(day, f"P{i}", "small", amount=i * 900_00) for day in days for i in (1, 2)]
    large = [line | {"customer_id": "large", "qty": 10, "amount": line["amount"] * 10} for line in small]
    large = [line | {"sale_id": f"large{i}"} for i, line in enumerate(large)]
    found = company(products=catalogue, sales=small + large)
    pd.testing.assert_series_equal(found.loc["small"], found.loc["large"], check_names=False)


def test_nothing_after_as_of_is_used(features_of):
    now = [sale("2026-03-01", "A"), sale("2026-09-01", "A")]
    later = [sale("2026-11-01", "A"), sale("2026-12-24", "B", rate=0.9)]
    asked = [ticket("2026-03-01", "发票")]
    before = features_of(sales=now, tickets=asked)
    after = features_of(sales=now + later, tickets=[*asked, ticket("2026-11-02", "如何升级")])
    pd.testing.assert_series_equal(before, after)


def test_empty_tables_give_no_customers_and_the_same_columns(company):
    nothing = company()
    some = company(sales=[sale("2026-03-01")])
    assert nothing.empty
    assert list(nothing.columns) == list(some.columns)
