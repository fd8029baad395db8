"""A company's own rules in pandas: what they may do to clean rows, what is noted, and what they are told when they go wrong."""

import re
import textwrap

import pandas as pd
import pytest
from exports import cleaned, run, write

from crmlab.clean import plan
from crmlab.clean.judging import own_rules
from crmlab.clean.judging.verdicts import verdicts
from crmlab.engine import Engine
from crmlab.files import CrmlabError

TICKETS = """
    派单号,报修时间,故障现象,机型,客户名,故障原因,分公司,收费方式,完成时间,班组
    T1,2026-10-01 09:00,开机无显,79441QC,中萃,主板损坏,杭洲,保修,,甲
    T2,2026-10-02 10:00,测试,79441QC,中萃,内存损坏,杭州,,2026-10-02 12:00,乙
    T3,2026-10-03 11:00,蓝屏,79442QC,安海,,杭州,,2026-10-03 12:00,
    T4,坏日期,蓝屏,79442QC,安海,,杭州,,,
    """
SALES = """
    订单号,行号,销售日期,客户名,金额,成本,类别
    S1,1,2026-10-01,中萃,1706.02,1000,产品
    S1,2,2026-10-01,中萃,999999999999999.99,,产品
    S2,1,2026-10-02,只买不修,10,,服务
    """


def ruled(tmp_path, rules, files=None, **settings):
    """A company with tickets and sales, cleaned under `rules`."""
    files = {"tickets.csv": TICKETS, "sales.csv": SALES} | (files or {})
    return cleaned(tmp_path, {**files, "rules.py": rules}, **settings)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """An engine, and the verdicts on the same company, up to where rules.py comes in."""
    folder = write(tmp_path_factory.mktemp("raw") / "acme", {"tickets.csv": TICKETS, "sales.csv": SALES})
    engine = Engine(threads=1)
    return engine, verdicts(engine, plan(folder), "a key", None, lambda _: None)


def told(tmp_path, rules, company):
    """What a rule is told that `clean` refuses; nothing is noted in the verdicts then."""
    engine, found = company
    (tmp_path / "rules.py").write_text(textwrap.dedent(rules), encoding="utf-8")
    with pytest.raises(CrmlabError) as error:
        own_rules.apply(engine, tmp_path, own_rules.load_rules(tmp_path), found.judged, found.as_of)
    return str(error.value)


def did(done, table):
    rows = done.table("own_rules").set_index("table").loc[[table]]
    return {(r.change, r.column): r.n for r in rows.itertuples()}


def test_rows_left_out_are_filtered_and_kept_aside_with_the_rule_as_reason(tmp_path):
    done = ruled(
        tmp_path, "def tickets(df):\n    return df[df['symptom'] != '测试'].reset_index(drop=True)\n"
    )
    assert done.table("tickets")["ticket_id"].tolist() == ["T1", "T3"]
    assert done.counts("tickets") == {
        "raw": 4,
        "clean": 2,
        "quarantined": 1,
        "duplicates": 0,
        "filtered": 1,
        "unusable": 0,
    }
    [aside] = done.table("quarantine/tickets").query("fate == 'filtered'").to_dict("records")
    assert (aside["line"], aside["reason"]) == (3, "rules.py: tickets")
    assert "symptom: 测试" in aside["row"]
    assert did(done, "tickets") == {("rows left out", "-"): 1}


def test_changed_cells_are_counted_and_what_clean_derives_follows(tmp_path):
    rules = """
        def tickets(df):
            df["branch"] = df["branch"].replace("杭洲", "杭州")
            first = df["ticket_id"] == "T1"
            df.loc[first, "cause_actual"] = "主板损坏、内存损坏"
            df.loc[first, "machine_model"] = "88871QC"
            df.loc[first, "closed_at"] = "2026-10-05 10:00"
            return df.sample(frac=1, random_state=1)
        """
    done = ruled(tmp_path, rules)
    [first, *others] = done.table("tickets").to_dict("records")
    assert (first["branch"], first["machine_family"], first["n_causes"]) == ("杭州", "8887", 2)
    assert (first["closed_at"], first["is_open"]) == (pd.Timestamp("2026-10-05 10:00"), False)
    assert [t["machine_family"] for t in others] == ["7944", "7944"]
    causes = done.table("ticket_causes").query("ticket_id == 'T1'")
    assert causes["cause"].tolist() == ["主板损坏", "内存损坏"]
    assert did(done, "tickets") == {
        ("cells changed", c): 1 for c in ("branch", "cause_actual", "closed_at", "is_open", "machine_family", "machine_model")
    }  # fmt: skip


