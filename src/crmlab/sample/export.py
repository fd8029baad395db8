"""The exports: the record as text under Chinese headers, with dirt, in files as an office would send them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from .. import tables
from . import company, dirt, record
from .formats import Files, Format, workbook
from .world import CHUNK, DAY, DAYS, START, TICKETS_PER_CUSTOMER, stream

COMPANY = """company: Hangzhou Example Service (simulated) 杭州示例服务公司（模拟）
simulated: true
currency: CNY
time_zone: Asia/Shanghai
"""
_HEADERS = {("sales", "rate"): "折扣率"}
OTHER_MONTH, LONGER_MONTH = "2026-03", "2026-08"
"""Months whose tickets came from somebody else: under other headers, and with a column more."""
OTHER_HEADERS = {
    "ticket_id": "工单号",
    "reported_at": "报修日期",
    "symptom": "故障描述",
    "machine_model": "型号",
    "customer_name": "客户名称",
    "cause_actual": "实际原因",
    "service_level": "服务级别",
    "branch": "办事处",
    "closed_at": "关单时间",
}
MORE_HEADER = "登记方式"
FORMATS = {"complaints": Format(encoding="gb18030"), "opportunities": Format(delimiter=";")}
"""Tables that are not written as UTF-8 with commas."""
WORKBOOKS = ("products",)
"""Tables that are workbooks: those that do not grow with the company."""
_SMALL = ("customers", "parts", "complaints", "opportunities")
_EARLIEST = -6000
_DAY_TEXT = np.array(
    [*np.datetime_as_string(START + np.arange(_EARLIEST, DAYS + 8000)).tolist()], dtype=object
)
_MINUTE_TEXT = np.array([f" {m // 60:02d}:{m % 60:02d}" for m in range(DAY)], dtype=object)
_YEARLY_UNTIL = int((np.datetime64("2026-01-01") - START).astype(int))


def header(table: str, column: tables.Column) -> str:
    """The header a column is exported under."""
    return _HEADERS.get((table, column.name), column.aliases[0])


def spelled(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A table of the record as text, columns still under their names of the contract."""
    columns = {}
    for column in tables.CONTRACT[name].columns:
        if column.name in frame:
            columns[column.name] = _text(column, frame[column.name].to_numpy())
    return pd.DataFrame(columns)


