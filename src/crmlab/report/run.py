"""What a page says about the run that made it: version, code, parameters, data, what it is compared with. No clock and no commit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import crmlab
from crmlab.files import Project

_SHOWN = 12  # hex digits of a hash that a page shows


@dataclass(frozen=True)
class Run:
    """The identity of a run: the same data, parameters, code and earlier run give the same `id`, on any day and machine."""

    version: str
    code: str
    data: str
    id: str


def identify(project: Project, params: dict[str, Any], earlier: str = "") -> Run:
    """The run behind `project`'s processed data: hashes of the library, of the clean tables, and of both with `params`.

    `earlier` is the hash of the record that pages compare themselves with, for their content depends on it.
    """
    library = Path(crmlab.__file__).parent
    code = _hash(library, (p for p in library.rglob("*") if p.is_file() and "__pycache__" not in p.parts))
    clean = project.processed("clean")
    data = _hash(clean, (*clean.glob("*.parquet"), clean / "as_of.json", clean / "company.json"))
    said = json.dumps(params, sort_keys=True, default=str)
    both = hashlib.sha256(f"{data} {code} {said} {earlier}".encode()).hexdigest()
    return Run(crmlab.__version__, code[:_SHOWN], data[:_SHOWN], both[:_SHOWN])


def _hash(folder: Path, paths: Iterable[Path]) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as handle:
            total.update(hashlib.file_digest(handle, "sha256").digest())
    return total.hexdigest()
