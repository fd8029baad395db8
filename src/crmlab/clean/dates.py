"""Date formats that mapping.yaml states, where the default forms would be ambiguous."""

from __future__ import annotations

import re

from crmlab.files import CrmlabError

_FIELDS = {
    "%Y": ("year", "([0-9]{4})"),
    "%m": ("month", "([0-9]{1,2})"),
    "%d": ("day", "([0-9]{1,2})"),
    "%H": ("hour", "([0-9]{1,2})"),
    "%M": ("minute", "([0-9]{1,2})"),
    "%S": ("second", "([0-9]{1,2})"),
}

READ = "2009-01-08, 2009.1.8, 2009/1/8 9:05, 2009年1月8日 and 2009-01-08T09:05:07"
"""The forms that kinds/time.sql reads, for messages."""

AMBIGUOUS = r"^[0-9]{1,2}[-./ ][0-9]{1,2}[-./ ]([0-9]{4}|[0-9]{2})([ T]|\z)"
"""A day and a month before the year: which is which cannot be seen."""


def date_expression(formats: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """The expression that reads `{x}` in the first format that fits, and its parameters; empty without formats.

    Raises
    ------
    CrmlabError : a format lacks year, month or day, or holds a directive that is not read.
    """
    expressions, args = [], {}
    for n, stated in enumerate(formats):
        pattern, place = _pattern(stated)
        name = f"date_{n}"
        args[name] = pattern
        part = {
            field: f"regexp_extract({{x}}, ${name}, {place[field]})" if field in place else "'0'"
            for field in ("year", "month", "day", "hour", "minute", "second")
        }
        expressions.append(
            f"case when regexp_matches({{x}}, ${name}) then try_cast(concat("
            f"{part['year']}, '-', lpad({part['month']}, 2, '0'), '-', lpad({part['day']}, 2, '0'), ' ', "
            f"lpad({part['hour']}, 2, '0'), ':', lpad({part['minute']}, 2, '0'), ':', lpad({part['second']}, 2, '0')"
            ") as timestamp) end"
        )
    return ",\n".join(expressions), args


def _pattern(stated: str) -> tuple[str, dict[str, int]]:
    pattern, place = "", {}
    for piece in re.split(r"(%.)", stated):
        if not piece.startswith("%"):
            pattern += re.escape(piece)
            continue
        if piece not in _FIELDS:
            raise CrmlabError(
                f"mapping.yaml, dates: {piece} in {stated!r} is not read; use {', '.join(_FIELDS)}"
            )
        field, group = _FIELDS[piece]
        if field in place:
            raise CrmlabError(f"mapping.yaml, dates: {piece} occurs twice in {stated!r}")
        pattern += group
        place[field] = len(place) + 1
    lacking = {"year", "month", "day"} - set(place)
    if lacking:
        raise CrmlabError(
            f"mapping.yaml, dates: {stated!r} has no {min(lacking)}; write it as '%d/%m/%Y %H:%M'"
        )
    return f"^{pattern}\\z", place


def readings(written: str) -> tuple[str, str] | None:
    """The two days that an ambiguous date could be, as ISO text; None where it is not of that form.

    >>> readings("08/01/2009 9:05")
    ('2009-01-08', '2009-08-01')
    """
    found = re.match(r"([0-9]{1,2})[-./ ]([0-9]{1,2})[-./ ]([0-9]{4}|[0-9]{2})(?![0-9])", written)
    if not found:
        return None
    first, second, year = (int(g) for g in found.groups())
    year += 2000 if year < 100 else 0
    return f"{year}-{second:02}-{first:02}", f"{year}-{first:02}-{second:02}"
