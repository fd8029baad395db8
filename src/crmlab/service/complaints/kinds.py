"""What a complaint is about: as recorded, else read from its words."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import yaml

from crmlab.faults.causes.text import clauses, fold
from crmlab.files import CrmlabError
from crmlab.intervals import wilson
from crmlab.service.complaints.learned import learned
from crmlab.service.complaints.outputs import KINDS

UNKNOWN = "unknown"
SECTIONS = ("matters", "words")


class KindLexicon:
    """An editable vocabulary in Chinese and English: kind of complaint → patterns, in the sections matters and words.

    A *matter* says the whole complaint; *words* are hints for a text that says none.

    Parameters
    ----------
    path : a company's own file; a section it holds stands in for that of the embedded vocabulary, `kinds.yaml` beside this
        module. Default: the embedded one alone.

    Raises
    ------
    CrmlabError : the file is no YAML, has another section or kind, or a pattern is no regular expression; names file, kind and
        pattern.

    Examples
    --------
    >>> KindLexicon().kinds(pd.Series(["物流把设备摔坏了", "Nobody answered the hotline", "你好", None])).tolist()
    ['delivery', 'service', 'unknown', 'unknown']
    """

    def __init__(self, path: Path | None = None):
        embedded = Path(__file__).with_name("kinds.yaml")
        written = _read(embedded) | (_read(path) if path else {})
        self.matters, self.words = (
            _compiled(written[section] or {}, path or embedded) for section in SECTIONS
        )

    def kinds(self, texts: pd.Series) -> pd.Series:
        """One kind per text: of the first clause that says a matter, else with most of the words; "unknown" where neither is there."""
        said = fold(texts)
        found = {text: self._kind(text) for text in said.unique()}
        return said.map(found).astype("string").rename("kind")

    def _kind(self, text: str) -> str:
        for clause in clauses(text):
            for kind, pattern in self.matters.items():
                if pattern.search(clause):
                    return kind
        hints = {kind: len(pattern.findall(text)) for kind, pattern in self.words.items()}
        best = max(hints, key=hints.__getitem__, default=UNKNOWN)
        return best if hints.get(best) else UNKNOWN


def kinds_of(complaints: pd.DataFrame, lexicon: KindLexicon) -> pd.DataFrame:
    """Kind of each complaint and where it is from; a model learned from the labelled ones reads the others where it reads better.

    Parameters
    ----------
    complaints : complaint_id, received_at, text, kind.

    Returns
    -------
    kind, kind_from ("record", "text" or "none"), indexed as `complaints`.
    """
    recorded = complaints["kind"].astype("string")
    recorded = recorded.where(recorded.isin(KINDS[:-1]))
    texts = fold(complaints["text"])
    open_ = recorded.isna() & (texts != "")
    read = pd.Series(UNKNOWN, index=complaints.index, dtype="string")
    if open_.any():
        by_lexicon = lexicon.kinds(texts)
        labelled = recorded.notna() & (texts != "")
        order = complaints[labelled].sort_values(["received_at", "complaint_id"]).index
        model = learned(texts[order], recorded[order], by_lexicon[order])
        read = read.mask(open_, by_lexicon)
        if model is not None:
            read[open_] = model.predict(texts[open_].to_numpy(object))
    kind = recorded.fillna(read)
    source = pd.Series("record", index=kind.index, dtype="string").where(recorded.notna(), "text")
    return pd.DataFrame({"kind": kind, "kind_from": source.mask(kind == UNKNOWN, "none")})


def agreement(complaints: pd.DataFrame, lexicon: KindLexicon) -> dict[str, float | None]:
    """How often the vocabulary reads the recorded kind, of the complaints with both text and kind: n, share, low, high.

    A text that it cannot read counts as misread. Without any such complaint the share is None.
    """
    both = complaints[complaints["kind"].isin(KINDS[:-1]) & (fold(complaints["text"]) != "")]
    n = len(both)
    if not n:
        return {"n": 0, "share": None, "low": None, "high": None}
    right = int((lexicon.kinds(both["text"]) == both["kind"]).sum())
    low, high = wilson(right, n)
    return {"n": n, "share": right / n, "low": float(low), "high": float(high)}


def _read(path: Path) -> dict[str, dict[str, list[str]]]:
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise CrmlabError(
            f"{path.name}{line}: no YAML ({getattr(error, 'problem', error)}); mend it"
        ) from None
    if not isinstance(written, dict):
        written = {str(written): None}
    for section, kinds in written.items():
        if section not in SECTIONS or not isinstance(kinds or {}, dict):
            raise CrmlabError(
                f"{path.name}: {section!r} is no section of kinds; write {' or '.join(SECTIONS)}, each with kinds and their patterns"
            )
    return written


def _compiled(patterns: dict[str, list[str]], path: Path) -> dict[str, re.Pattern[str]]:
    compiled = {}
    for kind, some in patterns.items():
        if kind not in KINDS[:-1]:
            raise CrmlabError(
                f"{path.name}: {kind!r} is no kind of complaint; write {', '.join(KINDS[:-1])}, each with its patterns"
            )
        for pattern in some or []:
            try:
                re.compile(pattern, re.ASCII)
            except (re.error, TypeError) as error:
                raise CrmlabError(
                    f"{path.name}, {kind!r}: {pattern!r} is not a regular expression ({error}); mend or quote it"
                ) from None
        # ASCII, so that \b also stands between a Latin and a Chinese character; without a pattern a kind matches nothing
        compiled[kind] = re.compile("|".join(f"(?:{pattern})" for pattern in some or ["(?!)"]), re.ASCII)
    return compiled
