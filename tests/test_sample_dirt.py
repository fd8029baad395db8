"""Dirt: 1-2 % of the rows, every kind there, and every touched row in the list."""

import pandas as pd
import pytest
import simulated_company

from crmlab.sample import dirt, export, record, touches

KEYS = {"tickets": ["ticket_id"], "sales": ["order_id", "order_line"], "complaints": ["complaint_id"]}
KEYS |= {"quotes": ["quote_id"], "payments": ["payment_id"], "surveys": ["survey_id", "item", "kind"]}
KEYS |= {"opportunities": ["opportunity_id"], "warranty_claims": ["claim_id"]}


@pytest.fixture(scope="module")
def soiled() -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    parts = [export.exported(2009, chunk, 1200) for chunk in export.chunks(2009, 1200)]
    whole = {
        name: pd.concat([texts[name] for texts, _, _ in parts], ignore_index=True) for name in parts[0][0]
    }
    for name, columns in KEYS.items():
        rows = zip(*(whole[name][column] for column in columns), strict=True)
        whole[name].index = pd.Index(["-".join(row) for row in rows])
    return whole, pd.concat([listed for _, _, listed in parts], ignore_index=True)


def test_one_to_two_percent_of_the_rows(soiled):
    texts, listed = soiled
    touched = listed.groupby("table")["key"].nunique()
    share = touched.sum() / sum(len(texts[name]) for name in touched.index)
    assert 0.01 <= share <= 0.02
    for name, count in touched.items():
        assert 0.005 <= count / len(texts[name]) <= 0.025, name


