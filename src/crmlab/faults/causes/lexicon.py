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
    path : a lexicon.yaml; default the one beside this module.

    Raises
    ------
    CrmlabError : a section is missing, or a pattern is no regular expression; names file, tag and pattern.

    Examples
    --------
    >>> lexicon = SymptomLexicon()
    >>> lexicon.tags(pd.Series(["开机无显", "HDD amber light", "坏了", None])).tolist()
    ['no display', 'disk light', 'other wording', 'no text']
    >>> lexicon.concepts(pd.Series(["HDD amber light"]))[0]
    ['disk', 'disk: warning light', 'warning light']
    """

    def __init__(self, path: Path | None = None):
        self.path = path or Path(__file__).with_name("lexicon.yaml")
        written = yaml.safe_load(self.path.read_text(encoding="utf-8"))
        if not isinstance(written, dict) or not any(written.get(section) for section in SECTIONS):
            raise CrmlabError(
                f"{self.path.name}: expected the sections {', '.join(SECTIONS)}, each with tags and their patterns"
            )
        self.symptoms, self.components, self.signs = (
            self._compiled(written.get(section) or {}) for section in SECTIONS
        )

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
        parts = {said: clauses(said) for said in text.unique()}
        of_clause = {clause: self._tag(clause) for clause in {c for part in parts.values() for c in part}}
        tags = {
            said: tuple(sorted({of_clause[c] for c in part} - {OTHER})) or (self._tag(said),)
            for said, part in parts.items()
        }
        return text.map(tags).rename("symptoms")

    def concepts(self, symptoms: pd.Series) -> pd.Series:
        """The components and signs of each text, and their pairs by clause as "component: sign": sorted lists."""
        text = fold(symptoms)
        parts = {said: clauses(said) for said in text.unique()}
        of_clause = {
            clause: self._of_clause(clause) for clause in {c for part in parts.values() for c in part}
        }
        found = {said: sorted(set().union(*(of_clause[c] for c in part))) for said, part in parts.items()}
        return text.map(found).rename("concepts")

    def _of_clause(self, clause: str) -> set[str]:
        named, noticed = _found(self.components, clause), _found(self.signs, clause)
        return {*named, *noticed, *(f"{what}: {sign}" for what in named for sign in noticed)}

    def _tag(self, text: str) -> str:
        return next(iter(_found(self.symptoms, text)), OTHER) if text else NO_TEXT

    def _compiled(self, tags: dict[str, Iterable[str]]) -> dict[str, re.Pattern[str]]:
        compiled = {}
        for tag, patterns in tags.items():
            for pattern in patterns:
                try:
                    re.compile(pattern, re.ASCII)
                except re.error as error:
                    raise CrmlabError(
                        f"{self.path.name}, {tag!r}: {pattern!r} is not a regular expression ({error}); mend or quote it"
                    ) from None
            # ASCII, so that \b also stands between "raid" and a Chinese character
            compiled[tag] = re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.ASCII)
        return compiled


def _found(patterns: dict[str, re.Pattern[str]], text: str) -> list[str]:
    return [tag for tag, pattern in patterns.items() if pattern.search(text)]
