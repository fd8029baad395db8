"""From an executed notebook to an offline page: an nbconvert exporter that renders only what crmlab marked."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from nbconvert.exporters.templateexporter import TemplateExporter

import crmlab
from crmlab.files import CrmlabError
from crmlab.report.blocks import MIME, TEMPLATES, css, environment
from crmlab.report.page import TITLES

if TYPE_CHECKING:
    from jinja2 import Environment
    from nbformat import NotebookNode

    from crmlab.report.language import Language


@cache
def script() -> tuple[str, str]:
    """The one script of a page, and its hash for the content security policy: nothing else may run."""
    text = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    return text, base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def marked(notebook: NotebookNode) -> list[dict[str, Any]]:
    """The blocks that `notebook` shows, in order; every other output (a stray `df.head()`) is left out."""
    return [
        output.data[MIME]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type in ("display_data", "execute_result") and MIME in output.data
    ]


class PageExporter(TemplateExporter):
    """One page in one language.

    `resources` holds page (its name), file (its stem), language, languages and pages (name, title of the navigation). The
    same executed notebook gives the page of each language.
    """

    file_extension = ".html"
    output_mimetype = "text/html"
    template_file = "page.html.j2"

    def _create_environment(self) -> Environment:
        return environment()

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page as HTML, and the resources.

        Raises
        ------
        CrmlabError : the notebook shows no header or no closing, which every page must have.
        """
        from markupsafe import Markup

        resources = resources or {}
        blocks = marked(nb)
        kinds = [block["kind"] for block in blocks]
        if kinds.count("header") != 1 or kinds.count("closing") != 1:
            raise CrmlabError(
                f"notebooks/{resources['page']}.ipynb: shows {kinds.count('header')} headers and "
                f"{kinds.count('closing')} closings, but a page has one of each: "
                "one cell must end in page.header(...), the last in page.closing(...)"
            )
        html = self.template.render(
            **resources,
            head=blocks[kinds.index("header")],
            blocks=[block for block in blocks if block["kind"] != "header"],
            sections=[section for block in blocks for section in block.get("sections", [])],
            css=Markup(css()),
            script=Markup(script()[0]),
            script_hash=script()[1],
            version=crmlab.__version__,
        )
        return html, resources


def export(
    notebook: NotebookNode,
    page: str,
    language: Language,
    languages: list[Language],
    pages: list[str],
    file: str = "",
) -> str:
    """`notebook` as the page `page` in `language`, linked to `pages` and to its other languages.

    Its file is `<page>.html`, or `<file>.html` where one notebook makes several.
    """
    resources = {
        "page": page,
        "file": file or page,
        "language": language,
        "languages": languages,
        "pages": [(name, TITLES.get(name, name)) for name in pages],
    }
    return PageExporter().from_notebook_node(notebook, resources)[0]
