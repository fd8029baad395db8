"""Packed exports are read as if they lay there, and never unpack to more than a disk can take."""

import gzip
import io
import struct
import zipfile

import pytest
from exports import cleaned, ingested, write

from crmlab.clean.reading import archive
from crmlab.clean.reading.plan import peek, plan
from crmlab.files import CrmlabError

HEAD = "派单号,报修时间,故障现象\n"


def packed(members: dict[str, str | bytes], **how) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, **how) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return made.getvalue()


def fault(tmp_path, files, mapping=""):
    with pytest.raises(CrmlabError) as caught:
        ingested(tmp_path, files, mapping)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_member_of_a_zip_is_a_file_of_the_table(tmp_path):
    files = {
        "tickets.zip": packed(
            {
                "2026/09.csv": HEAD + "T1,2026-09-01,a\n",
                "2026/10.csv": (HEAD + "T2,2026-10-01,黄灯\n").encode("gb18030"),
                "__MACOSX/2026/._10.csv": "what a Mac leaves",
                ".DS_Store": "what a Mac leaves",
            }
        )
    }
    rows = ingested(tmp_path, files)
    assert [(r["_file"], r["_line"], r["symptom"]) for r in rows] == [
        ("tickets.zip/2026/09.csv", 2, "a"),
        ("tickets.zip/2026/10.csv", 2, "黄灯"),
    ]


def test_members_are_found_by_their_names_in_an_archive_of_everything(tmp_path):
    files = {
        "export.zip": packed(
            {"派单.csv": HEAD + "T1,2026-09-01,a\n", "sales.csv": "销售日期,客户,金额\n2026-10-01,A,5\n"}
        )
    }
    assert [r["_file"] for r in ingested(tmp_path, files)] == ["export.zip/派单.csv"]
    assert [r["amount"] for r in ingested(tmp_path, files, table="sales")] == ["5"]


def test_a_mapping_may_name_a_member(tmp_path):
    files = {"export.zip": packed({"a.csv": HEAD + "T1,2026-09-01,a\n", "b.csv": HEAD + "T2,2026-09-01,b\n"})}
    rows = ingested(tmp_path, files, 'tables: {tickets: {files: "export.zip/b*"}}')
    assert [r["symptom"] for r in rows] == ["b"]


def test_a_member_named_in_gbk_as_windows_does_it(tmp_path):
    raw = packed({"xxxx.csv": HEAD + "T1,2026-09-01,a\n"}).replace(
        b"xxxx.csv", "派单".encode("gbk") + b".csv"
    )
    assert ingested(tmp_path, {"export.zip": raw})[0]["_file"] == "export.zip/派单.csv"


def test_a_fault_in_a_member_names_archive_and_member(tmp_path):
    said = fault(tmp_path, {"tickets.zip": packed({"a.csv": HEAD + "T1,2026-09-01\n"})})
    assert said.startswith("tickets.zip/a.csv line 2, column 3: 2 cells where the headers are 3")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (packed({}), "tickets.zip: holds no file"),
        (
            packed({"a.csv": HEAD})[:-30],
            "tickets.zip: not a whole .zip; it was copied or downloaded only in part",
        ),
        (packed({"a.zip": packed({})}), "tickets.zip/a.zip: an archive within an archive"),
        (packed({"a.doc": "x"}), "tickets.zip/a.doc: this format is not read; save it as one of CSV"),
    ],
)
def test_archives_that_cannot_be_read(tmp_path, content, said):
    assert said in fault(tmp_path, {"tickets.zip": content})


def test_an_archive_with_a_password(tmp_path):
    raw = bytearray(packed({"a.csv": HEAD}))
    raw[6] |= 1  # the flag of its only member, before the data and in the directory
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1
    assert "tickets.zip/a.csv: encrypted; unpack it with its password" in fault(
        tmp_path, {"tickets.zip": bytes(raw)}
    )


def test_a_zip_bomb_is_refused_by_what_it_says_of_itself(tmp_path):
    raw = bytearray(packed({"a.csv": "x" * 1_000_000}))
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 3_000_000_000)
    said = fault(tmp_path, {"tickets.zip": bytes(raw)})
    assert "bytes unpack to 3,000,000,000 or more" in said
    assert "200 times for more than 512 MB. Not unpacked" in said


