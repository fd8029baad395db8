"""How alike two names of customers are, from 0 to 100, as somebody would judge who knows what tells firms apart.

A name is read as a row of parts: each Chinese character, each word and each number of other scripts. What two names do not share
decides. A company form (有限公司, Ltd) says nothing; a place that only one of them mentions says little; another word in between costs by
its length, another kind of branch much more; another place or number means another customer.

>>> likeness("中国电子口岸数据分析中心", "中国电子口岸数据中心")
91
>>> likeness("杭州华辉医院", "华辉医院有限公司")
90
>>> likeness("中国农业银行杭州分行", "中国农业银行湖州分行")
0
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

EQUAL, SAME_FIRM, SAME_WORDS = 100, 98, 96
"""Alike but for width, case, spaces and signs; but for the company form; but for the order of words. Others score less."""

_HAN = "\u3400-\u9fff"
_PARTS = re.compile(rf"[0-9]+|[{_HAN}]|[^\W\d_{_HAN}]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_FORMS = re.compile(
    "(集团|控股)?(股份)?有限(责任)?公司|集团公司|股份公司|总公司|(?<![分子])公司|集团|股份"
    r"|\b(co|ltd|limited|inc|incorporated|corp|corporation|company|gmbh|ag|kg|sa|srl|bv|nv|ab|oy|llc|llp|plc|pte|pty|group|holdings?)\b"
)
_BRANCHES = re.compile(
    "分行|支行|分理处|营业部|分公司|子公司|分局|支局|分院|分店|分校|分厂|branch|plant|office"
)
_NUMERALS = str.maketrans("一二三四五六七八九〇零两", "123456789002")
_TELLING = re.compile("[0-9]+|[东西南北十百甲乙丙丁]|(?<![a-z])[a-z](?![a-z])")
"""Numbers, and characters that tell one site from the next as numbers do; single letters."""
_PLACE, _SUFFIX = 0.5, 0.25
"""What a character costs that only one name has, if it belongs to a place, or is one of 省市县区镇; any other costs 1."""
_ANOTHER = 3
"""Another character, word or kind of branch costs three times what leaving it out would: it mostly means somebody else."""
_SLIP = 0.8
"""Words at least this similar are one word, mistyped."""
_RUNS, _ENOUGH, _MOST = 5, 300, 2_000
"""A name is compared with those that share its rarest runs of characters: so many runs, unless fewer lead to enough names; of each run
at most so many names."""


@dataclass(frozen=True)
class Name:
    """A name taken apart.

    written : without width, case, accents, spaces and signs. parts : also without company forms, numerals as digits.
    places, telling, branches : what of it tells customers apart.
    """

    written: str
    parts: tuple[str, ...]
    places: frozenset[str]
    telling: tuple[str, ...]
    branches: tuple[str, ...]


def take_apart(name: str) -> Name:
    """What of `name` matters."""
    folded = _folded(name)
    core = bare(name)
    plain = _FORMS.sub(" ", folded)
    return Name(
        written="".join(_PARTS.findall(folded)),
        parts=tuple(_PARTS.findall(plain.translate(_NUMERALS)) or core),
        places=frozenset(_place().findall(core)),
        telling=tuple(sorted(_TELLING.findall(_place().sub(" ", plain).translate(_NUMERALS)))),
        branches=tuple(sorted(_BRANCHES.findall(core))),
    )


def bare(name: str) -> str:
    """`name` without width, case, accents, spaces, signs and company forms; a name that is nothing else keeps its form.

    >>> bare("ＡＢＣ 机械（杭州）有限公司")
    'abc机械杭州'
    """
    folded = _folded(name)
    return "".join(_PARTS.findall(_FORMS.sub(" ", folded)) or _PARTS.findall(folded))


def likeness(a: str | Name, b: str | Name) -> int:
    """How alike two names are, from 0 (two customers for sure) to 100 (they differ in width, case, spaces and signs only)."""
    from rapidfuzz.distance import Levenshtein

    a, b = (take_apart(n) if isinstance(n, str) else n for n in (a, b))
    if a.written == b.written:
        return EQUAL
    if a.parts == b.parts:
        return SAME_FIRM
    if a.telling != b.telling or (a.places - b.places and b.places - a.places):
        return 0
    if sorted(a.parts) == sorted(b.parts) and a.written.isascii():
        return SAME_WORDS
    cost = 0.0
    for change in Levenshtein.opcodes(a.parts, b.parts):
        gone = a.parts[change.src_start : change.src_end]
        come = b.parts[change.dest_start : change.dest_end]
        if change.tag == "replace":
            cost += sum(_replaced(x, y) for x, y in zip(gone, come, strict=True))
        elif change.tag != "equal":
            cost += _left_out(gone or come)
    if a.branches != b.branches:
        cost *= _ANOTHER
    whole = sum(map(_weight, a.parts + b.parts))
    return min(SAME_WORDS - 1, max(0, round(100 * (1 - cost / whole))))


class Likest:
    """Finds the likest of many names.

    To compare each of 50,000 names with each would take hours. A name and its other spelling share most runs of two Chinese characters
    (three of other scripts), and the rare ones lead to few other names.
    """

    def __init__(self, names: Sequence[str]):
        self.names = names
        self._bare = [bare(n) for n in names]
        self._having: dict[str, list[int]] = defaultdict(list)
        for place, name in enumerate(self._bare):
            for run in _runs(name):
                self._having[run].append(place)
        self._apart: dict[int, Name] = {}

    def to(self, name: str, most: int = 8) -> list[tuple[int, int]]:
        """(likeness, place) of the names likest to `name`, by their place."""
        from rapidfuzz import fuzz, process

        short = bare(name)
        near: dict[int, str] = {}
        runs = [r for r in _runs(short) if r in self._having]
        for run in sorted(runs, key=lambda r: (len(self._having[r]), r))[:_RUNS]:
            near.update((p, self._bare[p]) for p in self._having[run][:_MOST])
            if len(near) > _ENOUGH:
                break
        found = process.extract(short, near, scorer=fuzz.ratio, limit=most, score_cutoff=60)
        own = take_apart(name)
        return sorted((likeness(own, self._take_apart(p)), p) for _, _, p in found)

    def _take_apart(self, place: int) -> Name:
        if place not in self._apart:
            self._apart[place] = take_apart(self.names[place])
        return self._apart[place]


def _folded(name: str) -> str:
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", name)).lower()


def _runs(bare_name: str) -> set[str]:
    length = 3 if bare_name.isascii() else 2
    return {bare_name[n : n + length] for n in range(max(1, len(bare_name) - length + 1))}


@cache
def _place() -> re.Pattern[str]:
    """Any place of places.txt, the longest first."""
    places = (Path(__file__).parent / "places.txt").read_text(encoding="utf-8").split()
    return re.compile("|".join(sorted(places, key=lambda p: (-len(p), p))))


@cache
def _weight(part: str) -> float:
    """A Chinese character says as much as two letters."""
    return max(1.0, len(part) / 2)


def _left_out(parts: tuple[str, ...]) -> float:
    """What parts cost that only one name has."""
    text = "".join(parts)
    rest = _place().sub("", text)
    left = parts if rest == text else tuple(rest)
    return _PLACE * (len(text) - len(rest)) + sum(_SUFFIX if p in "省市县区镇" else _weight(p) for p in left)


def _replaced(x: str, y: str) -> float:
    """What it costs that one name has `x` where the other has `y`."""
    from rapidfuzz.distance import Levenshtein

    if min(len(x), len(y)) > 3 and Levenshtein.normalized_similarity(x, y) >= _SLIP:
        return 1.0
    return _ANOTHER * (_weight(x) + _weight(y))
