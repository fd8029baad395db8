"""People: their ids are keyed hashes, worthless without the key, and nothing else of them is in any output."""

import json
import pickle
import pickletools
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
import joblib
import numpy as np
import pandas as pd
import pytest
from conftest import copy, new_project, run_notebook, run_stage
from exports import cleaned
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from crmlab.clean import plan
from crmlab.clean.judging.kinds import read
from crmlab.clean.people.privacy import PUBLIC_KEY, hash_person, load_key
from crmlab.clean.reading.ingest import ingest
from crmlab.engine import Engine
from crmlab.files import CrmlabError
from crmlab.report.page import TITLES
from crmlab.tables import CONTRACT

TICKETS = {"tickets.csv": "报修时间,故障现象,工程师\n2026-10-01,a,E1\n2026-10-02,b,Ｅ1 \n2026-10-03,c,E2\n"}


def engineers(done):
    return done.table("tickets")["engineer_id"].tolist()


def test_the_same_person_has_one_hash(tmp_path):
    first, second, third = engineers(cleaned(tmp_path, TICKETS))
    assert first == second != third
    assert re.fullmatch("[0-9a-f]{16}", first)


def test_a_simulated_company_uses_the_public_key(tmp_path):
    done = cleaned(tmp_path, TICKETS, "simulated: true")
    assert engineers(done)[0] == hash_person("E1", PUBLIC_KEY)
    assert not (tmp_path / "salt").exists()


def test_a_real_company_gets_its_own_key_on_first_use_and_keeps_it(tmp_path):
    first = cleaned(tmp_path, TICKETS)
    again = cleaned(tmp_path, TICKETS)
    assert engineers(first) == engineers(again)
    assert engineers(first)[0] != hash_person("E1", PUBLIC_KEY)
    assert (tmp_path / "salt").stat().st_mode & 0o077 == 0
    assert load_key(tmp_path / "other", simulated=False) != load_key(tmp_path / "salt", simulated=False)


def test_a_key_that_is_lost_is_not_replaced_unnoticed(tmp_path):
    (tmp_path / "salt").write_text("\n")
    with pytest.raises(CrmlabError, match="salt: empty; put the key back"):
        load_key(tmp_path / "salt", simulated=False)


def test_the_environment_can_hold_the_key(tmp_path, monkeypatch):
    monkeypatch.setenv("CRMLAB_SALT", "pepper")
    assert engineers(cleaned(tmp_path, TICKETS))[0] == hash_person("E1", "pepper")
    assert not (tmp_path / "salt").exists()


def test_cells_in_the_wrong_column_give_nobody_away(tmp_path):
    """What cannot be read is shown as an example and as a reason, without phone, identity card and e-mail."""
    text = """
        派单号,报修时间,故障现象,完成时间,收费方式,重点关注
        T1,张三 13812345678,x,2026-10-01,,
        T2,2026-10-02,打给 13812345678,a long tale before 138-1234-5678,王五 13912345678,li@example.com
        T3,2026-10-03,y,33010619800101123X,保内,
        T4,this line is cut after its fortieth 13812345678,z,,,
        """
    done = cleaned(tmp_path, {"tickets.csv": text})
    written = ""
    for path in sorted(p for p in done.out.rglob("*") if p.is_file()):
        written += pd.read_parquet(path).to_csv() if path.suffix == ".parquet" else path.read_text()
    for hidden in ("13812345678", "138-1234", "1381", "13912345678", "li@example", "19800101"):
        assert hidden not in written
    assert done.quarantine("tickets")[2] == "reported_at: '张三 [phone]' is not a date (year-month-day)"
    examples = done.table("quality").set_index("column")["examples"]
    assert examples["closed_at"] == "'a long tale before [phone]' (tickets.csv:3); '[id]' (tickets.csv:4)"


