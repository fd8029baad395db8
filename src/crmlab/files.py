"""Where things are, and how they are written: paths, params, atomic writes, the frame of a stage.

Nothing heavy is imported here, because every command pays for it.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import json
import math
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class CrmlabError(Exception):
    """What a user can mend: the message says where, what was found, what was expected and what to do.

    Examples
    --------
    >>> import crmlab
    >>> try:
    ...     crmlab.explain("ticket")
    ... except crmlab.CrmlabError as error:
    ...     print(str(error).split(". All")[0])
    no table called 'ticket'; the nearest is 'clean/tickets'
    """


def find_root(start: str | Path | None = None) -> Path:
    """The project folder: `start` (default: here) or the nearest folder above it that holds params.yaml and dvc.yaml."""
    here = Path(start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "params.yaml").is_file() and (folder / "dvc.yaml").is_file():
            return folder
    raise CrmlabError(
        f"{here}: no params.yaml and dvc.yaml here or above; run this from inside the crmlab folder"
    )


@dataclass(frozen=True)
class Project:
    """The folders of one checkout, each named once.

    Examples
    --------
    >>> Project(Path("/srv/crmlab")).processed("churn").as_posix()
    '/srv/crmlab/data/processed/churn'
    """

    root: Path

    @classmethod
    def here(cls) -> Project:
        """The project around the current folder."""
        return cls(find_root())

    def raw(self, company: str) -> Path:
        """The company's exports; no code writes here."""
        return self.root / "data" / "raw" / company

    def processed(self, stage: str) -> Path:
        """What `stage` wrote."""
        return self.root / "data" / "processed" / stage

    def models(self, stage: str) -> Path:
        """The models that `stage` fitted."""
        return self.root / "models" / stage

    def metrics(self, stage: str) -> Path:
        """The figures of `stage`: reports/metrics/<stage>.json."""
        return self.root / "reports" / "metrics" / f"{stage}.json"

    def history(self, company: str) -> Path:
        """What earlier runs on `company` said: one file per as-of day."""
        return self.root / "reports" / "history" / company

    @property
    def reports(self) -> Path:
        """Where the pages go."""
        return self.root / "reports"

    @property
    def notebooks(self) -> Path:
        """One notebook per page."""
        return self.root / "notebooks"

    def params(self) -> dict[str, Any]:
        """params.yaml as a dictionary. Only entry points (pipelines/, the command line) call this."""
        import yaml

        with (self.root / "params.yaml").open(encoding="utf-8") as handle:
            try:
                params = _Params(yaml.safe_load(handle) or {})
            except yaml.YAMLError as error:
                said = " ".join(str(error).split())
                raise CrmlabError(f"params.yaml cannot be read: {said}. Mend that line") from None
        if not isinstance(params["company"], str) or not params["company"].strip():
            raise CrmlabError("params.yaml, company: empty; name a folder under data/raw/, such as demo")
        return params


@dataclass(frozen=True)
class _Drafting(Project):
    """The project as a running stage sees it: what it writes itself lies in drafts beside its place until it has ended well."""

    stage: str = ""

    def processed(self, stage: str) -> Path:
        return self._draft(super().processed(stage), stage)

    def models(self, stage: str) -> Path:
        return self._draft(super().models(stage), stage)

    def metrics(self, stage: str) -> Path:
        return self._draft(super().metrics(stage), stage)

    def _draft(self, place: Path, stage: str) -> Path:
        return _aside(place, "draft") if stage == self.stage else place

    def take_place(self) -> None:
        """Drafts replace what the run before wrote; where that fails half-way, `settle` undoes it."""
        places = self._places()
        for place in places:
            if place.exists():
                place.rename(_aside(place, "before"))
            if (draft := _aside(place, "draft")).exists():
                draft.rename(place)
        if (before := _aside(places[0], "before")).exists():
            before.rename(_aside(places[0], "gone"))  # from here on nothing is undone

    def settle(self) -> None:
        """Undo what a run left half done that failed or was killed; remove drafts, and what others have replaced."""
        places = self._places()
        half_done = _aside(places[0], "before").exists()
        for place in reversed(places):
            if half_done and (before := _aside(place, "before")).exists():
                _remove(place)
                before.rename(place)
            for word in ("draft", "before", "gone"):
                _remove(_aside(place, word))

    def _places(self) -> list[Path]:
        whole = Project(self.root)
        return [whole.processed(self.stage), whole.models(self.stage), whole.metrics(self.stage)]