def test_a_zip_that_hides_how_much_it_holds_gives_no_more_than_it_says(tmp_path):
    raw = bytearray(packed({"a.csv": HEAD + "T1,2026-10-01,x\n" * 100_000}))
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 5_000)
    assert "tickets.zip/a.csv: cannot be unpacked to its end" in fault(tmp_path, {"tickets.zip": bytes(raw)})


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_gz_bomb_is_refused_while_it_is_unpacked(tmp_path, monkeypatch, encoding):
    """With smaller limits, for a real one takes seconds."""
    monkeypatch.setattr(archive, "RATIO_FROM", 1 << 20)
    raw = gzip.compress((HEAD + "T1,2026-10-01,x\n" * 1_000_000).encode(encoding))
    said = fault(tmp_path, {"tickets.csv.gz": raw})
    assert "tickets.csv.gz" in said
    assert "times as many; the limits are 64 GB, and 200 times for more than 1 MB. Not unpacked" in said


def test_a_gz_of_one_endless_line(tmp_path):
    said = fault(
        tmp_path, {"tickets.csv.gz": gzip.compress((HEAD + "T1,2026-10-01," + "x" * 9_000_000).encode())}
    )
    assert "tickets.csv.gz line 2: a row of more than 2,000,000 bytes, which is the limit" in said


def test_a_gz_copied_in_part(tmp_path):
    raw = gzip.compress((HEAD + "".join(f"T{n},2026-10-01,x\n" for n in range(9_000))).encode())
    assert "tickets.csv.gz: cannot be unpacked to its end" in fault(tmp_path, {"tickets.csv.gz": raw[:-400]})


def test_parquet_and_workbooks_may_lie_in_a_zip(tmp_path):
    import openpyxl
    import pandas as pd

    book, made = openpyxl.Workbook(), io.BytesIO()
    for row in (["派单号", "报修时间", "故障现象"], ["T1", "2026-10-01", "a"]):
        book.active.append(row)
    book.save(made)
    columnar = pd.DataFrame({"派单号": [2], "报修时间": ["2026-10-02"], "故障现象": ["b"]}).to_parquet()
    done = cleaned(tmp_path, {"tickets.zip": packed({"a.xlsx": made.getvalue(), "b.parquet": columnar})})
    assert done.table("tickets")[["ticket_id", "symptom"]].values.tolist() == [["2", "b"], ["T1", "a"]]
    inside = archive.exports(tmp_path / "raw/acme/tickets.zip", "tickets.zip")
    assert [peek(e).rows for e in inside] == [[["T1", "2026-10-01", "a"]], [["2", "2026-10-02", "b"]]]


def test_two_members_of_one_name_are_a_fault_of_one_line(tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        out.writestr("tickets.csv", HEAD + "T1,2026-10-01,a\n")
        with pytest.warns(UserWarning, match="Duplicate name"):
            out.writestr("tickets.csv", HEAD + "T2,2026-10-01,longer\n")
    for name in ("tickets.zip", "all.zip"):
        said = fault(tmp_path / name, {name: made.getvalue()})
        assert said.startswith(f"{name}/tickets.csv: 2 members of the archive have this name (")
        assert "unpack" in said


def test_a_folder_in_an_archive_names_a_table_as_on_disk_and_the_rest_is_listed(tmp_path):
    members = {
        "派单/01.csv": HEAD + "T1,2026-09-01,a\n",
        "export/tickets/sales.csv": HEAD + "T2,2026-10-01,b\n",
        "readme.txt": "what a vendor writes",
    }
    folder = write(tmp_path / "raw" / "acme", {"all.zip": packed(members), "broken.zip": b"PK"})
    found = plan(folder)
    assert [s.name for s in found.sources["tickets"]] == [
        "all.zip/export/tickets/sales.csv",
        "all.zip/派单/01.csv",
    ]
    assert found.unused == ["all.zip/readme.txt", "broken.zip"]
    assert not found.faults
