"""What an engineer reads beside the phone about one symptom: what to check, for how long, what to carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crmlab.report.messages import Message, Value


@dataclass(frozen=True)
class Check:
    """One cause to check: how often it is behind the symptom, with limits, and what the check takes."""

    cause: Message
    share: Value
    limits: Message
    minutes: Value


@dataclass(frozen=True)
class SymptomCard:
    """One symptom: its tickets, the finding over its causes, the checks in their order, further lines in plain words.

    `timed` says whether any visit tells how long a check takes.
    """

    symptom: Message
    n: Value
    finding: Message
    checks: Sequence[Check]
    lines: Sequence[Message] = ()
    timed: bool = True