def _text(column: tables.Column, values: np.ndarray) -> np.ndarray:
    if column.kind in ("date", "time"):
        known = np.where(values == record.NONE, 0, values)
        days = known if column.kind == "date" else known // DAY
        text = _DAY_TEXT[days - _EARLIEST]
        if column.kind == "time":
            text = text + _MINUTE_TEXT[known % DAY]
        return np.where(values == record.NONE, "", text)
    if column.kind == "money":
        text = np.array(
            [str(v // 100) if v % 100 == 0 else f"{v / 100:.2f}" for v in values.tolist()], dtype=object
        )
        return np.where(values == record.NONE, "", text)
    if column.kind == "count":
        return np.array([str(v) for v in values.tolist()], dtype=object)
    if column.kind == "number":
        return np.array([f"{v:g}" for v in values.tolist()], dtype=object)
    if column.kind == "flag":
        return np.array(["否", "是", ""], dtype=object)[values.astype(int)]  # −1 is not known
    if column.kind == "choice":
        words = {choice: names[0] for choice, names in column.choices.items()}
        return pd.Series(values).map(words).fillna("").to_numpy(dtype=object)
    return values


def exported(
    seed: int, chunk: company.Chunk, customers: int
) -> tuple[dict[str, pd.DataFrame], dict[str, np.ndarray], pd.DataFrame]:
    """The chunk's tables as text with dirt under contract names; the day each ticket belongs to; the list of dirt."""
    facts = record.record(chunk)
    people = chunk.people
    variants = dict(zip(people["customer_id"], people["variant"], strict=True))
    variants = {customer: name for customer, name in variants.items() if name}
    texts, listed = {}, []
    for name, frame in facts.items():
        rng = stream(seed, chunk.number, f"dirt {name}")
        text, done = dirt.soil(name, spelled(name, frame), rng, variants)
        # cut only now, so that a smaller company has the same dirt as the beginning of a larger one
        mine = (frame["customer"] < customers).to_numpy()
        texts[name] = text[mine[text.index]]
        listed.append(done[mine[done["row"]]].drop(columns="row"))
    day = facts["tickets"]["reported_at"].to_numpy() // DAY
    return texts, day[texts["tickets"].index], pd.concat(listed, ignore_index=True)


def chunks(seed: int, customers: int) -> Iterator[company.Chunk]:
    """The chunks that hold the first `customers` customers."""
    for number in range(-(-customers // CHUNK)):
        yield company.play(seed, number)


def in_chinese(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Contract names replaced by the Chinese headers of the export."""
    table = tables.CONTRACT[name]
    return frame.rename(columns={c.name: header(name, c) for c in table.columns})


def _file(name: str, day: int | None, compress: bool) -> str:
    """Where a row goes: tickets by year, by month in the current year; every other table in one file."""
    end = ".csv.gz" if compress and name not in _SMALL else ".csv"
    if day is None:
        return name + end
    date = str(START + day)
    return f"tickets/{date[: 4 if day < _YEARLY_UNTIL else 7]}{end}"


def _monthly(file: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Tickets of one file: two months have headers of their own."""
    month = file.removeprefix("tickets/")[:7]
    if month == OTHER_MONTH:
        standard = {c.name: header("tickets", c) for c in tables.TICKETS.columns}
        return frame.rename(columns={standard[name]: other for name, other in OTHER_HEADERS.items()})
    if month == LONGER_MONTH:
        called = frame[header("tickets", tables.TICKETS.column("channel"))]
        return frame.assign(**{MORE_HEADER: np.where(called == "电话", "人工", "自动")})
    return frame


def write(
    folder: str | Path,
    customers: int | None = None,
    tickets: int | None = None,
    seed: int = 2009,
    progress: Callable[[int, int], None] | None = None,
    compress: bool = False,
) -> None:
    """Write a company folder of about so many customers or tickets (1,200 customers by default), chunk by chunk.

    `progress(done, total)` is called with customers. `compress` writes .csv.gz, as the embedded company is kept.
    Memory does not grow with the size. Raises ValueError when both sizes are given.
    """
    if customers is not None and tickets is not None:
        raise ValueError("give customers or tickets, not both")
    if tickets is not None:
        customers = round(tickets / TICKETS_PER_CUSTOMER)
    customers = 1200 if customers is None else max(customers, 1)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = Files(folder)
    for name in WORKBOOKS:
        headers = {c.name: header(name, c) for c in tables.CONTRACT[name].columns}
        made = spelled(name, record.CATALOGUES[name]())
        workbook(folder / f"{name}.xlsx", tables.CONTRACT[name], made, headers)

    def append(file: str, name: str, frame: pd.DataFrame) -> None:
        files.append(file, frame, FORMATS.get(name, Format()))

    try:
        for name in record.CATALOGUES.keys() - WORKBOOKS:
            append(
                _file(name, None, compress), name, in_chinese(name, spelled(name, record.CATALOGUES[name]()))
            )
        for chunk in chunks(seed, customers):
            texts, day, _ = exported(seed, chunk, customers)
            for name, frame in texts.items():
                chinese = in_chinese(name, frame)
                if name != "tickets":
                    append(_file(name, None, compress), name, chinese)
                    continue
                homes = pd.Series([_file(name, d, compress) for d in range(DAYS)], dtype="category")
                codes = homes.cat.codes.to_numpy()[day]
                for code in np.unique(codes):
                    file = homes.cat.categories[code]
                    append(file, name, _monthly(file, chinese[codes == code]))
            if progress:
                progress(min((chunk.number + 1) * CHUNK, customers), customers)
    finally:
        files.close()
    (folder / "mapping.yaml").write_text(COMPANY, encoding="utf-8")
