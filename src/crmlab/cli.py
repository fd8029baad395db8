"""The command line: judge a folder of exports, answer a call, write a customer's review, make a simulated company of any size."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmlab import files
from crmlab.files import CrmlabError, Project

if TYPE_CHECKING:
    from rich.console import Console

    from crmlab.report.language import Language

LOG_WIDTH = 140
"""Columns of what is printed where there is no terminal."""

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

    Says which columns were recognised, which rows would be set aside and why,
    which stages can run and what they will lack. Nothing is written. The last
    line says that the pipeline can run, or what stands in its way; then the
    exit code is 1.

    Examples:

      crmlab check                  the company named in params.yaml

      crmlab check data/raw/acme    another folder

      crmlab check --brief          headers only, as `make` does before it starts
    """
    folder, params = _company(folder)
    apart = (
        f"company: {folder.name}, not the demo: keep a clone of your own, and do not commit its dvc.lock and reports/metrics"
        if folder.name != "demo"
        else ""
    )
    if brief:
        _brief(folder, apart)
    else:
        _check(folder, params, apart)


@app.command()
def run() -> None:
    """Run the pipeline, as `make` does: check, the stages that changed, pages.

    One run at a time. Says what became of each stage and how long it took;
    logs/ keeps that of the last 60 runs. On trouble an alert goes to standard
    error and to logs/alert.txt. Exit codes: 0 fine, 3 bad input, 4 a stage
    failed, 5 a table was withheld, 6 the data are late, 70 an error of crmlab
    itself, 75 another run is going on; docs/operations.md says what to do
    about each.

    Examples:

      crmlab run
    """
    from crmlab.run import run_pipeline

    project = Project.here()
    raise typer.Exit(run_pipeline(project, project.params, lambda: check(None, brief=True)))


def _company(folder: Path | None) -> tuple[Path, dict]:
    """The folder to judge, by default the company of params.yaml, and the parameters if it is that one."""
    try:
        project = Project.here()
    except CrmlabError:
        if folder is None:
            raise
        return folder, {}
    params = project.params()
    own = project.raw(params["company"])
    if folder is not None and folder.resolve() != own.resolve():
        return folder, {}
    if not isinstance(params["as_of"], str):
        raise CrmlabError(f'params.yaml, as_of: {params["as_of"]} needs quotes: as_of: "{params["as_of"]}"')
    return folder or own, params


def _brief(folder: Path, apart: str) -> None:
    from crmlab.clean import check_exports

    first, *_ = check_exports(folder)
    typer.echo(first)
    if apart:
        typer.echo(apart)


def _check(folder: Path, params: dict, apart: str) -> None:
    from crmlab.clean.quality.check import check as judge
    from crmlab.clean.quality.check_text import show, verdict
    from crmlab.run.params import refuse_unfit

    if params:
        refuse_unfit(params)
    limit = (params.get("clean") or {}).get("max_bad_share", 0.05)
    with _status() as step:
        found = judge(folder, as_of=params.get("as_of", "auto"), max_bad_share=limit, step=step)
    _print(lambda console: show(found, console))
    if found.faults:
        others = f" (and {len(found.faults) - 1} more, above)" if len(found.faults) > 1 else ""
        raise CrmlabError(found.faults[0].splitlines()[0] + others)
    typer.echo(f"\n{apart}\n{verdict(found)}" if apart else f"\n{verdict(found)}")


