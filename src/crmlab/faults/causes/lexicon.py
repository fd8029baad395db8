"""The vocabulary of symptoms, in Chinese and English: which symptom a wording speaks of, what it names and notices."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import yaml

from crmlab.faults.causes.text import clauses, fold
from crmlab.files import CrmlabError

OTHER = "other wording"
"""The tag of a text that no symptom's pattern matches."""
NO_TEXT = "no text"
"""The tag of a ticket without symptom."""

DISK_LIGHT = "disk light"
"""The symptom of the seed's figure 4-4."""
NO_DISPLAY = "no display"
"""The symptom of the seed's figure 4-5."""

SECTIONS = ("symptoms", "components", "signs")


class SymptomLexicon:
    """An editable vocabulary: tag → patterns, in the sections symptoms, components and signs.

    A *symptom* is the name of what the caller reports, one per ticket: the first that matches. *Components* and *signs*
    are concepts: what is named (disk) and what is noticed (warning light). A text holds any number of them, and a
    component and a sign in one clause also make a pair. A wording nobody used before mostly speaks of known concepts.

    Parameters
    ----------
    path : a company's own lexicon.yaml; each section it holds stands in for that of the embedded vocabulary, the
        file beside this module. Default, and where the file is empty: the embedded one alone.

    Raises
    ------
    CrmlabError : the file is no YAML, has a section of another name, or a pattern is no regular expression; names file,
        section or tag, and pattern.

    Examples
    --------
    >>> lexicon = SymptomLexicon()
    >>> lexicon.tags(pd.Series(["开机无显", "HDD amber light", "坏了", None])).tolist()
    ['no display', 'disk light', 'other wording', 'no text']
    >>> lexicon.concepts(pd.Series(["HDD amber light"]))[0]
    ['disk', 'disk: warning light', 'warning light']
    """

    def __init__(self, path: Path | None = None):
        embedded = Path(__file__).with_name("lexicon.yaml")
        written = self._read(embedded)
        name = embedded.name if path is None else path.name
        if path is not None:
            written |= self._read(path)
        self.symptoms, self.components, self.signs = (
            _compiled(written[section] or {}, name) for section in SECTIONS
        )
        self._forget()

    def __getstate__(self) -> dict:
        return {name: value for name, value in self.__dict__.items() if not name.startswith("_of_")}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._forget()

    def _forget(self) -> None:
        # a million tickets speak in some ten thousand clauses, and a stage reads them more than once
        self._of_text: dict[str, str] = {}
        self._of_clause: dict[str, set[str]] = {}

    @staticmethod
    def _read(path: Path) -> dict:
        try:
            written = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f" line {mark.line + 1}" if mark else ""
            raise CrmlabError(
                f"{path.name}{line}: no YAML ({getattr(error, 'problem', error)}); mend it"
            ) from None
        strange = (
            [name for name in written if name not in SECTIONS] if isinstance(written, dict) else [written]
        )
        if strange:
            raise CrmlabError(
                f"{path.name}: {strange[0]!r} is no section; write {', '.join(SECTIONS)}, each with tags and their patterns"
            )
        return written

    def tags(self, symptoms: pd.Series) -> pd.Series:
        """One symptom per ticket: the first of the vocabulary whose pattern its folded text holds."""
        text = fold(symptoms)
        tags = {said: self._tag(said) for said in text.unique()}
        return text.map(tags).astype(object).rename("symptom_tag")

    def all_tags(self, symptoms: pd.Series) -> pd.Series:
        """Every symptom a text speaks of, as a sorted tuple: the first that matches in each clause, else that of the text.

        Examples
        --------
        >>> SymptomLexicon().all_tags(pd.Series(["蓝屏，还有风扇很响", "急！坏了"])).tolist()
        [('blue screen', 'noise'), ('other wording',)]
        """
        text = fold(symptoms)
        tags = {
            said: tuple(sorted({self._tag(c) for c in clauses(said)} - {OTHER})) or (self._tag(said),)
            for said in text.unique()
        }
        return text.map(tags).rename("symptoms")

    def concepts(self, symptoms: pd.Series) -> pd.Series:
        """The components and signs of each text, and their pairs by clause as "component: sign": sorted lists."""
        text = fold(symptoms)
        found = {
            said: sorted(set().union(*(self._concepts(c) for c in clauses(said)))) for said in text.unique()
        }
        return text.map(found).rename("concepts")

    def _concepts(self, clause: str) -> set[str]:
        if clause not in self._of_clause:
            named, noticed = _found(self.components, clause), _found(self.signs, clause)
            pairs = {f"{what}: {sign}" for what in named for sign in noticed}
            self._of_clause[clause] = {*named, *noticed, *pairs}
        return self._of_clause[clause]

    def _tag(self, text: str) -> str:
        if text not in self._of_text:
            known = next((tag for tag, pattern in self.symptoms.items() if pattern.search(text)), OTHER)
            self._of_text[text] = known if text else NO_TEXT
        return self._of_text[text]


def _compiled(tags: dict[str, Iterable[str]], file: str) -> dict[str, re.Pattern[str]]:
    compiled = {}
    for tag, patterns in tags.items():
        for pattern in patterns:
            try:
                re.compile(pattern, re.ASCII)
            except re.error as error:
                raise CrmlabError(
                    f"{file}, {tag!r}: {pattern!r} is not a regular expression ({error}); mend or quote it"
                ) from None
        # ASCII, so that \b also stands between "raid" and a Chinese character
        compiled[tag] = re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.ASCII)
    return compiled


def _found(patterns: dict[str, re.Pattern[str]], text: str) -> list[str]:
    return [tag for tag, pattern in patterns.items() if pattern.search(text)]
