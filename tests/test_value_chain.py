"""From service to value, link by link: what is counted, what is compared, what it is worth, and what cannot be told."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from occasions import filled
from test_churn_terms import contracts, known_terms

from crmlab import sample, tables
from crmlab.churn.outputs import ASSOCIATIONS
from crmlab.churn.spells.frames import held
from crmlab.engine import Engine
from crmlab.service import results as service
from crmlab.service.settings import Settings as ServiceSettings
from crmlab.value.chain.complaints import cases, complaint_figures
from crmlab.value.chain.groups import FIGURES
from crmlab.value.chain.linear import linear_differences
from crmlab.value.chain.links import chain, with_limits
from crmlab.value.chain.money import ended_a_year, value_figures
from crmlab.value.chain.profits import met, profit_figures
from crmlab.value.equity import Worth
from crmlab.value.outputs import CHAIN

PARAMS = yaml.safe_load((Path(__file__).parents[1] / "params.yaml").read_text(encoding="utf-8"))
AS_OF = pd.Timestamp("2026-10-31")
LANDMARK = pd.Timestamp("2025-10-31")
WORTH = Worth(600_000.0, 30_000.0, 200)


def day(days_before, of=AS_OF):
    return of - pd.to_timedelta(days_before, unit="D")


def complained(**columns):
    """Clean complaints with these columns."""
    frame = pd.DataFrame(columns)
    for column in tables.CLEAN["complaints"].kept:
        if column.name not in frame:
            frame[column.name] = None
    return tables.conform(frame, tables.CLEAN["complaints"])


def company(**changed):
    """Every table, empty but for those given: `complaints` is the clean one, `ended` that of stage service."""
    made = {name: filled(name) for name in ("tickets", "visits", "machines", "promises")}
    return made | {"complaints": complained(), "ended": filled("complaints")} | changed


def sources(made, engine):
    clean = {name: held(engine, made[name]) for name in ("tickets", "visits", "machines", "complaints")}
    return clean, {"tickets": held(engine, made["promises"]), "complaints": held(engine, made["ended"])}


def told(made, **more):
    """The cases of a company."""
    engine = Engine(threads=1)
    return cases(engine, *sources(made, engine), AS_OF, **more)


def repair(reported=100, again=None, broken=None, took=1):
    """One ticket T of customer C, by days before the as-of day: its report, second visit and broken promise."""
    visits = [(1, day(reported))] + ([(2, day(again))] if again is not None else [])
    return company(
        tickets=filled(
            "tickets", ticket_id=["T"], customer_id="C", reported_at=[day(reported)], closed_at=[day(reported - took)]
        ),
        visits=filled(
            "visits", ticket_id="T", visit_no=[n for n, _ in visits], arrived_at=[at for _, at in visits]
        ),
        promises=filled(
            "promises", ticket_id=["T"], customer_id="C", fix="kept" if broken is None else "broken",
            broken_at=[None if broken is None else day(broken)],
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("made", "second_visit", "broken"),
    [
        (repair(), 0, 0),
        (repair(again=98), 1, 0),
        (repair(broken=99), 0, 1),
        (repair(again=98, broken=99), 1, 1),
        (repair(again=95), 1, 0),
        (repair(again=94), 0, 0),  # after the complaint: it cannot have led to it
        (repair(broken=94), 0, 0),
    ],
)
def test_what_happened_before_the_complaint_counts(made, second_visit, broken):
    made["complaints"] = complained(complaint_id=["p"], customer_id="C", ticket_id="T", received_at=[day(95)])
    (row,) = told(made).itertuples()
    assert (row.second_visit, row.broken, row.complained) == (second_visit, broken, 1)


@pytest.mark.parametrize(
    ("received", "ticket", "others_name_theirs", "counts"),
    [
        (100, "T", True, 1),
        (69, "T", True, 1),  # thirty days after the repair of day 99
        (68, "T", True, 0),
        (95, None, True, 0),  # in this export it would name its ticket
        (95, None, False, 1),
        (68, None, False, 0),
        (101, None, False, 0),  # before the call
        (95, "of another", True, 0),
    ],
)
def test_a_complaint_is_about_a_ticket_that_it_names_or_that_came_last(
    received, ticket, others_name_theirs, counts
):
    made = repair()
    made["complaints"] = complained(
        complaint_id=["p", "q", "r"],
        customer_id=["C", "D", "E"],
        ticket_id=[ticket, *(["U", "V"] if others_name_theirs else [None, None])],
        received_at=[day(received), day(500), day(400)],
    )
    assert list(told(made).complained) == [counts]


def test_a_complaint_without_a_ticket_is_about_one_of_them_only():
    made = company(
        tickets=filled("tickets", ticket_id=["T1", "T2", "T3"], customer_id=["C", "C", "D"],
                       reported_at=[day(100), day(97), day(96)]),
        promises=filled("promises", ticket_id=["T1", "T2", "T3"], fix="kept"),
        complaints=complained(complaint_id=["p"], customer_id="C", received_at=[day(95)]),
    )  # fmt: skip
    assert dict(zip(told(made).ticket_id, told(made).complained, strict=True)) == {"T1": 0, "T2": 1, "T3": 0}


def test_a_ticket_counts_once_its_complaint_would_be_known():
    assert len(told(repair(reported=32, took=2))) == 1
    assert told(repair(reported=32, took=3)).empty
    assert told(repair(reported=3 * 365)).empty
    assert len(told(repair(reported=3 * 365 - 1))) == 1


def test_a_second_visit_after_the_day_is_not_known():
    assert list(told(repair(again=-1)).second_visit) == [0]


def test_tickets_settled_on_the_phone_count_only_where_no_visits_are_on_record():
    tickets = filled("tickets", ticket_id=["T", "phone"], customer_id="C", reported_at=[day(100), day(100)])
    promises = filled("promises", ticket_id=["T", "phone"], fix="kept")
    made = repair() | {"tickets": tickets, "promises": promises}
    assert list(told(made).ticket_id) == ["T"]
    assert list(told(made | {"visits": filled("visits")}).ticket_id) == ["T", "phone"]


def test_the_latest_tickets_are_taken_where_there_are_too_many():
    made = company(
        tickets=filled("tickets", ticket_id=list("abc"), customer_id="C", reported_at=[day(90), day(70), day(80)]),
        promises=filled("promises", ticket_id=list("abc"), fix="kept"),
    )  # fmt: skip
    assert list(told(made, most=2).ticket_id) == ["b", "c"]


def tickets_of(customers=400, each=10, seed=5, effect=0.10):
    """Cases in which one of two branches sends people twice more often, and hears more complaints whatever it does."""
    rng = np.random.default_rng(seed)
    n = customers * each
    who = np.repeat(np.arange(customers), each)
    rude = who % 2 == 0
    second = (rng.random(n) < np.where(rude, 0.6, 0.1)).astype(float)
    chance = np.where(rude, 0.25, 0.05) + effect * second
    return pd.DataFrame(
        {
            "customer_id": [f"C{k}" for k in who],
            "branch": np.where(rude, "rude", "kind"),
            "level": "5*9",
            "quarter": 1,
            "second_visit": second,
            "broken": 0.0,
            "complained": (rng.random(n) < chance).astype(int),
            "machines": 1,
        }
    )


def test_the_difference_in_complaints_is_that_of_tickets_alike():
    found = tickets_of()
    figure = complaint_figures(found)["second_visits", "some"]
    raw = found.complained.groupby(found.second_visit).mean().diff().iloc[-1]
    assert figure["difference"] == pytest.approx(0.10, abs=2.5 * figure["error"])
    assert raw > figure["difference"] + 2.5 * figure["error"]
    assert figure["n"] == found.second_visit.sum()
    promises = complaint_figures(found)["promises", "some"]  # none was broken
    assert (promises["n"], promises["customers"]) == (0, 0)
    assert np.isnan(promises["difference"])


@pytest.mark.parametrize(("angry", "can_tell"), [(5, True), (4, False)])
def test_too_few_complaints_cannot_be_told_apart(angry, can_tell):
    found = tickets_of(200, 1).assign(branch="one", complained=0)
    found["second_visit"] = (np.arange(200) < 100).astype(float)
    found.loc[found.index[:angry], "complained"] = 1
    found.loc[found.index[-20:], "complained"] = 1
    assert np.isfinite(complaint_figures(found)["second_visits", "some"]["difference"]) == can_tell


TERMS = contracts(
    ("k", "C", "2025-01-01", "2025-12-31", "renewed", None, "l"),
    ("l", "C", "2026-01-01", "2026-12-31", "open", None, None),
    ("m", "D", "2024-01-01", "2024-12-31", "lost", "left", None),
)


def had_met(**changed):
    """The one customer that had a contract on the landmark."""
    engine = Engine(threads=1)
    terms = known_terms(TERMS, AS_OF, 30)
    found = met(engine, *sources(company(**changed), engine), terms, LANDMARK, 30)
    assert list(found.customer_id) == ["C"]
    return found.iloc[0]


@pytest.mark.parametrize(("before", "group"), [(0, "some"), (364, "some"), (365, "none"), (-1, "none")])
def test_the_year_up_to_the_landmark_counts(before, group):
    at = day(before, LANDMARK)
    tickets = filled("tickets", ticket_id=["T"], customer_id="C", reported_at=[day(900)])
    visits = filled("visits", ticket_id=["T"], visit_no=2, arrived_at=[at])
    promises = filled("promises", ticket_id=["T"], customer_id="C", broken_at=[at])
    row = had_met(tickets=tickets, visits=visits, promises=promises)
    assert (row.second_visits, row.promises) == (group, group)


@pytest.mark.parametrize(
    ("received", "end", "ended", "group"),
    [
        (50, "solved promptly", 48, "solved promptly"),
        (60, "solved", 31, "solved"),
        (60, "solved", -5, "ignored"),  # as far as anybody knew on the landmark
        (40, "ignored", 10, "ignored"),
        (20, "ignored", -10, None),  # nobody knew yet
        (380, "ignored", 350, "ignored"),
        (500, "ignored", 470, "none"),
        (-1, "solved promptly", -2, "none"),
        (50, None, None, None),
    ],
)
def test_a_complaint_counts_as_it_was_known_to_have_ended(received, end, ended, group):
    row = had_met(
        ended=filled(
            "complaints", complaint_id=["p"], customer_id="C", received_at=[day(received, LANDMARK)], end=[end],
            ended_at=[None if ended is None else day(ended, LANDMARK)],
        )
    )  # fmt: skip
    assert (None if pd.isna(row.complaints) else row.complaints) == group


def test_machines_in_place_and_the_first_contract_are_those_of_the_landmark():
    row = had_met(
        machines=filled(
            "machines", serial_no=list("abcd"), customer_id="C",
            installed_at=[day(9), None, day(800), day(800)], retired_at=[None, None, None, day(400)],
        )
    )  # fmt: skip
    assert row.machines == 2  # b and c; a came later, d was gone
    assert row.tenure == pytest.approx(303 / 365.25)


def customers_of(n=600, seed=3, effect=-200_000.0):
    """Customers of one to eight machines, the larger with more second visits."""
    rng = np.random.default_rng(seed)
    machines = rng.integers(1, 9, n).astype(float)
    second = rng.random(n) < machines / 10
    worth = 500_000 * machines + rng.normal(0, 400_000, n)
    ids = pd.Index([f"C{k:04d}" for k in range(n)], name="customer_id")
    frame = pd.DataFrame(
        {
            "customer_id": ids,
            "machines": machines,
            "tickets": machines,
            "service_level": "5*9",
            "tenure": 3.0,
            "second_visits": np.where(second, "some", "none"),
            "promises": "none",
            "complaints": None,
        }
    )
    after = worth + effect * second + rng.normal(0, 300_000, n)
    return frame, pd.Series(worth, ids), pd.Series(after, ids)


def test_the_difference_in_profit_is_that_of_customers_alike():
    frame, before, after = customers_of()
    figure = profit_figures(frame, before, after)["second_visits", "some"]
    raw = after.groupby(frame.second_visits.to_numpy()).mean()
    assert raw["some"] > raw["none"] + 500_000  # the larger ones
    assert figure["difference"] == pytest.approx(-200_000, abs=2.5 * figure["error"])
    assert figure["error"] < 50_000
    assert figure["share"] == pytest.approx((frame.second_visits == "some").mean())


def test_one_machine_sold_does_not_decide_what_a_visit_goes_with():
    frame, before, after = customers_of()
    after.iloc[np.flatnonzero(frame.second_visits == "some")[0]] = 1e13
    figure = profit_figures(frame, before, after)["second_visits", "some"]
    assert figure["difference"] == pytest.approx(-200_000, abs=2.5 * figure["error"])


def test_a_customer_that_the_books_do_not_know_brought_nothing():
    frame, before, after = customers_of()
    gone = after.index[np.flatnonzero(frame.second_visits == "some")[:90]]
    without = profit_figures(frame, before, after.drop(gone))
    with_nothing = profit_figures(frame, before, after.where(~after.index.isin(gone), 0.0))
    key = ("second_visits", "some")
    assert without[key] == with_nothing[key]


def test_a_complaint_nobody_knows_the_end_of_is_not_compared():
    frame, before, after = customers_of()
    frame["complaints"] = np.select(
        [np.arange(600) < 30, np.arange(600) < 45], ["ignored", "solved"], default="none"
    )
    frame.loc[500:, "complaints"] = None
    figures = profit_figures(frame, before, after)
    assert figures["complaints", "ignored"]["share"] == pytest.approx(30 / 500)
    assert np.isfinite(figures["complaints", "ignored"]["difference"])
    assert figures["complaints", "solved"]["n"] == 15  # too few
    assert np.isnan(figures["complaints", "solved"]["difference"])


def test_limits_of_amounts_hold_though_the_large_vary_more():
    inside = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        size = rng.exponential(size=120)
        some = rng.random(120) < 0.2 + 0.5 * (size > 1)
        y = 3 * size + 2 * some + rng.standard_t(4, 120) * (0.2 + size)
        ((difference, error),) = linear_differences(y, some[:, None], size[:, None])
        inside.append(abs(difference - 2) < 1.96 * error)
    assert 0.91 <= np.mean(inside) <= 0.98


def compared(**differences):
    """Table associations: 100 contracts each of none and of the groups given, by difference with limits ± 0.0392."""
    rows = []
    for what, found in differences.items():
        rows.append((what, "none", 100, 90, 0.9, 0.0, 0.0))
        rows += [(what, group, 100, 80, 0.8, gap, 0.0392) for group, gap in found.items()]
    frame = pd.DataFrame(rows, columns=["what", "group", "n", "customers", "renewed", "difference", "half"])
    return tables.conform(
        frame.assign(
            low=0.0, high=1.0, difference_low=frame.difference - frame.half, difference_high=frame.difference + frame.half
        ),
        ASSOCIATIONS,
    )  # fmt: skip


def test_contracts_that_end_a_year_are_counted_per_customer_with_one():
    rows = [(f"a{k}", f"A{k}", "2025-01-01", "2025-12-31", "renewed", None, f"b{k}") for k in range(4)]
    rows += [(f"b{k}", f"A{k}", "2026-01-01", "2026-12-31", "open", None, None) for k in range(4)]
    rows += [("c", "C", "2024-06-01", "2027-05-31", "open", None, None)]
    rows += [("d", "D", "2023-01-01", "2023-12-31", "lost", "left", None)]
    assert ended_a_year(known_terms(contracts(*rows), AS_OF, 30)) == pytest.approx(4 / 5)


def test_a_difference_in_renewals_is_worth_so_many_renewals():
    terms = known_terms(TERMS, AS_OF, 30)  # one contract ended in the year, one customer had one
    figure = value_figures(compared(promises={"some": -0.06}), terms, WORTH)["promises", "some"]
    assert figure["difference"] == pytest.approx(-0.06 * 600_000)
    assert figure["error"] == pytest.approx(
        np.sqrt((0.06 * 30_000) ** 2 + (600_000 * 0.02) ** 2 + (0.02 * 30_000) ** 2), rel=1e-4
    )
    assert figure["share"] == pytest.approx(0.5)
    assert (figure["n"], figure["customers"]) == (100, 80)


@pytest.mark.parametrize(
    ("figures", "z"), [(1, 1.959964), (2, 2.241403), (5, 2.575829)], ids=["one", "two", "five"]
)
def test_all_figures_of_a_link_share_one_chance_of_error(figures, z):
    rows = pd.DataFrame({"link": "profit", "difference": [100.0] * figures, "error": 10.0, "share": 0.5})
    unknown = pd.DataFrame({"link": ["profit", "value"], "difference": np.nan, "error": np.nan, "share": 1.0})
    found = with_limits(pd.concat([rows, unknown], ignore_index=True))
    assert found.high[0] == pytest.approx(100 + 10 * z)
    assert found.money_high[0] == round(50 + 5 * z)
    assert list(found.verdict) == ["more"] * figures + ["cannot_tell"] * 2


@pytest.mark.parametrize(
    ("difference", "verdict"), [(-20.0, "less"), (-19.0, "cannot_tell"), (19.0, "cannot_tell"), (20.0, "more")]
)  # fmt: skip
def test_limits_that_hold_zero_cannot_tell(difference, verdict):
    row = pd.DataFrame({"link": ["value"], "difference": [difference], "error": [10.0], "share": [0.0]})
    assert list(with_limits(row).verdict) == [verdict]


def test_money_beyond_what_an_integer_holds_is_missing():
    row = pd.DataFrame({"link": ["value"], "difference": [1e19], "error": [1.0], "share": [1.0]})
    found = with_limits(row)
    assert found.money.isna().all()
    assert found.difference[0] == 1e19


def busy(customers=150, seed=1):
    """A company in which something of everything happens, and its profits; nothing goes with anything."""
    rng = np.random.default_rng(seed)
    who = np.array([f"C{k:03d}" for k in range(customers)], dtype=object)
    n = 8 * customers
    ids, whose = np.array([f"T{k:05d}" for k in range(n)], dtype=object), rng.choice(who, n)
    called = day(rng.integers(60, 900, n))
    late = called + pd.Timedelta(days=2)
    broken = rng.random(n) < 0.2
    twice = rng.random(n) < 0.2
    angry = np.flatnonzero(rng.random(n) < 0.3)
    ends = rng.choice(["solved", "solved promptly", "ignored"], len(angry))
    received = late[angry] + pd.Timedelta(days=3)
    made = company(
        tickets=filled("tickets", ticket_id=ids, customer_id=whose, reported_at=called, closed_at=late,
                       branch=rng.choice(["A", "B"], n)),
        visits=filled("visits", ticket_id=np.r_[ids, ids[twice]], visit_no=np.r_[np.ones(n), 2 + np.zeros(twice.sum())],
                      arrived_at=pd.DatetimeIndex(np.r_[called + pd.Timedelta(days=1), late[twice]])),
        promises=filled("promises", ticket_id=ids, customer_id=whose, level=rng.choice(["5*9", "7*24*4"], n),
                        fix=np.where(broken, "broken", "kept"),
                        broken_at=pd.Series(late).where(broken)),
        complaints=complained(complaint_id=ids[angry], customer_id=whose[angry], ticket_id=ids[angry], received_at=received),
        ended=filled("complaints", complaint_id=ids[angry], customer_id=whose[angry], received_at=received, end=ends,
                     ended_at=received + pd.to_timedelta(np.where(ends == "ignored", 30, 4), unit="D")),
        machines=filled("machines", serial_no=[f"S{k}" for k in range(2 * customers)], customer_id=np.repeat(who, 2),
                        installed_at=day(1500)),
    )  # fmt: skip
    rows = [(f"K{c}", c, "2025-03-01", "2026-02-28", "renewed", None, f"L{c}") for c in who]
    rows += [(f"L{c}", c, "2026-03-01", "2027-02-28", "open", None, None) for c in who]
    profits = [pd.Series(rng.normal(400_000, 90_000, customers), who) for _ in range(2)]
    associations = compared(
        promises={"some": -0.08}, second_visits={"some": -0.01}, complaints={"ignored": 0.0, "solved": 0.01}
    )
    return made, contracts(*rows), profits, associations


def told_chain(made, signed, profits, associations, worth=WORTH, engine=None):
    engine = engine or Engine(threads=1)
    terms = known_terms(signed, AS_OF, 30)
    return chain(engine, *sources(made, engine), associations, terms, *profits, worth, AS_OF)


def test_the_chain_has_a_row_of_each_figure_in_the_order_of_its_links(everything_told):
    found = everything_told
    assert [tuple(row) for row in found[["link", "what", "group"]].to_numpy()] == [
        (link, *key) for link, keys in FIGURES.items() for key in keys
    ]
    pd.testing.assert_frame_equal(found, tables.conform(found, CHAIN))
    rows = found.set_index(["link", "what", "group"])
    assert rows.loc["complaint"].difference.notna().all()
    assert rows.loc["complaint"].money.isna().all()
    assert rows.loc["profit"].money.notna().all()
    assert rows.verdict["renewal", "promises", "some"] == rows.verdict["value", "promises", "some"] == "less"
    assert rows.money["value", "promises", "some"] == round(-0.08 * 600_000 / 2)
    assert rows.verdict["renewal", "complaints", "solved promptly"] == "cannot_tell"  # no such contract
    assert rows.n["renewal", "complaints", "solved promptly"] == 0


def alone(made, *kept):
    return company(**{name: made[name] for name in kept})


def without(*names):
    return lambda made: alone(made, *(name for name in made if name not in names))


BAD = {
    "no visits": (without("visits"), {("complaint", "second_visits"), ("profit", "second_visits")}),
    "no promises": (without("promises"), {("complaint", "promises"), ("profit", "promises")}),
    "no complaints": (
        without("complaints", "ended"),
        {("complaint", "second_visits"), ("complaint", "promises"), ("profit", "complaints")},
    ),
    "no machines": (without("machines"), set()),
    "nothing": (
        lambda made: company(),
        {(link, what) for link in ("complaint", "profit") for what, _ in FIGURES[link]},
    ),
}


@pytest.fixture(scope="module")
def everything_told():
    return told_chain(*busy())


@pytest.mark.parametrize(("change", "untold"), BAD.values(), ids=BAD)
def test_what_is_not_on_record_cannot_be_told(change, untold, everything_told):
    made, *more = busy()
    found = told_chain(change(made), *more)
    assert len(found) == len(everything_told)
    gone = [(row.link, row.what) in untold for row in found.itertuples()]
    numbers = ["difference", "low", "high", "money", "money_low", "money_high"]
    assert found.loc[gone, numbers].isna().all(axis=None)
    assert (found.verdict[gone] == "cannot_tell").all()
    rest = ~np.array(gone)
    assert (found.difference.notna() == everything_told.difference.notna())[rest].all()


def test_without_contracts_only_complaints_can_be_told():
    made, _, profits, _ = busy()
    found = told_chain(made, contracts(), profits, tables.empty(ASSOCIATIONS), worth=None)
    later = found[found.link != "complaint"]
    assert (later.n == 0).all()
    assert later.difference.isna().all()
    assert (later.verdict == "cannot_tell").all()
    assert found.difference[found.link == "complaint"].notna().all()


def test_thirty_customers_are_too_few_for_profit():
    found = told_chain(*busy(30))
    profit = found[found.link == "profit"]
    assert profit.difference.isna().all()
    assert (profit.verdict == "cannot_tell").all()
    assert profit.n.sum() > 0


def test_customers_that_are_all_alike_cannot_be_told_apart():
    made, signed, _, associations = busy()
    who = sorted(set(signed.customer_id))
    same = [pd.Series(100_000.0, who)] * 2
    found = told_chain(made, signed, same, associations)
    assert found.difference[found.link == "profit"].isna().all()
    visits = made["visits"]
    twice = pd.concat([visits[visits.visit_no == 1], visits[visits.visit_no == 1].assign(visit_no=2)])
    every = told_chain(made | {"visits": twice.astype(visits.dtypes)}, signed, same, associations)
    second = every[(every.what == "second_visits") & every.link.isin(["complaint", "profit"])]
    assert second.difference.isna().all()
    assert (second.n > 0).all()
    assert set(every.verdict[every.link.isin(["profit"])]) == {"cannot_tell"}


def test_books_without_a_line_cannot_tell():
    made, signed, _, associations = busy()
    found = told_chain(made, signed, [pd.Series(dtype="int64")] * 2, associations)
    assert found.difference[found.link == "profit"].isna().all()


def test_a_worth_that_is_unknown_leaves_renewals_as_they_are():
    found = told_chain(*busy(), worth=None).set_index(["link", "what", "group"])
    assert found.loc["renewal"].verdict.iloc[1] == "less"
    assert found.loc["value"].difference.isna().all()
    assert set(found.loc["value"].verdict) == {"cannot_tell"}


@pytest.mark.slow
def test_in_a_company_whose_customers_complain_of_both_more_complaints_follow_both():
    made = sample.tables(600, seed=3101, dirt=False)
    settings = ServiceSettings.read(PARAMS["service"], PARAMS["value"])
    exports = service.Exports(*(made[name] for name in service.Exports._fields))
    served = service.results(exports, settings, until="2026-10", as_of=AS_OF).tables
    engine = Engine(threads=1)
    clean = {name: held(engine, made[name]) for name in ("tickets", "visits", "machines", "complaints")}
    found = complaint_figures(cases(engine, clean, {"tickets": held(engine, served["tickets"])}, AS_OF))
    for figure in found.values():
        assert figure["difference"] > 2.24 * figure["error"]


@pytest.mark.spark
def test_spark_tells_the_same_chain():
    made, *more = busy()
    there = told_chain(made, *more, engine=Engine("spark"))
    pd.testing.assert_frame_equal(there, told_chain(made, *more))
