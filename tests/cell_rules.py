"""The contract's rules for cells (docs/data-contract.md, How it is read), written a second time in plain Python."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

DIGITS = frozenset("0123456789")
MARKS = ("¥", "￥", "RMB", "CNY", "元", "圆", "JPY", "US$", "$", "USD", "€", "EUR", "£", "GBP")
"""Before or behind an amount, where the currency of the books is not stated."""
YES, NO = {"1", "true", "t", "yes", "y", "是", "有", "√"}, {"0", "false", "f", "no", "n", "否", "无", "×"}


def fold(cell: str) -> str | None:
    """Full-width letters, digits and signs as ASCII; outer spaces and NULs gone; nothing left is no cell."""
    narrow = {"\u3000": " ", "\u00a0": " ", "−": "-", "\0": ""}
    text = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else narrow.get(c, c) for c in cell)
    return text.strip(" \t\r\n") or None


def digits(text: str, least: int, most: int) -> bool:
    return least <= len(text) <= most and set(text) <= DIGITS


def moment(text: str) -> datetime | None:
    """A day, or a day and a time; years 1900 to 2099."""
    if digits(text, 8, 8):
        return _moment(text[:4], text[4:6], text[6:])
    whole, _, part = text.partition(".")
    if digits(whole, 5, 5) and (digits(part, 1, 15) or "." not in text):
        day = datetime(1899, 12, 30) + timedelta(days=int(whole))
        seconds = (Decimal(f"0.{part or 0}") * 86_400).quantize(Decimal(1), ROUND_HALF_UP)
        return day + timedelta(seconds=int(seconds)) if 1950 <= day.year <= 2099 else None
    if "日" in text:
        day, _, clock = text.partition("日")
        year, _, rest = day.partition("年")
        month, _, number = rest.partition("月")
        if day != f"{year}年{month}月{number}":
            return None
        return (
            _moment(year, month, number, clock[1:] if clock[:1] in (" ", "T") else clock)
            if clock
            else _moment(year, month, number)
        )
    day, gap, clock = text.partition(" ") if " " in text else text.partition("T")
    mark = next((c for c in day if c not in DIGITS), "")
    parts = day.split(mark) if mark in ("-", ".", "/") and mark else []
    if len(parts) != 3 or (gap and not clock):
        return None
    return (
        _moment(*parts, clock, iso=mark == "-" and [len(p) for p in parts] == [4, 2, 2])
        if gap
        else _moment(*parts)
    )


def _moment(year: str, month: str, day: str, clock: str | None = None, iso: bool = False) -> datetime | None:
    if not (digits(year, 4, 4) and digits(month, 1, 2) and digits(day, 1, 2) and 1900 <= int(year) <= 2099):
        return None
    time = [0]
    if clock is not None:
        parts = clock.split(":")
        part = "0"
        if len(parts) == 3 and iso and len(parts[0]) == 2 and "." in parts[2]:
            parts[2], _, part = parts[2].partition(".")
        lengths = [len(p) for p in parts]
        if lengths not in ([1, 2], [2, 2], [1, 2, 2], [2, 2, 2]) or not digits("".join(parts), 3, 6):
            return None
        if not digits(part, 1, 6):
            return None
        time = [*map(int, parts), *([0] * (3 - len(parts))), int(part.ljust(6, "0"))]
    try:
        return datetime(int(year), int(month), int(day), *time)
    except ValueError:
        return None


def plain(text: str) -> Decimal | None:
    """Digits, perhaps in groups of three, and perhaps with decimals; at most 15 before the point, and perhaps none."""
    if text[:1] == ".":
        return Decimal(f"0{text}") if digits(text[1:], 1, 99) else None
    whole, point, part = text.partition(".")
    if point and not digits(part, 1, 99):
        return None
    groups = whole.split(",")
    if len(groups) > 1 and not (digits(groups[0], 1, 3) and all(digits(g, 3, 3) for g in groups[1:])):
        return None
    whole = "".join(groups)
    return Decimal(f"{whole}.{part or 0}") if digits(whole, 1, 15) else None


def money(text: str) -> int | None:
    """An amount in the smallest unit; a third decimal is rounded away from nought."""
    negative = text.startswith("(") and text.endswith(")") and len(text) > 1
    if negative:
        text = text[1:-1]
        if "-" in text:
            return None
    if text.count("-") > 1:
        return None
    if text[:1] == "+" and not negative and "-" not in text:
        text = text[1:].removeprefix(" ")
    upper = text.upper()
    for amount in sorted(_bare(upper, bracket=negative)):
        value = plain(amount)
        if value is not None:
            cents = int((value * 100).quantize(Decimal(1), ROUND_HALF_UP))
            if cents >= 10**17:
                return None
            return -cents if negative or "-" in text else cents
    return None


def _bare(text: str, bracket: bool) -> set[str]:
    """What may be left of an amount when its currency and its minus are gone: a mark before or after or both, a space beside each."""
    found = set()
    for before in ("", *MARKS):
        for lead in {before, f"-{before}", f"- {before}", f"{before}-", f"{before} -", f"{before} ", f"-{before} ", f"- {before} ", f" {before}", f" {before} ", f" {before}-", f" {before} -"}:  # fmt: skip
            if bracket and "-" in lead:
                continue
            if text.startswith(lead):
                rest = text[len(lead) :]
                for after in ("", *MARKS):
                    for tail in (after, f" {after}", f"-{after}", f" -{after}"):
                        if (not bracket or "-" not in tail) and rest.endswith(tail):
                            found.add(rest[: len(rest) - len(tail)])
    return found


def number(text: str) -> float | None:
    """A number, one with an exponent, or a share in percent."""
    sign, bare = (text[0], text[1:]) if text[:1] in ("-", "+") else ("", text)
    if bare.endswith("%"):
        value = (
            plain(bare[:-1]) if not {",", "."} & set(bare[:1]) and "," not in bare and sign != "+" else None
        )
        return float(f"{sign}{value}") / 100 if value is not None else None
    if "," in bare:
        value = plain_long(bare) if sign != "+" else None
        return float(f"{sign}{value}") if value is not None else None
    mantissa, e, power = bare.lower().partition("e")
    if plain(mantissa) is None or (e and not digits(power[1:] if power[:1] in ("-", "+") else power, 1, 2)):
        return None
    return float(sign + bare)


def plain_long(text: str) -> Decimal | None:
    """Grouped digits of any length."""
    whole, point, part = text.partition(".")
    first, *groups = whole.split(",")
    if not (digits(first, 1, 3) and groups and all(digits(g, 3, 3) for g in groups)):
        return None
    return Decimal(text.replace(",", "")) if not point or digits(part, 1, 99) else None


def count(text: str) -> int | None:
    """A whole number."""
    sign, bare = ("-", text[1:]) if text.startswith("-") else ("", text)
    value = plain(bare) if bare[:1] != "." else None
    return int(f"{sign}{int(value)}") if value is not None and value == int(value) else None


def flag(text: str) -> bool | None:
    return True if text.lower() in YES else False if text.lower() in NO else None
