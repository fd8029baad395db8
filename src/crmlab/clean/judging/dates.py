"""Date formats that mapping.yaml states, where the default forms would be ambiguous."""

from __future__ import annotations

import re

from crmlab.files import CrmlabError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIELDS = {
    "%Y": ("year", "((?:19|20)[0-9]{2})"),
    "%y": ("short_year", "([0-9]{2})"),
    "%m": ("month", "([0-9]{1,2})"),
    "%b": ("month_name", f"((?i:{'|'.join(_MONTHS)}))"),
    "%d": ("day", "([0-9]{1,2})"),
    "%H": ("hour", "([0-9]{1,2})"),
    "%I": ("hour_of_12", "(0?[1-9]|1[0-2])"),
    "%p": ("half", "((?i:am|pm)|上午|下午)"),
    "%M": ("minute", "([0-9]{1,2})"),
    "%S": ("second", "([0-9]{1,2})"),
}
"""Directive of strptime → the part of a moment, and what it looks like."""
_SAME = {"short_year": "year", "month_name": "month", "hour_of_12": "hour"}
"""Parts that are another way to write a part."""

READ = "2009-01-08, 2009.1.8, 2009/1/8 9:05, 2009年1月8日, 2009-01-08T09:05:07, 20090108 and 39821"
"""The forms that kinds/time.sql reads, for messages."""


def date_expression(formats: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """The expression that reads `{x}` in the first format that fits, and its parameters; empty without formats.

    Years are 1900 to 2099, two digits of a year 1969 to 2068. Directives that touch (`%Y%m%d`) stand for two digits each.

    Raises
    ------
    CrmlabError : a format lacks year, month or day, or holds a directive that is not read.
    """
    expressions, args = [], {}
    for n, stated in enumerate(formats):
        pattern, place = _pattern(stated)
        args[f"date_{n}"] = pattern
        found = {part: f"regexp_extract({{x}}, $date_{n}, {group})" for part, group in place.items()}
        part = {p: _two_digits(found.get(p, "'0'")) for p in ("month", "day", "hour", "minute", "second")}
        year = found.get("year")
        if short := found.get("short_year"):
            year = f"case when {short} >= '69' then '19' else '20' end || {short}"
        if name := found.get("month_name"):
            numbers = " ".join(f"when '{m}' then '{i:02}'" for i, m in enumerate(_MONTHS, 1))
            part["month"] = f"case lower({name}) {numbers} end"
        if hour := found.get("hour_of_12"):
            afternoon = f"case when lower({found['half']}) in ('pm', '下午') then 12 else 0 end"
            part["hour"] = _two_digits(f"(try_cast({hour} as bigint) % 12 + {afternoon})::varchar")
        expressions.append(
            f"case when regexp_matches({{x}}, $date_{n}) then try_cast(concat({year}, '-', {part['month']}, '-', {part['day']}, "
            f"' ', {part['hour']}, ':', {part['minute']}, ':', {part['second']}) as timestamp) end"
        )
    return ",\n".join(expressions), args


def _two_digits(x: str) -> str:
    return f"lpad({x}, 2, '0')"


def _pattern(stated: str) -> tuple[str, dict[str, int]]:
    pattern, place = "", {}
    pieces = re.split(r"(%.)", stated)  # literals at even places, directives between them
    for n, piece in enumerate(pieces):
        if n % 2 == 0:
            pattern += re.escape(piece)
            continue
        if piece not in _FIELDS:
            raise CrmlabError(
                f"mapping.yaml, dates: {piece} in {stated!r} is not read; use {', '.join(_FIELDS)}"
            )
        part, group = _FIELDS[piece]
        if part in place:
            raise CrmlabError(f"mapping.yaml, dates: {piece} occurs twice in {stated!r}")
        touches = (n > 1 and not pieces[n - 1]) or (n + 2 < len(pieces) and not pieces[n + 1])
        pattern += group.replace("{1,2}", "{2}") if touches else group
        place[part] = len(place) + 1
    has = {_SAME.get(part, part) for part in place}
    if lacking := {"year", "month", "day"} - has:
        raise CrmlabError(
            f"mapping.yaml, dates: {stated!r} has no {min(lacking)}; write it as '%d/%m/%Y %H:%M'"
        )
    if len(has - {"half"}) < len(set(place) - {"half"}):
        raise CrmlabError(
            f"mapping.yaml, dates: {stated!r} says one part twice; keep one of %Y %y, %m %b, %H %I"
        )
    if ("hour_of_12" in place) != ("half" in place):
        raise CrmlabError(
            f"mapping.yaml, dates: %I and %p go together in {stated!r}; write '%I:%M %p' or '%H:%M'"
        )
    return f"^{pattern}\\z", place
