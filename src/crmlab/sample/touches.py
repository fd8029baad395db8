"""What one touch does to one cell, and how often which column of which table is touched."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_WIDE = str.maketrans("0123456789-:", "０１２３４５６７８９－：")
Touch = Callable[[str], str]


def _split(text: str) -> tuple[str, str, str, str]:
    date, _, time = text.partition(" ")
    year, month, day = date.split("-")
    return year, month, day, time


def _short(text: str) -> str:
    year, month, day, time = _split(text)
    return f"{year}-{int(month)}-{int(day)} {time}".strip()


def _slashes(text: str) -> str:
    year, month, day, time = _split(text)
    return f"{year}/{int(month)}/{int(day)} {time.removeprefix('0')}".strip()


def _dots(text: str) -> str:
    return text.partition(" ")[0].replace("-", ".")


def _chinese(text: str) -> str:
    year, month, day, _ = _split(text)
    return f"{year}年{int(month)}月{int(day)}日"


def _impossible(text: str) -> str:
    return text[:4] + "-02-30" + text[10:]


def _serial(text: str) -> str:
    """The day as a spreadsheet counts it, with the time as a fraction."""
    minutes = (np.datetime64(text.replace(" ", "T"), "m") - np.datetime64("1899-12-30T00:00", "m")).astype(
        int
    )
    return f"{minutes / 1440:.5f}".rstrip("0").rstrip(".")


def _wide(text: str) -> str:
    return text.translate(_WIDE)


def _yuan(text: str) -> str:
    return f"{float(text):,.2f}元"


def _sign(text: str) -> str:
    return f"¥{float(text):,.2f}"


def _code(text: str) -> str:
    return f"RMB {text}"


def _brackets(text: str) -> str:
    whole = f"{abs(float(text)):.2f}"
    return f"({whole})" if text.startswith("-") else whole


def _trailing(text: str) -> str:
    return text + "  "


def _around(text: str) -> str:
    return "　" + text + " "


def _times(text: str) -> str:
    return text.replace("*", "×" if len(text) == 3 else "x")


_MOMENT = {"date_short": _short, "date_slashes": _slashes, "full_width": _wide}
_DAY = {**_MOMENT, "date_dots": _dots, "date_chinese": _chinese}
_AMOUNT = {
    "amount_yuan": _yuan,
    "amount_sign": _sign,
    "amount_rmb": _code,
    "full_width": _wide,
    "amount_brackets": _brackets,
}
_LABEL = {"trailing_space": _trailing, "spaces": _around}
_BAD_DATE = {"impossible_date": _impossible}
_SERIAL = {"excel_serial": _serial}
_NOTHING = {"not_available": lambda _: "N/A"}
_STRANGER = {"unknown_customer": lambda text: "X" + text[1:]}
_MINUS = {"negative_amount": lambda text: text if text == "0" else "-" + text}

TOUCHES: dict[str, list[tuple[float, str, dict[str, Touch]]]] = {  # table: (share of rows, column, kinds)
    "tickets": [
        (0.0025, "reported_at", _DAY),
        (0.0015, "closed_at", _MOMENT),
        (0.0006, "reported_at", _BAD_DATE),
        (0.0006, "closed_at", _BAD_DATE),
        (0.0010, "closed_at", _NOTHING),
        (0.0015, "cause_actual", _LABEL),
        (0.0010, "machine_model", _LABEL),
        (0.0010, "symptom", {"empty": lambda _: ""}),
        (0.0010, "customer_id", _STRANGER),
        (0.0010, "service_level", {"times_sign": _times}),
    ],
    "visits": [
        (0.0060, "arrived_at", _MOMENT),
        (0.0006, "arrived_at", _BAD_DATE),
        (0.0040, "cost", _AMOUNT),
        (0.0020, "engineer_id", _LABEL),
    ],
    "ticket_parts": [(0.0060, "unit_cost", _AMOUNT), (0.0060, "part_name", _LABEL)],
    "customers": [(0.0080, "created_at", _DAY), (0.0060, "industry", _LABEL)],
    "machines": [
        (0.0080, "installed_at", _DAY),
        (0.0010, "installed_at", _BAD_DATE),
        (0.0040, "machine_model", _LABEL),
    ],
    "contracts": [
        (0.0060, "amount", _AMOUNT),
        (0.0040, "start_at", _DAY),
        (0.0010, "end_at", _BAD_DATE),
        (0.0030, "service_level", {"times_sign": _times}),
    ],
    "sales": [
        (0.0040, "amount", _AMOUNT),
        (0.0035, "sold_at", _DAY),
        (0.0008, "sold_at", _BAD_DATE),
        (0.0010, "customer_id", _STRANGER),
        (0.0015, "line_kind", _LABEL),
        (0.0015, "amount", _MINUS),
    ],
    "complaints": [
        (0.0030, "received_at", {**_DAY, **_SERIAL}),
        (0.0025, "received_at", _BAD_DATE),
        (0.0025, "resolved_at", _NOTHING),
        (0.0050, "resolved_at", {"resolved_before_received": lambda _: "2019-01-01 09:00"}),
        (0.0025, "kind", _LABEL),
        (0.0020, "customer_id", _STRANGER),
        (0.0025, "compensation", _AMOUNT),
        (0.0030, "compensation", _MINUS),
    ],
    "surveys": [
        (0.0030, "answered_at", {**_MOMENT, **_SERIAL}),
        (0.0006, "answered_at", _BAD_DATE),
        (0.0030, "score", {"full_width": _wide}),
        (0.0020, "score", {"score_above_scale": lambda text: text if text == "0" else text + "5"}),
        (0.0030, "dimension", _LABEL),
        (0.0006, "customer_id", _STRANGER),
    ],
    "interactions": [
        (0.0050, "at", {**_DAY, **_SERIAL}),
        (0.0010, "at", _BAD_DATE),
        (0.0030, "channel", _LABEL),
        (0.0010, "customer_id", _STRANGER),
        (0.0030, "cost", _AMOUNT),
    ],
    "payments": [
        (0.0035, "due_at", {**_DAY, **_SERIAL}),
        (0.0008, "due_at", _BAD_DATE),
        (0.0020, "paid_at", {**_DAY, **_SERIAL}),
        (0.0020, "paid_at", _NOTHING),
        (0.0040, "amount", _AMOUNT),
        (0.0008, "customer_id", _STRANGER),
    ],
    "quotes": [
        (0.0050, "quoted_at", {**_DAY, **_SERIAL}),
        (0.0010, "quoted_at", _BAD_DATE),
        (0.0060, "amount", _AMOUNT),
        (0.0015, "amount", _MINUS),
        (0.0010, "customer_id", _STRANGER),
    ],
    "service_plan": [
        (0.0050, "planned_for", {**_DAY, **_SERIAL}),
        (0.0010, "planned_for", _BAD_DATE),
        (0.0030, "done_at", _NOTHING),
        (0.0030, "activity", _LABEL),
    ],
    "opportunities": [
        (0.0050, "opened_at", {**_DAY, **_SERIAL}),
        (0.0010, "opened_at", _BAD_DATE),
        (0.0020, "closed_at", {"closed_before_opened": lambda _: "2019-01-01"}),
        (0.0050, "amount", _AMOUNT),
        (0.0030, "source", _LABEL),
    ],
    "warranty_claims": [
        (0.0050, "submitted_at", {**_DAY, **_SERIAL}),
        (0.0010, "submitted_at", _BAD_DATE),
        (0.0040, "amount", _AMOUNT),
        (0.0010, "amount", _MINUS),
        (0.0030, "part_no", _LABEL),
    ],
}
