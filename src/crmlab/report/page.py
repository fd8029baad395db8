"""One page: opened by a notebook, filled by one call per cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmlab.files import CrmlabError, Project, read_json
from crmlab.report.blocks import Block, Card, Columns, block, grid, nine_cells
from crmlab.report.language import Language
from crmlab.report.messages import Message, Value, as_text, count, day, money, month, percent, say, term
from crmlab.report.run import Run, identify

if TYPE_CHECKING:
    import pandas as pd

    from crmlab.report.charts import Chart

TITLES = {
    "overview": say("Overview"),
    "clean": say("Data quality"),
    "faults": say("Fault causes"),
    "churn": say("Renewals and churn"),
    "value": say("Customer value"),
    "segments": say("Value types"),
}
"""The pages in the order of their navigation, and what the navigation calls them."""

_WORRYING = 0.02  # of all rows set aside; above it the badge warns


@dataclass(frozen=True)
class Quality:
    """What a page says about the data it rests on, from reports/metrics/clean.json."""

    badge: Message
    sentence: Message
    grade: str

    @classmethod
    def of(cls, metrics: dict[str, Any]) -> Quality:
        """Sum the tables of clean.json: raw = clean + quarantined + duplicates + filtered."""
        tables = metrics.get("tables", {}).values()
        raw, clean, aside, twice, out = (
            sum(t.get(k) or 0 for t in tables)
            for k in ("raw", "clean", "quarantined", "duplicates", "filtered")
        )
        if not raw:
            return cls(say("not assessed"), say("No rows were read."), "unknown")
        badge = (
            say("{share} of rows set aside", share=percent(aside / raw, 1))
            if aside
            else say("no row set aside")
        )
        sentence = say(
            "Of {raw} rows read, {clean} are used; {aside} were set aside as faulty, {twice} were duplicates and "
            "{out} were filtered out.",
            raw=count(raw),
            clean=count(clean),
            aside=count(aside),
            twice=count(twice),
            out=count(out),
        )
        return cls(badge, sentence, "warn" if aside / raw > _WORRYING else "good")


class Page:
    """A page under construction; `open_page` makes it. Each method returns a Block that shows itself."""

    def __init__(
        self,
        name: str,
        project: Project,
        languages: list[Language],
        company: dict[str, Any],
        as_of: dict[str, str],
        status: dict[str, Any],
        params: dict[str, Any],
        quality: Quality,
        run: Run,
    ) -> None:
        self.name = name
        self.project = project
        self.languages = languages
        self.company = company
        self.today: Value = day(as_of["as_of"])
        self.period: Value = month(as_of["report_month"])
        self.status = status
        self.params = params
        self.quality = quality
        self.run = run
        self._anchors: set[str] = set()
        self._charts = 0

    def _anchor(self, title: Message) -> str:
        """A readable id from the English title, the same in every language, unique on the page."""
        words = (
            re.sub(r"[^a-z0-9]+", "-", re.sub(r"\{.*?\}", "", title.text).lower()).strip("-")[:40] or "part"
        )
        anchor, n = words, 2
        while anchor in self._anchors:
            anchor, n = f"{words}-{n}", n + 1
        self._anchors.add(anchor)
        return anchor

    def _texts(self, message: Any) -> dict[str, str]:
        return {language.tag: as_text(message, language) for language in self.languages}

    def _block(self, kind: str, notes: dict[str, Any] | None = None, **parts: Any) -> Block:
        return block(kind, self.languages, notes, **parts)

    def header(self, title: Message, lead: Message | None = None) -> Block:
        """The head of the page: company, title, period, data as of, data quality."""
        notes = {"title": self._texts(title), "run": self.run.id, **self.company}
        return self._block("header", notes, page=self, title=title, lead=lead)

    def attention(self, messages: Iterable[Message]) -> Block:
        """What needs attention: three to five computed sentences, the most important first."""
        title = say("What needs attention")
        anchor = self._anchor(title)
        notes = {"sections": [{"anchor": anchor, "title": self._texts(title)}]}
        return self._block("attention", notes, anchor=anchor, messages=list(messages))

    def cards(self, cards: Iterable[Card]) -> Block:
        """The figures on top; the first is the page's headline on the index."""
        cards = list(cards)
        notes = {"cards": [{"label": self._texts(c.label), "value": self._texts(c.value)} for c in cards]}
        return self._block("cards", notes, cards=cards)

    def section(self, title: Message) -> Block:
        """The heading of a section."""
        anchor = self._anchor(title)
        notes = {"sections": [{"anchor": anchor, "title": self._texts(title)}]}
        return self._block("section", notes, anchor=anchor, title=title)

    def figure(
        self,
        title: Message,
        chart: Chart,
        note: Message | None = None,
        data: pd.DataFrame | None = None,
        columns: Columns | None = None,
    ) -> Block:
        """A chart under the finding it shows, with a note on how to read it and its data as a table."""
        self._charts += 1
        drawn = (
            None
            if chart.empty
            else {
                language.tag: chart.drawings(language, title, f"chart{self._charts}")
                for language in self.languages
            }
        )
        behind = grid(data, columns) if data is not None and columns else None
        return self._block("figure", title=title, svg=drawn, note=note, grid=behind)

    def table(
        self, title: Message, frame: pd.DataFrame, columns: Columns, note: Message | None = None
    ) -> Block:
        """A table of at most 200 rows; `columns` maps a column to its heading and format, the first names the row."""
        return self._block("table", title=title, grid=grid(frame, columns), note=note)

    def nine_types(self, title: Message, frame: pd.DataFrame, note: Message | None = None) -> Block:
        """The nine value types as a 3 x 3 table; `frame` has columns type, n and to_come (minor units)."""
        types, undetermined = nine_cells(frame)
        strongest = max(cell.share for _, cells in types for cell in cells)
        return self._block(
            "nine_types",
            title=title,
            types=types,
            undetermined=undetermined,
            strongest=strongest,
            note=note,
            term=term,
            percent=percent,
            money=money,
        )

    def pages(self, says: Mapping[str, Sequence[Message]]) -> Block:
        """What each other page says: its title as a link, whether its stage had all it needs, its first sentences.

        `says` maps a page to its sentences of attention.
        """
        entries = []
        for name, messages in says.items():
            path = self.project.processed(name) / "status.json"
            status = read_json(path) if path.is_file() else {"state": "empty", "missing": []}
            lacking = [term("lacks", m["what"]) for m in status["missing"]]
            entries.append((name, TITLES.get(name, name), status["state"], lacking, list(messages)))
        return self._block("pages", entries=entries)

    def closing(self, method: Iterable[Message] = ()) -> Block:
        """The end of the page: data quality, what was missing, parameters and method, the run."""
        quality, how = say("Data quality"), say("Parameters and method")
        anchors = {"quality": self._anchor(quality), "method": self._anchor(how)}
        notes = {
            "sections": [
                {"anchor": anchors["quality"], "title": self._texts(quality)},
                {"anchor": anchors["method"], "title": self._texts(how)},
            ]
        }
        missing = [
            (term("lacks", m["what"]), term("lacks", m["adds"])) for m in self.status.get("missing", [])
        ]
        settings = self.params.get(self.name) or {}
        parameters = [
            (say("Company"), self.company["name"]),
            (say("Data as of"), self.today),
            (say("Currency"), self.company["currency"]),
            *((term("parameter", key), _written(value)) for key, value in settings.items()),
            (say("Version"), f"crmlab {self.run.version}"),
            (say("Code"), self.run.code),
            (say("Data"), self.run.data),
            (say("Run"), self.run.id),
        ]
        return self._block(
            "closing",
            notes,
            page=self,
            anchors=anchors,
            method=list(method),
            missing=missing,
            parameters=parameters,
        )


def _written(value: Any) -> str:
    """A parameter as params.yaml has it, on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


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
    status = project.processed(name) / "status.json"
    metrics = project.metrics("clean")
    return Page(
        name,
        project,
        [Language(tag, whose["currency"]) for tag in languages or params["languages"]],
        whose,
        when,
        read_json(status) if status.is_file() else {},
        params,
        Quality.of(read_json(metrics) if metrics.is_file() else {}),
        identify(project, params),
    )