def _aside(place: Path, word: str) -> Path:
    return place.with_name(f".{place.name}.{word}")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class _Params(dict):
    """params.yaml, or a section of it, whose missing values say where to write them."""

    def __init__(self, values: Mapping[str, Any], place: str = "params.yaml"):
        super().__init__(
            {k: _Params(v, f"{place}, {k}") if isinstance(v, dict) else v for k, v in values.items()}
        )
        self._place = place

    def __missing__(self, key: str) -> Any:
        from difflib import get_close_matches

        near = get_close_matches(str(key), map(str, self), n=1, cutoff=0.6)
        hint = (
            f"is {near[0]!r} misspelt?"
            if near
            else "add it; CHANGELOG.md and git show params.yaml name its default"
        )
        raise CrmlabError(f"{self._place}: {key!r} is missing; {hint}")


def key_file(root: Path) -> Path:
    """Where the privacy key of a real company lives: untracked, made on first use."""
    return root / "data" / "raw" / ".salt"


def out_of_space(error: BaseException) -> bool:
    """Whether an error of Python, Arrow or DuckDB says that a disk is full, or a file may not grow any more."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return True
    said = str(error)
    return any(
        sign in said for sign in ("No space left", "File too large", "quota exceeded", "temp_directory_size")
    )


@contextlib.contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place only when the block ends well.

    Drafts that a killed run left are removed. Raises CrmlabError when the disk is full.
    """
    path = Path(path)
    with _room_for(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob(f".{glob.escape(path.name)}.????????"):
            left.unlink(missing_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        draft = Path(name)
        try:
            yield draft
            draft.chmod(0o644)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


@contextlib.contextmanager
def together(folder: Path) -> Iterator[Path]:
    """A draft folder whose files take their places in `folder` only when the block ends well, all of them.

    The draft that a killed run left is removed. Raises CrmlabError when the disk is full.
    """
    draft = folder / ".draft"
    with _room_for(folder):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            yield draft
            for path in sorted(p for p in draft.rglob("*") if p.is_file()):
                target = folder / path.relative_to(draft)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


@contextlib.contextmanager
def _room_for(path: Path) -> Iterator[None]:
    """Say in one line that the disk is full."""
    try:
        yield
    except CrmlabError:
        raise
    except Exception as error:
        target = Path(*(_placed(part) for part in path.parts if part != ".draft"))
        if type(error).__name__ == "OutOfMemoryException" and not out_of_space(error):  # DuckDB's
            raise CrmlabError(
                f"{target}: not enough memory ({str(error).splitlines()[0]}); what was there before is unchanged. "
                "Raise MEMORY in src/crmlab/clean/company.py"
            ) from None
        if not out_of_space(error):
            raise
        raise CrmlabError(
            f"{target}: no space left on the disk while writing it; what was there before is unchanged. Free some space and run again"
        ) from None


def _placed(name: str) -> str:
    """The name of what a draft will become."""
    return name[1 : -len(".draft")] if name.startswith(".") and name.endswith(".draft") else name


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8, all or nothing."""
    with atomic(path) as draft:
        draft.write_text(text, encoding="utf-8")


def write_json(path: str | Path, content: Any) -> None:
    """Write JSON, keys sorted and floats rounded to six digits so that two runs give the same bytes.

    NaN and infinities become null: JSON has no word for them, and a page says "cannot tell".
    """
    write_text(
        path,
        json.dumps(_plain(content), ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n",
    )


def read_json(path: str | Path) -> Any:
    """Read a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_table(path: str | Path, table: pd.DataFrame, key: list[str]) -> None:
    """Write a DataFrame as Parquet, sorted by `key`, which must be unique, so that two runs give the same bytes."""
    if table.duplicated(key).any():
        twice = table.loc[table.duplicated(key), key].iloc[0].to_dict()
        raise CrmlabError(f"{Path(path).name}: {twice} occurs twice, but {key} must name one row")
    ordered = table.sort_values(key, kind="stable").reset_index(drop=True)
    ordered.attrs = {}
    with atomic(path) as draft:
        ordered.to_parquet(draft, index=False, compression="zstd")


def read_table(path: str | Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a processed table as it is on disk: money in the smallest unit, whole numbers."""
    import pandas as pd

    return pd.read_parquet(path, columns=columns)


def write_model(path: str | Path, model: Any) -> None:
    """Write a fitted model with joblib, so that two runs give the same bytes.

    pandas' nullable types keep what they were once asked, and would carry it into the file; they are stored by name.
    """
    import copyreg

    import joblib
    import pandas as pd

    for dtype in (pd.Int64Dtype, pd.Float64Dtype, pd.BooleanDtype):
        copyreg.pickle(dtype, _by_name)
    with atomic(path) as draft:
        joblib.dump(model, draft)


def _by_name(dtype: Any) -> tuple[type, tuple[()]]:
    return type(dtype), ()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if hasattr(value, "item") and not isinstance(value, str):  # a numpy scalar
        value = value.item()
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value


@dataclass
class Stage:
    """One run of one stage: its params, and what it has to say for itself at the end.

    `missing` holds one entry per table or column the stage would have liked: what is missing and what it would
    add. With some missing the stage is *narrowed*; when `empty` is set it could not answer its question at all.
    """

    name: str
    project: Project
    params: dict[str, Any]
    missing: list[dict[str, str]] = field(default_factory=list)
    empty: bool = False
    summary: str = ""

    @property
    def settings(self) -> dict[str, Any]:
        """This stage's section of params.yaml."""
        return self.params[self.name]

    @property
    def out(self) -> Path:
        """This stage's folder under data/processed."""
        return self.project.processed(self.name)

    def lacks(self, what: str, adds: str) -> None:
        """Note that `what` (a table or table.column) is missing and what it would add."""
        self.missing.append({"what": what, "adds": adds})

    def status(self) -> dict[str, Any]:
        """What status.json says."""
        state = "empty" if self.empty else "narrowed" if self.missing else "ran"
        return {"stage": self.name, "state": state, "missing": self.missing}


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold `lock`, or raise CrmlabError where another process does: two at once would take each other's drafts away."""
    import fcntl

    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CrmlabError(
                "this stage is running in another process; run it again when that is over"
            ) from None
        yield


@contextlib.contextmanager
def stage(name: str) -> Iterator[Stage]:
    """Run one stage from its entry in pipelines/: say that it starts, write status.json, say how it ended.

    Its tables, models and metrics take their places only when it has ended well, all of them. A CrmlabError ends the run with one line
    instead of a traceback, also where the stage is running in another process. Linear algebra gets one thread: our matrices are small,
    and threads made a logistic regression take four times as long.
    """
    from threadpoolctl import threadpool_limits

    project = _Drafting(find_root(), name)
    current = Stage(name, project, project.params())
    began = time.perf_counter()
    if sys.stderr.isatty():  # the closing line takes its place
        print(f"{name}: …", end="\r", file=sys.stderr, flush=True)
    try:
        with _alone(project.root / "data" / "processed" / f".{name}.lock"):
            project.settle()
            try:
                with threadpool_limits(1):
                    yield current
                write_json(current.out / "status.json", current.status())
                project.take_place()
            finally:
                project.settle()
    except CrmlabError as error:
        print(f"{name}: {error}", file=sys.stderr, flush=True)
        raise SystemExit(1) from None
    state = current.status()["state"]
    said = "" if state == "ran" else f" [{state}: no {', '.join(m['what'] for m in current.missing)}]"
    print(f"{name}: {current.summary}{said} ({time.perf_counter() - began:.1f} s)", flush=True)
