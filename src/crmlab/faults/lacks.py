"""What the stage lacks: what is missing, and what it would add."""

from __future__ import annotations

Lacks = list[tuple[str, str]]
"""Pairs (what is missing, what it would add), both in the words of `status.json`."""