@app.command("map")
def draft_mapping(
    folder: Annotated[Path, typer.Argument(help="A folder of exports as they came.")],
    write: Annotated[
        bool, typer.Option("--write", help="Also write it to FOLDER/mapping.yaml, if there is none.")
    ] = False,
) -> None:
    """Draft mapping.yaml for exports that nobody here has seen.

    Compares headers and values with the contract. The comments of the draft
    give the reason, the confidence and sample values of every line, what could
    not be placed, and what is missing; columns about people are never shown.
    Its first lines say how many rows it makes clean. Nothing is written
    without --write, and a mapping.yaml that exists is never touched.

    Examples:

      crmlab map data/raw/acme            read the proposal

      crmlab map data/raw/acme --write    keep it as data/raw/acme/mapping.yaml
    """
    from crmlab.clean.draft import draft

    target = folder / "mapping.yaml"
    if write and target.exists():
        raise CrmlabError(
            f"{target} is there already and stays as it is; without --write the draft is printed"
        )
    with _status() as step:
        found = draft(folder, step=step)
    typer.echo(found.text, nl=False)
    if write:
        files.write_text(target, found.text)
        typer.echo(f"written to {target}; next: crmlab check {folder}", err=True)
    if not found.tables:
        raise CrmlabError(f"{folder}: no file could be placed whole; the draft says what each of them lacks")


@app.command()
def contract() -> None:
    """Print the data contract: every table, column and header it goes by.

    Examples:

      crmlab contract | less

      crmlab contract | grep -A 30 "## sales"
    """
    from crmlab.tables import as_markdown

    typer.echo(as_markdown(), nl=False)


@app.command()
def words(
    tag: Annotated[str, typer.Argument(help="The language, by its tag: de, fr, pt_BR …")],
) -> None:
    """Add to a language's catalogue, empty, whatever another's has and it lacks.

    Fill in src/crmlab/report/locale/<tag>.po with any editor of gettext
    catalogues, then name the language in params.yaml.

    Examples:

      crmlab words de
    """
    from crmlab.report.words import add_words

    path, added, empty = add_words(tag)
    typer.echo(f"{path}: {added:,} messages added, {empty:,} without words, shown in English")


@app.command()
def review(
    customer: Annotated[
        str | None, typer.Argument(help="A customer's id, or its exact name.", show_default=False)
    ] = None,
    all_vip: Annotated[bool, typer.Option("--all-vip", help="Every customer of the tier VIP.")] = False,
    lang: Annotated[
        str | None,
        typer.Option(help="Write one language only; default: all those of params.yaml.", show_default=False),
    ] = None,
    inside: Annotated[
        bool,
        typer.Option(
            "--inside",
            help="Also show what the customer brought, is worth and how to serve it; such a page stays in the company.",
        ),
    ] = False,
) -> None:
    """Write the service review of a customer, for its quarterly meeting.

    Machines, contracts, what was promised and kept in the last 12 months, parts,
    complaints and surveys, open points, what comes next. It goes to the
    customer: it names no person, and shows no chance, no value and no cost, unless
    asked for with --inside, which writes <id>-inside.html for the company alone.
    Reads what `make` has processed, writes reports/reviews/<language>/<id>.html
    and prints the paths.

    Examples:

      crmlab review C000247                 by id

      crmlab review "North Bank" --lang zh  by exact name, in Chinese only

      crmlab review --all-vip               all VIPs, as `make reviews` does
    """
    from crmlab.report.customer import find_customer, vips
    from crmlab.report.reviews import write_reviews

    if (customer is None) != all_vip:
        raise CrmlabError("review: name one CUSTOMER (an id or an exact name) or say --all-vip, one of them")
    project = Project.here()
    params = project.params()
    languages = list(params["languages"])
    if lang is not None and lang not in languages:
        raise CrmlabError(
            f"--lang {lang}: params.yaml, languages has {', '.join(languages)}; name one of these, or add it there"
        )
    path = project.processed("clean") / "customers.parquet"
    if not path.is_file():
        raise CrmlabError(f"{path} is not there yet: run `make` first")
    known = files.read_table(path, ["customer_id", "customer_name", "tier"])
    asked = vips(known) if customer is None else [find_customer(known, customer)]
    if not asked:
        raise CrmlabError(
            "--all-vip: no customer is of the tier VIP; name one (crmlab review CUSTOMER), or export customers.tier"
        )
    path = project.processed("service") / "tickets.parquet"
    if not path.is_file():
        raise CrmlabError(f"{path} is not there yet: run `make` first")
    with _bar(f"writing {len(asked)} reviews", len(asked)) as moved:
        written = write_reviews(
            project,
            params["company"],
            str(params["as_of"]),
            [lang] if lang else languages,
            asked,
            moved,
            inside=inside,
        )
    typer.echo("\n".join(map(str, written)))


