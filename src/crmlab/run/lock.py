"""One run at a time in one checkout."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(Exception):
    """Another run holds the lock."""


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
            raise Busy(str(path)) from None
        yield handle.fileno()
