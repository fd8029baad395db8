"""Write the review of single customers: reports/reviews/<language>/<customer>.html, beside the pages of the pipeline."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from crmlab.files import CrmlabError, Project, write_text
from crmlab.report.exporter import export
from crmlab.report.notebook import run
from crmlab.report.opening import open_page
from crmlab.report.page import TITLES

_LONGEST = 60  # characters of a file name that come from an id


def file_name(customer: str) -> str:
    """A file name for an id, the id itself where it is one; what cannot stand in a file name is told apart by a hash.

    >>> file_name("C000247"), file_name("../a b")
    ('C000247', 'a-b-2c2c791a')
    """
    plain = re.sub(r"[^\w-]+", "-", customer).strip("-")[:_LONGEST]
    if plain == customer:
        return plain
    return f"{plain}-{hashlib.sha256(customer.encode()).hexdigest()[:8]}".strip("-")


def write_reviews(
    project: Project,
    company: str,
    as_of: str,
    languages: Sequence[str],
    customers: Sequence[str],
    progress: Callable[[int, int], None] = lambda done, total: None,
    at_once: int = 2,
    inside: bool = False,
) -> list[Path]:
    """Run `notebooks/review.ipynb` for each of `customers` (ids) and write its page in each of `languages`.

    The pages link to those of the pipeline that are there. Reviews of other customers stay as they are.

    Parameters
    ----------
    languages : some of those of params.yaml.
    progress : called with (done, of how many) after each customer.
    inside : also show what the customer brought, what it is worth and how to serve it; the page is then `<customer>-inside.html` and stays in the company.

    Returns
    -------
    The pages written, by customer and language.

    Raises
    ------
    CrmlabError : the notebook failed for a customer; one line each. The pages of the others are written.
    """
    opened = open_page("review", project.root, company, as_of, list(languages))
    notebook = project.notebooks / "review.ipynb"

    def make(customer: str) -> list[Path]:
        file = file_name(customer) + ("-inside" if inside else "")
        copy = project.reports / "executed" / "reviews" / f"{file}.ipynb"
        told = {
            "root": str(project.root),
            "company": company,
            "as_of": as_of,
            "customer": customer,
            "inside": inside,
        }
        executed = run(notebook, copy, told)
        html = {}
        for language in opened.languages:
            folder = project.reports / "pages" / language.tag
            there = [name for name in TITLES if (folder / f"{name}.html").is_file()]
            path = project.reports / "reviews" / language.tag / f"{file}.html"
            html[path] = export(executed, "review", language, opened.languages, there, file)
        for path, text in html.items():
            write_text(path, text)
        return list(html)

    with ThreadPoolExecutor(at_once) as pool:
        running = {customer: pool.submit(make, customer) for customer in customers}
        for done, _ in enumerate(as_completed(running.values()), 1):
            progress(done, len(running))
    failures = [str(f.exception()) for f in running.values() if isinstance(f.exception(), CrmlabError)]
    if failures:
        raise CrmlabError("\n".join(failures))
    return [path for future in running.values() for path in future.result()]
