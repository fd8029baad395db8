"""How days are written, where `clean` does not read them by itself: what `dates` of mapping.yaml must state."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crmlab.clean.draft.names import spelt
from crmlab.clean.judging.dates import date_expression
from crmlab.clean.judging.typed import read

if TYPE_CHECKING:
    from crmlab.engine import DuckDB

_DAYS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y",
    "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d/%b/%Y", "%b %d, %Y", "%b %d %Y", "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d",
)  # fmt: skip
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
FORMATS = {day + time: day for day in _DAYS for time in _TIMES} | {"%Y%m%d%H%M%S": "%Y%m%d"}
"""Forms of moments that mapping.yaml can state as `dates`, each with the form of its day."""
_ZONED = "2026-03-01T09:05:00Z"
SPOKEN = {
    **{
        form: f"try_strptime({{x}}, '{form}')"
        for form in ("%B %d, %Y", "%d %B %Y", "%A, %B %d, %Y", "%a %b %d %H:%M:%S %Y")
    },
    _ZONED: "try_cast({x} as timestamptz)",
}
"""Other forms, each with the expression under `sql` that reads `{x}`; a time with a zone becomes the company's wall time."""
_LIKE_A_DAY = re.compile(
    r"\d{1,4}[-./ 年](\d{1,2}|[A-Za-z]{3,9})[-./ ,月]|[A-Za-z]{3,9} \d{1,2},? |^(19|20)\d{6}(\d{6})?$"
)


@dataclass(frozen=True)
class Days:
    """How a column writes days that `clean` does not read by itself.

    share : of the cells that are read so. formats : for `dates` of mapping.yaml; `spoken` needs an expression instead.
    order : "either" where day and month cannot be told apart.
    """

    share: float = 0.0
    formats: tuple[str, ...] = ()
    spoken: str = ""
    order: str = ""


def days(engine: DuckDB, values: list[str], weights: list[int], read_already: float) -> Days:
    """How `values` are written, each as often as its weight; nothing where `read_already`, the share that `clean` reads, is enough."""
    total = sum(weights)
    looks = sum(n for v, n in zip(values, weights, strict=True) if _LIKE_A_DAY.search(v))
    if read_already >= 0.9 or looks < 0.5 * total:
        return Days()
    likely = [
        form
        for form in (*FORMATS, *SPOKEN)
        if any(_reads(v, form) for v in values[:: max(1, len(values) // 60)])
    ]
    if not likely:
        return Days()
    asked, args = {}, {}
    for n, form in enumerate(likely):
        if form in FORMATS:
            expression, stated = date_expression((form,))
            asked[form] = expression.replace("{x}", "f").replace("$date_0", f"$date_{n}")
            args[f"date_{n}"] = stated["date_0"]
        else:
            asked[form] = SPOKEN[form].replace("{x}", "f")
    fits = _fits(engine, values, weights, asked, args)
    found: dict[str, float] = {}
    for form, n in fits.items():
        found[FORMATS.get(form, form)] = found.get(FORMATS.get(form, form), 0.0) + n / total
    best = max(found, key=lambda day: found[day])
    if found[best] < max(0.5, read_already):
        return Days()
    if best in SPOKEN:
        return Days(found[best], (), best)
    other = swapped(best)
    formats = tuple(form for form, n in fits.items() if FORMATS.get(form) == best and n > 0.002 * total)
    return Days(
        found[best], formats, "", "either" if other != best and found.get(other, 0.0) >= found[best] else ""
    )


def moment_of(x: str, formats: tuple[str, ...], spoken: str) -> str:
    """The expression for `sql` of mapping.yaml that reads `x`, a header, as a moment; `x` itself where its texts sort by time."""
    if spoken:
        return SPOKEN[spoken].replace("{x}", x)
    if not formats:
        return x
    read_ = [f"try_strptime({x}::varchar, '{form}')" for form in formats]
    return read_[0] if len(read_) == 1 else f"coalesce({', '.join(read_)})"


def swapped(form: str) -> str:
    """A form with day and month exchanged; itself where nobody could confuse them.

    >>> swapped("%d/%m/%Y %H:%M"), swapped("%d-%b-%Y")
    ('%m/%d/%Y %H:%M', '%d-%b-%Y')
    """
    if form.startswith("%Y") or "%m" not in form:
        return form
    return form.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")


def _reads(value: str, form: str) -> bool:
    if form == _ZONED:
        return (
            re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.]\d+)?)?(Z|[+-]\d\d:?\d\d)", value)
            is not None
        )
    try:
        datetime.strptime(value, form)
    except ValueError:
        return False
    return True


def _fits(
    engine: DuckDB, values: list[str], weights: list[int], asked: dict[str, str], args: dict[str, str]
) -> dict[str, int]:
    """Cells that each form reads as a day between 1900 and 2100."""
    made = engine.make({"x": values, "n": [str(w) for w in weights]})
    counted = ", ".join(
        f"coalesce(sum(n) filter (where ({x})::timestamp between '1900-01-01' and '2100-01-01'), 0)::bigint"
        for x in asked.values()
    )
    [found] = engine.rows(
        f"select {counted} from (select {read('fold', 'x')} as f, n::bigint as n from made)",
        {"made": made},
        args,
    )
    engine.drop(made)
    return dict(zip(asked, found, strict=True))


def moments(engine: DuckDB, values: list[str], dates: Days) -> dict[str, str | None]:
    made = engine.make({"x": values})
    folded = read("fold", "x")
    if dates.spoken:
        sql, args = (
            f"select x, ({SPOKEN[dates.spoken].replace('{x}', 'x')})::timestamp::varchar from made",
            {},
        )
    else:
        stated, args = date_expression(dates.formats)
        own = read("time", "f")
        value = f"coalesce({stated.replace('{x}', 'f')}, {own})" if stated else own
        sql = f"select x, ({value})::varchar from (select x, {folded} as f from made)"
    found = dict(engine.rows(sql, {"made": made}, args))
    engine.drop(made)
    return found


def says_day(header: str) -> bool:
    """Whether a header speaks of a day or a time: only then is a bare number one of a spreadsheet's."""
    return bool(
        {"date", "day", "time", "timestamp", "created", "opened", "closed"} & set(spelt(header))
        or re.search("日期|时间|时刻|日$", header)
    )
