"""What customers had met before their contracts ended, and how many renewed of those and of others alike."""

import numpy as np
import pandas as pd
import pytest
from occasions import company, filled, nothing, occasions
from test_churn_terms import contracts

from crmlab import tables
from crmlab.churn.associations import associations, met
from crmlab.churn.outputs import ASSOCIATIONS

AS_OF = pd.Timestamp("2026-10-31")
END = pd.Timestamp("2025-12-31")
LANDMARK = pd.Timestamp("2025-09-30")  # the latest month end at least 90 days before


def one(rows=(("k", "C", "2025-01-01", "2025-12-31", "lost", "left", None),), as_of=AS_OF, **changed):
    """What was met before the end of the one ended contract."""
    found = met(occasions(nothing() | {"contracts": contracts(*rows)} | changed), as_of)
    assert len(found) == 1
    return found.iloc[0]


def broken(*days):
    ids = [f"t{k}" for k in range(len(days))]
    return filled("promises", ticket_id=ids, customer_id="C", broken_at=list(days))


def complaints(*rows):
    """Complaints of customer C from (days before the landmark received, end, days before it known)."""
    return filled(
        "complaints",
        complaint_id=[f"p{k}" for k in range(len(rows))],
        customer_id="C",
        received_at=[LANDMARK - pd.Timedelta(days=received) for received, _, _ in rows],
        end=[end for _, end, _ in rows],
        ended_at=[LANDMARK - pd.Timedelta(days=ended) for _, _, ended in rows],
    )


@pytest.mark.parametrize(
    ("day", "group"),
    [
        (LANDMARK, "some"),
        (LANDMARK - pd.Timedelta(days=364), "some"),
        (LANDMARK - pd.Timedelta(days=365), "none"),
        (LANDMARK + pd.Timedelta(days=1), "none"),
        (END, "none"),
    ],
)
def test_a_promise_counts_in_the_year_up_to_ninety_days_before_the_end(day, group):
    row = one(promises=broken(day))
    assert (row.landmark, row.promises, row.renewed) == (LANDMARK, group, 0)


def test_a_contract_is_looked_at_before_its_renewal_was_signed():
    rows = contracts(
        ("a", "C", "2025-01-01", "2025-12-31", "renewed", None, "b"),
        ("b", "C", "2026-01-01", "2026-12-31", "open", None, None),
    )
    rows["signed_at"] = pd.to_datetime([None, "2025-08-10"])
    row = one(contracts=rows, promises=broken(pd.Timestamp("2025-08-05")))
    assert (row.landmark, row.promises, row.renewed) == (pd.Timestamp("2025-07-31"), "none", 1)


def test_a_contract_too_short_to_be_looked_at_is_left_out():
    rows = contracts(("k", "C", "2025-11-01", "2025-12-31", "lost", "left", None))
    assert met(occasions(nothing() | {"contracts": rows}), AS_OF).empty


@pytest.mark.parametrize(
    ("rows", "group"),
    [
        ((), "none"),
        (((50, "solved promptly", 45),), "solved promptly"),
        (((50, "solved", 30),), "solved"),
        (((100, "ignored", 40),), "ignored"),
        (((300, "ignored", 240), (50, "solved promptly", 45)), "solved promptly"),
        (((300, "solved promptly", 295), (100, "ignored", 40)), "ignored"),
        (((100, "ignored", 40), (50, "solved", 40)), "ignored"),
        (((200, "solved", 100),), "solved"),  # ignored for a while, solved in the end
        (((200, "solved", -100),), "ignored"),  # as far as anybody knew then
        (((20, "ignored", -40),), None),  # nobody knows yet
        (((900, "ignored", 840),), "none"),
        (((-1, "ignored", -61),), "none"),
    ],
)
def test_the_complaint_whose_end_was_known_last_counts(rows, group):
    found = one(complaints=complaints(*rows)) if rows else one()
    assert (None if pd.isna(found.complaints) else found.complaints) == group


def test_only_what_is_known_on_the_day_counts():
    rows = (
        ("a", "A", "2024-01-01", "2024-12-31", "lost", "left", None),
        ("b", "B", "2025-01-01", "2025-12-31", "lost", "left", None),
        ("c", "C", "2024-01-01", "2024-12-31", "lost", "moved", None),
        ("d", "D", "2024-01-01", "2024-12-31", None, None, None),
        ("e", "E", "2024-01-01", "2024-12-31", "renewed", None, None),
    )
    made = occasions(nothing() | {"contracts": contracts(*rows)})
    assert list(met(made, pd.Timestamp("2025-06-30")).contract_id) == ["a", "e"]
    assert list(met(made, AS_OF).contract_id) == ["a", "b", "e"]


