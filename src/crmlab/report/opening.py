"""How a notebook opens its page: on the processed data of a project, refused where they are of another company or day."""

from __future__ import annotations

from pathlib import Path

from crmlab.files import CrmlabError, Project, read_json
from crmlab.report import history
from crmlab.report.badge import Quality, read_status
from crmlab.report.language import Language
from crmlab.report.page import Page
from crmlab.report.run import identify


def open_page(
    name: str,
    root: str | Path = "..",
    company: str = "demo",
    as_of: str = "auto",
    languages: list[str] | None = None,
) -> Page:
    """Open the page `name` on the processed data of the project at `root`.

    A notebook is an entry point, and this is its door: params.yaml is read here, for the languages (unless given)
    and for the parameters that the page shows.

    Raises
    ------
    CrmlabError : nothing is processed yet, or what is processed is of another company or as-of date.

    Examples
    --------
    >>> page = open_page("faults", root="..")  # doctest: +SKIP
    >>> open_page("faults", root="/nowhere")
    Traceback (most recent call last):
    crmlab.files.CrmlabError: /nowhere/data/processed/clean/as_of.json is not there yet: run `make` first
    """
    project = Project(Path(root).resolve())
    clean = project.processed("clean")
    if not (clean / "as_of.json").is_file():
        raise CrmlabError(f"{clean / 'as_of.json'} is not there yet: run `make` first")
    params = project.params()
    when = read_json(clean / "as_of.json")
    whose = read_json(clean / "company.json")
    whose.setdefault("name", whose["company"])
    if as_of != "auto" and as_of != when["as_of"]:
        raise CrmlabError(
            f"notebooks/{name}.ipynb, as_of: {as_of!r}, but the processed data are as of {when['as_of']!r}: "
            f'set as_of: "{as_of}" in params.yaml and run `make`'
        )
    if company != whose["company"]:
        raise CrmlabError(
            f"notebooks/{name}.ipynb, company: {company!r}, but the processed data are of {whose['company']!r}: "
            f"set company: {company} in params.yaml and run `make`"
        )
    records = history.records(project.history(company), when["as_of"])
    metrics = project.metrics("clean")
    quality = Quality.of(read_json(metrics) if metrics.is_file() else {})
    return Page(
        name,
        project,
        [Language(tag, whose["currency"]) for tag in languages or params["languages"]],
        whose,
        when,
        read_status(project.processed(name) / "status.json", quality),
        params,
        quality,
        identify(project, params, " ".join(record.hash for record in records)),
        records,
    )
