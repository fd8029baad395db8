"""reports/index.html: every page with its headline, in every language, and how far the data can be trusted."""

from __future__ import annotations

from typing import Any

from crmlab.report.blocks import environment
from crmlab.report.exporter import css
from crmlab.report.page import Page


def headline(blocks: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What a page says first: label and value of its first card, per language; None if it shows no card."""
    return next((block["cards"][0] for block in blocks if block.get("cards")), None)


def index(page: Page, shown: dict[str, list[dict[str, Any]]]) -> str:
    """The index as HTML.

    `page` is any opened page, for company, dates and quality; `shown` maps a page to its blocks, in order of
    navigation. Headlines are what the pages themselves say.
    """
    from markupsafe import Markup

    entries = [
        (name, next(block["title"] for block in blocks if block["kind"] == "header"), headline(blocks))
        for name, blocks in shown.items()
    ]
    return (
        environment()
        .get_template("index.html.j2")
        .render(
            page=page,
            language=page.languages[0],
            languages=page.languages,
            entries=entries,
            written=list(shown),
            css=Markup(css()),
        )
    )