def test_unknown_columns_about_people_are_not_kept(tmp_path):
    """Whatever a company calls them; a column that mapping.yaml names is read as what it is."""
    people = [
        "工程师姓名",
        "报修人",
        "联系人姓名",
        "客户手机",
        "E-Mail",
        "身份证号",
        "Contact Name",
        "Mobile no.",
    ]
    text = ",".join(["报修时间", "故障现象", "客户名称", "处理人姓名", *people])
    text += (
        "\n2026-10-01,a,中萃,王五" + ",李四" * len(people) + "\n?,a,中萃,王五" + ",李四" * len(people) + "\n"
    )
    mapping = "tables: {tickets: {columns: {engineer_id: 处理人姓名}}}"
    done = cleaned(tmp_path, {"tickets.csv": text}, mapping)
    for path in (p for p in done.out.rglob("*") if p.is_file()):
        written = pd.read_parquet(path).to_csv() if path.suffix == ".parquet" else path.read_text()
        assert "李四" not in written, path.name
        assert "王五" not in written, path.name
    assert [c for c in done.table("tickets") if c.startswith("x_")] == []
    assert done.table("tickets")["customer_name"].tolist() == ["中萃"]
    assert engineers(done)[0]


def test_names_and_other_words_give_nobody_away_and_still_join(tmp_path):
    """A customer written by name with a telephone number is the same in every table."""
    files = {
        "tickets.csv": """
            派单号,报修时间,故障现象,客户名,分公司
            T1,2026-10-01,a,张三 13812345678,杭州 0571-88123456
            T2,2026-10-02,b,li@example.com,x
            T3,2026-10-03,c,中萃13912345678,x
            """,
        "sales.csv": "日期,客户编号,金额\n2026-10-01,张三 13812345678,5\n2026-10-02,13712345678,6\n",
        "customers.csv": "客户编号,客户名\nC1,中萃13912345678\n13712345678,乙\n",
        "customer_aliases.csv": "raw_name,customer_id\n张三 13812345678,C1\n",
    }
    done = cleaned(tmp_path, files)
    for path in (p for p in done.out.rglob("*") if p.is_file()):
        written = pd.read_parquet(path).to_csv() if path.suffix == ".parquet" else path.read_text()
        for hidden in ("13812345678", "li@example", "88123456", "13912345678"):
            assert hidden not in written, path.name
    first, second, third = done.table("tickets")["customer_id"]
    assert (first, third) == ("C1", "C1")
    assert re.fullmatch(r"\[email\] [0-9a-f]{8}", second)
    assert done.table("tickets")["branch"].tolist()[0] == "杭州 [phone]"
    assert done.table("sales")["customer_id"].tolist() == ["C1", "13712345678"], (
        "a code stays, or rows lose it"
    )


PLANTED = st.one_of(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"1[3-9][0-9]([- ]|  | - )[0-9]{4}[- ][0-9]{4}", fullmatch=True),
    st.from_regex(r"\+[1-9][0-9]{0,2}[- ]?[0-9]{3}[- ]?[0-9]{4}[- ]?[0-9]{4}", fullmatch=True),
    st.from_regex(r"(0086|86)1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"[(（]?0(10|2[0-9]|[3-9][0-9]{2})[)）-][2-8][0-9]{2,3}[- ]?[0-9]{4}", fullmatch=True),
    st.from_regex(r"0(10|2[0-9])[2-8][0-9]{7}|0[3-9][0-9]{2}[2-8][0-9]{6,7}", fullmatch=True),
    st.from_regex(r"[48]00-[0-9]{3}-?[0-9]{4}|[48]00[0-9]{7}|[48]00[0-9]-[0-9]{3}-[0-9]{3}", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]", fullmatch=True),
    st.from_regex(r"[1-6][0-9]{5} (19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01]) [0-9]{4}", fullmatch=True),
    st.from_regex(r"[1-6][0-9]{7}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}", fullmatch=True),
    st.from_regex(r"[a-z][a-z0-9._+-]{0,12}[a-z0-9]@[a-z0-9-]{1,10}[a-z]\.(com|cn|com\.cn)", fullmatch=True),
)  # fmt: skip
HARMLESS = st.one_of(
    st.from_regex(r"[4-9][0-9]{3}[0-9]1Q[A-Z]", fullmatch=True),  # models
    st.from_regex(r"[0-9]{2}[A-Z][0-9]{4}", fullmatch=True),  # part numbers
    st.from_regex(r"99[MTZ][0-9]{9}", fullmatch=True),  # serials
    st.from_regex(r"99[0-9]{11}", fullmatch=True),
    st.datetimes(datetime(2000, 1, 1), datetime(2039, 12, 31)).map(lambda t: f"{t:%Y-%m-%d %H:%M}"),
    st.datetimes(datetime(2000, 1, 1), datetime(2039, 12, 31)).map(lambda t: f"{t:%Y%m%d%H%M%S}"),
    st.dates(date(2000, 1, 1), date(2039, 12, 31)).map(lambda d: f"{d:%Y.%m.%d}"),
    st.from_regex(r"[1-9][0-9]{0,8}(\.[0-9]{2})?元", fullmatch=True),
    st.from_regex(r"¥[1-9][0-9]{0,2}(,[0-9]{3}){1,3}\.[0-9]{2}", fullmatch=True),
    st.from_regex(r"0x000000[0-9A-F]{2}|RAID ?[0156]|192\.168\.[0-9]\.[0-9]{1,2}|v[0-9]\.[0-9]{2}", fullmatch=True),
)  # fmt: skip
WORDS = st.sampled_from(["", "打给", "，", " call ", "电话：", " 找我", "。", "【", "】急"])
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ENGINE = Engine(threads=1)


