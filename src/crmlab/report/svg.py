"""From a matplotlib figure to SVG that sits in a page: text as text, own ids, colours from the page's style."""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

FONT_SIZE = 12  # px
_FULL, _HALF = 1.0, 0.6
"""Widths in em. A server without a Chinese font cannot measure one, but a full-width character is 1 em by design."""

COLOURS = {
    "ink": "#1b2733",
    "muted": "#56636f",
    "rule": "#d5dbe1",
    "bar": "#7c8fa3",
    "accent": "#b5470f",
    "c0": "#0067a5",
    "c1": "#c4560a",
    "c2": "#00785a",
    "c3": "#a3497c",
    "c4": "#6b5b00",
    "c5": "#3f3f3f",
}
"""The palette of light paper (after Okabe and Ito, darkened to read as lines); page.css has the dark one."""

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "crmlab",
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine lays out alike
    "font.size": FONT_SIZE,
    "text.parse_math": False,  # a dollar sign in a name is no formula
    "text.color": COLOURS["ink"],
    "axes.edgecolor": COLOURS["rule"],
    "axes.labelcolor": COLOURS["muted"],
    "axes.linewidth": 1,
    "axes.axisbelow": True,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": False,
    "xtick.color": COLOURS["muted"],
    "ytick.color": COLOURS["muted"],
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "grid.color": COLOURS["rule"],
    "figure.dpi": 72,  # one point is one pixel of the page
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "patch.force_edgecolor": False,
}
"""What charts set on top of seaborn's white grid."""


def width_of(text: str, size: float = FONT_SIZE) -> float:
    """The room `text` takes, in px, whatever fonts are installed: full-width characters count 1 em."""
    ems = (_FULL if unicodedata.east_asian_width(c) in "WF" else _HALF for c in text)
    return size * sum(ems)


def shorten(text: str, room: float, size: float = FONT_SIZE) -> str:
    """`text`, or as much of it as fits into `room` px with an ellipsis."""
    if width_of(text, size) <= room:
        return text
    while text and width_of(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def inline(figure: Figure, ident: str, title: str, description: str, css_class: str) -> Markup:
    """`figure` as an `<svg>` element for HTML.

    Its ids start with `ident`, colours of the palette become CSS variables, text has the page's font, and nothing
    refers to anything outside.
    """
    from markupsafe import Markup

    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # the page's reader has the glyphs, the server need not
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(
            buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    root = ElementTree.fromstring(buffer.getvalue())
    _tidy(root, ident)
    _number(root, ident)
    root.attrib = {
        "viewBox": root.attrib["viewBox"],
        "class": css_class,
        "role": "img",
        "aria-labelledby": f"{ident}-title {ident}-desc",
        "style": f"max-width: {round(float(root.attrib['viewBox'].split()[2]))}px",
    }
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ElementTree.Element(tag, {"id": f"{ident}-{tag}"})
        element.text = text
        root.insert(place, element)
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def polyline(values: Sequence[float], width: float = 100, height: float = 24) -> str:
    """The points of a small line through `values`, for an SVG of that size.

    Its height spans at least a fifth of the largest value, so that a figure which hardly moves draws a flat line.

    >>> polyline([1, 3, 2], 100, 24)
    '0,22 50,2 100,12'
    """
    low, high = min(values), max(values)
    span = max(high - low, _LEAST_SPAN * max(abs(low), abs(high)))
    rise = (height - 4) / span if span else 0
    step = width / (len(values) - 1)
    return " ".join(f"{n * step:.4g},{height - 2 - (x - low) * rise:.4g}" for n, x in enumerate(values))


_LEAST_SPAN = 0.2

_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_NUMBER = re.compile(r"-?\d+\.\d+")
_FONT = re.compile(rf"font(?:-family)?: [^;]*'[^;]*;? ?|font-size: {FONT_SIZE}px;? ?")
"""What the style of the page says already."""


def _tidy(root: ElementTree.Element, ident: str) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if _name(child.tag) in ("metadata", "style") or (
                _name(child.tag) == "defs" and _only_style(child)
            ):
                parent.remove(child)
    used = set()
    for element in root.iter():
        element.tag = _name(element.tag)
        element.attrib = {_name(k): v for k, v in element.attrib.items()}
        used.update(_REFERENCE.findall(" ".join(element.attrib.values())))
        if element.get("href", "").startswith("#"):
            used.add(element.attrib["href"][1:])
        element.tail = None
        if element.tag != "text":
            element.text = None
    for element in root.iter():
        element.attrib = {
            k: _attribute(k, v, ident)
            for k, v in element.attrib.items()
            if (k != "id" or v in used) and not v.startswith("rotate(-0")
        }
    _prune(root)


def _number(root: ElementTree.Element, ident: str) -> None:
    """Short ids, counted from one: a clip path is named by all that it clips."""
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    short = {long: f"{ident}-{place}" for place, long in enumerate(ids, 1)}
    for element in root.iter():
        element.attrib = {
            k: short.get(v, v)
            if k == "id"
            else f"#{short.get(v[1:], v[1:])}"
            if k == "href"
            else _REFERENCE.sub(lambda m: f"url(#{short.get(m[1], m[1])})", v)
            for k, v in element.attrib.items()
        }


def _prune(parent: ElementTree.Element) -> None:
    """Drop what draws nothing: paper, empty paths, empty groups, and groups that say nothing of what they hold."""
    kept = []
    for child in parent:
        _prune(child)
        blank = child.tag == "path" and (not child.get("d") or child.get("style") == "fill: none")
        if blank or (child.tag in ("g", "defs") and not len(child)):
            continue
        kept += list(child) if child.tag == "g" and not child.attrib else [child]
    parent[:] = kept


def _name(qualified: str) -> str:
    return qualified.rpartition("}")[2]


def _only_style(defs: ElementTree.Element) -> bool:
    return all(_name(child.tag) == "style" for child in defs)


def _attribute(name: str, value: str, ident: str) -> str:
    if name == "id":
        return f"{ident}-{value}"
    if name == "href":
        return f"#{ident}-{value[1:]}"
    if name in ("d", "x", "y", "width", "height", "transform", "points"):
        return re.sub(r"\s+", " ", _NUMBER.sub(_rounded, value)).strip()
    value = _REFERENCE.sub(rf"url(#{ident}-\1)", value)
    if name == "style":
        value = _FONT.sub("", value)
        for colour, code in COLOURS.items():
            value = value.replace(code, f"var(--{colour})")
    return value


def _rounded(match: re.Match[str]) -> str:
    return f"{round(float(match.group()), 1) + 0.0:.1f}".removesuffix(".0")
