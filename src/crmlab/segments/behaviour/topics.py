"""The topics of tickets, comments and complaints, and the words by which they are told, in Chinese and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import yaml

from crmlab.files import CrmlabError
from crmlab.segments.outputs import TOPICS
from crmlab.tables import conform

if TYPE_CHECKING:
    from crmlab.engine import DuckDB, Relation, Spark

SECTIONS: dict[str, tuple[str, ...]] = {
    "tickets": ("billing", "legacy", "roadmap", "howto"),
    "remarks": ("function", "price", "manner", "used_to", "next"),
}
"""The topics of each kind of text; the features rest on them, so a company's own file may fill them but not rename them."""
UNRECOGNISED = "unrecognised"

_HERE = Path(__file__).parent
_NOTHING = r"[^\s\S]"
_LATIN = re.compile(r"[a-z0-9]")


class TopicLexicon:
    """An editable vocabulary: topic → words, in the sections tickets and remarks.

    A ticket has the first of its topics that fits, or none; a remark (a comment or complaint) may speak of several. A word
    is found anywhere in a text in lower case; where it begins or ends in a Latin letter or digit it is found as a whole
    word, unless it ends in `*`.

    Parameters
    ----------
    path : a company's own topics.yaml; each topic it holds stands in for that of the embedded vocabulary, the file beside this
        module. Default, and where the file is empty: the embedded one alone. A topic without words fits no text.

    Attributes
    ----------
    words : section → topic → words.

    Raises
    ------
    CrmlabError : the file is no YAML, has a section or topic of another name, or a word is no text; names file, topic and value.

    Examples
    --------
    >>> patterns = TopicLexicon().patterns()
    >>> [bool(re.search(patterns["billing"], text)) for text in ("问上门费怎么算", "one disk light amber")]
    [True, False]
    """

    def __init__(self, path: Path | None = None):
        self.words = _read(_HERE / "topics.yaml")
        if path is not None:
            for section, topics in _read(path).items():
                self.words[section] |= topics

    def patterns(self) -> dict[str, str]:
        """Topic → a regular expression that finds any of its words in a text in lower case, the same on both engines."""
        return {topic: pattern(words) for topics in self.words.values() for topic, words in topics.items()}


def pattern(words: list[str]) -> str:
    """A regular expression that finds any of `words` in a text in lower case; none, where there are no words.

    Examples
    --------
    >>> [bool(re.search(pattern(["fee", "升级"]), text)) for text in ("visit fee?", "feedback", "如何升级bios")]
    [True, False, True]
    """
    stems = (unicodedata.normalize("NFKC", word).strip().lower() for word in words)
    return "|".join(_found(stem) for stem in stems if stem.removesuffix("*")) or _NOTHING


def _found(word: str) -> str:
    """One word as a pattern, without look-around and word boundaries, which the engines do not share."""
    stem = word.removesuffix("*")
    before = "(?:^|[^a-z0-9])" if _LATIN.match(stem) else ""
    after = "(?:[^a-z0-9]|$)" if stem == word and _LATIN.match(stem[-1]) else ""
    return before + re.escape(stem) + after


def _read(path: Path) -> dict[str, dict[str, list[str]]]:
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise CrmlabError(
            f"{path.name}{line}: no YAML in UTF-8 ({getattr(error, 'problem', error)}); mend it"
        ) from None
    read: dict[str, dict[str, list[str]]] = {section: {} for section in SECTIONS}
    for section, topics in _items(path, "", written, SECTIONS):
        for topic, words in _items(path, f", {section}", topics or {}, SECTIONS[section]):
            if not isinstance(words, list | None):
                raise CrmlabError(
                    f"{path.name}, {section}, {topic}: {words!r} is no list of words; write [{words}, …]"
                )
            for word in words or []:
                if not isinstance(word, str) or not word.strip().removesuffix("*"):
                    raise CrmlabError(
                        f"{path.name}, {section}, {topic}: {word!r} is no word; write text, in quotation marks where it is "
                        "a number, yes or no"
                    )
            read[section][topic] = words or []
    return read


def _items(path: Path, where: str, written: object, names: Mapping | tuple[str, ...]) -> list[tuple]:
    strange = [n for n in written if n not in names] if isinstance(written, dict) else [written]
    if strange:
        what = "topic" if where else "section"
        raise CrmlabError(
            f"{path.name}{where}: {strange[0]!r} is no {what}; write {', '.join(names)}, each with its words"
        )
    return list(written.items())


def asked(
    engine: DuckDB | Spark, clean: Mapping[str, Path], lexicon: TopicLexicon, last: pd.Timestamp
) -> Relation:
    """Tickets up to the end of the month of `last`, each with its topic."""
    args = {"last": last.year * 12 + last.month} | lexicon.patterns()
    return engine.run(_HERE / "asked.sql", {"tickets": clean["tickets"]}, args)


def remarked(
    engine: DuckDB | Spark, clean: Mapping[str, Path], lexicon: TopicLexicon, last: pd.Timestamp
) -> Relation:
    """Comments and complaints up to the end of the month of `last`, each with its topics."""
    args = {"last": last.year * 12 + last.month} | lexicon.patterns()
    return engine.run(_HERE / "remarked.sql", {n: clean[n] for n in ("surveys", "complaints")}, args)


def topic_shares(
    engine: DuckDB | Spark,
    clean: Mapping[str, Path],
    lexicon: TopicLexicon,
    last: pd.Timestamp,
    months: int,
) -> pd.DataFrame:
    """How many texts of the last months speak of each topic, and how many of none that the lexicon knows.

    A repair is no topic: tickets closed with a cause of a fault on record are left out, so that of the others the share
    not recognised says how much the words miss. A company that records no causes has its repairs among them. Texts of no
    customer are left out, as in the features; comments count once however many items of a survey repeat them.

    Parameters
    ----------
    clean : Parquet files of the clean tables tickets, surveys and complaints, any of them without rows.
    last : last day of the last complete month. months : of texts up to it.

    Returns
    -------
    The table TOPICS; a kind of text of which there is none has no rows. Remarks may speak of several topics, so that their shares add
    up to more than 1.
    """
    inputs = {
        "asked": asked(engine, clean, lexicon, last),
        "remarked": remarked(engine, clean, lexicon, last),
    }
    args = {"last": last.year * 12 + last.month, "months": months}
    counted = engine.stream(_HERE / "topics.sql", inputs, args).read_pandas().set_index("source")
    engine.drop(*inputs.values())
    rows = [
        {"source": source, "topic": topic, "n": n, "share": n / counted.at[source, "texts"]}
        for source in counted.index
        for topic, n in counted.loc[source].items()
        if topic in (*SECTIONS["tickets" if source == "tickets" else "remarks"], UNRECOGNISED)
    ]
    return conform(pd.DataFrame(rows, columns=[c.name for c in TOPICS.columns]), TOPICS)
