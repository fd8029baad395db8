"""Sentences that know no language yet: an English text and the figures that belong into it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markupsafe import Markup

    from crmlab.report.language import Language

MISSING = "–"
"""What stands where there is no figure."""


@dataclass(frozen=True)
class Value:
    """A figure and how it is written; `Language.write` turns it into text.

    `kind` is count, number, percent, money (short, for cards and sentences), amount (in full, for tables), day or
    month. Money and amounts are whole minor units (分), percentages shares between 0 and 1.

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> Value("percent", 0.125, digits=1).text(Language("en"))
    '12.5%'
    """

    kind: str
    value: Any
    digits: int = 0

    @property
    def missing(self) -> bool:
        """Whether there is no figure to write."""
        return is_missing(self.value)

    @property
    def form(self) -> str:
        """The name of the column format that writes it so (FORMATS)."""
        named = {"money": "money_short", "amount": "money"}.get(self.kind, self.kind)
        plain = {"percent": 0, "number": 1}.get(named)
        return named if plain in (None, self.digits) else f"{named}{self.digits}"

    @property
    def rounded(self) -> float:
        """The figure at the precision that people see; never minus zero."""
        return round(float(self.value), self.digits + 2 if self.kind == "percent" else self.digits) + 0.0

    @property
    def plain(self) -> str:
        """The figure as a machine reads it: the same in every language."""
        if self.missing:
            return ""
        if self.kind in ("day", "month"):
            return str(self.value)[:10]
        return f"{self.rounded:.{self.digits + 2 if self.kind == 'percent' else self.digits}f}"

    def text(self, language: Language) -> str:
        """The figure as people read it in `language`."""
        return language.write(self)

    def markup(self, language: Language) -> Markup:
        """The figure as HTML, with its machine-readable value."""
        from markupsafe import Markup

        if self.missing:
            return Markup(MISSING)
        tag, attribute = ("time", "datetime") if self.kind in ("day", "month") else ("data", "value")
        return Markup("<{0} {1}='{2}'>{3}</{0}>").format(tag, attribute, self.plain, self.text(language))


@dataclass(frozen=True)
class Message:
    """A sentence or a word, not yet in any language.

    `text` is the English original with {name} for each of `values`; `context` tells apart words that one language
    writes alike ("open", a ticket or a door).

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> [Message("Customer value").in_language(Language(tag)) for tag in ("en", "zh")]
    ['Customer value', '客户价值']
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    context: str | None = None

    def in_language(self, language: Language) -> str:
        """The message as plain text, not escaped."""
        return self._filled(language, lambda part: as_text(part, language))

    def markup(self, language: Language) -> Markup:
        """The message as HTML: everything in it escaped, each figure with its machine-readable value."""
        from markupsafe import Markup, escape

        pattern = Markup(escape(language.look_up(self.text, self.context)))
        return (
            pattern.format(**{k: as_markup(v, language) for k, v in self.values.items()})
            if self.values
            else pattern
        )

    def _filled(self, language: Language, write: Any) -> str:
        pattern = language.look_up(self.text, self.context)
        return pattern.format(**{k: write(v) for k, v in self.values.items()}) if self.values else pattern


def as_text(part: Any, language: Language) -> str:
    """A message, a figure or a verbatim string as plain text in `language`."""
    if isinstance(part, Message):
        return part.in_language(language)
    if isinstance(part, Value):
        return part.text(language)
    return MISSING if is_missing(part) else str(part)


def as_markup(part: Any, language: Language) -> Markup:
    """A message, a figure or a verbatim string as HTML in `language`; strings are escaped."""
    from markupsafe import escape

    if isinstance(part, (Message, Value)):
        return part.markup(language)
    return escape(as_text(part, language))


def say(text: str, **values: Any) -> Message:
    """A sentence: English `text` with {name} placeholders, filled by figures, other messages or verbatim strings.

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> say("{n} tickets, {share} open", n=count(19840), share=percent(0.031, 1)).in_language(Language("en"))
    '19,840 tickets, 3.1% open'
    """
    return Message(text, values)


