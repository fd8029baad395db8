"""The symptom vocabulary: which symptom a ticket's wording speaks of, in Chinese or English."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import yaml

from crmlab.faults.text import fold
from crmlab.files import CrmlabError

OTHER = "other wording"
"""The tag of a text that no pattern matches."""
NO_TEXT = "no text"
"""The tag of a ticket without symptom."""

DISK_LIGHT = "disk light"
"""The symptom of the seed's figure 4-4."""
NO_DISPLAY = "no display"
"""The symptom of the seed's figure 4-5."""


def read_lexicon(path: Path | None = None) -> dict[str, re.Pattern[str]]:
    """The vocabulary in its order: tag → one pattern; `path` defaults to the lexicon.yaml beside this module.

    Raises
    ------
    CrmlabError : a pattern is no regular expression; names file, tag and pattern.
    """
    path = path or Path(__file__).with_name("lexicon.yaml")
    lexicon = {}
    for tag, patterns in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        for pattern in patterns:
            try:
                re.compile(pattern, re.ASCII)
            except re.error as error:
                raise CrmlabError(
                    f"{path.name}, {tag!r}: {pattern!r} is not a regular expression ({error}); mend or quote it"
                ) from None
        # ASCII, so that \b also stands between "raid" and a Chinese character
        lexicon[tag] = re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.ASCII)
    return lexicon


def tag_symptoms(symptoms: pd.Series, lexicon: dict[str, re.Pattern[str]]) -> pd.Series:
    """One tag per ticket: the first of the vocabulary whose pattern its folded text holds.

    Examples
    --------
    >>> tag_symptoms(pd.Series(["开机无显", "HDD amber light", "坏了", None]), read_lexicon()).tolist()
    ['no display', 'disk light', 'other wording', 'no text']
    """
    text = fold(symptoms)
    tags = {said: _tag(said, lexicon) for said in text.unique()}
    return text.map(tags).astype(object).rename("symptom_tag")


def _tag(text: str, lexicon: dict[str, re.Pattern[str]]) -> str:
    if not text:
        return NO_TEXT
    return next((tag for tag, pattern in lexicon.items() if pattern.search(text)), OTHER)
