"""The board of the overview: a manager's questions, each answered in one sentence with the lines it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from crmlab.report.messages import Message, Value

Mark = Literal["", "better", "worse", "unknown"]
"""How a line is to be taken: good news, bad news, not to be told; "" where it is neither."""


@dataclass(frozen=True)
class Line:
    """One line under an answer.

    what : its subject, which links to `page` where that is given.
    figure : stands apart, to be read down the lines.
    note : what makes the figure understood.
    mark, sign : good or bad news as a colour and as a sign; the note says it in words.
    """

    what: Message | str
    figure: Value | Message | str | None = None
    note: Message | Value | None = None
    page: str = ""
    mark: Mark = ""
    sign: str = ""


@dataclass(frozen=True)
class Question:
    """A question, its answer in one sentence, the lines behind it; a `wide` one takes the whole width of the page."""

    asked: Message
    answer: Message
    lines: Sequence[Line] = ()
    note: Message | None = None
    wide: bool = False
