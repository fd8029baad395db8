"""The stage of the life cycle, as of any month, from hand-made records."""

import pandas as pd
import pandas.testing as pdt
import pytest

from crmlab.churn.spells.frames import held
from crmlab.engine import Engine
from crmlab.segments.moves.life_cycle import CLEAN, life_cycle
from crmlab.tables import CONTRACT, conform, empty

LAST = "2026-10-31"
OLD = {"customer_id": "old", "reported_at": "2020-01-15"}
"""The record of the company begins here."""
PRODUCTS = [{"product_id": f"P-{c}", "category": c} for c in ("server", "switch")]


@pytest.fixture(scope="module")
def engine():
    return Engine(threads=1)


def clean(engine, **tables):
    """Every clean table, from rows as dictionaries; what a row does not say is missing."""
    frames = {}
    for name in CLEAN:
        table, rows = CONTRACT[name], tables.get(name, [])
        columns = [c.name for c in table.kept]
        frame = pd.DataFrame(rows).reindex(columns=columns)
        for column in table.kept:
            if column.kind in ("date", "time"):
                frame[column.name] = pd.to_datetime(frame[column.name])
        frames[name] = held(engine, conform(frame, table) if rows else empty(table))
    return frames


@pytest.fixture
def stages(engine):
    def tell(*months, **tables):
        """What is told of each customer but `old`, month by month."""
        tables["tickets"] = [OLD, *tables.get("tickets", [])]
        tables.setdefault("products", PRODUCTS)
        told = life_cycle(engine, clean(engine, **tables), [pd.Timestamp(m) for m in months or (LAST,)])
        return told[told.customer_id != "old"].reset_index(drop=True)

    return tell


def stage(told):
    assert len(told) == 1
    return told.stage.fillna("")[0]


def ticket(day, customer="x"):
    return {"customer_id": customer, "reported_at": day}


def sale(day, product="P-server", kind="product", **more):
    return {
        "customer_id": "x",
        "sold_at": day,
        "product_id": product,
        "line_kind": kind,
        "amount": 100,
    } | more


def term(start, end, level="5*9", **more):
    ident = f"K{start}{level}"
    return {
        "contract_id": ident,
        "customer_id": "x",
        "start_at": start,
        "end_at": end,
        "service_level": level,
    } | more


KNOWN = {
    "customers": {"created_at": "2021-03-01"},
    "quotes": {"quoted_at": "2026-10-01"},
    "opportunities": {"opened_at": "2026-10-01"},
    "interactions": {"at": "2026-10-01", "answered": True},
    "machines": {"installed_at": "2021-10-01"},
    "complaints": {"received_at": "2026-10-01"},
}


@pytest.mark.parametrize("table", KNOWN)
def test_known_without_business_is_selection(stages, table):
    told = stages(**{table: [{"customer_id": "x"} | KNOWN[table]]})
    assert stage(told) == "selection"
    assert not told.silent[0]
    assert not told.has_left[0]


FIRST = {
    "sales": sale("2026-05-02"),
    "tickets": ticket("2026-05-02"),
    "contracts": term("2026-06-01", "2027-05-31", signed_at="2026-05-02"),
}


@pytest.mark.parametrize("table", FIRST)
def test_the_first_purchase_ticket_or_contract_is_acquisition_for_a_year(stages, table):
    customers = [{"customer_id": "x", "created_at": "2026-01-10"}]
    told = stages(*["2025-12-31", "2026-01-31", "2026-04-30", "2026-05-31", "2027-04-30", "2027-05-31"],
                  customers=customers, **{table: [FIRST[table]]})  # fmt: skip
    assert told.stage.tolist() == ["selection", "selection", "acquisition", "acquisition", "retention"]
    assert told.month.min() == pd.Timestamp("2026-01-31")  # nobody knew of it before
    assert not told.won_back.any()


def test_goods_that_came_back_are_no_business(stages):
    rows = [sale("2026-05-02", is_return=True), sale("2026-05-02", amount=-100)]
    assert stage(stages(sales=rows, customers=[{"customer_id": "x"}])) == "selection"


def test_a_customer_without_a_date_and_without_records_is_known_throughout(stages):
    told = stages("2025-10-31", LAST, customers=[{"customer_id": "x"}])
    assert told.stage.tolist() == ["selection"] * 2


