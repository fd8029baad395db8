"""Cleaning tickets and sales in plain pandas: the peer of `benchmarks/clean.py`, written to be fair, not to lose."""

from __future__ import annotations

import hashlib
import hmac
import re
from pathlib import Path

import numpy as np
import pandas as pd

from crmlab.clean.judging.kinds import patterns

TICKETS = {
    "派单号": "ticket_id", "报修时间": "reported_at", "故障现象": "symptom", "机型": "machine_model", "序列号": "serial_no",
    "客户编号": "customer_id", "客户名": "customer_name", "故障原因": "cause_actual", "CAG诊断": "cause_predicted",
    "要求携带备件": "parts_requested", "服务类别": "service_level", "分公司": "branch", "工程师": "engineer_id",
    "派单时间": "dispatched_at", "预约时间": "appointed_at", "完成时间": "closed_at", "服务类型": "service_kind",
    "收费方式": "billing", "报修渠道": "channel", "优先级": "priority", "重点关注": "is_focus", "联系人": "contact",
    "联系电话": "contact_phone",
}  # fmt: skip
SALES = {
    "订单号": "order_id", "行号": "order_line", "销售日期": "sold_at", "客户编号": "customer_id", "产品": "product_id",
    "数量": "qty", "金额": "amount", "成本": "cost", "目录价": "list_price", "单价": "unit_price", "促销": "promo",
    "折扣率": "rate", "渠道": "channel", "地区": "region", "销售代表": "sales_rep_id", "类别": "line_kind", "退货": "is_return",
}  # fmt: skip
WIDE = {ord("！") + n: ord("!") + n for n in range(94)} | {0x3000: " ", 0xA0: " ", 0x2212: "-"}
BILLING = {
    "免费": "free",
    "保内": "warranty",
    "保修": "warranty",
    "合同": "contract",
    "维保": "contract",
    "收费": "paid",
    "付费": "paid",
}
KINDS = {
    "产品": "product",
    "服务": "service",
    "备件": "part",
    "合同": "contract",
    "维保": "contract",
    "其他": "other",
}
FLAGS = {
    "是": True,
    "1": True,
    "true": True,
    "y": True,
    "yes": True,
    "否": False,
    "0": False,
    "false": False,
    "n": False,
    "no": False,
}
LABELS = {
    "tickets": ("machine_model", "cause_actual", "cause_predicted", "parts_requested", "service_level", "branch", "service_kind",
                "channel", "priority", "customer_name"),
    "sales": ("promo", "channel", "region"),
}  # fmt: skip
SUSPECT = f"{patterns.SUSPECT}|{patterns.SUSPECT_NAME}"
GROUPS = {
    "email": patterns.EMAIL,
    "name": patterns.NAME,
    "id": patterns.GROUPS_OF_IDENTITY,
    "phone": patterns.GROUPS_OF_PHONE,
}


def read(path: Path, names: dict[str, str]) -> pd.DataFrame:
    """The cells as text, with their line; the fastest reader that pandas has."""
    frame = pd.read_csv(
        path, dtype="string[pyarrow]", keep_default_na=False, engine="pyarrow", usecols=list(names)
    )
    frame = frame.rename(columns=names)
    frame.insert(0, "line", np.arange(2, len(frame) + 2))
    return frame


def fold(cells: pd.Series) -> pd.Series:
    """Trimmed, full-width forms folded, empty as missing."""
    cells = cells.str.strip(" \t\r\n\u3000\u00a0")
    wide = cells.str.contains("[！-～\u3000\u00a0−]", regex=True, na=False)
    if wide.any():
        cells = cells.mask(wide, cells[wide].astype(object).str.translate(WIDE).astype("string[pyarrow]"))
    return cells.mask(cells == "")


