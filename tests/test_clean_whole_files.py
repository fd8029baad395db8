"""Any table that a correct program writes is read cell by cell as it was written, and every row of it is accounted for.

Files are drawn by hypothesis: texts of any kind, written in any dialect, encoding and archive. The texts of one file are a handful,
repeated in a drawn order, so that a file is large and a failing example still shrinks to something that can be read.
"""

import gzip
import io
import random
import zipfile

import duckdb
import pandas as pd
import pytest
from exports import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmlab.clean.reading.ingest import ingest
from crmlab.clean.reading.plan import plan
from crmlab.files import CrmlabError

NASTY = (
    *("", " ", '"', '""', "'", ",", ";", "\t", "|", "\n", "\r", "\r\n", "\x00", "a\x00b", "\x1a", "\ufeff", "\u2028", "\x85"),
    *('"x', 'x"', 'a"b', "a\nb", "a\r\nb", "a\rb", '"\n"', '"a",b', " x", "x ", "\\", '\\"', "\\N", "NULL", "#", "sep=;"),
    *("😀", "👩‍🔧", "１２３", "硬盘黄灯常亮", "é", "𠀀", "\uffff", "1e15", "9" * 400, "-0", "1.0", "=1+1", "2026-13-45", "x" * 3000),
)  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
FORMS = st.one_of(
    st.sampled_from(["2026-10-01", "2026/9/30 9:05", "２０２６．１０．２", "2026年10月3日", "46296", "2026-10-01T09:30:00Z", "2062-01-01", "N/A", "?"]),
    st.dates(pd.Timestamp("1990-01-01").date(), pd.Timestamp("2030-01-01").date()).map(str),
    st.sampled_from(["¥1,706.02", "12", "(12.00)", "1e15", "-5", "999999999999999", "9" * 30, "0.005", "15%"]),
)  # fmt: skip
WRITTEN = st.fixed_dictionaries(
    {
        "mark": st.sampled_from(",;\t|"),
        "end": st.sampled_from(["\n", "\r\n", "\r", "either"]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
        "all_quoted": st.booleans(),
        "packed": st.sampled_from(["", ".gz", ".zip"]),
        "empty_lines": st.booleans(),
        "last_end": st.booleans(),
    }
)
ROWS = st.sampled_from([3000, 3000, 3000, 3000, 3000, 0, 1, 2])
SEEDS = st.integers(0, 1 << 32)


def table(pool: list[str], width: int, rows: int, seed: int) -> list[list[str]]:
    drawn = random.Random(seed).choices(pool, k=rows * width)
    return [drawn[n * width : (n + 1) * width] for n in range(rows)]


def write(path, rows: list[list[str]], how: dict, seed: int) -> list[int]:
    """Write rows as RFC 4180 says; the line on which each begins."""
    chance = random.Random(seed)
    quoted = (how["mark"], '"', "\r", "\n")
    text, lines, line = "", [], 1
    parts = []
    for n, row in enumerate(rows):
        cells = how["mark"].join(
            '"' + c.replace('"', '""') + '"' if how["all_quoted"] or any(q in c for q in quoted) else c
            for c in row
        )
        end = chance.choice(["\n", "\r\n"]) if how["end"] == "either" else how["end"]
        lines.append(line)
        line += cells.count("\n") + 1
        parts += [cells, end]
        if how["empty_lines"] and chance.random() < 0.01:
            parts.append(end)
            line += 1
        if n == len(rows) - 1 and not how["last_end"] and parts[-1] == end and row[-1]:
            parts.pop()
    text = "".join(parts)
    raw = text.encode(how["encoding"])
    if how["packed"] == ".gz":
        raw = gzip.compress(raw, 1)
    if how["packed"] == ".zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("part.csv", raw)
        raw = packed.getvalue()
    path.with_name(f"{path.stem}.zip" if how["packed"] == ".zip" else path.name + how["packed"]).write_bytes(
        raw
    )
    return lines


def readable(cell: str, encoding: str) -> str:
    """The cell, of which a Chinese file holds what Chinese programs write."""
    return "".join(c for c in cell if c < "\x7f" or "一" <= c <= "龥") if encoding == "gb18030" else cell


def test_every_cell_arrives_as_it_was_written(tmp_path_factory):
    seen = {"cells": 0, "files": 0, "refused": 0}

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        pool=st.lists(CELLS, min_size=1, max_size=25),
        more=st.lists(st.text("abc机型 \n-", min_size=1, max_size=6).filter(str.strip), max_size=5, unique_by=lambda h: h.lower()),
        rows=ROWS,
        how=WRITTEN,
        seed=SEEDS,
    )  # fmt: skip
    def holds(pool, more, rows, how, seed):
        pool = [readable(c, how["encoding"]) for c in pool]
        headers = ["派单号", "报修时间", "故障现象", *(f"列{n}{h}" for n, h in enumerate(more))]
        body = table(pool, len(headers), rows, seed)
        folder = tmp_path_factory.mktemp("company")
        lines = write(folder / "tickets.csv", [headers, *body], how, seed)[1:]
        seen["files"] += 1
        layout = plan(folder)
        if how["encoding"] == "gb18030" and layout.faults:
            assert "is not UTF-8" in layout.faults[0], "rare characters only: not plausible as Chinese"
            seen["refused"] += 1
            return
        assert layout.faults == []
        columns = {
            h: c
            for c, h in {
                **layout.sources["tickets"][0].matched.known,
                **layout.sources["tickets"][0].matched.unknown,
            }.items()
        }
        with duckdb.connect() as connection:
            text = ingest(connection, layout, "tickets")
            listed = ", ".join(f'"{columns[h]}"' for h in headers)
            found = connection.execute(f"select _line, {listed} from {text.name} order by _row").fetchall()
        assert text.raw == rows
        assert [list(row[1:]) for row in found] == [[c or None for c in row] for row in body]
        if how["end"] != "\r":  # else a carriage return within a cell ends a line, too
            assert [row[0] for row in found] == lines
        seen["cells"] += rows * len(headers)

    holds()
    print(
        f"\n{seen['cells']:,} cells in {seen['files']} files arrived as written; {seen['refused']} files refused"
    )
    assert seen["cells"] >= 100_000


