"""reports/index.html: every page with its headline and how that changed, the runs so far, and how far the data can be trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crmlab.report.blocks import css, environment
from crmlab.report.exporter import script
from crmlab.report.messages import Value, day, formatted
from crmlab.report.page import Page

_RUNS = 24
"""Runs that the history shows, the newest first."""
_OWN = re.compile(r'(\bid="|url\(#|href="#|(?<=[" ]))(chart\d+-)')


def headline(blocks: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What a page says first: label, value and change of its first card, per language; None if it shows no card."""
    return next((block["cards"][0] for block in blocks if block.get("cards")), None)


def thumbnail(blocks: list[dict[str, Any]], name: str) -> str:
    """The first chart of a page as small SVG whose ids are the page's own; empty if it shows none."""
    drawn = next((block["thumbnail"] for block in blocks if block.get("thumbnail")), "")
    return _OWN.sub(rf"\1{name}-\2", drawn)


def runs(
    page: Page, heads: Mapping[str, dict[str, Any]]
) -> tuple[list[dict[str, str]], list[tuple[Value, list[Any]]]]:
    """The headline figures of every run of the company, the newest first: labels per language, then (day, figures)."""
    kept = {name: head for name, head in heads.items() if head["key"]}
    today = [{tag: head["value"][tag] for tag in head["value"]} for head in kept.values()]
    rows = [(page.today, today)]
    for record in reversed(page.records[-_RUNS + 1 :]):
        figures = [record.pages.get(name, {}).get(head["key"]) for name, head in kept.items()]
        rows.append(
            (
                day(record.as_of),
                [formatted(head["form"], x) for head, x in zip(kept.values(), figures, strict=True)],
            )
        )
    return [head["label"] for head in kept.values()], rows


def index(page: Page, shown: Mapping[str, list[dict[str, Any]]]) -> str:
    """The index as HTML.

    `page` is any opened page, for company, dates, quality and earlier runs; `shown` maps a page to its blocks, in order of
    navigation. Headlines are what the pages themselves say.
    """
    from markupsafe import Markup

    heads = {name: head for name, blocks in shown.items() if (head := headline(blocks))}
    labels, rows = runs(page, heads)
    entries = [
        (
            name,
            next(block["title"] for block in blocks if block["kind"] == "header"),
            heads.get(name),
            Markup(thumbnail(blocks, name)),  # drawn by crmlab, its texts escaped there
        )
        for name, blocks in shown.items()
    ]
    text, digest = script()
    return (
        environment()
        .get_template("index.html.j2")
        .render(
            page=page,
            language=page.languages[0],
            languages=page.languages,
            entries=entries,
            labels=labels,
            runs=rows,
            written=list(shown),
            css=Markup(css()),
            script=Markup(text),
            script_hash=digest,
        )
    )
