"""A change in parts: bars that begin where the one before ended, and their sum below."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from crmlab.report.charts import ROW, Chart, floats, label_room, name_rows, sheet, short_form, word_of
from crmlab.report.language import Language
from crmlab.report.messages import Message, as_text, count, formatted, say
from crmlab.report.svg import COLOURS, width_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_GAP = 8  # px between a bar and its figure


def waterfall(
    frame: pd.DataFrame,
    label: str,
    value: str,
    total: Message,
    format: str = "money",
    term: str | None = None,
) -> Chart:
    """Horizontal bars from top to bottom, each from the end of the one before, the last one their sum from zero.

    Parameters
    ----------
    label, value : columns of `frame`; values are signed, and each figure shows its sign.
    total : what the sum is called.
    format, term : column format of the figures; vocabulary of the labels.
    """
    rows = frame[~frame[value].isna()]
    labels, values = [*rows[label], total], floats(rows, value)
    ends = list(accumulate(values))
    ends.append(ends[-1] if ends else 0.0)
    starts = [0.0, *ends[:-2], 0.0]
    values.append(ends[-1])

    def draw(language: Language, width: int) -> Figure:
        names = [word_of(x, term, language) for x in labels]
        written = [as_text(formatted(short_form(format), x), language) for x in values]
        figures = [f"+{text}" if x > 0 else text for x, text in zip(values, written, strict=True)]
        left = label_room(names, width)
        right = max(map(width_of, figures)) + 2 * _GAP
        figure, axes = sheet(width, ROW * len(values) + 8, left, right)
        colours = [COLOURS["c0" if x >= 0 else "accent"] for x in values[:-1]] + [COLOURS["bar"]]
        places = range(len(values))
        axes.barh(places, values, left=starts, height=0.64, color=colours, linewidth=0)
        axes.vlines(
            ends[:-1],
            [y - 0.32 for y in places[:-1]],
            [y + 1.32 for y in places[:-1]],
            color=COLOURS["muted"],
            linewidth=1,
        )
        axes.axvline(0, color=COLOURS["muted"], linewidth=1)
        axes.set_xlim(min(0, *ends), max(0, *ends) or 1)
        for y, (text, start, end) in enumerate(zip(figures, starts, ends, strict=True)):
            axes.annotate(text, (max(start, end), y), (_GAP, 0), textcoords="offset points", va="center")
        name_rows(axes, names, left)
        axes.grid(False)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        return figure

    return Chart(
        draw,
        say("{n} parts of a change, one after the other, and their sum.", n=count(len(rows))),
        rows.empty,
    )