def term(context: str, text: Any) -> Message:
    """A word of the trade ("cause", "type", "level", …) as recorded, looked up in both directions.

    A cause recorded in Chinese reads in English on the English page and the other way round; what the vocabulary
    does not know stays verbatim.

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> [term("type", "planner").in_language(Language(tag)) for tag in ("en", "zh")]
    ['planner', '远见型']
    """
    return Message(MISSING if is_missing(text) else str(text), context=context)


def listed(parts: Sequence[Message | Value | str]) -> Message | Value | str:
    """Words one after the other, with commas as each language writes them; "" for none.

    >>> from crmlab.report.language import Language
    >>> [listed([say("new"), "DIMM"]).in_language(Language(tag)) for tag in ("en", "zh")]
    ['new, DIMM', '新增、DIMM']
    """
    return reduce(lambda first, second: say("{first}, {second}", first=first, second=second), parts or [""])


def sentences(parts: Sequence[Message | str]) -> Message | str:
    """Sentences one after the other, with spaces as each language sets them; "" for none."""
    return reduce(lambda first, second: say("{first} {second}", first=first, second=second), parts or [""])


def count(n: Any) -> Value:
    """A whole number: 19,840.

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> [count(19840).text(Language(tag, "CNY")) for tag in ("en", "zh")]
    ['19,840', '19,840']
    """
    return Value("count", n)


def number(x: Any, digits: int = 1) -> Value:
    """A decimal number: 7.4.

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> [number(7.4).text(Language(tag, "CNY")) for tag in ("en", "zh")]
    ['7.4', '7.4']
    """
    return Value("number", x, digits)


def percent(x: Any, digits: int = 0) -> Value:
    """A share between 0 and 1: 28%.

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> [percent(0.284).text(Language(tag, "CNY")) for tag in ("en", "zh")]
    ['28%', '28%']
    """
    return Value("percent", x, digits)


def money(minor_units: Any) -> Value:
    """An amount in the smallest unit of the currency, written short: CN¥1.2M, ¥123.5万.

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> [money(123_456_700).text(Language(tag, "CNY")) for tag in ("en", "zh")]
    ['CN¥1.2M', '¥123.5万']
    """
    return Value("money", minor_units)


def day(when: date | str | Any) -> Value:
    """A day, as a date, a timestamp or "2026-10-31".

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> [day("2026-10-31").text(Language(tag, "CNY")) for tag in ("en", "zh")]
    ['31 October 2026', '2026年10月31日']
    """
    return Value("day", when)


def month(when: str | date) -> Value:
    """A month, as "2026-10" or any day of it.

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> [month("2026-10").text(Language(tag, "CNY")) for tag in ("en", "zh")]
    ['October 2026', '2026年10月']
    """
    return Value("month", when)


FORMATS = {
    "count": count,
    "number": number,
    "number2": lambda x: number(x, 2),
    "percent": percent,
    "percent1": lambda x: percent(x, 1),
    "percent2": lambda x: percent(x, 2),
    "money": lambda x: Value("amount", x),
    "money_short": money,
    "day": day,
    "month": month,
}
"""The formats of a column by name; besides them "text" and "term:<context>"."""


def formatted(form: str, x: Any) -> Value | Message | str:
    """`x` as a figure, a word or a verbatim string, by the name of a column format; a message stays one."""
    if is_missing(x):
        return MISSING
    if isinstance(x, (Message, Value)):
        return x
    if form.startswith("term:"):
        return term(form.removeprefix("term:"), x)
    return str(x) if form == "text" else FORMATS[form](x)


def is_missing(x: Any) -> bool:
    """Whether `x` is None, NaN, NA or NaT (without importing pandas to ask)."""
    return (
        x is None
        or type(x).__name__ in ("NAType", "NaTType")
        or (isinstance(x, float) and not math.isfinite(x))
    )
