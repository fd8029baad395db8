"""The whole stage on a company made by hand: what it writes, and what happens with records that can tell no types."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from crmlab import tables
from crmlab.engine import Engine
from crmlab.segments.behaviour.catalogue import TYPES, UNDETERMINED
from crmlab.segments.outputs import OUTPUTS
from crmlab.segments.results import CLEAN, Edited, results
from crmlab.segments.settings import Settings
from crmlab.value.outputs import CUSTOMERS as VALUED

LAST = pd.Timestamp("2026-10-31")
PARAMS = yaml.safe_load((Path(__file__).parents[1] / "params.yaml").read_text())
SETTINGS = Settings.read(PARAMS["segments"], PARAMS["churn"], PARAMS["service"])
HABITS = {
    "traditionalist": ("旧版系统还能继续用吗", "how to set the array", None, 0.0),
    "bargain-seeker": ("发票金额不对", "invoice", "spring sale", 0.25),
    "perfectionist": ("新一代什么时候出", "compatibility and upgrade path", None, 0.0),
}


def records(n=120, seed=4, until=LAST):
    """Customers of three kinds who call, buy and sign for three years: the clean tables by name, and each customer's kind."""
    rng = np.random.default_rng(seed)
    kinds = pd.Series([list(HABITS)[i % 3] for i in range(n)], index=[f"C{i:03d}" for i in range(n)])
    days = pd.date_range("2023-11-01", until, freq="45D")
    calls, lines, terms = [], [], []
    for customer, kind in kinds.items():
        zh, en, promo, rate = HABITS[kind]
        for day in days:
            day = day + pd.Timedelta(days=int(rng.integers(0, 30)))
            if day > until:
                continue
            said = rng.choice([zh, en, "硬盘黄灯"], p=[0.35, 0.35, 0.3])
            calls.append({"customer_id": customer, "reported_at": day, "symptom": said, "is_open": False})
            lines.append(
                {
                    "customer_id": customer,
                    "sold_at": day,
                    "product_id": f"P{rng.integers(0, 2 if kind == 'traditionalist' else 9)}",
                    "amount": int(rng.integers(50, 150)) * 100,
                    "rate": rate + rng.uniform(0, 0.05),
                    "promo": promo if rng.random() < 0.6 else None,
                    "line_kind": "product",
                    "is_return": False,
                    "qty": 1,
                }
            )
        for year in (2024, 2025, 2026):
            length = 3 if kind == "perfectionist" else 1
            start = pd.Timestamp(f"{year}-02-01")
            end = start + pd.DateOffset(years=length) - pd.Timedelta(days=1)
            terms.append({"customer_id": customer, "start_at": start, "end_at": end, "amount": 900_00})
    made = {
        "tickets": [{"ticket_id": f"t{i}"} | row for i, row in enumerate(calls)],
        "sales": [{"sale_id": f"s{i}"} | row for i, row in enumerate(lines)],
        "contracts": [{"contract_id": f"k{i}"} | row for i, row in enumerate(terms)],
        "customers": [{"customer_id": c, "customer_name": f"Bank {c}", "known": True} for c in kinds.index],
    }
    return made, kinds


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The stage's answer to `rows` by table; tables not given are empty. `labels` is what analysts wrote."""
    folder, engine = tmp_path_factory.mktemp("clean"), Engine(threads=1)

    def tell(rows, labels="", **value):
        paths = {}
        for name in CLEAN:
            table = tables.CLEAN[name]
            frame = pd.DataFrame(rows.get(name, []), columns=[c.name for c in table.kept])
            paths[name] = folder / f"{name}.parquet"
            tables.conform(frame, table).to_parquet(paths[name])
        edited = [folder / name for name in ("topics.yaml", "policy.csv", "effort.csv", "type_labels.csv")]
        for path in edited:
            path.write_text("", encoding="utf-8")
        edited[-1].write_text(labels, encoding="utf-8")
        worth = pd.DataFrame(value, columns=[c.name for c in VALUED.kept])
        renewals = pd.DataFrame({"customer_id": [], "p_renew": []}, dtype=object)
        return results(
            engine, paths, tables.conform(worth, VALUED), renewals, Edited(*edited), SETTINGS, LAST
        )

    return tell


@pytest.fixture(scope="module")
def three_kinds(told):
    rows, kinds = records()
    worth = np.arange(len(kinds)) * 100_00 - 500_00
    found = told(rows, customer_id=kinds.index, to_come=worth, historical=worth, p_retained=0.9)
    return found, kinds


def test_three_kinds_of_customers_are_told_apart(three_kinds):
    found, kinds = three_kinds
    customers = found.tables["customers"].set_index("customer_id")
    assert len(customers) == len(kinds)
    by_kind = pd.crosstab(kinds, customers["likeliest"].reindex(kinds.index))
    assert by_kind.idxmax(axis=1).nunique() == 3
    assert by_kind.max(axis=1).sum() > 0.8 * len(kinds)


def test_every_table_is_as_it_promises(three_kinds):
    found, _ = three_kinds
    assert set(found.tables) == set(OUTPUTS)
    for name, table in OUTPUTS.items():
        frame = found.tables[name]
        assert list(frame.columns) == [c.name for c in table.kept], name
        assert not frame.duplicated(list(table.key)).any(), name


