"""What a catalogue lacks: every message that another language has, written into it to be filled in."""

from __future__ import annotations

from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.messages.pofile import escape, read_po

from crmlab.files import CrmlabError, write_text
from crmlab.report import language
from crmlab.report.language import SOURCE

_HEADER = """msgid ""
msgstr ""
"Language: {tag}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


def add_words(tag: str, folder: Path | None = None) -> tuple[Path, int, int]:
    """Add to `<folder>/<tag>.po`, empty, every message that another catalogue there has and this one lacks.

    What has words already stays as it is, comments too. A message without words is shown in English.

    Returns
    -------
    The catalogue, how many messages were added, and how many have no words now.

    Raises
    ------
    CrmlabError : `tag` is English, or no language.
    """
    folder = language.FOLDER if folder is None else folder
    try:
        tag = str(Locale.parse(tag))  # ZH and zh are one catalogue
    except (UnknownLocaleError, ValueError):
        raise CrmlabError(f"{tag!r} is no language; write its tag of ISO 639, such as de or pt_BR") from None
    if tag == SOURCE:
        raise CrmlabError("messages are written in English; it needs no catalogue")
    path = folder / f"{tag}.po"
    text = path.read_text("utf-8") if path.is_file() else _HEADER.format(tag=tag)
    known = {(m.context, m.id): m.string for m in read_po(text.splitlines(), locale=tag) if m.id}
    wanted = {
        (m.context, m.id): None
        for other in sorted(folder.glob("*.po"))
        if other != path
        for m in read_po(other.read_text("utf-8").splitlines())
        if m.id
    }
    added = [entry for entry in wanted if entry not in known]
    if added:
        write_text(path, text.rstrip() + "\n\n" + "\n".join(_entry(*entry) for entry in added))
    return path, len(added), len(added) + sum(not words for words in known.values())


def _entry(context: str | None, text: str) -> str:
    head = f"msgctxt {escape(context)}\n" if context else ""
    return f'{head}msgid {escape(text)}\nmsgstr ""\n'