def moments(cells: pd.Series) -> pd.Series:
    """Dates: the common form first, the rare ones where it fails."""
    read = pd.to_datetime(cells, format="%Y-%m-%d %H:%M", errors="coerce")
    left = read.isna() & cells.notna()
    if left.any():
        rare = cells[left].str.replace("[./年月]", "-", regex=True).str.replace("日", " ").str.strip()
        parts = rare.str.extract(
            r"^((?:19|20)\d\d)-(\d{1,2})-(\d{1,2})(?:[ T]?(\d{1,2}):(\d\d)(?::(\d\d))?)?$"
        )
        parts = parts.astype("string").fillna("0")
        iso = parts[0] + "-" + parts[1].str.zfill(2) + "-" + parts[2].str.zfill(2)
        iso += " " + parts[3].str.zfill(2) + ":" + parts[4].str.zfill(2) + ":" + parts[5].str.zfill(2)
        read[left] = pd.to_datetime(iso, format="%Y-%m-%d %H:%M:%S", errors="coerce")
    return read


def cents(cells: pd.Series) -> pd.Series:
    """Amounts in the smallest unit: plain numbers first, marks and brackets where that fails."""
    read = pd.to_numeric(cells, errors="coerce").astype("Float64")
    left = read.isna() & cells.notna()
    if left.any():
        rare = cells[left].str.upper()
        shaped = rare.str.fullmatch(
            r"-? ?(?:¥|￥|RMB|CNY|\$|€|£)? ?-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)? ?(?:元|RMB)?|\((?:¥|￥)?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:元)?\)"
        )
        sign = np.where(rare.str.contains("[-(]", regex=True), -1, 1)
        digits = pd.to_numeric(rare.str.replace("[^0-9.]", "", regex=True), errors="coerce")
        read[left] = (digits * sign).where(shaped.fillna(False))
    return (read * 100).round().astype("Int64")


def choice(cells: pd.Series, known: dict) -> pd.Series:
    return cells.str.lower().astype("category").map(lambda cell: known.get(cell, pd.NA)).astype(object)


def hashed(cells: pd.Series) -> pd.Series:
    people = cells.astype("category")
    names = {p: hmac.new(b"key", p.encode(), hashlib.sha256).hexdigest()[:16] for p in people.cat.categories}
    return people.cat.rename_categories(names).astype("string[pyarrow]")


def scrub(cells: pd.Series, marks: tuple[str, ...] = ("email", "id", "phone")) -> pd.Series:
    """Text without patterns of people: those in groups by one expression each, those that are a whole run of digits one by one."""
    hot = cells.str.contains(SUSPECT if "name" in marks else patterns.SUSPECT, regex=True, na=False)
    if not hot.any():
        return cells
    mended = cells[hot]
    for mark in marks:
        mended = mended.str.replace(GROUPS[mark], f"[{mark}]", regex=True)
    long = mended.str.contains(r"\d{10}", regex=True, na=False)
    mended[long] = [re.sub(r"\d+", run, cell) for cell in mended[long]]
    return cells.mask(hot, mended)


def run(digits: re.Match) -> str:
    """A run of digits, or what it is."""
    if re.match(patterns.WHOLE_IDENTITY.replace(r"\z", r"\Z"), digits[0]):
        return "[id]"
    return "[phone]" if re.match(patterns.WHOLE_PHONE.replace(r"\z", r"\Z"), digits[0]) else digits[0]


def labels(cells: pd.Series) -> pd.Series:
    """Labels without patterns of people, each looked at once."""
    words = cells.astype("category")
    clean = scrub(pd.Series(words.cat.categories, dtype="string[pyarrow]"))
    return words.map(dict(zip(words.cat.categories, clean, strict=True))).astype("string[pyarrow]")


def nameless(cells: pd.Series, people: pd.Series, mark: str, least: int) -> pd.Series:
    """Text without the person whom its row names."""
    pairs = zip(cells, people, strict=True)
    hot = [p is not pd.NA and c is not pd.NA and len(p) >= least and p in c for c, p in pairs]
    if any(hot):
        pairs = zip(cells[hot], people[hot], strict=True)
        cells = cells.mask(
            hot, pd.Series([c.replace(p, mark) for c, p in pairs], cells.index[hot], cells.dtype)
        )
    return cells


def copies(good: pd.DataFrame, twice: pd.Series, key: str) -> int:
    """How many duplicates are the same as the row that stays, but for their line."""
    both = good[good[key].isin(good.loc[twice, key])].drop(columns="line")
    return int(both.duplicated(keep="last").sum())


