"""The embedded company is what the code makes, looks like an office's exports, and grows without changing."""

import gzip
import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import simulated_company
import yaml

from crmlab import sample, tables
from crmlab.sample import export, formats, record

DEMO = Path(__file__).parents[1] / "data" / "raw" / "demo"


def contents(folder: Path) -> dict[str, str]:
    """Every file of a company folder as text, by its path without .gz."""
    texts = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix().removesuffix(".gz")
            raw = path.read_bytes()
            raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
            encoding = "gb18030" if name.startswith("complaints") else "utf-8"
            texts[name] = sheet(path) if path.suffix == ".xlsx" else raw.decode(encoding)
    return texts


def sheet(path: Path) -> str:
    """The only sheet of a workbook as CSV."""
    [rows] = openpyxl.load_workbook(path).worksheets
    frame = pd.DataFrame(rows.values)
    frame = frame.map(lambda v: v.date().isoformat() if hasattr(v, "date") else "" if v is None else str(v))
    return frame.to_csv(index=False, header=False)


def rows_of(text: str, name: str) -> pd.DataFrame:
    """A file of the table `name` under the standard headers; columns that the contract does not know are left out."""
    frame = pd.read_csv(
        io.StringIO(text), dtype=str, keep_default_na=False, sep=";" if name == "opportunities" else ","
    )
    table = tables.CONTRACT[name]
    standard = {alias: export.header(name, column) for column in table.columns for alias in column.aliases}
    known = [header for header in frame if header in standard]
    return frame[known].rename(columns=standard)


@pytest.fixture(scope="module")
def exported() -> dict[str, pd.DataFrame]:
    return simulated_company.exported()


def test_the_committed_demo_is_what_the_code_makes(tmp_path):
    sample.write(tmp_path / "demo")
    made, committed = contents(tmp_path / "demo"), contents(DEMO)
    assert sorted(made) == sorted(committed)
    for name in made:
        assert made[name] == committed[name], f"{name} differs: run crmlab.sample.write(..., compress=True)"


@pytest.mark.slow
def test_compressed_files_hold_the_same(tmp_path):
    sample.write(tmp_path / "plain", customers=5)
    sample.write(tmp_path / "packed", customers=5, compress=True)
    assert contents(tmp_path / "packed") == contents(tmp_path / "plain")
    assert (tmp_path / "packed" / "sales.csv.gz").exists()
    assert (tmp_path / "plain" / "sales.csv").exists()


def test_the_committed_demo_is_small_and_says_that_it_is_simulated():
    assert sum(p.stat().st_size for p in DEMO.rglob("*") if p.is_file()) <= 4_000_000
    mapping = yaml.safe_load((DEMO / "mapping.yaml").read_text(encoding="utf-8"))
    assert mapping["simulated"] is True
    assert "simulated" in mapping["company"]
    assert (mapping["currency"], mapping["time_zone"]) == ("CNY", "Asia/Shanghai")


def test_gzip_headers_carry_neither_name_nor_time():
    for path in DEMO.rglob("*.gz"):
        head = path.read_bytes()[:10]
        assert head[3] == 0, f"{path.name} names a file"
        assert head[4:8] == b"\0\0\0\0", f"{path.name} carries a time"


@pytest.mark.parametrize("name", list(tables.CONTRACT))
def test_headers_are_unique_aliases_of_the_contract_and_tell_no_truth(exported, name):
    headers = list(exported[name].columns)
    known = {alias for column in tables.CONTRACT[name].columns for alias in column.aliases}
    assert len(set(headers)) == len(headers)
    assert set(headers) <= known


