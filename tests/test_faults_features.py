"""What a model may look at: only what is known when it answers, and of that only what tells something."""

import numpy as np
import pandas as pd
import pytest
from calls import table

from crmlab.faults.causes.features import fields_known, refuse_later, telling, with_context
from crmlab.files import CrmlabError
from crmlab.tables import TICKETS

LATER = [c.name for c in TICKETS.kept if c.available_at in ("closed", "visit")]


@pytest.mark.parametrize("column", LATER)
def test_a_column_known_after_dispatch_is_refused_by_name(column):
    for at in ("call", "dispatch"):
        with pytest.raises(CrmlabError, match=rf'tickets\.{column} is known at "closed", after the "{at}"'):
            refuse_later(["symptom", column], at)


def test_the_columns_that_give_the_answer_away_are_among_them():
    assert {"cause_actual", "closed_at", "n_causes"} <= set(LATER)


def test_remote_supports_guess_is_refused_at_the_call_and_taken_at_dispatch():
    refuse_later(["cause_predicted", "parts_requested"], "dispatch")
    with pytest.raises(CrmlabError, match='cause_predicted is known at "dispatch", after the "call"'):
        refuse_later(["cause_predicted"], "call")


def test_a_column_nobody_dated_is_refused():
    with pytest.raises(CrmlabError, match=r"tickets.x_verdict: nothing says when it is known"):
        refuse_later(["x_verdict"], "dispatch")


@pytest.mark.parametrize("at", ["visit", "closed", "yesterday"])
def test_a_model_answers_at_the_call_or_at_dispatch(at):
    with pytest.raises(CrmlabError, match='write "call" or "dispatch"'):
        fields_known(at)


@pytest.mark.parametrize("at", ["call", "dispatch"])
def test_every_field_a_model_uses_is_known_in_time_and_names_nobody(at):
    refuse_later(fields_known(at), at)
    assert not {"customer_id", "customer_name", "serial_no", "engineer_id"} & set(fields_known(at))


def calls(**columns):
    frame = {"reported_at": pd.to_datetime(["2026-07-01"]), "serial_no": ["A"], "customer_id": ["C"]}
    return pd.DataFrame(frame | columns)


def machine(installed):
    return table(
        "machines", {"serial_no": ["A"], "machine_model": ["7979"], "installed_at": [pd.Timestamp(installed)]}
    )


@pytest.mark.parametrize(
    ("installed", "age"),
    [
        ("2026-06-30", "under 0.5 years"),
        ("2026-07-09", "under 0.5 years"),  # reported before it was installed: a slip of days
        ("2025-12-01", "0.5 to 1 years"),
        ("2024-01-01", "2 to 3 years"),
        ("2018-06-01", "8 years and more"),
        (None, None),
    ],
)
def test_the_age_of_a_machine_comes_from_its_installation(installed, age):
    assert with_context(calls(), machine(installed))["machine_age"].tolist() == [age]


def test_industry_and_region_come_from_the_customer_file():
    customers = table("customers", {"customer_id": ["C"], "industry": ["bank"], "region": [None]})
    row = with_context(calls(), None, customers).iloc[0]
    assert (row["industry"], row["region"], row["month"]) == ("bank", None, "07")


def test_what_no_table_holds_is_missing():
    row = with_context(calls(serial_no=["unheard of"], customer_id=[None]), machine("2024-01-01")).iloc[0]
    assert (row["machine_age"], row["industry"], row["region"]) == (None, None, None)
    assert with_context(calls()).iloc[0]["machine_age"] is None


def test_a_machine_or_customer_listed_twice_adds_no_ticket():
    twice = pd.concat([machine("2024-01-01"), machine("2020-01-01")])
    assert len(with_context(calls(), twice)) == 1


CAUSES = ["fan", "disk"] * 100


def test_a_field_that_goes_with_the_causes_is_kept_and_one_that_does_not_is_left_out():
    values = pd.DataFrame({"family": ["A", "B"] * 100, "idle": ["x", "x", "y", "y"] * 50})
    assert telling(values, CAUSES) == ("family",)


def test_of_two_fields_that_say_the_same_one_is_kept():
    values = pd.DataFrame({"family": ["A", "B"] * 100, "model": ["A1", "B1"] * 100})
    assert len(telling(values, CAUSES)) == 1


def test_a_second_field_is_kept_for_what_the_first_leaves_open():
    rng = np.random.default_rng(1)
    one, other = rng.integers(0, 2, 800), rng.integers(0, 2, 800)
    causes = np.array(["fan", "disk", "board", "slot"])[2 * one + other]
    values = pd.DataFrame({"one": one.astype(str), "other": other.astype(str)})
    assert set(telling(values, causes)) == {"one", "other"}


def test_chance_alone_keeps_no_field():
    rng = np.random.default_rng(0)
    noise = pd.DataFrame({f"f{k}": rng.integers(0, 6, 600).astype(str) for k in range(13)})
    assert telling(noise, rng.choice(["fan", "disk", "board"], 600)) == ()


@pytest.mark.parametrize(
    "values", [{"only": ["same"] * 200}, {"each": [str(i) for i in range(200)]}, {"none": [""] * 200}]
)
def test_a_field_with_one_value_or_only_rare_ones_tells_nothing(values):
    assert telling(pd.DataFrame(values), CAUSES) == ()


def test_no_tickets_no_fields():
    assert telling(pd.DataFrame({"family": []}), []) == ()