def scrub(texts: list[str]) -> list[str]:
    """The texts as `clean` keeps them."""
    made = ENGINE.make({"n": list(range(len(texts))), "x": texts}, {"n": "bigint"})
    found = [y for (y,) in ENGINE.rows(f"select {read('prose', 'x')} as y from t order by n", {"t": made})]
    ENGINE.drop(made)
    return found


@settings(max_examples=100, deadline=None)
@given(WORDS, PLANTED, WORDS, st.booleans())
def test_no_number_or_address_of_a_person_survives(before, planted, after, wide):
    text = before + (planted.translate(FULL_WIDTH) if wide else planted) + after
    [kept] = scrub([text])
    left = re.fullmatch(f"{re.escape(before)}(.*){re.escape(after)}", kept)[1]
    assert re.search(r"\[(phone|id|email)\]", left)
    assert len(re.findall("[0-9０-９]", left)) <= 4  # a country's code before it
    assert "@" not in left


@settings(max_examples=100, deadline=None)
@given(WORDS, HARMLESS, WORDS)
def test_models_parts_serials_dates_and_amounts_survive(before, harmless, after):
    text = before + harmless + after
    assert scrub([text]) == [text]


def test_customers_known_by_an_address_or_a_phone_number_stay_apart(tmp_path):
    sales = "日期,客户编号,金额\n" + "".join(
        f"2026-10-0{n},{who},5\n"
        for n, who in enumerate(["a@x.com", "b@x.com", "张三 13812345678", "张三 13912345678", "a@x.com"], 1)
    )
    tickets = "报修时间,故障现象,客户名\n2026-10-06,a,张三 １３８１２３４５６７８\n"
    done = cleaned(tmp_path, {"sales.csv": sales, "tickets.csv": tickets})
    who = done.table("sales")["customer_id"].tolist()
    assert [w.rsplit(" ", 1)[0] for w in who] == [
        "[email]",
        "[email]",
        "张三 [phone]",
        "张三 [phone]",
        "[email]",
    ]
    assert who[0] == who[4]
    assert len(set(who)) == 4 == len(done.table("customers"))
    assert done.table("tickets")["customer_id"].tolist() == [who[2]]
    assert done.table("tickets")["customer_name"].tolist() == [who[2]]


def test_a_customer_called_by_a_title_stays_a_customer(tmp_path):
    text = "报修时间,故障现象,客户名\n2026-10-01,王先生说坏了,王先生\n2026-10-02,b,李女士\n"
    done = cleaned(tmp_path, {"tickets.csv": text})
    assert done.table("tickets")["customer_id"].tolist() == ["王先生", "李女士"]
    assert done.table("tickets")["symptom"].tolist() == ["[name]说坏了", "b"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("联系人王先生，138 1234 5678", "联系人[name]，[phone]"),
        ("请找欧阳经理或王小明女士", "请找[name]或[name]"),
        ("Ask Mr. Wang or Dr Li Wei", "Ask [name] or [name]"),
        ("13812345678/13912345679 13712345670", "[phone]/[phone] [phone]"),
        ("总经理和项目经理都不在，工程师迟到", "总经理和项目经理都不在，工程师迟到"),
        ("S/N 991381234567890 于 20261031090512 重启", "S/N 991381234567890 于 20261031090512 重启"),
    ],
)
def test_people_are_found_among_words(text, kept):
    assert scrub([text]) == [kept]


