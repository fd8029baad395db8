"""The file of confirmed names, as people and spreadsheets write it."""

import pytest
from exports import cleaned

from crmlab.files import CrmlabError

TICKETS = "派单号,报修时间,故障现象,客户名\nT1,2026-10-01,a,中萃\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'raw_name,customer_id\n"中萃,C1\n',
            r"customer_aliases.csv line \d: not readable as CSV .*a quote that is not closed",
        ),
        (
            "raw_name,customer_id\n" + "x" * 200_000 + ",C1\n",
            r"customer_aliases.csv line \d: not readable as CSV \(field larger",
        ),
    ],
    ids=["an open quote", "an endless cell"],
)
def test_a_broken_file_is_said_with_its_line(tmp_path, text, said):
    with pytest.raises(CrmlabError, match=said) as found:
        cleaned(tmp_path, {"tickets.csv": TICKETS, "customer_aliases.csv": text})
    assert "\n" not in str(found.value)
