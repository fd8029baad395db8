"""The catalogues: every message that the code can say is there, with the same placeholders."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from crmlab.report.blocks import NINE_TYPES
from crmlab.report.language import FOLDER, SOURCE, available, catalogue

ROOT = Path(__file__).parents[1]
TRANSLATED = [tag for tag in available() if tag != SOURCE]
_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff}]\s*[,;:!?()](?!\d)|[\u4e00-\u9fff]\.(?=$|\s)")


def _sources() -> Iterator[tuple[str, str]]:
    for folder in ("src/crmlab", "pipelines"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.parent.name == "sample":  # what its customers say is no page's text
                continue
            yield path.name, path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        yield path.name, "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


def said() -> Iterator[tuple[str, str | None, str]]:
    """(where, context, text) of each literal `say("…")`, `term("…", "…")` and `stage.lacks("…", "…")`."""
    for where, source in _sources():
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if name == "say" and texts:
                yield where, None, texts[0]
            elif name == "term" and len(texts) == 2:
                yield where, texts[0], texts[1]
            elif name == "lacks":
                yield from ((where, "lacks", text) for text in texts)
    for path in sorted((FOLDER.parent / "template").glob("*.j2")):
        for text in re.findall(r"""say\("([^"]+)\"""", path.read_text(encoding="utf-8")):
            yield path.name, None, text
    for time, names in NINE_TYPES:
        yield "blocks.py", "axis", time
        yield from (("blocks.py", "type", name) for name in names)


def placeholders(text: str) -> Counter[str]:
    """The {names} in `text`."""
    return Counter(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("tag", TRANSLATED)
def test_everything_said_is_translated(tag):
    words = catalogue(tag)
    missing = {
        f"{where}: {text}"
        for where, context, text in said()
        if not (m := words.get(text, context)) or not m.string
    }
    assert sorted(missing) == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_translations_hold_the_same_placeholders(tag):
    wrong = [m.id for m in catalogue(tag) if m.id and set(placeholders(m.id)) != set(placeholders(m.string))]
    assert wrong == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_no_entry_stands_twice(tag):
    entries = re.findall(
        r'(?:^msgctxt "(.*)"\n)?^msgid "(.+)"', (FOLDER / f"{tag}.po").read_text("utf-8"), re.M
    )
    assert [entry for entry, n in Counter(entries).items() if n > 1] == []


def test_chinese_uses_full_width_punctuation():
    assert [m.string for m in catalogue("zh") if m.id and _HALF_WIDTH.search(m.string)] == []


def test_a_term_means_one_thing_backwards():
    """A Chinese word must lead back to one English word, or the English page would guess."""
    back = Counter((m.context, m.string) for m in catalogue("zh") if m.id and m.context)
    assert [entry for entry, n in back.items() if n > 1] == []