@pytest.mark.parametrize(
    ("kind", "table", "column", "looks_like"),
    [
        ("date_dots", "tickets", "reported_at", r"\d{4}\.\d\d\.\d\d"),
        ("date_short", "tickets", "reported_at", r"\d{4}-\d{1,2}-\d{1,2} \d\d:\d\d"),
        ("date_slashes", "tickets", "reported_at", r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d\d"),
        ("date_chinese", "tickets", "reported_at", r"\d{4}年\d{1,2}月\d{1,2}日"),
        (
            "full_width",
            "tickets",
            "reported_at",
            r"[０-９]{4}－[０-９]{2}－[０-９]{2} [０-９]{2}：[０-９]{2}",
        ),
        ("impossible_date", "sales", "sold_at", r"\d{4}-02-30 \d\d:\d\d"),
        ("not_available", "tickets", "closed_at", "N/A"),
        ("unknown_customer", "sales", "customer_id", r"X\d{6}"),
        ("empty", "tickets", "symptom", ""),
        ("trailing_space", "tickets", "cause_actual", r".*  "),
        ("times_sign", "tickets", "service_level", r"5×9|7x24x[48]"),
        ("amount_sign", "sales", "amount", r"¥-?[\d,]+\.00"),
        ("amount_yuan", "sales", "amount", r"-?[\d,]+\.00元"),
        ("amount_rmb", "sales", "amount", r"RMB -?\d+"),
        ("negative_amount", "sales", "amount", r"-\d+"),
        ("negative_amount", "quotes", "amount", r"-\d+"),
        ("excel_serial", "quotes", "quoted_at", r"4\d{4}"),
        ("excel_serial", "payments", "due_at", r"4\d{4}"),
        ("excel_serial", "surveys", "answered_at", r"4\d{4}\.\d{1,5}"),
        ("not_available", "payments", "paid_at", "N/A"),
        ("score_above_scale", "surveys", "score", r"\d+5"),
        ("resolved_before_received", "complaints", "resolved_at", r"2019-01-01 09:00"),
        ("closed_before_opened", "opportunities", "closed_at", r"2019-01-01"),
    ],
)
def test_each_listed_row_is_found_dirty(soiled, kind, table, column, looks_like):
    texts, listed = soiled
    rows = listed[(listed["table"] == table) & (listed["kind"] == kind) & (listed["column"] == column)]
    assert len(rows)
    found = texts[table].loc[~texts[table].index.duplicated()].loc[rows["key"], column]
    assert found.str.fullmatch(looks_like).all()
    assert (found.to_numpy() != rows["was"].to_numpy()).all()


def test_negative_amounts_that_are_no_return_are_all_listed(soiled):
    texts, listed = soiled
    sales = texts["sales"]
    odd = sales[sales["amount"].str.startswith("-") & (sales["is_return"] == "否")]
    listed = listed[(listed["kind"] == "negative_amount") & (listed["table"] == "sales")]["key"]
    assert sorted(odd["order_id"] + "-" + odd["order_line"]) == sorted(listed)


def test_a_ticket_exported_twice_closes_later_the_second_time(soiled):
    texts, listed = soiled
    twice = texts["tickets"][texts["tickets"].duplicated("ticket_id", keep=False)]
    assert sorted(set(twice["ticket_id"])) == sorted(
        listed[(listed["kind"] == "duplicate") & (listed["table"] == "tickets")]["key"]
    )
    closed = pd.to_datetime(twice["closed_at"]).groupby(twice["ticket_id"], sort=False)
    assert (closed.last() > closed.first()).all()


def test_closed_before_opened(soiled):
    texts, listed = soiled
    rows = listed[(listed["kind"] == "closed_before_opened") & (listed["table"] == "tickets")]["key"]
    tickets = texts["tickets"].set_index("ticket_id").loc[rows]
    assert len(rows)
    assert (pd.to_datetime(tickets["closed_at"]) < pd.to_datetime(tickets["reported_at"])).all()


def test_names_typed_by_hand_leave_the_number_out(soiled):
    texts, listed = soiled
    rows = listed[listed["kind"] == "name_variant"]
    tickets = texts["tickets"].set_index("ticket_id").loc[rows["key"]]
    assert (tickets["customer_id"] == "").all()
    known = set(texts["customers"]["customer_name"])
    assert not known & set(tickets["customer_name"])
    assert set(rows["was"]) <= known


def test_every_dirty_row_is_listed_and_every_listed_row_is_dirty():
    """Cell by cell against the export without dirt."""
    chunk = simulated_company.chunk(1)
    texts, _, listed = export.exported(2009, chunk, 10**9)
    for name, facts in record.record(chunk).items():
        clean, soiled = export.spelled(name, facts), texts[name]
        said = listed[listed["table"] == name]
        twice = said[said["kind"] == "duplicate"]
        assert len(soiled) == len(clean) + len(twice), name
        again = soiled.index.duplicated()
        before = clean.loc[soiled.index[~again]]
        changed = soiled[~again].ne(before)
        key = before[dirt.KEY[name]].agg("-".join, axis=1)
        assert key.is_unique, name
        found = {
            (key[row], column): before.at[row, column]
            for column in changed
            for row in changed.index[changed[column]]
            if (column, soiled[~again].at[row, column])
            != ("customer_id", "")  # left out by who typed the name
        }
        touched = said[said["kind"] != "duplicate"]
        assert found == dict(
            zip(zip(touched["key"], touched["column"], strict=True), touched["was"], strict=True)
        )
        assert sorted(key[soiled.index[again]]) == sorted(twice["key"]), name


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (touches._slashes, "2026-01-08 09:05", "2026/1/8 9:05"),
        (touches._chinese, "2026-01-08", "2026年1月8日"),
        (touches._short, "2026-01-08", "2026-1-8"),
        (touches._impossible, "2025-07-14 10:00", "2025-02-30 10:00"),
        (touches._brackets, "-1200", "(1200.00)"),
        (touches._yuan, "1706", "1,706.00元"),
        (touches._serial, "2026-01-08", "46030"),
        (touches._serial, "2026-01-08 18:00", "46030.75"),
    ],
)
def test_forms(change, before, after):
    assert change(before) == after
