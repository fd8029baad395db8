"""What must hold in a clean table is asserted on what was written, and said with table, column, row, value and expectation."""

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from exports import cleaned
from pandera.errors import SchemaError, SchemaErrors

from crmlab import schemas
from crmlab.clean import parquet
from crmlab.schemas import check_table, checked, schema
from crmlab.tables import CLEAN, CONTRACTS, SURVEYS, TICKETS, VISITS

FILES = {
    "tickets.csv": """
        派单号,报修时间,故障现象,客户名,工程师,收费方式,完成时间
        T1,2026-10-01 09:00,a,中萃,E1,保修,2026-10-01
        T2,2026-10-02 09:00,,,,,2026-10-02 10:00
        T3,2026-10-03 09:00,c,安海,E2,,
        """,
    "visits.csv": "派单号,上门次数,到达时间\nT1,1,2026-10-02\nT1,2,2026-10-03\nT2,1,2026-10-03\n",
    "contracts.csv": "合同号,客户编号,开始日期,结束日期,金额\nK1,中萃,2026-01-01,2026-12-31,18210\n",
    "surveys.csv": "问卷号,客户编号,答卷时间,题目,分数,满分\nS1,中萃,2026-10-01,Q1,5,7\nS1,中萃,2026-10-01,Q2,6,7\n",
}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return cleaned(tmp_path_factory.mktemp("schemas"), FILES)


def refused(tmp_path, table, frame) -> str:
    """What `checked` says of `frame`, in batches of two rows."""
    path = tmp_path / "table.parquet"
    batches = pa.Table.from_pandas(frame, preserve_index=False).to_batches(max_chunksize=2)
    with pytest.raises(AssertionError) as error:
        parquet.write(path, batches, parquet.schema(table), table)
    assert not path.exists()
    return str(error.value)


def test_every_table_that_clean_writes_holds(written):
    for name, table in CLEAN.items():
        path = written.out / f"{name}.parquet"
        assert check_table(path, table) == pq.read_metadata(path).num_rows


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "said"),
    [
        (TICKETS, 2, "billing", "gratis", "tickets.billing, row 3: 'gratis' is not one of free, warranty, contract, paid"),
        (TICKETS, 1, "reported_at", None, "tickets.reported_at, row 2: is empty; expected a value in every row"),
        (
            TICKETS, 0, "closed_at", "2026-09-30 10:00",
            "tickets.closed_at, row 1: 2026-09-30 10:00:00 is before reported_at, 2026-10-01 09:00:00",
        ),
        (TICKETS, 2, "engineer_id", "王五", "tickets.engineer_id, row 3: is no keyed hash of a person (16 hexadecimal digits)"),
        (TICKETS, 2, "ticket_id", "T2", "tickets.ticket_id, row 3: 'T2' does not exceed the key of the row before"),
        (VISITS, 1, "visit_no", 1, "visits.ticket_id + visit_no, row 2: 'T1 + 1' does not exceed the key of the row before"),
        (VISITS, 2, "ticket_id", "T0", "visits.ticket_id + visit_no, row 3: 'T0 + 1' does not exceed the key of the row before"),
        (VISITS, 0, "cost", -1, "visits.cost, row 1: -1 is negative"),
        (CONTRACTS, 0, "end_at", "2025-12-31", "contracts.end_at, row 1: 2025-12-31 00:00:00 is before start_at, 2026-01-01 00:00:00"),
        (SURVEYS, 1, "score", 8.0, "surveys.scale_max, row 2: 7.0 is below score, 8.0"),
        (SURVEYS, 0, "item", None, "surveys.item, row 1: is empty; expected a value in every row"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_said_and_not_written(tmp_path, written, table, row, column, value, said):
    frame = written.table(table.name)
    frame.loc[row, column] = pd.Timestamp(value) if column.endswith("_at") and value else value
    message = refused(tmp_path, table, frame)
    assert message.startswith(said)
    assert "王五" not in message


def test_a_row_is_counted_through_all_batches(tmp_path, written):
    frame = pd.concat([written.table("visits").iloc[[0]]] * 5, ignore_index=True).assign(
        visit_no=[1, 2, 3, 4, 4]
    )
    assert refused(tmp_path, VISITS, frame).startswith("visits.ticket_id + visit_no, row 5: 'T1 + 4'")


def test_keys_are_compared_as_the_engine_sorts_them(tmp_path):
    """Capital letters before small ones, Chinese by code point, beyond the basic plane last."""
    keys = sorted(["a", "B", "é", "中", "Ａ", "😀", "a1", "a-", ""], key=str.encode)
    batch = pa.table({"product_id": keys})
    frame = pd.DataFrame({c.name: pd.Series(pd.NA, range(len(keys))) for c in CLEAN["products"].kept})
    frame = frame.assign(product_id=batch["product_id"].to_pandas())
    rows = pa.Table.from_pandas(frame, preserve_index=False).to_batches(max_chunksize=4)
    assert parquet.write(
        tmp_path / "p.parquet", rows, parquet.schema(CLEAN["products"]), CLEAN["products"]
    ) == len(keys)
    assert check_table(tmp_path / "p.parquet", CLEAN["products"]) == len(keys)


def test_only_columns_with_something_to_check_are_read(written):
    table = pq.read_table(written.out / "tickets.parquet")
    seen = []

    class Watched:
        def select(self, names):
            seen.extend(names)
            return table.select(names)

    assert [*map(type, checked(TICKETS, [Watched()]))] == [Watched]
    assert {"ticket_id", "reported_at", "closed_at", "billing", "engineer_id"} <= set(seen)
    assert not {"symptom", "machine_model", "branch"} & set(seen)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop_columns("branch"), "tickets.branch: is not there; expected string"),
        (
            lambda t: t.set_column(0, "ticket_id", pa.array([1, 2, 3])),
            "tickets.ticket_id: is int64; expected string",
        ),
    ],
)
def test_a_file_lacks_no_column_and_has_the_types_of_the_contract(tmp_path, written, change, said):
    pq.write_table(change(pq.read_table(written.out / "tickets.parquet")), tmp_path / "tickets.parquet")
    with pytest.raises(AssertionError) as error:
        check_table(tmp_path / "tickets.parquet", TICKETS)
    assert str(error.value) == said


def test_an_analyst_s_frame_is_checked_as_it_is_loaded(written):
    frame = schemas.in_whole_units(written.table("contracts"), CONTRACTS)
    rules = schema(CONTRACTS)
    assert len(rules.validate(frame.assign(mine=1))) == 1
    with pytest.raises(SchemaError, match="is negative"):
        rules.validate(frame.assign(amount=pd.array([-0.5], dtype="Float64")))
    with pytest.raises(SchemaError, match="not unique"):
        rules.validate(pd.concat([frame, frame], ignore_index=True))
    with pytest.raises(SchemaErrors) as error:
        rules.validate(
            frame.assign(outcome="?", contract_id=None).astype(
                {"outcome": "string", "contract_id": "string"}
            ),
            lazy=True,
        )
    assert set(error.value.failure_cases["column"]) == {"outcome", "contract_id"}


def test_every_table_has_a_schema_with_the_columns_of_the_contract():
    for table in CLEAN.values():
        rules = schema(table)
        assert list(rules.columns) == [c.name for c in table.kept]
        assert not any(rules.columns[k].nullable for k in table.key if table.column(k).kind != "choice")
