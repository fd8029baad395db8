"""The same data as a page: `crmlab.report` beside stock nbconvert, ydata-profiling and Evidently, opened in a real browser.

    python benchmarks/report.py [--repeats N] [--peers FOLDER] [--json FILE]

The shared frame is the demo's tickets of its last two full months, joined with what each customer is worth (run `make` first). The
busiest customers and the branches carry hostile names: a script, an image with a handler, a spreadsheet formula, a template. Each peer
makes what it is made for: *crmlab* a page of its components, in both languages (peers/report_crmlab.ipynb); *nbconvert* an
analyst's notebook with tables, charts and one finding as a Markdown sentence (peers/report_nbconvert.ipynb), and once more without that sentence,
for it is the only place where pandas does not escape a name; *ydata-profiling* its default profile; *Evidently* its data summary
and drift of one month against the other. The last two live in environments of their own, made once under --peers with the
versions named here; a peer that cannot be installed, or a machine without Chromium, is reported as such.

Each page is opened offline and in light mode, and read for what it does by itself: size; requests over the network and for files beside
it; console messages; axe rules failed; dialogs opened, each a script that a name ran; how many of the four names stand there as text, so that
a page without alerts is not merely one without names; px of side-scroll on a phone (390 px).

Seconds are CPU and wall time of the whole process with all its children, of the cheapest of --repeats runs, in four parts: *tool* (what is not
in the kernel: its own imports, talking to the kernel, writing the page), *kernel* (its start), *imports* (of the notebook, or of
the peer) and *page* (the rest). A crmlab page imports its libraries when it needs them; here they are imported beforehand, as
imports. The kernel itself notes these times in a startup file of IPython, so that the notebooks run as they are. Below the peers, the same parts for each
page of notebooks/, made one after the other by one process as the stage does; what that process imports first stands apart.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import importlib.util
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = Path(__file__).resolve().parent / "peers"
TABLES = ("pandas==2.3.3", "numpy==2.3.5", "pyarrow==26.0.1")
PACKAGES = {
    "ydata-profiling": ("ydata-profiling==4.18.4", "setuptools==80.10.2", *TABLES),
    "evidently": ("evidently==0.7.23", *TABLES),
    "browser": ("playwright==1.65.2", "axe-playwright-python==0.1.8"),
}
"""What an environment of a peer holds; setuptools 81 has no pkg_resources any more."""
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    '=HYPERLINK("http://evil.example","x")',
    "{{7*7}}",
)
PARTS = ("tool", "kernel", "imports", "page")
LAZY = "import fontTools.ttLib, jinja2, matplotlib.backends.backend_svg, pyarrow.dataset, seaborn, yaml"
"""What a crmlab page imports on the way."""
PHONE, SCREEN = 390, 1280  # px
SETTLED = 2_000  # ms after loading, for what a page draws late
SECONDS = 900  # that making one page may take


def write_frame(folder: Path) -> None:
    """The shared frame, and a project around it in which crmlab can make its page."""
    import pandas as pd

    processed = ROOT / "data" / "processed"
    if not (processed / "value" / "customers.parquet").is_file():
        raise SystemExit("data/processed holds no demo: run `make` first")
    tickets = pd.read_parquet(processed / "clean" / "tickets.parquet")
    worth = pd.read_parquet(processed / "value" / "customers.parquet")
    last = pd.Period(json.loads((processed / "clean" / "as_of.json").read_text())["report_month"])
    tickets = tickets.assign(month=tickets["reported_at"].dt.strftime("%Y-%m"))
    tickets = tickets[tickets["month"].isin([str(last - 1), str(last)])]
    took = tickets["closed_at"] - tickets["reported_at"]
    tickets = tickets.assign(
        repair_hours=(took.dt.total_seconds() / 3600).round(1), cause=tickets["cause_actual"]
    )
    frame = tickets.merge(worth[["customer_id", "historical", "to_come"]], how="left", on="customer_id")
    for column in ("customer_name", "branch"):
        most = frame[column].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        frame[column] = frame[column].replace(dict(zip(most.index, HOSTILE, strict=False)))
    words = ["ticket_id", "month", "customer_name", "branch", "cause", "service_level", "machine_family",
             "channel", "priority"]  # fmt: skip
    figures = ["repair_hours", "historical", "to_come"]
    frame = frame[[*words, "reported_at", *figures]].sort_values("ticket_id", ignore_index=True)
    # the plainest types, which every peer knows
    frame = frame.astype(dict.fromkeys(words, object) | dict.fromkeys(figures, float))
    frame[words] = frame[words].where(frame[words].notna(), None)
    frame.to_parquet(folder / "frame.parquet")

    project = folder / "project"
    for name in ("params.yaml", "dvc.yaml", "reports/metrics/clean.json"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, project / name)
    shutil.copytree(processed / "clean", project / "data" / "processed" / "clean")
    bench = project / "data" / "processed" / "bench"
    bench.mkdir()
    shutil.copy(folder / "frame.parquet", bench)
    (bench / "status.json").write_text('{"state": "ran", "missing": []}')


STARTUP = """
def _note():
    import json, os, pathlib, resource, time

    folder, noted = pathlib.Path(os.environ["CRMLAB_BENCH"]), []
    # since boot, like the kernel's clock of processes; wall clocks disagree by tenths of a second
    born = int(pathlib.Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")

    def note(*_):
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {"cpu": used.ru_utime + used.ru_stime, "wall": time.clock_gettime(time.CLOCK_BOOTTIME) - born}

    def ran(*_):
        (folder / "noted.json").write_text(json.dumps([*noted, note()]))

    noted.append(note())
    exec((folder / "imports.py").read_text(), {})
    noted.append(note())
    get_ipython().events.register("post_run_cell", ran)

_note()
del _note
"""
"""What a kernel runs first: it notes its seconds when it is up, after the imports, and after each cell."""


def watch(notebook: Path, lazy: str, folder: Path) -> None:
    """Have every kernel that this process starts from now on note its seconds, with the imports of `notebook` and `lazy`."""
    import nbformat

    code = [c.source for c in nbformat.read(notebook, as_version=4).cells if c.cell_type == "code"]
    body = ast.parse("\n".join(code)).body
    imports = [ast.unparse(line) for line in body if isinstance(line, (ast.Import, ast.ImportFrom))]
    (folder / "imports.py").write_text("\n".join([*imports, lazy]))
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    (startup / "00-note.py").write_text(STARTUP)
    os.environ |= {"CRMLAB_BENCH": str(folder), "IPYTHONDIR": str(folder / "ipython")}


def noted(folder: Path) -> dict[str, dict]:
    """The parts that the last kernel noted."""
    kernel, imports, page = json.loads((folder / "noted.json").read_text())
    return {"kernel": kernel, "imports": less(imports, kernel), "page": less(page, imports)}


def less(whole: dict, *parts: dict) -> dict:
    return {kind: whole[kind] - sum(part[kind] for part in parts) for kind in whole}


@contextlib.contextmanager
def stopwatch(into: list[dict]) -> Iterator[None]:
    """Add the CPU and wall seconds of the block, with those of children that ended in it."""

    def cpu() -> float:
        both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(used.ru_utime + used.ru_stime for used in both)

    began = cpu(), time.perf_counter()
    yield
    into.append({"cpu": cpu() - began[0], "wall": time.perf_counter() - began[1]})


def write_page(notebook: Path, root: Path, executed: Path, name: str) -> str:
    """Run `notebook` on the project at `root` and write it in every language, as the stage does; the page in the first one."""
    from crmlab.files import Project
    from crmlab.report.exporter import export
    from crmlab.report.language import Language
    from crmlab.report.notebook import run
    from crmlab.report.page import TITLES

    ran = run(notebook, executed, {"root": str(root), "company": "demo", "as_of": "auto"})
    languages = [Language(tag) for tag in Project(root).params()["languages"]]
    pages = [name] if name == "bench" else list(TITLES)
    written = [export(ran, name, language, languages, pages) for language in languages]
    return written[0]


def crmlab(folder: Path) -> dict:
    """A page of crmlab's components, in the languages of params.yaml."""
    notebook = NOTEBOOKS / "report_crmlab.ipynb"
    watch(notebook, LAZY, folder)
    html = write_page(notebook, folder / "project", folder / "executed.ipynb", "bench")
    (folder / "crmlab.html").write_text(html, encoding="utf-8")
    return {"parts": noted(folder), "versions": versions("nbconvert", "papermill", "seaborn", "pandas")}


def nbconvert(folder: Path, without: str = "", page: str = "nbconvert") -> dict:
    """An analyst's notebook by the command that comes with Jupyter."""
    import nbformat

    notebook = nbformat.read(NOTEBOOKS / "report_nbconvert.ipynb", as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id != without]
    nbformat.write(notebook, folder / f"{page}.ipynb")
    watch(folder / f"{page}.ipynb", "import pyarrow.dataset", folder)
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", "--execute", f"{page}.ipynb"]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return {"parts": noted(folder), "versions": versions("nbconvert", "seaborn", "pandas")}


def nbconvert_tables(folder: Path) -> dict:
    """The same notebook without its sentence."""
    return nbconvert(folder, "finding", "nbconvert_tables")


def ydata(folder: Path) -> dict:
    """The default profile."""
    took: list[dict] = []
    with stopwatch(took):
        import pandas as pd
        import pyarrow.dataset  # noqa: F401
        from ydata_profiling import ProfileReport
    with stopwatch(took):
        frame = pd.read_parquet(folder / "frame.parquet")
        ProfileReport(frame, title="Tickets of two months", progress_bar=False).to_file(folder / "ydata.html")
    parts = dict(zip(("imports", "page"), took, strict=True))
    return {"parts": parts, "versions": versions("ydata-profiling", "pandas", "numpy")}


def evidently(folder: Path) -> dict:
    """The summary of the last month, and its drift against the month before."""
    took: list[dict] = []
    with stopwatch(took):
        import pandas as pd
        import pyarrow.dataset  # noqa: F401
        from evidently import Report
        from evidently.presets import DataDriftPreset, DataSummaryPreset
    with stopwatch(took):
        frame = pd.read_parquet(folder / "frame.parquet")
        before, now = (frame[frame["month"] == month] for month in sorted(frame["month"].unique()))
        report = Report([DataSummaryPreset(), DataDriftPreset()])
        report.run(now, before).save_html(str(folder / "evidently.html"))
    parts = dict(zip(("imports", "page"), took, strict=True))
    return {"parts": parts, "versions": versions("evidently", "plotly", "pandas", "numpy")}


def versions(*names: str) -> dict[str, str]:
    return {name: version(name) for name in names}


PEERS = {
    "crmlab": (crmlab, None),
    "nbconvert": (nbconvert, None),
    "nbconvert_tables": (nbconvert_tables, None),
    "ydata": (ydata, "ydata-profiling"),
    "evidently": (evidently, "evidently"),
}
"""Peer -> how it makes its page, and the environment it needs."""


def environment(name: str, folder: Path) -> str | None:
    """The interpreter of the environment `name` under `folder`, made unless it is there; None where it cannot be made."""
    home, wanted = folder / name, "\n".join(PACKAGES[name])
    python, ready = home / "bin" / "python", home / "ready"
    if ready.is_file() and ready.read_text() == wanted:
        return str(python)
    beside = ROOT / ".venv" / "uv" / "bin" / "uv"
    uv = shutil.which("uv") or (str(beside) if beside.is_file() else None)
    make, install = (
        ([uv, "venv", "--clear"], [uv, "pip", "install", "--python", str(python)])
        if uv
        else ([sys.executable, "-m", "venv", "--clear"], [str(python), "-m", "pip", "install"])
    )
    if uv:
        make += ["--python", sys.executable]
    print(f"installing {', '.join(PACKAGES[name])}", file=sys.stderr)
    for command in ([*make, str(home)], [*install, "--quiet", *PACKAGES[name]]):
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        if said.returncode:
            print(said.stderr.strip(), file=sys.stderr)
            return None
    ready.write_text(wanted)
    return str(python)


def timed(command: list[str], folder: Path) -> tuple[dict, dict]:
    """CPU and wall seconds of `command` with its children, and what its last line says.

    Raises
    ------
    RuntimeError : it failed, or took longer than SECONDS.
    """
    quiet = {"DO_NOT_TRACK": "1", "YDATA_PROFILING_NO_ANALYTICS": "True"}
    with (folder / "said").open("w+") as out, (folder / "failed").open("w+") as err:
        began = time.perf_counter()
        running = subprocess.Popen(["timeout", str(SECONDS), *command], stdout=out, stderr=err,
                                   env=os.environ | quiet)  # fmt: skip
        _, status, used = os.wait4(running.pid, 0)
        wall = time.perf_counter() - began
        running.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if running.returncode:
            raise RuntimeError(err.read().strip() or f"ended with {running.returncode}")
        return {"cpu": used.ru_utime + used.ru_stime, "wall": wall}, json.loads(out.read().splitlines()[-1])


def apart(whole: dict, parts: dict[str, dict]) -> dict[str, dict]:
    """Seconds of each part and of all; the tool's are what is left."""
    found = {"tool": less(whole, *parts.values()), **parts, "all": whole}
    return {part: {kind: round(s, 2) for kind, s in seconds.items()} for part, seconds in found.items()}


def made(peer: str, python: str, folder: Path, repeats: int) -> dict:
    """What making the page of `peer` took, in the cheapest of some runs."""
    command = [python, "-P", __file__, "--peer", peer, "--folder", str(folder)]
    runs = [timed(command, folder) for _ in range(repeats)]
    whole, said = min(runs, key=lambda run: run[0]["cpu"])
    return {"seconds": apart(whole, said["parts"]), "versions": said["versions"]}


def stage(folder: Path, repeats: int) -> dict:
    """What each page of notebooks/ takes, made one after the other by one process; the tools' own start apart."""
    tools: list[dict] = []
    with stopwatch(tools):
        for module in ("nbformat", "papermill", "crmlab.report.exporter", "crmlab.report.kernel"):
            importlib.import_module(module)
    found = {}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        watch(path, LAZY, folder)
        runs = []
        for _ in range(repeats):
            took: list[dict] = []
            with stopwatch(took):
                html = write_page(path, ROOT, folder / "executed.ipynb", path.stem)
            runs.append((took[0], noted(folder)))
        found[path.stem] = {"kb": round(len(html.encode()) / 1024)}
        found[path.stem]["seconds"] = apart(*min(runs, key=lambda run: run[0]["cpu"]))
    return {"tools": {kind: round(s, 2) for kind, s in tools[0].items()}, "pages": found}


SHOWN = """names => {
  const texts = [];
  const walk = node => {
    if (["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT"].includes(node.nodeName)) return;
    if (node.nodeType === Node.TEXT_NODE) texts.push(node.data);
    if (node.shadowRoot) walk(node.shadowRoot);
    node.childNodes.forEach(walk);
  };
  walk(document.body);
  return names.filter(name => texts.some(text => text.includes(name))).length;
}"""
"""How many of `names` stand on the page as text."""


def opened(path: Path, chromium: str) -> dict:
    """What the page at `path` does in the browser, offline."""
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    asked, said, dialogs = [], [], []
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": SCREEN, "height": 844}, color_scheme="light", offline=True
        )
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: request.url != path.as_uri() and asked.append(request.url))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        page.wait_for_timeout(SETTLED)
        asked = [url for url in asked if not url.startswith(("data:", "blob:", "about:"))]
        result = {
            "kb": round(path.stat().st_size / 1024),
            "requests": sum(not url.startswith("file:") for url in asked),
            "files": sum(url.startswith("file:") for url in asked),
            "console": len(said),
            "scripts_run": len(dialogs),
            "names_shown": page.evaluate(SHOWN, list(HOSTILE)),
        }
        axe = Axe().run(page).response
        page.set_viewport_size({"width": PHONE, "height": 844})
        page.reload()
        page.wait_for_timeout(SETTLED)
        wide = page.evaluate("document.documentElement.scrollWidth")
        result |= {
            "axe_failed": len(axe["violations"]),
            "axe_rules": sorted(rule["id"] for rule in axe["violations"]),
            "side_scroll_px": max(0, wide - PHONE),
            "browser": {"chromium": browser.version, "axe-core": axe["testEngine"]["version"]},
        }
        browser.close()
    return result


