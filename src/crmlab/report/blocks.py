"""Components of a page: a block is one of them, written in every language at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from crmlab.report.language import SOURCE, Language
from crmlab.report.messages import Message, Value, as_markup, as_text, count, formatted, percent, say
from crmlab.report.svg import width_of

if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import Environment
    from markupsafe import Markup

MIME = "application/vnd.crmlab+json"
"""The marker: only outputs of this type reach a page."""

TEMPLATES = Path(__file__).parent / "template"
_TALL = 17  # rows: the tables of the contract fit
SHOWN = 200
"""Rows of a table that a page shows."""
HALF_A_POINT = 0.005
"""Of a share: less is told as before."""

_SHORT, _LONG = 9, 30  # em: columns of short words do not break, columns of prose need room

Columns = Mapping[str, tuple[Message, str]]
"""Column of a frame -> (heading, format)."""


@dataclass(frozen=True)
class Card:
    """A figure on top of a page: what it is, how large, the naive line `beside` it, and how it is defined.

    key : a name by which the figure is kept from run to run; its change is then told, and better or worse by `better`
        ("higher", "lower", or "" where neither is), unless it is smaller than `material` (by default a hundredth of an amount).
    line : the figure month by month, the newest last, for a small line; without it the line is that of earlier runs.

    Examples
    --------
    >>> from crmlab.report import count, say
    >>> card = Card(say("Open tickets"), count(42), say("{n} a year ago", n=count(51)), key="open", better="lower")
    >>> card.value.value, card.key
    (42, 'open')
    """

    label: Message
    value: Value | Message | str
    beside: Message | None = None
    definition: Message | None = None
    key: str = ""
    better: Literal["higher", "lower", ""] = ""
    material: float = 0
    line: Sequence[float] = ()

    @classmethod
    def of_share(
        cls,
        label: Message,
        share: float | None,
        beside: Message | None = None,
        definition: Message | None = None,
        key: str = "",
        better: Literal["higher", "lower", ""] = "",
    ) -> Card:
        """The card of a share: one decimal, and a change is worth telling from half a point on.

        >>> Card.of_share(say("Best guess right"), 0.5437, key="accuracy", better="higher").value
        Value(kind='percent', value=0.5437, digits=1)
        """
        return cls(label, percent(share, 1), beside, definition, key, better, HALF_A_POINT)


@dataclass(frozen=True)
class Block:
    """One component, written in every language; Jupyter shows the first.

    `html` maps a language to HTML, `notes` holds what the page needs to know about the block (its title, its
    anchor, the figures of its cards).

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> found = block("section", [Language("en"), Language("zh")], anchor="value", title=say("Customer value"))
    >>> found, found.html["zh"]
    (<Block section>, '<h2 id="value">客户价值</h2>')
    """

    kind: str
    html: Mapping[str, str]
    notes: Mapping[str, Any] = field(default_factory=dict)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            "text/html": f'<div class="crmlab"><style>{scoped_css()}</style>{next(iter(self.html.values()))}</div>',
            MIME: {"kind": self.kind, "html": dict(self.html), **self.notes},
        }

    def __repr__(self) -> str:
        return f"<Block {self.kind}>"


@cache
def css() -> str:
    """The style of every page; trusted, it is ours."""
    return (TEMPLATES / "page.css").read_text(encoding="utf-8")


@cache
def scoped_css() -> str:
    """The style of a page for one block in a notebook, so that nothing else there changes."""
    return f"@scope {{\n{css().replace(':root', ':scope')}\n}}"


@cache
def environment() -> Environment:
    """The Jinja environment of components and pages: everything is escaped, an unknown name is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context

    @pass_context
    def markup(context: Any, part: Any) -> Markup:
        return as_markup(part, context["language"])

    @pass_context
    def plain(context: Any, part: Any) -> str:
        return as_text(part, context["language"])

    jinja = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters.update({"t": markup, "plain": plain, "in": as_markup, "plain_in": as_text})
    jinja.globals.update(say=say, count=count)
    return jinja


def block(
    kind: str, languages: Iterable[Language], notes: Mapping[str, Any] | None = None, **parts: Any
) -> Block:
    """The component `kind` of template/components.html.j2, filled with `parts`, in every language.

    A part that is a mapping from language tag to content (an SVG drawn per language) is picked by the template.
    """
    template = environment().get_template("components.html.j2")
    html = {}
    for language in languages:
        macros = template.make_module({"language": language})
        html[language.tag] = str(getattr(macros, kind)(**parts)).strip()
    return Block(kind, html, notes or {})