OTHERS = term("2020-02-01", "2021-01-31", customer_id="old")
EXTENDS = {
    "a category": ({"sales": [sale("2024-05-02"), sale("2026-02-02", "P-switch")]}, True),
    "the same category": ({"sales": [sale("2024-05-02"), sale("2026-02-02")]}, False),
    "no category on file": ({"sales": [sale("2024-05-02"), sale("2026-02-02", "P-new")]}, False),
    "a spare part": ({"sales": [sale("2024-05-02"), sale("2026-02-02", "FAN", "part")]}, False),
    "a service": ({"sales": [sale("2024-05-02"), sale("2026-02-02", "TRAINING", "service")]}, True),
    "a contract": (
        {"sales": [sale("2024-05-02")], "contracts": [OTHERS, term("2026-02-01", "2027-01-31")]},
        True,
    ),
    "a renewal": ({"contracts": [term("2025-02-01", "2026-01-31"), term("2026-02-01", "2027-01-31")]}, False),
    "a higher level": (
        {"contracts": [term("2025-02-01", "2026-01-31"), term("2026-02-01", "2027-01-31", "7*24*8")]},
        True,
    ),
    "a quicker level": (
        {
            "contracts": [
                term("2025-02-01", "2026-01-31", "7*24*8"),
                term("2026-02-01", "2027-01-31", "7*24*4"),
            ]
        },
        True,
    ),
    "a level as high as it had": (
        {
            "contracts": [
                term("2023-02-01", "2024-01-31", "7*24*4"),
                term("2024-02-01", "2026-01-31"),
                term("2026-02-01", "2027-01-31", "7*24*4"),
            ]
        },
        False,
    ),
    "a level that cannot be read": (
        {"contracts": [term("2025-02-01", "2026-01-31"), term("2026-02-01", "2027-01-31", "gold")]},
        False,
    ),
}


@pytest.mark.parametrize(("tables", "extends"), EXTENDS.values(), ids=EXTENDS)
def test_what_was_never_bought_before_is_extension(stages, tables, extends):
    assert stage(stages(**tables)) == ("extension" if extends else "retention")


@pytest.mark.parametrize(
    ("installed", "retired", "extends"), [(2, 1, True), (1, 1, False), (0, 1, False), (0, 0, False)]
)
def test_more_machines_into_service_than_out_of_it_is_extension(stages, installed, retired, extends):
    machines = [
        *({"customer_id": "x", "serial_no": f"N{i}", "installed_at": "2026-01-05"} for i in range(installed)),
        *({"customer_id": "x", "serial_no": f"O{i}", "installed_at": "2019-01-05", "retired_at": "2026-03-05"}
          for i in range(retired)),
    ]  # fmt: skip
    told = stages(tickets=[ticket("2024-05-02"), ticket("2026-02-02")], machines=machines)
    assert stage(told) == ("extension" if extends else "retention")


def test_extension_ends_after_a_year(stages):
    sales = [sale("2024-05-02"), sale("2025-10-02", "P-switch")]
    told = stages("2025-09-30", "2025-10-31", "2026-09-30", LAST, sales=sales, tickets=[ticket("2026-10-05")])
    assert told.stage.tolist() == ["retention", "extension", "extension", "retention"]


def test_a_customer_without_a_contract_has_left_after_two_silent_years(stages):
    told = stages("2026-04-30", "2026-05-31", sales=[sale("2023-01-05"), sale("2024-05-20")])
    assert told.stage.fillna("").tolist() == ["retention", ""]
    assert told.has_left.tolist() == [False, True]


def test_a_customer_whose_contract_ended_has_left_after_grace_days_and_a_silent_year(stages):
    contracts = [term("2024-10-01", "2026-03-31")]
    months = ("2026-03-31", "2026-04-30", "2026-05-31")
    assert stages(*months, contracts=contracts).has_left.tolist() == [False, False, True]  # grace to 30 April
    calls = [ticket("2025-07-10")]
    told = stages("2026-05-31", "2026-06-30", "2026-07-31", contracts=contracts, tickets=calls)
    assert told.has_left.tolist() == [False, False, True]


def test_a_contract_in_force_is_never_left_nor_silent(stages):
    told = stages(contracts=[term("2021-01-01", "2026-12-31")])
    assert stage(told) == "retention"
    assert not told.silent[0]


def test_who_had_left_and_comes_back_is_won_back_for_a_year(stages):
    contracts = [term("2023-01-01", "2023-12-31")]
    told = stages("2025-03-31", "2025-04-30", "2026-03-31", "2026-04-30", contracts=contracts, tickets=[ticket("2025-04-10")])  # fmt: skip
    assert told.stage.fillna("").tolist() == ["", "acquisition", "acquisition", ""]
    assert told.won_back.tolist() == [False, True, True, False]


@pytest.mark.parametrize(("again", "won"), [("2025-06-30", False), ("2025-07-01", True)])
def test_back_means_that_it_had_left_the_month_before(stages, again, won):
    told = stages("2025-12-31", sales=[sale("2023-06-15"), sale(again)])
    assert told.won_back[0] == won