def browser_python(peers: Path) -> str | None:
    """An interpreter that drives a browser: this one, or that of an environment made for it."""
    if all(map(importlib.util.find_spec, ("playwright", "axe_playwright_python"))):
        return sys.executable
    return environment("browser", peers)


def compared(folder: Path, peers: Path, repeats: int) -> dict[str, dict]:
    """Every peer: what it took to make its page, and what the page does."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = browser_python(peers) if chromium else None
    found = {}
    for peer, (_, needs) in PEERS.items():
        python = environment(needs, peers) if needs else sys.executable
        if not python:
            found[peer] = {"not_measured": f"{', '.join(PACKAGES[needs])} could not be installed"}
            continue
        try:
            found[peer] = made(peer, python, folder, repeats)
        except RuntimeError as error:
            print(f"{peer}: {error}", file=sys.stderr)
            found[peer] = {"not_measured": "it failed to make its page"}
            continue
        page = folder / f"{peer}.html"
        found[peer]["kb"] = round(page.stat().st_size / 1024)
        if not driver:
            found[peer]["not_opened"] = (
                "playwright could not be installed" if chromium else "no Chromium here"
            )
            continue
        try:
            found[peer] |= timed(
                [driver, "-P", __file__, "--open", str(page), "--chromium", chromium], folder
            )[1]
        except RuntimeError as error:
            print(f"{peer}: {error}", file=sys.stderr)
            found[peer]["not_opened"] = "the browser failed on it"
    return found


COLUMNS = {
    "kb": "KB",
    "requests": "requests",
    "files": "files",
    "console": "messages",
    "axe_failed": "axe rules",
    "scripts_run": "scripts run",
    "names_shown": "names shown",
    "side_scroll_px": "side-scroll",
}


def seconds_of(found: dict) -> str:
    none = f"{'-':>8}{'-':>7}"
    return "".join(
        f"{found[part]['cpu']:>8.2f}{found[part]['wall']:>7.2f}" if part in found else none
        for part in (*PARTS, "all")
    )


def show(pages: dict[str, dict], staged: dict) -> None:
    """Both tables."""
    print(f"{'':18}" + "".join(f"{head:>13}" for head in COLUMNS.values()))
    for peer, found in pages.items():
        cells = "".join(f"{found.get(name, '-'):>13}" for name in COLUMNS)
        print(f"{peer:18}" + (found.get("not_measured") or cells) + found.get("not_opened", ""))
    parts = "".join(f"{part:>15}" for part in (*PARTS, "all"))
    kinds = f"{'':18}" + f"{'CPU':>8}{'wall':>7}" * (len(PARTS) + 1)
    print(f"\n{'seconds':18}{parts}\n{kinds}")
    for peer, found in pages.items():
        if "seconds" in found:
            print(f"{peer:18}{seconds_of(found['seconds'])}")
    print(f"\n{'pages of the stage':18}{parts}{'KB':>7}\n{kinds}")
    for page, found in staged["pages"].items():
        print(f"{page:18}{seconds_of(found['seconds'])}{found['kb']:>7}")
    print(f"{'the tools, once':18}{staged['tools']['cpu']:>8.2f}{staged['tools']['wall']:>7.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--repeats", type=int, default=3, help="runs of each page, of which the cheapest counts"
    )
    parser.add_argument("--peers", type=Path, default=Path.home() / ".cache" / "crmlab-bench",
                        help="where the environments of the peers are, or are made")  # fmt: skip
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--stage", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--open", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--chromium", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peer:
        print("\n" + json.dumps(PEERS[args.peer][0](args.folder)))
        return
    if args.stage:
        print("\n" + json.dumps(stage(args.folder, args.repeats)))
        return
    if args.open:
        print("\n" + json.dumps(opened(args.open, args.chromium)))
        return
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    load = round(os.getloadavg()[0], 2)
    print(f"{machine}, load {load}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_frame(folder)
        pages = compared(folder, args.peers.resolve(), args.repeats)
        _, staged = timed(
            [sys.executable, "-P", __file__, "--stage", "--folder", name, "--repeats", str(args.repeats)],
            folder,
        )
    show(pages, staged)
    if args.json:
        named = versions("crmlab")
        for found in pages.values():
            named |= found.pop("browser", {})
        result = {"pages": pages, "stage": staged, "machine": machine, "load": load, "versions": named}
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
