"""A company's exports written by a test, and what `clean` makes of them."""

import json
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from crmlab import clean


def write(folder: Path, files: dict[str, str | bytes], mapping: str = "") -> Path:
    """A company folder with these files; texts may be indented."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = textwrap.dedent(content).lstrip("\n").encode()
        path.write_bytes(content)
    if mapping:
        (folder / "mapping.yaml").write_text(textwrap.dedent(mapping), encoding="utf-8")
    return folder


@dataclass
class Cleaned:
    """What a run of `clean` wrote."""

    out: Path
    result: clean.Result

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.out / f"{name}.parquet")

    def quarantine(self, name: str) -> dict[int, str]:
        """Line → reason."""
        frame = self.table(f"quarantine/{name}")
        return dict(zip(frame["line"].astype(int), frame["reason"], strict=True))

    def counts(self, name: str) -> dict[str, int]:
        return self.result.metrics["tables"][name]

    def json(self, name: str) -> dict:
        return json.loads((self.out / f"{name}.json").read_text(encoding="utf-8"))


def run(folder: Path, out: Path, **settings) -> Cleaned:
    """Clean the company in `folder`; half of the rows may be bad unless said otherwise."""
    settings = {"max_bad_share": 0.5, "key_file": out.parent / "salt", **settings}
    return Cleaned(out, clean.run(folder, out, **settings))


def cleaned(tmp_path: Path, files: dict[str, str | bytes], mapping: str = "", **settings) -> Cleaned:
    """Write a company and clean it."""
    return run(write(tmp_path / "raw" / "acme", files, mapping), tmp_path / "out", **settings)


def ingested(
    tmp_path: Path, files: dict[str, str | bytes], mapping: str = "", table: str = "tickets"
) -> list[dict]:
    """The rows of `table` as text, in file order: `_file`, `_line` and the cells that hold something."""
    import duckdb

    from crmlab.clean.reading.ingest import ingest
    from crmlab.clean.reading.plan import plan
    from crmlab.files import CrmlabError

    layout = plan(write(tmp_path / "raw" / "acme", files, mapping))
    if layout.faults:
        raise CrmlabError("\n".join(layout.faults))
    with duckdb.connect() as connection:
        text = ingest(connection, layout, table)
        found = connection.execute(f"select * exclude (_row) from {text.name} order by _row")
        names = [name for name, *_ in found.description]
        return [{n: c for n, c in zip(names, row, strict=True) if c is not None} for row in found.fetchall()]