def test_money_is_in_whole_units_and_amounts_not_touched_stay_exact(tmp_path):
    rules = """
        def sales(df):
            df.loc[df["amount"] == 1706.02, "amount"] -= 6.02
            return df
        """
    amounts = ruled(tmp_path, rules).table("sales").set_index("sale_id")["amount"]
    assert amounts["S1-1"] == 1700_00
    assert amounts["S1-2"] == 99999999999999999  # more digits than a float holds


def test_a_rule_sees_and_adds_columns_of_its_own(tmp_path):
    rules = """
        def tickets(df):
            df["x_who"] = df["x_班组"].fillna("?") + " 13812345678"
            return df.drop(columns="x_班组")
        """
    done = ruled(tmp_path, rules)
    assert done.table("tickets")["x_who"].tolist() == ["甲 [phone]", "乙 [phone]", "? [phone]"]
    assert "x_班组" not in done.table("tickets")
    assert did(done, "tickets") == {("column added", "x_who"): 3}


def test_customers_whom_only_a_row_left_out_names_are_gone(tmp_path):
    rules = "def sales(df):\n    return df[df['line_kind'] == 'product']\n"
    assert sorted(ruled(tmp_path, rules).table("customers")["customer_id"]) == ["中萃", "安海"]


@pytest.mark.slow
def test_rules_for_every_kind_of_key(tmp_path):
    files = {
        "visits.csv": "派单号,上门次数,到达时间,结果\nT1,1,2026-10-02,未修复\nT1,2,2026-10-03,已修复\nT2,1,2026-10-03,已修复\n"
    }
    rules = """
        import pandas as pd
        from textwrap import dedent

        def _late(df):
            return df["arrived_at"] > pd.Timestamp("2026-10-02")

        def visits(df):
            return df[_late(df)]

        def machines(df):
            raise RuntimeError("no machines are exported, so nobody asks")
        """
    done = ruled(tmp_path, rules, files)
    assert done.table("visits")[["ticket_id", "visit_no"]].values.tolist() == [["T1", 2], ["T2", 1]]