def judged(frame: pd.DataFrame, rules: dict[str, pd.Series]) -> pd.Series:
    """The first rule that a row breaks."""
    reason = pd.Series(pd.NA, index=frame.index, dtype="string")
    for said, broken in rules.items():
        reason = reason.mask(reason.isna() & broken.fillna(False).astype(bool), said)
    return reason


def tickets(path: Path, out: Path) -> tuple[pd.DataFrame, dict]:
    text = read(path, TICKETS)
    t = pd.DataFrame({"line": text["line"]})
    unreadable = {}
    for name in TICKETS.values():
        t[name] = fold(text[name])
    for name in LABELS["tickets"]:
        t[name] = labels(t[name])
    words = text["symptom"].str.strip(" \t\r\n\u3000\u00a0")
    words = scrub(words.mask(words == ""), ("email", "name", "id", "phone"))
    person = t.pop("contact").str.replace("[ ]*[0-9+()（）:：,，;；/、|].*", "", regex=True)
    t["symptom"] = nameless(nameless(words, person, "[name]", 2), t.pop("contact_phone"), "[phone]", 6)
    for name in ("reported_at", "dispatched_at", "appointed_at", "closed_at"):
        written = t[name]
        t[name] = moments(written)
        unreadable[name] = written.notna() & t[name].isna()
    for name, known in (("billing", BILLING), ("is_focus", FLAGS)):
        written = t[name]
        t[name] = choice(written, known)
        unreadable[name] = written.notna() & t[name].isna()
    t["engineer_id"] = hashed(t["engineer_id"])
    level = t["service_level"]
    shaped = level.str.contains(r"^\d+ ?[×xX*]", regex=True, na=False)
    t["service_level"] = level.mask(shaped, level.str.replace("[×xX]", "*", regex=True).str.replace(" ", ""))
    t["machine_family"] = t["machine_model"].str[:4]
    t["is_open"] = t["closed_at"].isna() & ~unreadable["closed_at"]
    same_day = t["closed_at"] == t["reported_at"].dt.normalize()
    t["ticket_id"] = t["ticket_id"].fillna("tickets.csv:" + t["line"].astype("string[pyarrow]"))
    reason = judged(
        t,
        {
            "reported_at: is not a date": unreadable["reported_at"],
            "reported_at: empty": t["reported_at"].isna(),
            "closed_at: is before reported_at": (t["closed_at"] < t["reported_at"]) & ~same_day,
        },
    )
    aside = text[reason.notna()].assign(reason=reason)
    good = t[reason.isna()].sort_values(["closed_at", "line"], na_position="first", kind="stable")
    twice = good.duplicated("ticket_id", keep="last")
    same = copies(good, twice, "ticket_id")
    aside = pd.concat([aside, text.loc[good.index[twice]].assign(reason="duplicate")])
    good = good[~twice].sort_values("ticket_id")
    cells = pd.Series(good["cause_actual"].dropna().unique())
    split = {
        c: [
            p + c.partition("皆")[2]
            for p in c.partition("皆")[0].replace("、", ",").replace("，", ",").replace(";", ",").split(",")
            if p
        ]
        for c in cells
    }
    good["n_causes"] = (
        good["cause_actual"].map({c: len(v) for c, v in split.items()}).fillna(0).astype("Int64")
    )
    causes = good.loc[good["cause_actual"].notna(), ["ticket_id", "cause_actual"]]
    causes = causes.assign(cause=causes["cause_actual"].map(split)).explode("cause")
    causes["cause_no"] = causes.groupby("ticket_id", sort=False).cumcount() + 1
    good.drop(columns="line").to_parquet(out / "tickets.parquet", index=False, compression="zstd")
    causes[["ticket_id", "cause_no", "cause"]].to_parquet(
        out / "ticket_causes.parquet", index=False, compression="zstd"
    )
    aside.to_parquet(out / "tickets_aside.parquet", index=False, compression="zstd")
    return good, figures(t, good, unreadable, reason, "reported_at") | {"copies": same}


