"""Columns month by month, one part on top of the other, and where it is wanted a line over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmlab.report.charts import Chart, figures_on, make_room, name_ends, place_ticks, sheet, word_of
from crmlab.report.language import Language
from crmlab.report.messages import Message, as_text, count, say
from crmlab.report.svg import COLOURS, shorten, width_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.figure import Figure

_GAP = 8  # px between the last column and the names of the parts
_STRENGTH = (0.9, 0.5)
"""Opacity of parts by turns, so that neighbours are told apart without colours too."""


def stacked(
    frame: pd.DataFrame,
    x: str,
    y: str,
    part: str,
    line: pd.DataFrame | None = None,
    line_name: Message | None = None,
    format: str = "money",
    term: str | None = None,
    colours: Sequence[str] = ("c0", "c1", "c2", "c3", "c4", "c5"),
) -> Chart:
    """One column per month, its parts stacked in the order of the first month, negative ones below zero, and a `line` over them.

    Parameters
    ----------
    frame : one row per month `x` ("2026-10") and `part`; a part that a month does not have counts as zero.
    line : one row per month with the same columns `x` and `y`; missing where there is no line yet.
    format, term : column format of the axis; vocabulary of the parts.
    colours : of the parts, in their order.
    """
    months = sorted(set(frame[x]))
    parts = list(dict.fromkeys(frame[part]))
    heights = frame.pivot_table(y, part, x, aggfunc="sum").reindex(parts, columns=months).fillna(0)
    over = (
        None
        if line is None
        else line.set_index(x)[y].reindex(months).astype("Float64").to_numpy(float, na_value=float("nan"))
    )

    def draw(language: Language, width: int) -> Figure:
        names = [word_of(name, term, language) for name in parts]
        if over is not None:
            names.append(as_text(line_name, language))
        right = min(max(map(width_of, names)) + 2 * _GAP, 0.35 * width)
        height = 320 if width > 500 else 260
        figure, axes = sheet(width, height, 56, right, bottom=26, top=10)
        values = heights.to_numpy(float)
        ends = []
        for i, (low, high) in enumerate(layers(values)):
            style = {"color": COLOURS[colours[i % len(colours)]], "alpha": _STRENGTH[i % len(_STRENGTH)]}
            axes.fill_between(*_columns(low, high), linewidth=0, **style)
            ends.append((len(months) - 0.5, (low[-1] + high[-1]) / 2))
        if over is not None:
            axes.plot(range(len(months)), over, color=COLOURS["ink"], linewidth=2)
            if over[-1] == over[-1]:
                ends.append((len(months) - 0.5, over[-1]))
        axes.set_xlim(-0.5, len(months) - 0.5)
        axes.grid(False, axis="x")
        figures_on(axes.yaxis, format, language, 5)
        make_room(axes, width)
        place_ticks(axes, months, [], language, 6 if width > 500 else 2)
        name_ends(axes, ends, [shorten(n, right - _GAP) for n in names[: len(ends)]], height)
        return figure

    said = say("Columns of {n} months in {parts} parts.", n=count(len(months)), parts=count(len(parts)))
    return Chart(draw, said, frame.empty)


def layers(values: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Where each part (row) begins and ends: what is above zero piles up, what is below piles down."""
    import numpy as np

    gains, losses = values.clip(min=0), values.clip(max=0)
    above, below = gains.cumsum(axis=0), losses.cumsum(axis=0)
    far = np.where(values >= 0, above, below)
    return list(zip(far - values, far, strict=True))


def _columns(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The outline of columns that adjoin, each one month wide."""
    import numpy as np

    places = np.arange(len(low))
    edges = np.column_stack([places - 0.5, places + 0.5]).ravel()
    return edges, low.repeat(2), high.repeat(2)
