"""What people type that nobody should keep: all of it invented, and every piece of it listed."""

import pandas as pd
import pytest
import simulated_company

from crmlab.sample import office_truth, private

PATTERNS = {
    "phone": "1990000[0-9]{4}",
    "id_card": "99[0-9]{4}(?:19)[0-9]{9}[0-9]",
    "email": r"kehu[0-9]{4}@example\.com",
    "name": f"[{''.join(private.SURNAMES)}](?:先生|女士)",
}
TEXTS = {"tickets": "symptom", "complaints": "text", "surveys": "comment"}


@pytest.fixture(scope="module")
def typed() -> dict[str, pd.DataFrame]:
    return simulated_company.typed()


@pytest.fixture(scope="module")
def listed() -> pd.DataFrame:
    whole = []
    for number in range(3):
        chunk = simulated_company.chunk(number)
        whole.append(office_truth.private(chunk, chunk.people["customer"].to_numpy() >= 0))
    return pd.concat(whole, ignore_index=True)


@pytest.mark.parametrize("kind", private.KINDS)
@pytest.mark.parametrize("table", list(TEXTS))
def test_each_kind_stands_in_each_table_and_all_of_it_is_listed(typed, listed, table, kind):
    found = typed[table][TEXTS[table]].str.extractall(f"({PATTERNS[kind]})")[0]
    said = listed[(listed["table"] == table) & (listed["kind"] == kind)]
    assert len(said) >= 3
    assert sorted(found) == sorted(said["value"])


def test_identity_numbers_are_nobodys(listed):
    """Region 99 does not exist, and the check digit is wrong."""
    weights = [2 ** (17 - k) % 11 for k in range(17)]
    numbers = listed.loc[listed["kind"] == "id_card", "value"]
    assert len(numbers) > 20
    for number in numbers:
        assert len(number) == 18
        assert number.startswith("99")
        right = "10X98765432"[sum(int(d) * w for d, w in zip(number, weights, strict=False)) % 11]
        assert number[-1] != right


def test_the_name_is_the_contact_s_own(typed, listed):
    tickets = pd.concat(simulated_company.chunk(number).calls for number in range(3)).set_index("ticket_id")
    named = listed[(listed["table"] == "tickets") & (listed["kind"] == "name")]
    assert (tickets.loc[named["key"], "contact"].to_numpy() == named["value"].to_numpy()).all()


def test_contacts_and_phones_never_reach_the_typed_tables(typed):
    assert not {"contact", "contact_phone"} & set(typed["tickets"].columns)
