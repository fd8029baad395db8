"""People are not rows: ids of persons become keyed hashes, and the key stays on the machine that made it."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from crmlab import files

PUBLIC_KEY = "crmlab: simulated people"
"""The key for simulated companies, so that their outputs are the same everywhere."""


def load_key(path: Path, *, simulated: bool) -> str:
    """The key of this company: CRMLAB_SALT, else the file at `path`, made on first use."""
    if simulated:
        return PUBLIC_KEY
    if salt := os.environ.get("CRMLAB_SALT"):
        return salt
    if not path.is_file():
        files.write_text(path, secrets.token_hex(32) + "\n")
        path.chmod(0o600)
    return path.read_text(encoding="utf-8").strip()


def hash_person(person: str, key: str) -> str:
    """A person's id as 16 hexadecimal digits that cannot be undone without the key (HMAC-SHA256).

    >>> hash_person("E17", "a key")
    '26889df7d0d848ec'
    """
    return hmac.new(key.encode(), person.encode(), hashlib.sha256).hexdigest()[:16]


def hash_people(people: Iterable[str], key: str) -> dict[str, list[str]]:
    """A table of ids as written and their hashes, for a join."""
    written = sorted(set(people))
    return {"written": written, "hashed": [hash_person(p, key) for p in written]}
