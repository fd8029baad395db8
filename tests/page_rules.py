"""The static rules that every page is held to (the reader's browser is the test with the marker `browser`)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser

_VOID = {"meta", "link", "br", "hr", "img", "input", "col", "base"}
_OUTSIDE = re.compile(r"https?:|//|javascript:|@import|\burl\((?!#)", re.IGNORECASE)
_UNFILLED = re.compile(r"\b(NaN|nan|NaT|None|Traceback|<NA>)\b|\{\w*\}")
_SAID = {"aria-label", "title", "content"}  # attributes that hold words, not addresses
_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
_LIMIT = 300_000  # bytes


class _Reader(HTMLParser):
    """Collects what the rules ask about, and complains about tags that do not nest."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.broken: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.inside: list[tuple[str, str]] = []  # (tag, its parent)
        self.headings: list[int] = []
        self.style = ""
        self.script = ""
        self.pieces: list[str] = []
        self.values: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.inside.append((tag, self.stack[-1] if self.stack else ""))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.values += [
            v or "" for name, v in attrs if (tag, name) in (("data", "value"), ("time", "datetime"))
        ]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "th" and not dict(attrs).get("scope"):
            self.broken.append("a th has no scope")
        if tag == "svg" and dict(attrs).get("role") != "img":
            self.broken.append("a chart has no role")
        if tag not in _VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.stack.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.broken.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if "style" in self.stack:
            self.style += data
        elif "script" in self.stack:
            self.script += data
        else:
            self.pieces.append(data)

    @property
    def text(self) -> str:
        """All that a reader can see, without tags."""
        return "".join(self.pieces)


def read(html: str) -> _Reader:
    """`html` as the rules see it."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def broken_rules(html: str, lang: str, *, is_index: bool = False) -> list[str]:
    """The rules that the page `html` breaks, in words; an empty list is a good page. `lang` is what it should be in."""
    page = read(html)
    broken = list(page.broken)

    def rule(holds: object, what: str) -> None:
        if not holds:
            broken.append(what)

    everything = {(tag, name): value for tag, name, value in page.attributes}
    rule(len(html.encode()) <= _LIMIT, f"{len(html.encode()):,} bytes")
    rule(not page.stack, f"never closed: {page.stack}")
    rule(
        everything.get(("html", "lang")) == lang,
        f"lang is {everything.get(('html', 'lang'))!r}, not {lang!r}",
    )
    for tag, name, value in page.attributes:
        rule(name in _SAID or not _OUTSIDE.search(value), f"<{tag} {name}={value!r}> refers outside")
        rule(not name.startswith("on"), f"<{tag}> has a handler {name}")
    rule(not _OUTSIDE.search(page.style), "the style refers outside")
    digest = base64.b64encode(hashlib.sha256(page.script.encode()).digest()).decode()
    rule(page.tags["script"] == 1, f"{page.tags['script']} scripts, not one")
    rule(f"script-src 'sha256-{digest}'" in html, "the hash of the script is not in the policy")
    rule(not _OUTSIDE.search(_COMMENT.sub("", page.script)), "the script refers outside")
    rule(
        not page.tags.keys() & {"iframe", "object", "embed", "form", "image", "img"}, "something is embedded"
    )
    rule(
        'http-equiv="Content-Security-Policy" content="default-src \'none\'' in html,
        "no content security policy",
    )

    rule(page.headings.count(1) == 1, f"{page.headings.count(1)} h1")
    jumps = [(a, b) for a, b in zip(page.headings, page.headings[1:], strict=False) if b > a + 1]
    rule(not jumps, f"headings skip a level: {jumps}")

    ids = [value for _, name, value in page.attributes if name == "id"]
    twice = [i for i, n in Counter(ids).items() if n > 1]
    rule(not twice, f"ids are not unique: {twice[:3]}")
    asked = {value[1:] for _, name, value in page.attributes if name == "href" and value.startswith("#")}
    asked |= {
        i for _, name, value in page.attributes if name.startswith("aria-labelledby") for i in value.split()
    }
    asked |= set(re.findall(r"url\(#([^)]+)\)", html))
    rule(asked <= set(ids), f"refers to what is not there: {sorted(asked - set(ids))[:3]}")

    rule(page.tags["figure"] == page.tags["figcaption"], "a figure has no caption")
    for part in ("title", "desc"):
        held = sum(inner == part and parent == "svg" for inner, parent in page.inside)
        rule(held == page.tags["svg"], f"a chart has no {part}")
    rule(page.tags["svg"] == 0 or page.tags["text"], "charts hold no text as text")
    rule(page.tags["table"] == page.tags["thead"], "a table has no thead")

    rule(page.tags["time"], "no as-of date")
    rule(is_index or "data-quality" in ids, "no data quality section")
    broken += [f"unfilled: {found[0]}" for piece in page.pieces if (found := _UNFILLED.search(piece))]
    return broken
