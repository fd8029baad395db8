"""What each customer gets: an action for its type and stage, a manner for its type, an effort for its value and risk.

Managers edit it: policy.csv and effort.csv beside the exports stand in for the lines of the embedded files that they name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from crmlab.files import CrmlabError
from crmlab.segments.behaviour.catalogue import TYPES
from crmlab.segments.outputs import RISK_BANDS, STAGES, VALUE_BANDS
from crmlab.segments.use.sheets import Line, read_sheet, spellings

POLICY, EFFORT = "policy.csv", "effort.csv"
EVERY = "every"
"""In the place of a stage: what holds in each of them, the manner of the type."""
TYPES_ZH = {
    "traditionalist": "落伍型",
    "reckoner": "计较型",
    "nostalgic": "怀旧型",
    "pragmatist": "实用型",
    "bargain-seeker": "实惠型",
    "status-seeker": "实现型",
    "pioneer": "前卫型",
    "planner": "远见型",
    "perfectionist": "完美型",
}
"""The nine types as the seed calls them."""
TYPE_SPELLINGS = spellings({name: (TYPES_ZH[name], TYPES_ZH[name].removesuffix("型")) for name in TYPES})
"""How people write the types, folded → type."""

_HERE = Path(__file__).parent
_STAGES = spellings({EVERY: ("any", "all", "每个", "所有", "全部", "每个阶段", "所有阶段"), **STAGES})
_POLICY_COLUMNS = {"type": ("类型", "客户类型"), "stage": ("阶段",), "action": ("行动", "做法", "措施")}
_EFFORT_COLUMNS = {"value": ("价值", "value_band"), "risk": ("风险",), "effort": ("投入", "力度")}


@dataclass(frozen=True)
class Policy:
    """What each customer gets.

    by_stage : (type, stage or `EVERY`) → action. by_value : (value band, risk band) → effort. own : how many lines are the company's.

    Examples
    --------
    >>> policy = Policy.read()
    >>> policy.action(pd.Series(["traditionalist", "undetermined"]), pd.Series(["retention", "retention"])).tolist()
    ['Offer the last time buy of parts before support ends.', <NA>]
    >>> policy.manner("pragmatist")
    'Repair fast, and come to the point.'
    >>> policy.effort("low", "at_risk")
    'Send an offer in writing, without a visit.'
    """

    by_stage: Mapping[tuple[str, str], str]
    by_value: Mapping[tuple[str, str], str]
    own: int = 0

    @classmethod
    def read(cls, policy: Path | None = None, effort: Path | None = None) -> Policy:
        """The embedded policy, with the lines of a company's own files in the place of those they name.

        Parameters
        ----------
        policy : columns type, stage, action; for the stage "every" the manner of the type. effort : columns value, risk, effort.
            Types, stages and bands in English or Chinese. An empty file changes nothing.

        Raises
        ------
        CrmlabError : an unknown type, stage or band, a pair that stands there twice, an empty action; with file, line and column.
        """
        by_stage, by_value = _read_policy(_HERE / POLICY), _read_effort(_HERE / EFFORT)
        own_stage = _read_policy(policy) if policy is not None else {}
        own_value = _read_effort(effort) if effort is not None else {}
        return cls(by_stage | own_stage, by_value | own_value, len(own_stage) + len(own_value))

    def action(self, types: pd.Series, stages: pd.Series) -> pd.Series:
        """What the policy has for each type and stage; missing where either is, or is none of the nine or the four.

        Parameters
        ----------
        types, stages : with one index, which the result has, too.
        """
        pairs = zip(types.astype(object), stages.astype(object), strict=True)
        said = [self.by_stage.get(pair) if pair[1] in STAGES else None for pair in pairs]
        return pd.Series(said, index=types.index, dtype="string", name="action")

    def manner(self, type: str) -> str:
        """How a type is served, in whatever stage."""
        return self.by_stage[type, EVERY]

    def effort(self, value_band: str, risk: str) -> str:
        """How much a customer of that value and risk gets."""
        return self.by_value[value_band, risk]


def _read_policy(path: Path) -> dict[tuple[str, str], str]:
    lines = read_sheet(path, _POLICY_COLUMNS)
    return _pairs(lines, {"type": TYPE_SPELLINGS, "stage": _STAGES}, "action")


def _read_effort(path: Path) -> dict[tuple[str, str], str]:
    lines = read_sheet(path, _EFFORT_COLUMNS)
    return _pairs(lines, {"value": spellings(VALUE_BANDS), "risk": spellings(RISK_BANDS)}, "effort")


def _pairs(lines: list[Line], key: Mapping[str, Mapping[str, str]], what: str) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    first: dict[tuple[str, ...], Line] = {}
    for line in lines:
        pair = tuple(line.choice(column, choices) for column, choices in key.items())
        if pair in first:
            raise CrmlabError(
                f"{line.place}, {' and '.join(key)}: {' and '.join(pair)} stand in line {first[pair].number} already; "
                "keep one of the two lines"
            )
        if not line.cells[what]:
            raise CrmlabError(
                f"{line.place}, {what}: empty; say in one sentence what is to be done, or delete the line and the usual one holds"
            )
        first[pair], found[pair] = line, line.cells[what]
    return found
