"""People are not rows: ids of persons become keyed hashes, and the key stays on the machine that made it."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Iterable
from pathlib import Path

from crmlab.files import CrmlabError

PUBLIC_KEY = "crmlab: simulated people"
"""The key for simulated companies, so that their outputs are the same everywhere."""


def load_key(path: Path, *, simulated: bool) -> str:
    """The key of this company: CRMLAB_SALT, else the file at `path`, made on first use and readable by its owner alone.

    Raises
    ------
    CrmlabError : the file is empty: without the key that was in it, persons would get other hashes than before.
    """
    if simulated:
        return PUBLIC_KEY
    if salt := os.environ.get("CRMLAB_SALT"):
        return salt
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 600 from the start
        os.write(handle, (secrets.token_hex(32) + "\n").encode())
        os.close(handle)
        Path(draft).replace(path)
    key = path.read_text(encoding="utf-8").strip()
    if not key:
        raise CrmlabError(f"{path}: empty; put the key back, or delete the file to hash persons anew")
    return key


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
