"""Steps run by name, values go in as parameters, and every statement keeps to SQL that Spark reads alike."""

import sys
from pathlib import Path

import pytest
import sql_subset
from exports import cleaned, run
from test_clean_company import CONTRACTS, CUSTOMERS, SALES, TICKETS
from test_clean_rules import TABLES

from crmlab.clean.judging.rules import judged_sql, own_sql
from crmlab.engine import DuckDB, Engine, compose, read_sql, used
from crmlab.files import CrmlabError
from crmlab.tables import CONTRACT

SRC = Path(__file__).parents[1] / "src" / "crmlab"


@pytest.fixture
def engine():
    return Engine()


def test_a_step_reads_relations_files_and_other_selects(engine, tmp_path):
    import pandas as pd

    pd.DataFrame({"customer_id": ["A", "B"], "n": [1, 2]}).to_parquet(tmp_path / "sales.parquet")
    (tmp_path / "doubled.sql").write_text("select customer_id, (2 * n)::bigint as n from sales;\n")
    names = engine.make({"customer_id": ["A"], "name": ["中萃"]})
    inputs = {"sales": tmp_path / "sales.parquet", "doubled": tmp_path / "doubled.sql", "names": names}
    step = "select name, n from doubled join names using (customer_id)"
    assert engine.rows(step, inputs) == [("中萃", 2)]
    assert engine.rows("from t", {"t": engine.run(step, inputs)}) == [("中萃", 2)]
    assert engine.stream(step, inputs).read_all().to_pylist() == [{"name": "中萃", "n": 2}]


def test_values_are_parameters_and_others_are_not_passed(engine):
    hostile = "'; drop table x; --"
    assert engine.rows("select ($said)::varchar as said", args={"said": hostile, "not_used": 1}) == [
        (hostile,)
    ]
    assert used("select $a, ($b)::int where x ~ '^a$'", {"a": 1, "b": 2, "c": 3}) == {"a": 1, "b": 2}


def test_a_file_is_read_whatever_its_name(engine, tmp_path):
    import pandas as pd

    path = tmp_path / "Smith's [1] year=2026" / "sales.parquet"
    path.parent.mkdir()
    pd.DataFrame({"n": [1]}).to_parquet(path)
    assert engine.rows("select * from sales", {"sales": path}) == [(1,)]


def test_a_name_bound_anew_is_read_anew(engine):
    """Views are kept between steps only while they mean the same."""
    first, second = engine.make({"x": ["1"]}), engine.make({"x": ["2"]})
    read = [engine.rows("select x from t", {"t": t}) for t in (first, second, second, first)]
    assert read == [[("1",)], [("2",)], [("2",)], [("1",)]]


def test_an_engine_that_does_not_exist():
    with pytest.raises(CrmlabError, match="engine: 'sparc' is not one of duckdb"):
        Engine("sparc")


def test_spark_without_its_packages_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(CrmlabError, match=r"pip install -e '\.\[spark\]'"):
        Engine("spark")


DIRTY = {
    **TABLES,
    "tickets.csv": TICKETS,
    "sales.csv": SALES,
    "customers.csv": CUSTOMERS,
    "contracts.csv": CONTRACTS,
}
DIRTY_MAPPING = """
    tables: {tickets: {dates: ["%d/%m/%Y"]}, sales: {drop_duplicates: true}}
    null_markers: ["?"]
"""


@pytest.mark.spark
def test_spark_writes_the_same_rows(tmp_path):
    import pandas as pd

    settings = {"as_of": "2026-10-09", "max_bad_share": 0.7}
    duckdb = cleaned(tmp_path, DIRTY, DIRTY_MAPPING, **settings)
    spark = run(tmp_path / "raw" / "acme", tmp_path / "spark", engine="spark", **settings)
    assert spark.result.metrics["engine"] == "spark"
    for path in sorted(duckdb.out.rglob("*.parquet")):
        name = path.relative_to(duckdb.out).with_suffix("").as_posix()
        pd.testing.assert_frame_equal(spark.table(name), duckdb.table(name), obj=name)
    assert spark.json("as_of") == duckdb.json("as_of")


@pytest.fixture(scope="module")
def statements(tmp_path_factory):
    """Every statement of a run of `clean` that reads every table, with and without a stated day."""
    seen, prepare = set(), DuckDB._prepare

    def record(self, sql, inputs):
        seen.add(compose(sql, inputs or {})[0])
        return prepare(self, sql, inputs)

    DuckDB._prepare = record
    try:
        for as_of in ("auto", "2026-10-09"):
            cleaned(tmp_path_factory.mktemp("all"), DIRTY, DIRTY_MAPPING, as_of=as_of, max_bad_share=0.7)
    finally:
        DuckDB._prepare = prepare
    return seen


@pytest.mark.slow
def test_every_statement_of_clean_keeps_to_the_portable_subset(statements):
    for table in CONTRACT.values():
        own = own_sql(table)
        rules = read_sql(own) if isinstance(own, Path) else judged_sql(table, clock=True)
        assert any(rules in sql for sql in statements), (
            f"no statement with the rules of {table.name} was looked at"
        )
    assert {said for sql in statements for said in sql_subset.refused(sql)} == set()


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(SRC.rglob("*.sql")) if p.parent.name != "kinds"],
    ids=lambda p: f"{p.parent.name}/{p.name}",
)
def test_every_sql_file_keeps_to_the_portable_subset(path):
    sql = path.read_text(encoding="utf-8")
    for slot in ("{keys}", "{key}", "{last}", "{columns}"):
        sql = sql.replace(slot, "x")
    assert sql_subset.refused(sql) == []


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("select trim(x) from t", "function Trim"),
        ("select quantile_cont(x, 0.5) from t", "function PercentileCont"),
        ("select nfc_normalize(x) from t", "function"),
        ("select hash(x) from t", "function hash"),
        ("select strftime(x, '%Y') from t", "function"),
        ("select dayofweek(x) from t", "function"),
        ("select ln(x) from t", "function Ln"),
        ("select x from t where regexp_matches(x, '^a$')", r"write \z"),
        ("select regexp_matches(x, '\\bA') from t", r"\b differs"),
        (
            "select regexp_replace(x, '(a)', '\\1', 'g') from t where regexp_matches(x, '(?=a)')",
            "look-around",
        ),
        ("select regexp_replace(x, 'a', 'b') from t", "without 'g'"),
        ("select regexp_extract_all(x, 'a') from t", "without group 1"),
        ("select date_diff('month', a, b) from t", "counts boundaries"),
        ("select 客户 from t", "客户 without quotes"),
        ("select * exclude (a) from t", "* with exclude"),
        ("select * replace (a + 1 as a) from t", "* with exclude"),
        ("select * from a asof join b on a.x >= b.x", "asof join"),
        ("select count(distinct x) over () from t", "distinct over a window"),
        ("select sum(x) over (order by y groups 2 preceding) from t", "by groups"),
        ("select * from generate_series(1, 3)", "function"),
        ("pivot t on x using sum(y)", "clause Pivot"),
    ],
)
def test_what_differs_between_engines_is_refused(sql, why):
    assert any(why in said for said in sql_subset.refused(sql)), sql_subset.refused(sql)


def test_what_is_verified_is_not_refused():
    sql = """
        with t as (select "客户", regexp_replace(a, '[$]+\\z', '', 'g') as a, (round(b))::bigint as b from s)
        select "客户", sum(b) filter (where a is not null) as b, count(distinct a) as n from t group by "客户"
        qualify row_number() over (order by n desc nulls last) = 1
    """
    assert sql_subset.refused(sql) == []