@app.command()
def diagnose(
    symptom: Annotated[str, typer.Argument(help="What the customer says is wrong, word for word.")],
    model: Annotated[str | None, typer.Option(help="Model of the machine.", show_default=False)] = None,
    serial: Annotated[
        str | None,
        typer.Option(
            help="Its serial number: tells its age, and its model if none is given.", show_default=False
        ),
    ] = None,
    customer: Annotated[
        str | None, typer.Option(help="Id of the customer: tells industry and region.", show_default=False)
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="Day of the call; default: the last day of the data.", show_default=False),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option(
            help="A language with a catalogue; default: the first of languages in params.yaml.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for other programs.")] = False,
) -> None:
    """Answer a call: what is probably broken, what to carry, what to check first.

    Prints the causes with their probabilities, the set that holds the right
    one nine times in ten, the parts to carry with the chance that the first
    visit fixes it, and the order of checks that finds the cause soonest. Where
    nobody should rely on the answer it says so, and what to ask. `make` learns
    from the closed tickets; nothing is written here.

    Examples:

      crmlab diagnose "开机无显" --model 7979Q7C --lang zh

      crmlab diagnose "two amber lights on the disks" --model 7979Q7C

      crmlab diagnose "DIMM3报错" --serial 99A1234 --customer C000247

      crmlab diagnose "no display" --model 8840 --at "2026-10-30" --json
    """
    project = Project.here()
    path = project.models("faults") / "desk.joblib"
    if not path.is_file():  # asked here, before a second is spent on imports
        raise CrmlabError(f"{path} is not there yet: run `make` first")
    language = None if as_json else _language(project, lang)

    import pandas as pd

    from crmlab.faults.answer import Call, answer, load_desk

    when = at or files.read_json(project.processed("clean") / "as_of.json")["as_of"]
    try:
        day = pd.Timestamp(when)
    except ValueError:
        day = pd.NaT
    if pd.isna(day):
        raise CrmlabError(f'--at {when}: not a day; write it as "2026-10-30"')
    found = answer(load_desk(path), Call(symptom, day, model, serial, customer))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    from crmlab.report.answered import show

    _print(lambda console: show(found, console, language))


def _language(project: Project, tag: str | None) -> Language:
    from crmlab.report.language import Language, available

    tag = tag or project.params()["languages"][0]
    if tag not in available():
        raise CrmlabError(f"--lang {tag}: there is no such catalogue; there are {', '.join(available())}")
    return Language(tag)


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
    """Make a simulated company of any size.

    It is written in chunks, so that millions of tickets fit in memory.

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


@contextmanager
def _status() -> Iterator[Callable[[str], None]]:
    """What is being done, on the terminal, and nothing where there is none."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("") as status:
        yield status.update


def _console() -> Console:
    """Where results are printed: as wide as the terminal, or as a page of a log."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    return console if console.is_terminal else Console(highlight=False, width=LOG_WIDTH)


def _print(show: Callable[[Console], None]) -> None:
    """Print what `show` draws, without the blanks that fill its lines."""
    console = _console()
    with console.capture() as told:
        show(console)
    typer.echo("\n".join(line.rstrip() for line in told.get().splitlines()))


def main() -> None:
    """Run a command; what a user can mend ends with one line instead of a traceback."""
    try:
        app()
    except CrmlabError as error:
        print(f"crmlab: {error}", file=sys.stderr)
        raise SystemExit(1) from None