def planted(n=900, seed=2):
    """Customers with a contract each: those of many machines have more promises broken and renew less, whatever was broken."""
    rng = np.random.default_rng(seed)
    who = np.array([f"C{k:04d}" for k in range(n)], dtype=object)
    machines = rng.choice([1, 16], n)
    is_broken = rng.random(n) < np.where(machines > 1, 0.7, 0.15)
    chance = np.where(machines > 1, 0.6, 0.9) - 0.2 * is_broken
    renewed = rng.random(n) < chance
    return nothing() | {
        "contracts": contracts(
            *[
                (f"K{c}", c, "2025-01-01", "2025-12-31", "renewed" if r else "lost", None, None)
                for c, r in zip(who, renewed, strict=True)
            ]
        ),
        "customers": filled("customers", customer_id=who),
        "promises": filled(
            "promises",
            ticket_id=who[is_broken],
            customer_id=who[is_broken],
            broken_at=LANDMARK - pd.Timedelta(days=30),
        ),
        "machines": filled(
            "machines",
            serial_no=[f"S{k}" for k in range(machines.sum())],
            customer_id=np.repeat(who, machines),
            installed_at=pd.Timestamp("2022-01-01"),
        ),
    }


def test_the_adjusted_difference_is_the_planted_one_and_the_raw_one_is_not():
    told = associations(occasions(planted()), AS_OF).set_index(["what", "group"])
    assert list(told.index) == [("promises", "none"), ("promises", "some")]  # nobody met anything else
    none, some = told.loc[("promises", "none")], told.loc[("promises", "some")]
    assert some.difference_low < -0.2 < some.difference_high < 0
    assert some.renewed - none.renewed < some.difference_low
    assert (none.difference, none.difference_low, none.difference_high) == (0, 0, 0)
    assert none.low < none.renewed < none.high


def test_every_group_has_a_row_and_its_counts():
    made = occasions(company())
    told = associations(made, AS_OF)
    assert list(told.columns) == list(tables.empty(ASSOCIATIONS).columns)
    assert list(told.what + " " + told.group) == [
        "promises none", "promises some", "second_visits none", "second_visits some",
        "complaints none", "complaints solved promptly", "complaints solved", "complaints ignored",
    ]  # fmt: skip
    of_all = told.groupby("what").n.sum()
    assert of_all["promises"] == of_all["second_visits"] == len(met(made, AS_OF))
    assert (told.customers <= told.n).all()
    assert ((told.low <= told.renewed) & (told.renewed <= told.high)).all()


def few(lost_of_broken, broken_ones=30):
    """120 customers, 30 of them lost, a promise broken to `broken_ones`, of which the first `lost_of_broken` were lost."""
    lost = [k < lost_of_broken or 90 <= k < 120 - lost_of_broken for k in range(120)]
    rows = [
        (f"K{k}", f"C{k}", "2025-01-01", "2025-12-31", "lost" if lost[k] else "renewed", None, None)
        for k in range(120)
    ]
    to = [f"C{k}" for k in range(broken_ones)]
    promises = filled("promises", ticket_id=to, customer_id=to, broken_at=LANDMARK - pd.Timedelta(days=30))
    return associations(
        occasions(nothing() | {"contracts": contracts(*rows), "promises": promises}), AS_OF
    ).set_index("group")


@pytest.mark.parametrize(
    ("lost_of_broken", "broken_ones", "can_tell"),
    [(5, 30, True), (4, 30, False), (5, 19, False), (30, 30, False)],
)
def test_too_few_contracts_cannot_be_told_apart(lost_of_broken, broken_ones, can_tell):
    told = few(lost_of_broken, broken_ones)
    assert told.n["some"] == broken_ones
    assert told.renewed["some"] == pytest.approx(1 - lost_of_broken / broken_ones)
    assert pd.notna(told.difference["some"]) == can_tell
    assert pd.notna(told.difference_low["some"]) == can_tell


def test_shares_of_one_and_of_zero_keep_limits_apart():
    told = few(0, 30)
    assert told.renewed["some"] == 1
    assert told.low["some"] == pytest.approx(30 / (30 + 1.96**2), abs=1e-3)
    assert told.high["some"] == 1


def test_two_contracts_of_one_customer_are_one_witness_that_all_renew():
    rows = [
        (f"K{k}-{year}", f"C{k}", f"{year}-01-01", f"{year}-12-31", "renewed", None, f"K{k}-{year + 1}")
        for k in range(30)
        for year in (2024, 2025)
    ]
    promises = filled("promises", ticket_id=["t"], customer_id="C0", broken_at=[LANDMARK])
    made = nothing() | {"contracts": contracts(*rows), "promises": promises}
    none = associations(occasions(made), AS_OF).set_index("group").loc["none"]
    assert (none.n, none.customers, none.renewed) == (59, 30, 1)
    assert (none.low, none.high) == (pytest.approx(30 / (30 + 1.96**2), abs=1e-3), 1)


def test_without_an_ended_contract_there_is_nothing():
    open_one = contracts(("k", "C", "2026-01-01", "2026-12-31", "open", None, None))
    for made in (nothing(), nothing() | {"contracts": open_one}):
        told = associations(occasions(made), AS_OF)
        assert told.empty
        assert list(told.columns) == list(tables.empty(ASSOCIATIONS).columns)
