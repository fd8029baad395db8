"""The command line: judge a folder of exports, make a simulated company of any size."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from crmlab.files import CrmlabError, Project

app = typer.Typer(
    help="After-sales analytics. `make` runs the pipeline; these commands stand beside it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _commands() -> None:
    """After-sales analytics. `make` runs the pipeline; these commands stand beside it."""


@app.command()
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="A folder of exports; default: the company named in params.yaml.", show_default=False
        ),
    ] = None,
    brief: Annotated[
        bool, typer.Option("--brief", help="One line, unless something stands in the way.")
    ] = False,
) -> None:
    """Judge a company's exports without running the pipeline.

    Reads names and headers, not rows: says per table which files were found, which columns were recognised and which
    were not, and stops with one line that says what to do where the pipeline could not start.

    Example: crmlab check data/raw/demo
    """
    from crmlab.clean import check_exports

    if folder is None:
        project = Project.here()
        params = project.params()
        if not isinstance(params["as_of"], str):
            raise CrmlabError(
                f'params.yaml, as_of: {params["as_of"]} needs quotes: as_of: "{params["as_of"]}"'
            )
        folder = project.raw(params["company"])
    company = folder.name
    for n, line in enumerate(check_exports(folder)):
        if n == 0 or not brief:
            typer.echo(line)
    if company != "demo":
        typer.echo(
            f"company: {company}, not the demo: keep a clone of your own, and do not commit its dvc.lock and reports/metrics"
        )


@app.command()
def contract() -> None:
    """Print the data contract: every table and column that crmlab understands, and the headers each goes by."""
    from crmlab.tables import as_markdown

    typer.echo(as_markdown(), nl=False)


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="Folder to write; must not hold exports yet.")],
    customers: Annotated[int | None, typer.Option(min=1, help="Customers to simulate.")] = None,
    tickets: Annotated[
        int | None, typer.Option(min=1, help="Tickets to simulate, about; 16.7 per customer.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed makes the same company.")] = 2009,
    truth: Annotated[
        Path | None,
        typer.Option(
            help="Also write what only the simulation knows, to another folder.", show_default=False
        ),
    ] = None,
) -> None:
    """Make a simulated company of any size, in chunks, so that millions of tickets fit in memory.

    Examples:

      crmlab sample --out data/raw/big --tickets 1000000

      crmlab sample --out data/raw/small --customers 100 --truth /tmp/truth
    """
    from crmlab import sample as simulation
    from crmlab.sample.world import TICKETS_PER_CUSTOMER

    if (customers is None) == (tickets is None):
        raise CrmlabError("sample: say --customers N or --tickets N, one of them")
    if out.exists() and any(out.iterdir()):
        raise CrmlabError(f"{out}: holds files already; name an empty or a new folder")
    if truth and out.resolve() in (truth.resolve(), *truth.resolve().parents):
        raise CrmlabError(f"{truth}: the truth must not lie beside the exports; name a folder outside {out}")
    size = customers or max(1, round((tickets or 0) / TICKETS_PER_CUSTOMER))
    with _bar(f"simulating {size:,} customers", size) as moved:
        simulation.write(out, size, seed=seed, progress=moved)
    typer.echo(f"simulated company in {out}")
    if truth:
        with _bar("playing its future", size) as moved:
            simulation.write_truth(truth, size, seed, progress=moved)
        typer.echo(f"its truth in {truth}")


@contextmanager
def _bar(title: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on the terminal, and nothing where there is none."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done, _: progress.update(task, completed=done)


def main() -> None:
    """Run a command; what a user can mend ends with one line instead of a traceback."""
    try:
        app()
    except CrmlabError as error:
        print(f"crmlab: {error}", file=sys.stderr)
        raise SystemExit(1) from None
