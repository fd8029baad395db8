"""One language of the pages: its words from a gettext catalogue, its figures by Babel."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.pofile import read_po
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent

from crmlab.files import CrmlabError
from crmlab.report.messages import MISSING, Value

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

FOLDER = Path(__file__).parent / "locale"
SOURCE = "en"
"""The language messages are written in; it needs no catalogue."""

_LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
_HTML = {"zh": "zh-CN"}
_SHORT_FROM = 10_000  # currency units; below it a short amount says nothing that the whole one does not


def available() -> list[str]:
    """The languages that pages can be written in: English and each catalogue in `locale/`."""
    return [SOURCE, *sorted(p.stem for p in FOLDER.glob("*.po"))]


@cache
def catalogue(tag: str) -> Catalog:
    """The gettext catalogue `locale/<tag>.po`."""
    with (FOLDER / f"{tag}.po").open("rb") as handle:
        return read_po(handle, locale=tag, charset="utf-8")


@cache
def _originals() -> dict[tuple[str | None, str], str]:
    """(context, translation) -> English, for words with a context: the vocabulary read backwards."""
    return {
        (m.context, m.string): m.id
        for tag in available()
        if tag != SOURCE
        for m in catalogue(tag)
        if m.id and m.context and m.string and isinstance(m.string, str)
    }


class Language:
    """One language: looks words up and writes figures.

    Parameters
    ----------
    tag : "en", "zh" or any other language with a catalogue in `locale/`.
    currency : ISO code of the books, e.g. "CNY".

    Raises
    ------
    CrmlabError : there is no catalogue for `tag`.

    Examples
    --------
    >>> Language("zh").write(Value("money", 123_500_000))
    '¥123.5万'
    """

    def __init__(self, tag: str, currency: str = "CNY") -> None:
        if tag not in available():
            raise CrmlabError(
                f"params.yaml, languages: {tag!r} has no catalogue {FOLDER / tag}.po; there are {', '.join(available())}"
            )
        self.tag = tag
        self.currency = currency
        self.locale = Locale.parse(_LOCALES.get(tag, tag))
        self._written: dict[
            tuple[str, str, int], str
        ] = {}  # the same few shares and counts fill thousands of cells

    @property
    def html(self) -> str:
        """The value of the `lang` attribute."""
        return _HTML.get(self.tag, self.tag)

    @cached_property
    def name(self) -> str:
        """What the language calls itself: English, 中文."""
        return Locale.parse(self.tag).get_language_name(self.tag).capitalize()

    def look_up(self, text: str, context: str | None = None) -> str:
        """`text` in this language; a word with a context may also be given in another language; else verbatim."""
        if context:
            text = _originals().get((context, text), text)
        if self.tag == SOURCE:
            return text
        found = catalogue(self.tag).get(text, context)
        return found.string if found and found.string else text

    def write(self, value: Value) -> str:
        """A figure as people of this language write it."""
        if value.missing:
            return MISSING
        key = (value.kind, value.plain, value.digits)
        if key not in self._written:
            self._written[key] = _WRITERS[value.kind](self, value)
        return self._written[key]

    def short_month(self, when: date | str) -> str:
        """A month on an axis: Oct 2026, 2026年10月."""
        return format_skeleton("yMMM", _date(when), locale=self.locale)

    def _count(self, value: Value) -> str:
        return format_decimal(_decimal(value), "#,##0", locale=self.locale)

    def _number(self, value: Value) -> str:
        return format_decimal(_decimal(value), "#,##0" + _digits(value.digits), locale=self.locale)

    def _percent(self, value: Value) -> str:
        return format_percent(_decimal(value), f"#,##0{_digits(value.digits)}%", locale=self.locale)

    def _amount(self, value: Value) -> str:
        units = Decimal(round(value.value)) / 100
        # without currency_digits=False the pattern is overruled and the cents come back
        return format_currency(units, self.currency, "¤#,##0", locale=self.locale, currency_digits=False)

    def _money(self, value: Value) -> str:
        units = Decimal(round(value.value)) / 100
        if abs(units) < _SHORT_FROM:
            return self._amount(value)
        return format_compact_currency(units, self.currency, locale=self.locale, fraction_digits=1)

    def _day(self, value: Value) -> str:
        return format_date(_date(value.value), "long", locale=self.locale)

    def _month(self, value: Value) -> str:
        return format_skeleton("yMMMM", _date(value.value), locale=self.locale)


_WRITERS = {
    "count": Language._count,
    "number": Language._number,
    "percent": Language._percent,
    "amount": Language._amount,
    "money": Language._money,
    "day": Language._day,
    "month": Language._month,
}


def _digits(n: int) -> str:
    return f".{'0' * n}" if n else ""


def _decimal(value: Value) -> Decimal:
    return Decimal(value.plain)


def _date(x: Any) -> date:
    if isinstance(x, datetime):
        return x.date()
    if isinstance(x, date):
        return x
    return date.fromisoformat(f"{x}-01" if len(str(x)) == 7 else str(x)[:10])