@pytest.mark.slow
def test_clean_accounts_for_every_row_of_any_company(tmp_path_factory):
    seen = {"cells": 0, "cleaned": 0, "refused": 0}
    headers = {
        "tickets": ["派单号", "报修时间", "故障现象", "客户名称", "完成时间", "故障原因", "重点关注", "心情"],
        "sales": ["订单号", "行号", "销售日期", "客户名称", "金额", "数量", "退货", "类别"],
    }

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        pool=st.lists(st.one_of(CELLS, FORMS, FORMS), min_size=1, max_size=25),
        rows=st.sampled_from([600, 600, 600, 600, 1]),
        how=WRITTEN,
        mapping=st.sampled_from(["", "drop_duplicates: true", "where: \"客户名称 > 'a'\"", "keep: {last_by: 报修时间, per: 派单号}"]),
        seed=SEEDS,
    )  # fmt: skip
    def holds(pool, rows, how, mapping, seed):
        folder = tmp_path_factory.mktemp("company")
        written = {}
        for n, (name, names) in enumerate(headers.items()):
            clean_pool = [readable(c, how["encoding"]) for c in pool]
            body = table(clean_pool, len(names), rows, seed + n)
            if body:
                dated = names.index("报修时间" if name == "tickets" else "销售日期")
                body[0][dated] = "2026-10-01"
            write(folder / f"{name}.csv", [names, *body], how, seed)
            written[name] = len(body)
        (folder / "mapping.yaml").write_text(
            f"tables: {{tickets: {{{mapping}}}}}" if mapping else "", encoding="utf-8"
        )
        seen["cells"] += sum(n * len(headers[name]) for name, n in written.items())
        try:
            done = run(folder, tmp_path_factory.mktemp("out"), max_bad_share=1.0)
        except CrmlabError:
            seen["refused"] += 1
            return
        seen["cleaned"] += 1
        for name, raw in written.items():
            counts = done.counts(name)
            assert counts["raw"] == raw
            assert (
                raw
                == counts["clean"]
                + counts["quarantined"]
                + counts["duplicates"]
                + counts["filtered"]
                + counts["unusable"]
            )
            aside = len(done.table(f"quarantine/{name}"))
            assert aside == counts["quarantined"] + counts["duplicates"]
            assert len(done.table(name)) == counts["clean"]

    holds()
    print(
        f"\n{seen['cells']:,} cells in {seen['cleaned']} companies accounted for; {seen['refused']} refused"
    )
    assert seen["cells"] >= 20_000
    assert seen["cleaned"]
