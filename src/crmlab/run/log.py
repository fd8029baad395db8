"""The log of a run: one JSON object per line, written as things happen, so that a killed run leaves what it did."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

KEPT = 60
"""Logs that stay; older ones are removed."""


class RunLog:
    """`logs/<local time>.jsonl`: a line "start", a line "stage" per stage, a line "end".

    A log that cannot be written (a full disk) is said once and stops nothing.
    """

    def __init__(self, folder: Path, now: datetime):
        self.path = folder / f"{now:%Y-%m-%dT%H-%M-%S}.jsonl"
        self._told = False
        for old in sorted(folder.glob("*.jsonl"))[: -KEPT + 1]:
            old.unlink(missing_ok=True)

    def add(self, event: str, **fields: Any) -> None:
        """Append one line."""
        line = json.dumps({"event": event, **fields}, ensure_ascii=False) + "\n"
        try:
            self.path.parent.mkdir(exist_ok=True)
            with self.path.open("a", encoding="utf-8") as handle:
                handle.write(line)
        except OSError as error:
            if not self._told:
                print(f"crmlab: {self.path} cannot be written ({error.strerror})", file=sys.stderr)
            self._told = True
