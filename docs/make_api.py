"""The API reference: `make docs` writes docs/api/ from the docstrings of what analysts import, for any browser and without a network.

A page per package, a section per name of its `__all__`. pdoc makes the pages; here stands only what it cannot know: that our names
are loaded when asked for, and how our docstrings mark parameters.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

import pdoc

import crmlab

HERE = Path(__file__).parent
PACKAGES = ("faults", "service", "purchases", "churn", "value", "segments", "report", "report.charts")
_SECTION = re.compile(r"^([A-Z][A-Za-z ]+)\n-{3,}\n", re.MULTILINE)
_ENTRY = re.compile(r"^([\w*<>.…/-]+(?:, [\w*<>.…/-]+)*) : (.+)$")
_MORE = re.compile(r"(?<=[.;]) ([a-z_]+) : ")
"""A second parameter in the line of the first."""


def public() -> dict[str, list[str]]:
    """The names an analyst imports, by module."""
    return {
        name: list(import_module(name).__all__) for name in ("crmlab", *(f"crmlab.{p}" for p in PACKAGES))
    }


def as_markdown(docstring: str) -> str:
    """A docstring of ours as Markdown: sections as small headings, `name : what it is` as entries of a list.

    >>> print(as_markdown("Kits.\\n\\nParameters\\n----------\\nlimit : most parts,\\n    each counted once."))
    Kits.
    <BLANKLINE>
    ###### Parameters
    <BLANKLINE>
    - **limit** – most parts,
        each counted once.
    """
    text = re.sub(r" *# doctest: \+[A-Z]+", "", docstring)
    parts = _SECTION.split(text)
    found = [parts[0].rstrip() if ">>>" in parts[0] else _escaped(parts[0].rstrip())]
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        listed = body if heading == "Examples" else _escaped(_entries(body))
        found.append(f"###### {heading}\n\n{listed.rstrip()}")
    return "\n\n".join(found)


def _escaped(text: str) -> str:
    """`<name>` in prose is a placeholder, no HTML; between backticks it is safe already."""
    spans = re.split(r"(`[^`]*`)", text)
    return "".join(s if s.startswith("`") else re.sub(r"<(\w[^<>\n]*)>", r"&lt;\1&gt;", s) for s in spans)


def _entries(body: str) -> str:
    lines = []
    for line in _MORE.sub(r"\n\1 : ", body).splitlines():
        entry = _ENTRY.match(line)
        lines.append(f"- **{entry[1]}** – {entry[2]}" if entry else line)
    return "\n".join(lines)


def make(folder: Path) -> None:
    """Write the pages to `folder`."""
    names = public()
    for name, members in names.items():
        module = import_module(name)
        # pdoc looks into a module's own dictionary, where names that are loaded when asked for are not yet
        vars(module).update({member: getattr(module, member) for member in members})
    # so that each page leads to those inside it, which pdoc then makes as well
    for package in PACKAGES:
        parent, _, name = f"crmlab.{package}".rpartition(".")
        import_module(parent).__all__ += [name]
    # one place for the pages and for their search
    pdoc.docstrings.convert = lambda docstring, docformat, source: as_markdown(docstring)
    pdoc.render.configure(
        docformat="markdown",
        template_directory=HERE / "api-template",
        footer_text=f"crmlab {crmlab.__version__}",
    )
    inside = r"!crmlab\.(?!(" + "|".join(re.escape(p) for p in PACKAGES) + ")$).*"
    pdoc.pdoc("crmlab", inside, output_directory=folder)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "api"
    make(target)
    print(f"API reference: {target / 'index.html'}")
