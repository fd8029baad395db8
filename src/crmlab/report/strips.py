"""Small lines one above the other, each on its own scale: many tables over the same months."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.report.charts import Chart, floats, label_room, place_ticks, sheet, word_of
from crmlab.report.language import Language
from crmlab.report.messages import as_text, count, formatted, say
from crmlab.report.svg import COLOURS, shorten, width_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_STRIP = 56  # px of a line
_SPACE = 14  # px between two
_GAP = 8  # px between a name and its line
_FOOT = 26  # px of the months below


def strips(
    frame: pd.DataFrame,
    x: str,
    y: str,
    row: str,
    low: str,
    high: str,
    mark: str,
    format: str = "count",
    term: str | None = None,
) -> Chart:
    """One line per `row` over the months `x`, from zero to its own highest, its last figure at its end.

    Parameters
    ----------
    low, high : bounds of what was to be expected, a band behind the line; missing where nothing was.
    mark : column that is true where a point gets a ring.
    format, term : column format of the figures; vocabulary of the names of the rows.
    """
    months = sorted(set(frame[x]))
    places = {month: place for place, month in enumerate(months)}
    parts = list(frame.groupby(row, sort=False, observed=True))

    def draw(language: Language, width: int) -> Figure:
        names = [word_of(name, term, language) for name, _ in parts]
        left = label_room(names, width)
        lasts = [as_text(formatted(format, part[y].iloc[-1]), language) for _, part in parts]
        right = max(map(width_of, lasts)) + 2 * _GAP
        height = len(parts) * (_STRIP + _SPACE) + _FOOT
        figure, axes = sheet(width, height, left, right)
        figure.delaxes(axes)
        for n, ((_, part), name, last) in enumerate(zip(parts, names, lasts, strict=True)):
            bottom = height - (n + 1) * (_STRIP + _SPACE)
            box = (left / width, bottom / height, 1 - (left + right) / width, _STRIP / height)
            axes = figure.add_axes(box)
            _line(axes, part, [places[month] for month in part[x]], y, low, high, mark)
            axes.set_xlim(-0.6, len(months) - 0.4)
            axes.set_yticks([])
            axes.grid(False)
            axes.set_xticks([])
            middle = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "center"}
            named = shorten(name, left - 2 * _GAP)
            axes.annotate(named, (0, 0.5), (-_GAP, 0), ha="right", color=COLOURS["ink"], **middle)
            axes.annotate(last, (1, 0.5), (_GAP, 0), color=COLOURS["ink"], **middle)
        place_ticks(axes, months, [], language, 6 if width > 500 else 2)
        return figure

    said = say("{n} lines over {months} months.", n=count(len(parts)), months=count(len(months)))
    return Chart(draw, said, not parts)


def _line(axes, part: pd.DataFrame, across: list[int], y: str, low: str, high: str, mark: str) -> None:
    up, least, most = floats(part, y), floats(part, low), floats(part, high)
    axes.fill_between(across, least, most, color=COLOURS["bar"], alpha=0.22, linewidth=0)
    axes.plot(across, up, color=COLOURS["c0"], linewidth=1.8)
    ringed = [(at, n) for at, n, here in zip(across, up, part[mark], strict=True) if here]
    if ringed:
        axes.plot(*zip(*ringed, strict=True), "o", markersize=9, markerfacecolor="none",
                  markeredgecolor=COLOURS["accent"], markeredgewidth=2, clip_on=False)  # fmt: skip
    highest = max((n for n in (*up, *most) if n == n), default=1)
    axes.set_ylim(0, 1.08 * highest or 1)