@dataclass(frozen=True)
class Grid:
    """A table ready to be written: headings, the look of each column ("n" figures, "short", "long", ""), cells.

    `file` is the list of all rows beside the page, where the page leaves some out.
    """

    headings: list[Message]
    looks: list[str]
    rows: list[list[Value | Message | str]]
    total: int
    file: str = ""

    @property
    def tall(self) -> bool:
        """Whether the rows are so many that they scroll in a frame of their own."""
        return len(self.rows) > _TALL

    @property
    def cut(self) -> bool:
        """Whether the page leaves rows out."""
        return self.total > len(self.rows)


def grid(frame: pd.DataFrame, columns: Columns, most: int = SHOWN) -> Grid:
    """The first `most` rows of `frame` as cells; `columns` names the columns shown, in order.

    Raises KeyError when `frame` lacks a column: a notebook that asks for it is wrong.
    """
    shown = frame[list(columns)].head(most)
    forms = [form for _, form in columns.values()]
    rows = [
        [formatted(form, cell) for form, cell in zip(forms, row, strict=True)]
        for row in shown.itertuples(index=False, name=None)
    ]
    looks = [_look(form, [row[i] for row in rows]) for i, form in enumerate(forms)]
    return Grid([heading for heading, _ in columns.values()], looks, rows, len(frame))


def _look(form: str, cells: list[Value | Message | str]) -> str:
    if form in ("day", "month"):
        return "short"
    if form != "text" and not form.startswith("term:"):
        return "n"
    widest = max((width_of(_worded(cell), 1) for cell in cells), default=0)
    return "short" if widest <= _SHORT else "long" if widest > _LONG else ""


def _worded(cell: Value | Message | str) -> str:
    """A cell as long as it is read, whatever the language: words as written, sentences with what fills them."""
    if isinstance(cell, Message):
        return cell.in_language(Language(SOURCE)) if cell.values else cell.text
    return str(cell)


NINE_TYPES = (
    ("past", ("traditionalist", "reckoner", "nostalgic")),
    ("present", ("pragmatist", "bargain-seeker", "status-seeker")),
    ("future", ("pioneer", "planner", "perfectionist")),
)
"""The nine value types: time of the value, then functional, economic, psychological."""


_DARKEST = 5


@dataclass(frozen=True)
class TypeCell:
    """One cell of the nine-type table; `n` is zero where no customer is of the type, `shade` how dark it is (0 is no shade at all)."""

    name: str
    n: int
    share: float
    to_come: int | None
    median: int | None = None
    shade: int = 0


def nine_cells(frame: pd.DataFrame) -> tuple[list[tuple[str, list[TypeCell]]], TypeCell]:
    """The nine cells by row, and the customers of no determined type.

    `frame` has columns type, n and optionally to_come and median_to_come (minor units), one row per type; types other than the nine
    count as undetermined. Shares are of all customers. A cell is darker the higher its median, where that column is; else the more
    customers it has.
    """
    total = max(int(frame["n"].sum()), 1)
    names = [name for _, row in NINE_TYPES for name in row]
    by_worth = "median_to_come" in frame

    def cell(name: str, part: pd.DataFrame) -> TypeCell:
        n = int(part["n"].sum())
        worth = part["to_come"].dropna() if "to_come" in part else []
        middle = part["median_to_come"].dropna() if by_worth else []
        return TypeCell(
            name,
            n,
            n / total,
            int(sum(worth)) if len(worth) else None,
            int(middle.iloc[0]) if len(middle) else None,
        )

    cells = {name: cell(name, frame[frame["type"] == name]) for name in names}
    shades = _by_median(cells.values()) if by_worth else _by_share(cells.values())
    rows = [
        (time, [replace(cells[name], shade=shades.get(name, 0)) for name in row]) for time, row in NINE_TYPES
    ]
    return rows, cell("undetermined", frame[~frame["type"].isin(names)])


def _by_share(cells: Iterable[TypeCell]) -> dict[str, int]:
    shares = {cell.name: cell.share for cell in cells}
    most = max(shares.values())
    return {name: math.ceil(_DARKEST * share / most) for name, share in shares.items()} if most else {}


def _by_median(cells: Iterable[TypeCell]) -> dict[str, int]:
    known = {cell.name: cell.median for cell in cells if cell.median is not None}
    low, high = (min(known.values()), max(known.values())) if known else (0, 0)
    return {
        name: 1 + round((_DARKEST - 1) * (median - low) / (high - low)) if high > low else 1
        for name, median in known.items()
    }