def test_offices_send_what_they_have():
    """One table in GB18030, one with semicolons, one workbook; two months of tickets under headers of their own."""
    complaints = (DEMO / "complaints.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        complaints.decode("utf-8")
    assert "投诉内容" in complaints.decode("gb18030")
    assert (DEMO / "opportunities.csv").read_text(encoding="utf-8").startswith("商机号;客户编号;")
    texts = contents(DEMO)
    assert "目录价" in texts["products.xlsx"]
    heads = {file: text.splitlines()[0].split(",") for file, text in texts.items() if "tickets/" in file}
    usual = heads["tickets/2026-02.csv"]
    other, longer = heads["tickets/2026-03.csv"], heads["tickets/2026-08.csv"]
    assert len(other) == len(usual)
    assert len(set(other) & set(usual)) < len(usual) - 5
    assert set(longer) - set(usual) == {export.MORE_HEADER}
    assert sum(head == usual for head in heads.values()) == len(heads) - 2


@pytest.mark.slow
def test_a_workbook_tells_no_time_and_holds_days_and_numbers(tmp_path):
    for folder in ("one", "two"):
        sample.write(tmp_path / folder, customers=2)
    assert (tmp_path / "one" / "products.xlsx").read_bytes() == (
        tmp_path / "two" / "products.xlsx"
    ).read_bytes()
    book = openpyxl.load_workbook(DEMO / "products.xlsx").active
    headers = [cell.value for cell in book[1]]
    prices, launches = headers.index("目录价"), headers.index("上市日期")
    assert {book.cell(row, prices + 1).data_type for row in range(2, 20)} == {"n"}
    assert all(book.cell(row, launches + 1).is_date for row in range(2, 20))


@pytest.mark.slow
def test_files_hold_the_rows_of_tables(exported):
    """Streaming chunk by chunk gives the same rows as everything at once."""
    texts = contents(DEMO)
    for name, frame in exported.items():
        files = [text for file, text in texts.items() if file.startswith((f"{name}/", f"{name}."))]
        read = pd.concat(rows_of(text, name) for text in files)
        assert list(read.columns) == list(frame.columns)
        rows = sorted(map(tuple, read.to_numpy().tolist()))
        assert rows == sorted(map(tuple, frame.to_numpy().tolist())), name


@pytest.mark.slow
def test_a_smaller_company_is_the_beginning_of_a_larger_one(exported):
    small = sample.tables(customers=450)
    for name in exported.keys() - record.CATALOGUES.keys():
        rows = small[name].reset_index(drop=True)
        pd.testing.assert_frame_equal(rows, exported[name].iloc[: len(rows)].reset_index(drop=True))
        assert len(rows) > 100, name
    assert len(small["customers"]) == 450


@pytest.mark.slow
def test_another_seed_is_another_company():
    one, other = sample.tables(customers=20), sample.tables(customers=20, seed=7)
    assert not one["tickets"].equals(other["tickets"])


@pytest.mark.slow
def test_tickets_by_number_come_out_about_so_many(tmp_path):
    seen = []
    sample.write(tmp_path, tickets=8_000, progress=lambda done, total: seen.append((done, total)))
    lines = sum(
        text.count("\n") - 1 for name, text in contents(tmp_path).items() if name.startswith("tickets/")
    )
    assert lines == pytest.approx(8_000, rel=0.1)
    assert seen == [(400, 479), (479, 479)]


def test_both_sizes_at_once_are_refused(tmp_path):
    with pytest.raises(ValueError, match="customers or tickets"):
        sample.write(tmp_path, customers=1, tickets=1)


def test_fields_with_commas_and_quotes_survive_csv():
    values = ["plain", "one disk amber, slot 3", 'say "急"']
    line = ",".join(formats.quoted(values)) + "\n"
    assert pd.read_csv(io.StringIO(line), header=None).iloc[0].tolist() == values


def test_the_typed_tables_satisfy_the_contract():
    typed = sample.tables(customers=60, dirt=False)
    assert set(typed) == set(tables.CLEAN)
    for name, frame in typed.items():
        assert list(frame.columns) == [c.name for c in tables.CLEAN[name].kept]
        assert not frame.duplicated(list(tables.CLEAN[name].key)).any(), name
    opened = typed["tickets"]["is_open"]
    assert typed["tickets"].loc[opened, ["closed_at", "cause_actual"]].isna().all().all()


def test_contacts_are_there_for_privacy_to_remove(exported):
    tickets = exported["tickets"]
    assert tickets["联系人"].str.fullmatch("[赵钱孙李周吴郑王](先生|女士)").all()
    assert tickets["联系电话"].str.fullmatch("1990000[0-9]{4}").all()
    assert tickets["故障现象"].str.contains("1990000[0-9]{4}").mean() == pytest.approx(0.017, abs=0.006)
