"""Types that analysts wrote down reach the customers they mean, or are named."""

import pandas as pd
import pytest

from crmlab.files import CrmlabError
from crmlab.segments.use.labels import read_labels

CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["C1", "C2", "C3", "C4"],
        "customer_name": ["杭州川华医院", "宁波港", "宁波港", None],
    },
    dtype="string",
)


def read(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "type_labels.csv"
    path.write_bytes(text.encode(encoding))
    found, unknown = read_labels(path, CUSTOMERS)
    return dict(zip(found["customer_id"], found["type"], strict=True)), unknown


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_customer_is_named_by_number_or_name_and_its_type_in_either_language(tmp_path, encoding):
    text = "客户编号,客户名称,类型\nＣ２,,完美型\n,杭州川华医院,bargain seeker\nC4,no matter,远见\n"
    known = {"C1": "bargain-seeker", "C2": "perfectionist", "C4": "planner"}
    assert read(tmp_path, text, encoding) == (known, [])


def test_customers_nobody_knows_are_named_with_their_lines(tmp_path):
    text = "customer_id,type\nC1,pioneer\nC9,pioneer\n"
    assert read(tmp_path, text) == ({"C1": "pioneer"}, ["C9 (line 3)"])
    assert read(tmp_path, "customer_name,type\n上海港,pioneer\n") == ({}, ["上海港 (line 2)"])


def test_a_line_without_a_type_is_not_labelled_yet(tmp_path):
    assert read(tmp_path, "customer_id,type\nC1,\nC2,pioneer\n") == ({"C2": "pioneer"}, [])


def test_nobody_is_labelled_by_an_empty_file(tmp_path):
    assert read(tmp_path, "") == ({}, [])
    path = tmp_path / "type_labels.csv"
    assert read_labels(path, CUSTOMERS)[0].dtypes.tolist() == ["string", "string"]


def test_one_customer_twice_with_one_type_is_one_label(tmp_path):
    assert read(tmp_path, "customer_id,type\nC1,planner\nC1,远见型\n") == ({"C1": "planner"}, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "customer_id,customer_name,type\nC1,,planner\n,杭州川华医院,pioneer\n",
            "type_labels.csv line 3, type: customer C1 is pioneer here and planner in line 2; keep one",
        ),
        ("customer_id,type\nC1,visionary\n", "type_labels.csv line 2, type: 'visionary' is none of traditionalist, "),
        ("customer_id,type\n,planner\n", "line 2, customer_id: empty, and so is customer_name; name the customer or"),
        (
            "customer_name,type\n宁波港,planner\n",
            r"line 2, customer_name: '宁波港' is the name of 2 customers \(C2, C3\); write the customer_id",
        ),
        ("customer_id,kind\nC1,planner\n", "type_labels.csv line 1: no column type"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_line_and_column(tmp_path, text, said):
    with pytest.raises(CrmlabError, match=said):
        read(tmp_path, text)