def test_an_answer_does_not_bring_a_customer_back(stages):
    told = stages(
        sales=[sale("2023-06-15")], interactions=[{"customer_id": "x", "at": "2026-10-05", "answered": True}]
    )
    assert told.has_left[0]
    assert not told.won_back[0]


@pytest.mark.parametrize(
    ("days", "silent"),
    [
        (["2026-01-01", "2026-03-02", "2026-05-01"], True),  # every 60 days; 183 since
        (["2026-01-07", "2026-03-08", "2026-05-07"], False),  # 177
        (["2026-08-01", "2026-08-02", "2026-08-03"], False),  # a gap of a day counts as 30
        (["2026-07-01", "2026-07-02", "2026-07-03"], True),
        (["2025-10-30"], True),  # too few for a gap: 366 days
        (["2025-10-31", "2025-12-31"], False),
    ],
)
def test_silent_for_three_times_its_usual_gap_or_a_year(stages, days, silent):
    assert stages(tickets=[ticket(day) for day in days]).silent[0] == silent


def test_complaints_and_answers_break_the_silence_and_what_was_not_answered_does_not(stages):
    tickets = [ticket(day) for day in ("2026-01-01", "2026-03-02", "2026-05-01")]
    call = {"customer_id": "x", "at": "2026-10-05"}
    signs = {
        "complaints": {"customer_id": "x", "received_at": "2026-10-05"},
        "surveys": {"customer_id": "x", "answered_at": "2026-10-05"},
        "interactions": call | {"answered": True},
    }
    for table, row in signs.items():
        assert not stages(tickets=tickets, **{table: [row]}).silent[0], table
    assert stages(tickets=tickets, interactions=[call | {"answered": False}]).silent[0]


def test_the_first_year_of_a_record_cannot_tell_new_from_old(engine):
    tables = {
        "tickets": [
            ticket("2024-06-01", "known"),
            ticket("2024-01-01", "begins"),
            ticket("2024-06-01", "new"),
        ],
        "customers": [
            {"customer_id": "new", "created_at": "2024-05-01"},
            {"customer_id": "known", "created_at": "2019-05-01"},
        ],
    }
    told = life_cycle(engine, clean(engine, **tables), [pd.Timestamp("2024-12-31")]).set_index("customer_id")
    assert told.stage.fillna("").to_dict() == {"begins": "", "known": "", "new": "acquisition"}
    assert not told.has_left.any()


def test_what_is_first_seen_in_the_first_year_of_the_ledger_is_no_first(stages):
    first_year = [sale("2024-12-20", customer_id="other"), sale("2025-10-20", "P-switch")]
    calls = [ticket("2022-01-05"), ticket("2025-06-01")]
    assert (
        stage(stages(tickets=calls, sales=first_year).query("customer_id == 'x'").reset_index())
        == "retention"
    )
    later = [sale("2024-09-20", customer_id="other"), sale("2025-11-20", "P-switch")]
    assert stage(stages(tickets=calls, sales=later).query("customer_id == 'x'").reset_index()) == "extension"


def test_months_need_not_follow_each_other_and_later_records_change_nothing(stages):
    tables = {
        "sales": [sale("2022-01-05"), sale("2024-03-05", "P-switch"), sale("2025-02-10"), sale("2026-09-05")],
        "contracts": [term("2022-03-01", "2023-02-28"), term("2026-02-01", "2027-01-31", "7*24*4")],
        "machines": [{"customer_id": "x", "serial_no": "N", "installed_at": "2025-01-05"}],
    }
    ends = pd.date_range("2022-01-31", "2026-10-31", freq="ME").strftime("%Y-%m-%d").tolist()
    whole = stages(*ends, **tables)
    assert {"acquisition", "extension", "retention", ""} == set(whole.stage.fillna(""))
    for end in ends[::9]:
        upto = {
            name: [r for r in rows if min(v for k, v in r.items() if k.endswith("_at")) <= end]
            for name, rows in tables.items()
        }
        alone = stages(end, **upto)
        pdt.assert_frame_equal(alone, whole[whole.month == end].reset_index(drop=True))


def test_without_any_record_there_is_nobody(engine):
    told = life_cycle(engine, clean(engine), [pd.Timestamp(LAST)])
    assert told.empty
    assert list(told.columns) == [
        "customer_id",
        "month",
        "stage",
        "won_back",
        "silent",
        "has_left",
        "is_held",
    ]


def test_rows_without_a_customer_are_left_out(engine):
    told = life_cycle(engine, clean(engine, tickets=[{"reported_at": "2026-01-01"}]), [pd.Timestamp(LAST)])
    assert told.empty
