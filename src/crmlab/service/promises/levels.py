"""Service levels: what a code such as 7*24*4 says of days, hours and promises, and what params.yaml adds to it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real

import pandas as pd

from crmlab.files import CrmlabError

KEYS = ("days", "hours", "response_h", "fix_h")
"""What params.yaml service.levels may say of a level."""

_TIMES = re.compile(r"[×xX✕✖╳*∗・·]")
_NUMBER = r"(\d+(?:\.\d+)?)(?:天|日|小时|时|[dh])?"
_CODE = re.compile(rf"{_NUMBER}\*{_NUMBER}(?:\*{_NUMBER})?", re.IGNORECASE)
_DAYS = ("5", "6", "7")


@dataclass(frozen=True)
class Level:
    """A service level: the clock runs `hours` a day on `days` days a week.

    response_h, fix_h : hours on that clock until somebody is there, and until it is repaired; None where nothing is promised.
    """

    name: str
    days: int
    hours: float
    response_h: float | None = None
    fix_h: float | None = None


class Levels:
    """Reads the codes of service levels, with what params.yaml says of them.

    A code says days a week × hours a day × hours until somebody is there; the last may be absent. Hours may stand before days
    where that cannot be misread: 24*7 is 7*24. What params.yaml says of a level, by its code in any spelling or by a name such
    as 金牌, overrules the code. A name whose days or hours params.yaml does not state runs day and night.

    Parameters
    ----------
    stated : code or name → any of `KEYS` (params.yaml service.levels).

    Raises
    ------
    CrmlabError
        for another key, a value that is impossible, one level under two spellings.

    Examples
    --------
    >>> levels = Levels({"5*9": {"response_h": 9, "fix_h": 27}})
    >>> levels.read("5 × 9")
    Level(name='5*9', days=5, hours=9.0, response_h=9.0, fix_h=27.0)
    >>> levels.read("７×２４×４").response_h
    4.0
    >>> levels.read("whenever") is None
    True
    """

    def __init__(self, stated: Mapping[str, Mapping[str, float]]) -> None:
        self._stated: dict[str, Level] = {}
        for code, values in (stated or {}).items():
            level = _with(_read(str(code)), canonical(str(code)), values)
            if level.name in self._stated:
                raise CrmlabError(
                    f"params.yaml service.levels: {level.name} stands there twice; keep one of them"
                )
            self._stated[level.name] = level

    def read(self, code: str) -> Level | None:
        """The level of a code or name; None where neither the code nor params.yaml says what it is."""
        return self._stated.get(canonical(code)) or _read(code)

    def table(self, codes: pd.Series) -> pd.DataFrame:
        """What each code says, indexed as `codes`: name, known, days, hours, response_s, fix_s (seconds, NaN where not promised).

        A code that cannot be read keeps its name; its clock runs day and night. A missing code has no name.
        """
        codes = codes.astype("string")
        unique = codes.dropna().unique()
        rows = [_row(canonical(code), self.read(code)) for code in unique]
        columns = ["name", "known", "days", "hours", "response_s", "fix_s"]
        said = pd.DataFrame(rows, columns=columns, index=pd.Index(unique, dtype="string"))
        said.loc[pd.NA] = (pd.NA, False, 7, 24.0, float("nan"), float("nan"))
        found = said.iloc[pd.Index(unique).get_indexer(codes)]  # −1, the last row, where missing
        return found.set_axis(codes.index).astype(
            {
                "name": "string",
                "known": bool,
                "days": int,
                "hours": float,
                "response_s": float,
                "fix_s": float,
            }
        )


def canonical(code: str) -> str:
    """`code` in the one spelling under which levels are compared: half-width, * between numbers, no spaces.

    >>> canonical(" 7 × 24 x ８ ")
    '7*24*8'
    """
    plain = "".join(unicodedata.normalize("NFKC", code).split())
    found = _CODE.fullmatch(_TIMES.sub("*", plain))
    if not found:
        return plain
    parts = [f"{float(part):g}" for part in found.groups() if part]
    if parts[0] not in _DAYS and parts[1] in _DAYS:
        parts[:2] = parts[1::-1]
    return "*".join(parts)


def _read(code: str) -> Level | None:
    name = canonical(code)
    found = _CODE.fullmatch(name)
    if not found:
        return None
    days, hours, response = found[1], float(found[2]), float(found[3]) if found[3] else None
    if days not in _DAYS or not 0 < hours <= 24 or response == 0:
        return None
    return Level(name, int(days), hours, response)


def _with(level: Level | None, name: str, values: Mapping[str, float]) -> Level:
    level = level or Level(name, 7, 24.0)
    if not isinstance(values, Mapping) or (unknown := sorted(set(values) - set(KEYS))):
        what = repr(values) if not isinstance(values, Mapping) else f"the key {unknown[0]!r}"
        raise CrmlabError(
            f"params.yaml service.levels.{name}: {what} is not understood; write {{{', '.join(KEYS)}}}, or some of them"
        )
    allowed = {"days": "5, 6 or 7", "hours": "more than 0, at most 24"}
    for key, value in values.items():
        number = isinstance(value, Real) and not isinstance(value, bool) and value > 0
        if not number or (key == "days" and value not in (5, 6, 7)) or (key == "hours" and value > 24):
            raise CrmlabError(
                f"params.yaml service.levels.{name}.{key}: {value!r} is not possible; "
                f"write {allowed.get(key, 'a number of hours above 0')}"
            )
    given = {key: int(value) if key == "days" else float(value) for key, value in values.items()}
    return Level(**{**level.__dict__, **given})


def _row(name: str, level: Level | None) -> tuple[str, bool, int, float, float, float]:
    if level is None:
        return name, False, 7, 24.0, float("nan"), float("nan")
    seconds = [float("nan") if h is None else 3600 * h for h in (level.response_h, level.fix_h)]
    return level.name, True, level.days, level.hours, seconds[0], seconds[1]
