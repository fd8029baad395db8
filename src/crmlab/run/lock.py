"""One run at a time in one checkout."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(Exception):
    """Another run is going on; the message says which."""


@contextmanager
def only_run(path: Path) -> Iterator[int]:
    """Hold `path` until the block ends; its file descriptor, for the child that must hold it, too.

    The kernel lets go of it with the last process that holds it, so a killed run leaves no stale lock.

    Raises
    ------
    Busy : another process holds it.
    """
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("another run is going on") from None
        yield handle.fileno()


def forget_dead_dvc(path: Path) -> None:
    """Remove `path`, where DVC notes who reads and writes what, unless a DVC that lives is in it; to be called under `only_run`.

    DVC itself asks no more than whether a process of that number exists. After a power cut another program may have the number, and a
    note half written is an error: either way every later run would fail until somebody removed the file.

    Raises
    ------
    Busy : somebody runs DVC by hand.
    """
    try:
        noted = json.loads(path.read_text())
        readers = [reader for readers in noted["read"].values() for reader in readers]
        processes = {int(who["pid"]) for who in (*readers, *noted["write"].values())}
    except FileNotFoundError:
        return
    except (ValueError, TypeError, KeyError, AttributeError):
        processes = set()
    for pid in sorted(processes):
        if _is_dvc(pid):
            raise Busy(f"dvc is running by itself (process {pid})")
    path.unlink()


def _is_dvc(pid: int) -> bool:
    import psutil

    try:
        process = psutil.Process(pid)
        words = {Path(word).name for word in process.cmdline()}
        return "dvc" in words and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
