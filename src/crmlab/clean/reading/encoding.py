"""How the bytes of a text are to be read: UTF-8 or GB18030 by themselves, any other encoding where mapping.yaml states it."""

from __future__ import annotations

import codecs
import unicodedata
from itertools import pairwise

from crmlab.files import CrmlabError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins in the same way
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; Excel writes UTF-16 with one when it saves "Unicode text"."""
UTF_8 = ("utf-8", "utf-8-sig", "ascii")


def guess(head: bytes, whole: bool) -> str | None:
    """The encoding of a text that begins with `head`: by its mark, else UTF-8, else GB18030; None for neither.

    Parameters
    ----------
    whole : nothing follows; else the last character may be cut.
    """
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    if decodes(head, "utf-8", whole) is not None:
        return "utf-8"
    text = decodes(head, "gb18030", whole)
    return "gb18030" if text is not None and is_chinese(head, text) else None


def is_chinese(raw: bytes, text: str) -> bool:
    """Whether bytes that are not UTF-8, and `text` as GB18030, are that: not UTF-8 with a slip in it, and plausible as Chinese.

    Half of the pairs in Chinese text are UTF-8 by chance; a slip that leaves the rest plausible is one among nine or more.
    """
    as_utf_8 = raw.decode("utf-8", "surrogateescape")
    wrong = sum("\udc80" <= c <= "\udcff" for c in as_utf_8)
    right = sum(c > "\x7f" for c in as_utf_8) - wrong
    return 3 * wrong > right and plausible_chinese(text)


def nearest(head: bytes) -> str:
    """Of UTF-8 and GB18030 the one in which more of a text can be read before its first wrong byte."""
    ends = {}
    for encoding in ("utf-8", "gb18030"):
        try:
            head.decode(encoding)
        except UnicodeDecodeError as error:
            ends[encoding] = error.start
    chinese = head[: ends.get("gb18030", 0)]
    further = len(chinese) > ends.get("utf-8", len(head))
    return "gb18030" if further and is_chinese(chinese, chinese.decode("gb18030")) else "utf-8"


def decodes(raw: bytes, encoding: str, whole: bool) -> str | None:
    """`raw` as text, or None where it is not written so."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(raw, final=whole)
    except UnicodeError:
        return None


def plausible_chinese(text: str) -> bool:
    """Whether text that was decoded as GB18030 reads like Chinese, and is not some other language's bytes taken for it.

    Nine tenths of what is not ASCII must be in GB 2312 and two thirds in its first level: its common characters, sorted by
    sound, and its punctuation. Western, Cyrillic and Big5 text fails there. Korean text takes characters of the first half of the alphabet only, and
    Japanese text takes kana.

    >>> plausible_chinese("硬盘黄灯常亮")
    True
    >>> plausible_chinese("Gr\\xf6\\xdfe, caf\\xe9s".encode("latin-1").decode("gb18030", "replace"))
    False
    """
    codes = [_gb2312(c) for c in text if c > "\x7f"]
    if not codes:
        return False
    n = len(codes)
    first_level = [c for c in codes if 0xB0A1 <= c <= 0xD7F9]
    common = len(first_level) + sum(0xA1A1 <= c < 0xB0A1 for c in codes)
    kana = sum(0xA4A1 <= c <= 0xA5F6 for c in codes)
    if sum(c > 0 for c in codes) < 0.9 * n or common < 2 / 3 * n or kana > 0.2 * n:
        return False
    return len(first_level) < 20 or sum(c >= 0xC9A1 for c in first_level) > 0.1 * len(first_level)


def _gb2312(character: str) -> int:
    """The code of a character in GB 2312, 0 where it has none."""
    try:
        return int.from_bytes(character.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return 0


def undecodable(
    name: str,
    line: int,
    column: int,
    byte: int,
    encoding: str,
    table: str,
    *,
    around: bytes,
    ascii_before: bool,
) -> CrmlabError:
    """The message for a byte that cannot be read in `encoding`: where it is, and what can be done.

    Parameters
    ----------
    around : the line of the byte, and what may follow it. ascii_before : the lines before it hold nothing but ASCII.
    """
    tried = "UTF-8" if encoding in UTF_8 else encoding.upper()
    said = f"{name} line {line}, column {column}: byte 0x{byte:02X} is not {tried}"
    likely = likely_encoding(around)
    if encoding in UTF_8 and not ascii_before:
        second = f", from here on perhaps {likely}" if likely else ""
        return CrmlabError(
            f"{said}, as the lines before it are: two encodings in one file{second}, or a damaged byte; "
            "mend the line, or export each part again as UTF-8"
        )
    hint = likely if likely and likely != encoding else "<its encoding>"
    others = "" if hint == likely else ", such as gb18030, big5, shift_jis, cp1250 or cp1252"
    return CrmlabError(
        f"{said}; save the export as UTF-8, "
        f"or say how it is written in mapping.yaml: tables: {{{table}: {{encoding: {hint}}}}}{others}"
    )


_WESTERN = frozenset("àâäáãåæçéèêëíìîïñóòôöõøúùûüßÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØÚÙÛÜœŒ")
_SIGNS = frozenset("€£§°’‘“”–—…«»·®©™²³½\xa0")


def likely_encoding(raw: bytes) -> str:
    """What bytes that are not UTF-8 look like: gb18030, big5 or cp1252; empty where it cannot be told.

    >>> [likely_encoding(t.encode(e)) for t, e in (("café, très", "cp1252"), ("硬碟黃燈", "big5"), ("坏了", "gbk"))]
    ['cp1252', 'big5', 'gb18030']
    >>> [likely_encoding(t.encode(e)) for t, e in (("Łódź Zażółć", "cp1250"), ("не работает", "cp1251"))]
    ['', '']
    """
    if (text := decodes(raw, "gb18030", whole=False)) and plausible_chinese(text):
        return "gb18030"
    if text := decodes(raw, "big5", whole=False):
        leads = [c.encode("big5")[0] for c in text if c > "\x7f"]
        if sum(0xA4 <= lead <= 0xC6 for lead in leads) > 2 / 3 * len(leads):  # the common characters
            return "big5"
    if text := decodes(raw, "cp1252", whole=False):
        letters = [c for c in text if c > "\x7f" and c not in _SIGNS]
        in_rows = sum(a > "\x7f" and b > "\x7f" for a, b in pairwise(text))
        signs = sum(c in _SIGNS for c in text)
        if set(letters) <= _WESTERN and 3 * in_rows <= len(letters) and signs <= len(letters):
            return "cp1252"
    return ""


def printable(header: str) -> bool:
    """No control character but a line break in it."""
    return not any(unicodedata.category(c) == "Cc" and c not in "\r\n\t" for c in header)
