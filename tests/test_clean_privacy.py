"""Ids of people: keyed, the same within a company, worthless without its key."""

import re

import pandas as pd
from exports import cleaned

from crmlab.clean.privacy import PUBLIC_KEY, hash_person, load_key

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
    assert done.table("tickets")["customer_id"].tolist() == ["C1", "[email]", "C1"]
    assert done.table("tickets")["branch"].tolist()[0] == "杭州 [phone]"
    assert done.table("sales")["customer_id"].tolist() == ["C1", "13712345678"], (
        "a code stays, or rows lose it"
    )
