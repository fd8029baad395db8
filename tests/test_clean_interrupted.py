"""A run that is killed, or whose disk fills, leaves what was there; the next run writes what an undisturbed one would."""

import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from exports import run, write

from crmlab import files
from crmlab.files import CrmlabError

RUN = """
import resource, sys
from pathlib import Path
from crmlab import clean
from crmlab.files import CrmlabError
folder, out, limit = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
print("begun", flush=True)
try:
    clean.run(folder, out, max_bad_share=0.5, key_file=out.parent / "salt")
except CrmlabError as error:
    sys.exit(f"crmlab: {error}")
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory) -> Path:
    """8,000 tickets in two encodings, so that one file is written anew."""
    rows = "".join(
        f"T{n},2026-{1 + n % 9:02}-{1 + n % 28:02} 09:30,硬盘黄灯常亮 {n},客户{n % 500}\n"
        for n in range(4_000)
    )
    head = "派单号,报修时间,故障现象,客户名称\n"
    content = {
        "tickets/a.csv": (head + rows).encode("gb18030"),
        "tickets/b.csv": (head + rows.replace("T", "U")).encode(),
    }
    return write(tmp_path_factory.mktemp("raw") / "acme", content, "simulated: true")


@pytest.fixture(scope="module")
def undisturbed(company, tmp_path_factory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed") / "clean"
    run(company, out)
    return everything(out)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def start(company: Path, out: Path, limit: int = 0) -> subprocess.Popen:
    command = [sys.executable, "-c", RUN, company, out, str(limit)]
    begun = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert begun.stdout.readline() == "begun\n"
    return begun


def until(condition, process: subprocess.Popen) -> None:
    while not condition() and process.poll() is None:
        time.sleep(0.002)


def test_a_killed_run_leaves_yesterday_s_tables_and_the_next_writes_the_same_bytes(
    company, undisturbed, tmp_path
):
    """Killed once while it reads and once while it writes."""
    out = tmp_path / "clean"
    draft = out / ".draft"
    write(out, {"tickets.parquet": b"yesterday's"})
    for there in (draft, draft / "tickets.parquet"):
        process = start(company, out)
        until(there.exists, process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert draft.exists(), "killed in the middle"
        assert (out / "tickets.parquet").read_bytes() == b"yesterday's"
        assert [p.name for p in out.iterdir() if not p.name.startswith(".")] == ["tickets.parquet"]
    run(company, out)
    assert everything(out) == undisturbed


@pytest.mark.parametrize("what", ["a file written anew", "a table"])
def test_a_full_disk_ends_with_one_line_and_leaves_yesterday_s_tables(company, tmp_path, what):
    exports = company
    if what == "a table":
        exports = write(
            tmp_path / "acme",
            {"tickets.csv": (company / "tickets" / "b.csv").read_bytes()},
            "simulated: true",
        )
    out = tmp_path / "clean"
    write(out, {"tickets.parquet": b"yesterday's"})
    process = start(exports, out, limit=20_000)
    _, said = process.communicate()
    assert process.returncode == 1
    target = out / "tickets.parquet" if what == "a table" else out
    assert said == (
        f"crmlab: {target}: no space left on the disk while writing it; what was there before is unchanged. "
        "Free some space and run again\n"
    )
    assert everything(out) == {"tickets.parquet": b"yesterday's"}


def test_drafts_that_a_killed_run_left_are_removed(tmp_path):
    (tmp_path / ".x.json.abcd1234").write_text("half")
    (tmp_path / ".y.json.abcd1234").write_text("another's")
    files.write_json(tmp_path / "x.json", 1)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".y.json.abcd1234", "x.json"]


def test_files_take_their_places_together_or_not_at_all(tmp_path):
    write(tmp_path, {"a": b"old", "deep/b": b"old"})
    with pytest.raises(ZeroDivisionError), files.together(tmp_path) as draft:
        write(draft, {"a": b"new"})
        raise ZeroDivisionError
    assert everything(tmp_path) == {"a": b"old", "deep/b": b"old"}
    with files.together(tmp_path) as draft:
        write(draft, {"a": b"new", "deep/b": b"new", "deep/c": b"new"})
    assert everything(tmp_path) == {"a": b"new", "deep/b": b"new", "deep/c": b"new"}


def test_a_disk_without_room_for_a_small_file(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(CrmlabError, match=r"x.json: no space left on the disk"):
            files.write_json(tmp_path / "x.json", "x" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []
