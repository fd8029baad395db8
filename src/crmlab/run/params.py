"""Whether params.yaml has every key of this version: an upgrade brings new ones, and all that are missing are named at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crmlab.files import CrmlabError

DEFAULTS = Path(__file__).with_name("params.yaml")
"""params.yaml as this version ships it; a test holds the two against each other."""


def refuse_missing(params: Mapping[str, Any]) -> None:
    """Raise CrmlabError where a section or a key is missing, with the lines to add."""
    if lines := missing(params):
        n = sum(not line.endswith(":") for line in lines)
        raise CrmlabError(
            f"params.yaml: {n} {'line is' if n == 1 else 'lines are'} missing that this version needs. Add (defaults shown):\n"
            + "\n".join(lines)
        )


def missing(params: Mapping[str, Any]) -> list[str]:
    """The lines of the defaults that `params` lacks, each section's below its name.

    >>> import yaml
    >>> params = yaml.safe_load(DEFAULTS.read_text(encoding="utf-8"))
    >>> del params["clean"], params["service"]["opens"]
    >>> for line in missing(params):
    ...     print(line.split("#")[0].rstrip())
    clean:
      max_bad_share: 0.05
    service:
      opens: "09:00"
    """
    found: list[str] = []
    section, told = "", ""
    for line in DEFAULTS.read_text(encoding="utf-8").splitlines():
        key = line.split(":")[0]
        if not key.strip() or key.lstrip().startswith("#"):
            continue
        if not line.startswith(" "):
            section = key
            if key not in params and not line.split("#")[0].rstrip().endswith(":"):
                found.append(line)
        elif key.strip() not in (params.get(section) or {}):
            found += [f"{section}:"] * (told != section) + [line]
            told = section
    return found