@pytest.mark.slow
def test_two_runs_give_the_same_bytes_and_nothing_is_written_beside_the_exports(tmp_path):
    rules = (
        "def tickets(df):\n    df['branch'] = df['branch'].str[:2]\n    return df[df['ticket_id'] != 'T3']\n"
    )
    done = ruled(tmp_path, rules)
    again = run(tmp_path / "raw" / "acme", tmp_path / "again")
    for path in (p.relative_to(done.out) for p in done.out.rglob("*") if p.is_file()):
        assert (done.out / path).read_bytes() == (again.out / path).read_bytes(), path
    assert sorted(p.name for p in (tmp_path / "raw" / "acme").iterdir()) == [
        "rules.py",
        "sales.csv",
        "tickets.csv",
    ]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("def tickets(df)\n    return df\n", "rules.py line 1: expected ':'"),
        ("import nowhere_at_all\n", "rules.py line 1: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("x = 1\n\ndef ticket(df):\n    return df\n", "rules.py line 3: no table is called 'ticket'; the nearest is 'tickets'"),
        (
            "def _branch(df):\n    return df['branche']\n\ndef tickets(df):\n    return _branch(df)\n",
            "rules.py line 2, tickets: KeyError: 'branche'",
        ),
        ("def tickets(df):\n    df['x_a'] = 1\n", "rules.py line 1, tickets: returned NoneType; expected the DataFrame"),
        (
            "def tickets(df):\n    return df.drop(columns='symptom')\n",
            "rules.py line 1, tickets: column symptom is not in what it returned",
        ),
        (
            "def tickets(df):\n    return df.assign(team='a')\n",
            "rules.py line 1, tickets: column team is not in the contract; call a column of your own x_team",
        ),
        (
            "import pandas as pd\n\ndef tickets(df):\n    return pd.concat([df, df.tail(1)])\n",
            "rules.py line 3, tickets: column ticket_id (ticket_id T3): 'T3' occurs twice; expected one row per key",
        ),
        (
            "def tickets(df):\n    df.loc[0, 'ticket_id'] = 'T9'\n    return df\n",
            "rules.py line 1, tickets: ticket_id T9 is not among the rows it got",
        ),
        (
            "def tickets(df):\n    df.loc[1, 'billing'] = 'gratis'\n    return df\n",
            "rules.py line 1, tickets: column billing (ticket_id T2): 'gratis' is not one of free, warranty, contract, paid",
        ),
        (
            "def tickets(df):\n    df.loc[1, 'closed_at'] = '2026-09-01'\n    return df\n",
            "rules.py line 1, tickets: column closed_at (ticket_id T2): 2026-09-01 00:00:00 is before reported_at, 2026-10-02 10:00:00",
        ),
        (
            "def tickets(df):\n    df['reported_at'] = df['reported_at'].astype(object)\n    df.loc[0, 'reported_at'] = 'soon'\n    return df\n",
            "rules.py line 1, tickets: column reported_at: 'soon' is no time; expected datetime64[us]",
        ),
        (
            "def tickets(df):\n    df['reported_at'] = None\n    return df\n",
            "rules.py line 1, tickets: column reported_at (ticket_id T1): is empty; expected a value in every row",
        ),
        (
            "def sales(df):\n    df['amount'] = 1e300\n    return df\n",
            "rules.py line 1, sales: column amount: 1e+300 is no amount; expected at most 9e+16",
        ),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said_with_its_line_in_rules_py(tmp_path, company, rules, message):
    said = told(tmp_path, rules, company)
    assert said.startswith(message)
    assert "\n" not in said


def test_a_rule_cannot_bring_persons_back(tmp_path, company):
    said = told(tmp_path, "def tickets(df):\n    return df.assign(engineer_id='王五')\n", company)
    assert said.startswith(
        "rules.py line 1, tickets: column engineer_id (ticket_id T1): is no keyed hash of a person"
    )
    assert "王五" not in said


def test_without_rules_nothing_is_noted(tmp_path):
    folder = write(tmp_path / "raw" / "acme", {"tickets.csv": TICKETS, "sales.csv": SALES})
    assert run(folder, tmp_path / "out").table("own_rules").empty
    (folder / "rules.py").write_text(textwrap.dedent("LIMIT = 3\n"))
    assert run(folder, tmp_path / "out").table("own_rules").empty


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "return pd.concat([df, df[['symptom']]], axis=1)",
            "column symptom occurs twice in what it returned",
        ),
        ("return df.assign(x_Ab=1, x_ab=2)", "columns x_Ab and x_ab differ in case only"),
        (
            "return df.assign(x_t=df['symptom'].str.split('x'))",
            "column x_t: .* is a list; expected one value per cell",
        ),
        (
            "return df.assign(is_focus=[{'a': 1}] * len(df))",
            "column is_focus: .* is a dict; expected one value per cell",
        ),
        (
            "return df.assign(**{c: df[c] + pd.Timedelta(days=400) for c in ['reported_at', 'closed_at']})",
            "column reported_at .ticket_id T1.: 2027-11-05 09:00:00 is after the as-of day 2026-10-03",
        ),
    ],
    ids=["a column twice", "in case only", "lists", "dicts", "the future"],
)
def test_what_no_table_can_hold_is_said_with_the_rule(tmp_path, company, body, said):
    message = told(tmp_path, f"import pandas as pd\ndef tickets(df):\n    {body}\n", company)
    assert re.match(f"rules.py line 2, tickets: {said}", message), message
    assert "\n" not in message
