"""How a cell is read: one SQL expression of `{x}` per kind, each in a file of its name."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from crmlab.clean.judging.kinds import patterns
from crmlab.clean.judging.kinds.currencies import own


@cache
def expression(kind: str) -> str:
    """The expression in kinds/<kind>.sql, without its comment, reading `{x}`; *prose* is scrubbed of names with a title as well."""
    name = "scrub" if kind == "prose" else kind
    lines = (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    sql = "\n".join(line for line in lines if not line.startswith("--")).strip()
    return patterns.fill(sql, names=kind == "prose") if name == "scrub" else sql


def read(kind: str, x: str, currency: str = "") -> str:
    """The expression that reads `x` as `kind`; amounts may name `currency` only, any where it is empty."""
    return expression(kind).replace("{mark}", own(currency)).replace("{x}", x)
