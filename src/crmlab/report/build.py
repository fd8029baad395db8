"""Build the pages: run each notebook once, write it in every language, then the index."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from crmlab.files import CrmlabError, Project, read_json, write_text
from crmlab.report import history
from crmlab.report.customer import AUTO
from crmlab.report.exporter import export, marked
from crmlab.report.index import index
from crmlab.report.notebook import run
from crmlab.report.opening import open_page
from crmlab.report.page import TITLES, Page

if TYPE_CHECKING:
    from nbformat import NotebookNode

OWN_PARAMETERS = {"review": {"customer": AUTO, "inside": False}}
"""What a notebook is told besides whose data it shows."""


def build(
    project: Project,
    company: str,
    as_of: str,
    languages: Sequence[str],
    pages: Sequence[str] = tuple(TITLES),
    at_once: int = 2,
) -> list[Path]:
    """Run `notebooks/<page>.ipynb` for each of `pages`; write reports/pages/<language>/<page>.html, the history and the index.

    A page is written only when its notebook succeeded and could be written in every language, and all or nothing;
    pages no longer asked for go only when all succeeded. Executed copies stay in reports/executed/.

    Parameters
    ----------
    project, company, as_of : whose processed data the pages show; passed to every notebook.
    languages : of the pages; the first is the index's own.
    pages : in the order of the navigation.
    at_once : notebooks that run at the same time, each in its own kernel.

    Returns
    -------
    The pages written, and the lists beside them.

    Raises
    ------
    CrmlabError : at least one notebook failed; one line each. Its page is yesterday's, and so is the index.
    """
    opened = open_page("report", project.root, company, as_of, list(languages))
    parameters = {"root": str(project.root), "company": company, "as_of": as_of}

    def make(name: str) -> tuple[NotebookNode, list[Path]]:
        copy = project.reports / "executed" / f"{name}.ipynb"
        own = OWN_PARAMETERS.get(name, {})
        notebook = run(project.notebooks / f"{name}.ipynb", copy, parameters | own)
        return notebook, _write(project, opened, notebook, name, list(pages))

    with ThreadPoolExecutor(at_once) as pool:
        running = {name: pool.submit(make, name) for name in pages}
        _watch(list(running.values()))
    failures = [str(f.exception()) for f in running.values() if isinstance(f.exception(), CrmlabError)]
    if failures:
        raise CrmlabError("\n".join(failures))
    made = {name: future.result() for name, future in running.items()}
    written = [path for _, paths in made.values() for path in paths]
    _remember(project, opened, {name: marked(nb) for name, (nb, _) in made.items()})
    write_text(
        project.reports / "index.html", index(opened, {name: marked(nb) for name, (nb, _) in made.items()})
    )
    _remove_others(project.reports / "pages", written)
    return written


def _write(project: Project, opened: Page, notebook: NotebookNode, name: str, pages: list[str]) -> list[Path]:
    html = {
        project.reports / "pages" / language.tag / f"{name}.html": export(
            notebook, name, language, opened.languages, pages
        )
        for language in opened.languages
    }
    files = [block["file"] for block in marked(notebook) if "file" in block]
    html |= {
        project.reports / "pages" / tag / file["name"]: text
        for file in files
        for tag, text in file["text"].items()
    }
    for path, text in html.items():
        write_text(path, text)
    return list(html)


def _remember(project: Project, opened: Page, shown: dict[str, list[dict]]) -> None:
    """Write the history of this run: what pages told, and every stage's state and metrics."""
    figures = {
        name: told
        for name, blocks in shown.items()
        if (told := {k: v for block in blocks for k, v in block.get("figures", {}).items()})
    }
    stages = {}
    for name in shown:
        status, metrics = project.processed(name) / "status.json", project.metrics(name)
        if status.is_file():
            stages[name] = {
                "state": read_json(status)["state"],
                "metrics": read_json(metrics) if metrics.is_file() else {},
            }
    about = {k: opened.company[k] for k in ("company", "simulated")} | {"run": opened.run.id}
    if withheld := sorted(opened.quality.withheld):
        about["withheld"] = withheld
    history.write(project.history(opened.company["company"]), opened.today.value, about, figures, stages)


def _watch(running: list[Future]) -> None:
    """Count finished notebooks where a person is looking."""
    if not sys.stderr.isatty():
        return
    from concurrent.futures import as_completed

    for n, _ in enumerate(as_completed(running), 1):
        print(
            f"\rreport: {n} of {len(running)} notebooks",
            end="\n" if n == len(running) else "",
            file=sys.stderr,
        )


def _remove_others(folder: Path, written: list[Path]) -> None:
    """Remove pages and lists that this run did not write, and folders of languages that are gone."""
    for path in {*folder.rglob("*.html"), *folder.rglob("*.csv")} - set(written):
        path.unlink()
    for language in folder.iterdir():
        if language.is_dir() and not any(language.iterdir()):
            language.rmdir()