def everything(folder: Path) -> Iterator[tuple[str, str]]:
    """The name of every file below `folder`, and its content as text: a table's cells and metadata, a model's strings, or all of it.

    Not the bytes of tables and models: an id of three characters is among some million numbers by chance.
    """
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if path.suffix == ".parquet":
            text = f"{pd.read_parquet(path).to_csv()} {parquet.read_schema(path).metadata}"
        elif path.suffix == ".joblib":
            pickled = pickletools.genops(pickle.dumps(joblib.load(path)))
            text = " ".join(found for _, found, _ in pickled if isinstance(found, str))
        else:
            text = path.read_text(encoding="utf-8")
        yield path.relative_to(folder).as_posix(), text


def test_a_person_in_a_table_or_a_model_is_seen(tmp_path):
    frame = pd.DataFrame({"n": [1.5, 2.5]}, index=["R34", "E77"])
    joblib.dump({"desk": [frame, np.array(["林先生"], dtype=object)]}, tmp_path / "x.joblib")
    frame.to_parquet(tmp_path / "x.parquet")
    read = dict(everything(tmp_path))
    assert named_in(read["x.joblib"], {"R34", "林先生", "R35"}) == {"R34", "林先生"}
    assert named_in(read["x.parquet"], {"E77", "R35"}) == {"E77"}


def people_of(folder: Path) -> set[str]:
    """Every person of the exports: by the columns that name them, and by what phones, cards and addresses look like anywhere."""
    layout = plan(folder)
    found: set[str] = set()
    connection = duckdb.connect()
    for name, table in CONTRACT.items():
        text = ingest(connection, layout, name)
        for column in (
            c for c in table.columns if c.kind in ("person", "private") and c.name in text.columns
        ):
            found |= {
                v for (v,) in connection.execute(f"select distinct {column.name} from {text.name}").fetchall()
            }
        for column in text.columns:
            cells = connection.execute(
                f'select distinct "{column}" from {text.name} where "{column}" is not null'
            ).fetchall()
            for (cell,) in cells:
                found |= set(
                    re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)|[\w.]+@[\w.]+\.\w+|(?<!\d)\d{17}[\dXx](?!\d)", cell)
                )
    return {p.strip() for p in found if p and p.strip()}


@pytest.fixture(scope="module")
def people(small) -> set[str]:
    found = people_of(small.raw("demo"))
    kinds = (
        "..?(先生|女士)",
        r"[ER]\d+",
        r"1\d{10}",
        r"\d{17}[\dX]",
        ".+@.+",
    )  # names, ids, phones, cards, addresses
    assert all(sum(bool(re.fullmatch(kind, p)) for p in found) >= 3 for kind in kinds)
    return found


def named_in(text: str, people: set[str]) -> set[str]:
    """The people whom `text` names."""
    words = set(re.findall(r"[0-9A-Za-z]+|[\w.]+@[\w.]+", text)) | set(re.findall(r"\d+", text))
    return words & people | {p for p in people if not p.isascii() and p in text}


def test_no_output_of_the_pipeline_names_a_person(small, people):
    """Tables, quarantine, CSV, figures and models of the simulated company, looked through for each of its people."""
    seen = []
    for folder in (small.root / "data" / "processed", small.root / "models", small.reports):
        for name, text in everything(folder):
            seen.append(name)
            assert named_in(text, people) == set(), f"{folder.name}/{name}"
    for part in ("clean/quarantine/tickets.parquet", "customer_aliases.csv", ".joblib", "metrics/clean.json"):
        assert any(part in name for name in seen), part


@pytest.mark.slow
@pytest.mark.parametrize("page", list(TITLES))
def test_no_page_names_a_person(small, people, page):
    """What the notebook of the page shows, in both languages."""
    for block in run_notebook(small, page):
        shown = json.dumps(block._repr_mimebundle_(), ensure_ascii=False, default=str)
        assert named_in(shown, people) == set(), shown[:200]


@pytest.mark.slow
def test_no_page_or_history_as_written_names_a_person(small, people, tmp_path):
    project = new_project(tmp_path)
    for name in ("data", "models", "reports"):
        copy(small.root / name, project.root / name)
    run_stage(project, "report")
    written = dict(everything(project.reports))
    assert {"index.html", "pages/zh/clean.html", "metrics/clean.json"} <= set(written)
    assert any(name.startswith("history/") for name in written)
    for name, text in written.items():
        assert named_in(text, people) == set(), name


def test_no_output_holds_the_key(tmp_path):
    done = cleaned(tmp_path, TICKETS)
    key = (tmp_path / "salt").read_text().strip()
    assert len(key) == 64
    assert not [name for name, text in everything(done.out) if key in text]