def test_figures_agree_with_the_tables(three_kinds):
    found, kinds = three_kinds
    metrics, customers = found.metrics, found.tables["customers"]
    assert sum(metrics["counts"].values()) == metrics["n"] == len(kinds)
    undetermined = customers["type"] == UNDETERMINED
    assert sum(metrics["reasons"].values()) == undetermined.sum()
    assert metrics["determined_share"] == pytest.approx(1 - undetermined.mean())
    assert found.tables["types"]["n"].sum() == len(customers)
    assert found.tables["cells"]["n"].sum() == len(customers)
    assert found.summary.endswith("told from a resample")


def test_what_is_missing_is_named_with_its_features(three_kinds):
    found, _ = three_kinds
    assert "quotes" in dict(found.lacks)
    assert found.metrics["absent"]["quotes"] == ["quote_rounds", "price_lock_share"]
    assert {"quote_rounds", "manner_topic_share"} <= set(found.metrics["features_silent"])


def test_an_analysts_word_goes_before_the_mixtures(told, three_kinds):
    rows, _ = records()
    found = told(rows, labels="客户名称,类型\nBank C000,远见型\nBank C999,远见型\n")
    customers = found.tables["customers"].set_index("customer_id")
    assert customers.loc["C000", ["type", "likeliest", "tracked", "labelled"]].tolist() == ["planner"] * 3 + [
        True
    ]
    assert found.metrics["labelled"] == 1
    assert found.metrics["unknown_labels"] == ["Bank C999 (line 3)"]
    assert pd.isna(customers.loc["C000", "since"]), "no month of the mixture's"
    assert "C000" not in set(found.tables["why"]["customer_id"]), "its reason is the analyst"
    assert "C000" not in set(found.tables["movers"]["customer_id"])


def test_a_label_of_a_customer_without_records_is_named(told):
    rows, _ = records()
    rows["customers"].append({"customer_id": "C500", "customer_name": "Bank C500", "known": True})
    found = told(rows, labels="customer_id,type\nC500,planner\n")
    assert found.metrics["unknown_labels"] == ["C500 (no record in the window)"]
    assert found.metrics["labelled"] == 0


def test_what_nobody_knows_of_value_is_not_nothing(told, three_kinds):
    rows, _ = records(60)
    metrics = told(rows).metrics
    assert metrics["to_come_at_risk"] is None
    assert three_kinds[0].metrics["frozen"] is True


def test_a_customer_with_tickets_only_has_a_guess_from_them(told):
    rows, _ = records()
    for name in ("sales", "contracts"):
        rows[name] = [row for row in rows[name] if row["customer_id"] != "C001"]
    customer = told(rows).tables["customers"].set_index("customer_id").loc["C001"]
    assert customer["likeliest"] in TYPES
    assert 0 < customer["n_features"] < 12
    assert customer["reason"] in ("some_records", "between") or customer["type"] in TYPES


@pytest.mark.slow
def test_a_month_without_data_is_told_like_the_others(told):
    rows, kinds = records()
    rows["tickets"] = [r for r in rows["tickets"] if r["reported_at"].strftime("%Y-%m") != "2026-05"]
    rows["sales"] = [r for r in rows["sales"] if r["sold_at"].strftime("%Y-%m") != "2026-05"]
    months = told(rows).tables["months"]
    assert (months["month"] == pd.Timestamp("2026-05-31")).sum() > 0.9 * len(kinds)


@pytest.mark.parametrize("n", [1, 30])
def test_few_customers_stay_undetermined_and_say_why(told, n):
    rows, _ = records(n)
    found = told(rows)
    customers = found.tables["customers"]
    assert len(customers) == n
    assert set(customers["type"]) == {UNDETERMINED}
    assert set(customers["reason"]) == {"too_few"}
    assert found.metrics["em_steps"] is None
    assert found.summary.startswith("cannot tell")


def test_customers_who_are_all_alike_stay_undetermined(told):
    day = [pd.Timestamp("2026-03-01"), pd.Timestamp("2026-04-01"), pd.Timestamp("2026-05-01")]
    calls = [
        {
            "ticket_id": f"t{i}-{k}",
            "customer_id": f"C{i:03d}",
            "reported_at": d,
            "symptom": "硬盘黄灯",
            "is_open": False,
        }
        for i in range(80)
        for k, d in enumerate(day)
    ]
    found = told({"tickets": calls})
    assert set(found.tables["customers"]["type"]) == {UNDETERMINED}
    assert found.metrics["em_steps"] is None


def test_nobody_at_all_is_an_empty_answer(told):
    found = told({})
    assert found.is_empty
    assert all(frame.empty for frame in found.tables.values())
    assert found.lacks == [("sales or tickets", "what customers buy and what they ask for")]
    assert found.summary == "no customer with a sale or a ticket"


@pytest.mark.slow
def test_the_same_records_in_another_order_give_the_same_answer(told, three_kinds):
    rows, kinds = records()
    worth = np.arange(len(kinds)) * 100_00 - 500_00
    shuffled = {
        name: list(np.random.default_rng(1).permutation(np.array(r, dtype=object)))
        for name, r in rows.items()
    }
    again = told(shuffled, customer_id=kinds.index, to_come=worth, historical=worth, p_retained=0.9)
    for name in OUTPUTS:
        pd.testing.assert_frame_equal(again.tables[name], three_kinds[0].tables[name], obj=name)