def sales(path: Path, out: Path) -> tuple[pd.DataFrame, dict]:
    text = read(path, SALES)
    s = pd.DataFrame({"line": text["line"]})
    unreadable = {}
    for name in SALES.values():
        s[name] = fold(text[name])
    for name in LABELS["sales"]:
        s[name] = labels(s[name])
    for name in ("sold_at",):
        written = s[name]
        s[name] = moments(written)
        unreadable[name] = written.notna() & s[name].isna()
    for name in ("amount", "cost", "list_price", "unit_price"):
        written = s[name]
        s[name] = cents(written)
        unreadable[name] = written.notna() & s[name].isna()
    for name in ("order_line", "qty", "rate"):
        written = s[name]
        s[name] = pd.to_numeric(written, errors="coerce").astype("Float64")
        unreadable[name] = written.notna() & s[name].isna()
    for name, known in (("line_kind", KINDS), ("is_return", FLAGS)):
        written = s[name]
        s[name] = choice(written, known)
        unreadable[name] = written.notna() & s[name].isna()
    s["sales_rep_id"] = hashed(s["sales_rep_id"])
    returned = s["is_return"].where(s["is_return"].notna(), s["qty"] < 0).fillna(False).astype(bool)
    sign = np.where(returned & (s["amount"] > 0).fillna(False), -1, 1)
    s["is_return"] = returned
    s["qty"] = s["qty"].mask(returned, -s["qty"].abs())
    s["amount"] = s["amount"] * sign
    s["cost"] = s["cost"] * sign
    s["margin"] = s["amount"] - s["cost"]
    key = s["order_id"] + "-" + s["order_line"].astype("Int64").astype("string[pyarrow]")
    s["sale_id"] = key.fillna("sales.csv:" + s["line"].astype("string[pyarrow]"))
    reason = judged(
        s,
        {
            "sold_at: is not a date": unreadable["sold_at"],
            "sold_at: empty": s["sold_at"].isna(),
            "customer_id: empty": s["customer_id"].isna(),
            "amount: is not an amount": unreadable["amount"],
            "amount: empty": s["amount"].isna(),
            "amount: negative": (s["amount"] < 0)
            & ~returned
            & (s["line_kind"].astype("string") != "other").fillna(True),
        },
    )
    aside = text[reason.notna()].assign(reason=reason)
    good = s[reason.isna()]
    twice = good.duplicated("sale_id", keep="last")
    same = copies(good, twice, "sale_id")
    aside = pd.concat([aside, text.loc[good.index[twice]].assign(reason="duplicate")])
    good = good[~twice].sort_values("sale_id")
    good.drop(columns="line").to_parquet(out / "sales.parquet", index=False, compression="zstd")
    aside.to_parquet(out / "sales_aside.parquet", index=False, compression="zstd")
    return good, figures(s, good, unreadable, reason, "sold_at") | {"copies": same}


def figures(read: pd.DataFrame, good: pd.DataFrame, unreadable: dict, reason: pd.Series, dated: str) -> dict:
    """What the quality page shows."""
    return {
        "filled": read.notna().sum(),
        "unreadable": {name: int(cells.sum()) for name, cells in unreadable.items()},
        "reasons": reason.value_counts(),
        "months": good[dated].dt.strftime("%Y-%m").value_counts(),
    }


def clean_tables(folder: Path, out: Path) -> dict[str, pd.DataFrame]:
    """Clean both tables, write them, and gather customers and figures."""
    clean = {}
    clean["tickets"], seen = tickets(folder / "tickets.csv", out)
    clean["sales"], sold = sales(folder / "sales.csv", out)
    named = clean["tickets"][["customer_id", "customer_name"]].dropna(subset="customer_id")
    customers = pd.concat([named, clean["sales"][["customer_id"]]]).groupby("customer_id").max()
    customers.to_parquet(out / "customers.parquet", compression="zstd")
    for name, found in (("tickets", seen), ("sales", sold)):
        found["filled"].to_frame("filled").to_parquet(out / f"{name}_quality.parquet")
        found["months"].to_frame("rows").to_parquet(out / f"{name}_volume.parquet")
    return clean
