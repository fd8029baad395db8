"""Charts of a page: bars, lines, points with intervals, calibration.

Each function takes a DataFrame and returns a `Chart`, which is drawn once per language and width. Numbers on axes
and labels are written by the language; words are recorded terms or messages. Colours are never the only cue.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmlab.report.language import Language
from crmlab.report.messages import Message, as_text, count, formatted, is_missing, percent, say
from crmlab.report.messages import term as word
from crmlab.report.svg import COLOURS, FONT_SIZE, STYLE, inline, shorten, width_of

if TYPE_CHECKING:
    import pandas as pd
    from markupsafe import Markup
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Chart", "bars", "calibration", "lines", "points"]

WIDTHS = {"wide": 840, "narrow": 340}  # px
ROW = 26
"""Height in px of a row of bars or points."""
_GAP = 8  # px between a label and what it labels
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))

Draw = Callable[[Language, int], "Figure"]


@dataclass(frozen=True)
class Chart:
    """A chart not yet drawn: `draw(language, width)` makes the figure, `description` says what it shows.

    A page draws it, wide and narrow, in each of its languages: `page.figure(say("…"), chart)`. In a notebook of your own:

    Examples
    --------
    >>> import pandas as pd
    >>> from crmlab.report.language import Language
    >>> chart = bars(pd.DataFrame({"branch": ["杭州", "宁波"], "share": [0.92, 0.88]}), "branch", "share")
    >>> chart.description.in_language(Language("en")), len(chart.draw(Language("en"), 340).axes[0].patches)
    ('Bar chart of 2 rows.', 2)
    """

    draw: Draw
    description: Message
    empty: bool = False

    def drawings(self, language: Language, title: Message, ident: str) -> dict[str, Markup]:
        """The chart as inline SVG, wide for paper and screen and narrow for a phone."""
        import matplotlib
        import seaborn

        said = as_text(title, language), as_text(self.description, language)
        with matplotlib.rc_context({**seaborn.axes_style("whitegrid"), **STYLE}):
            return {
                name: inline(self.draw(language, width), f"{ident}-{name}", *said, name)
                for name, width in WIDTHS.items()
            }


def bars(
    frame: pd.DataFrame,
    label: str,
    value: str,
    low: str | None = None,
    high: str | None = None,
    mark: str | None = None,
    format: str = "percent",
    term: str | None = None,
    highlight: str | None = None,
) -> Chart:
    """Horizontal bars from top to bottom, each with its figure.

    Parameters
    ----------
    label, value : columns of `frame`; `low` and `high` bound an interval; `mark` is compared with: a tick, its figure after "|".
    format : column format of the figures.
    term : vocabulary of the labels; without it they are verbatim.
    highlight : the label whose bar stands out.

    Examples
    --------
    >>> import pandas as pd
    >>> shares = pd.DataFrame({"cause": ["disk", "fan"], "share": [0.6, 0.4], "low": [0.5, 0.3], "high": [0.7, 0.5]})
    >>> bars(shares, "cause", "share", "low", "high", highlight="disk").empty
    False
    """
    rows = frame[~frame[value].isna()]
    labels, values = list(rows[label]), floats(rows, value)
    lows, highs, marks = floats(rows, low), floats(rows, high), floats(rows, mark)

    def draw(language: Language, width: int) -> Figure:
        names = [word_of(x, term, language) for x in labels]
        figures = [as_text(formatted(short_form(format), x), language) for x in values]
        if mark:  # a figure alone beside a tick could be that of the tick
            ticks = [as_text(formatted(short_form(format), x), language) for x in marks]
            figures = [f"{figure} | {tick}" for figure, tick in zip(figures, ticks, strict=True)]
        left = label_room(names, width)
        right = max(map(width_of, figures)) + 2 * _GAP
        figure, axes = sheet(width, ROW * len(values) + 8, left, right)
        colours = [COLOURS["accent"] if x == highlight else COLOURS["bar"] for x in labels]
        axes.barh(range(len(values)), values, height=0.64, color=colours, linewidth=0)
        if low and high:
            axes.hlines(range(len(values)), lows, highs, color=COLOURS["ink"], linewidth=1.2)
        if mark:
            places = range(len(values))
            axes.vlines(
                marks,
                [y - 0.42 for y in places],
                [y + 0.42 for y in places],
                color=COLOURS["ink"],
                linewidth=2,
            )
        known = [x for x in (*values, *lows, *highs, *marks) if not is_missing(x)]
        axes.set_xlim(min(0, *known), max(*known, 0) or 1)
        for y, (text, *ends) in enumerate(
            zip(figures, values, highs or values, marks or values, strict=True)
        ):
            end = max((x for x in ends if not is_missing(x)), default=0)
            axes.annotate(text, (max(end, 0), y), (_GAP, 0), textcoords="offset points", va="center")
        name_rows(axes, names, left)
        axes.grid(False)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        return figure

    return Chart(draw, say("Bar chart of {n} rows.", n=count(len(values))), not values)


def points(
    frame: pd.DataFrame,
    label: str,
    value: str,
    low: str,
    high: str,
    format: str = "number2",
    reference: float | None = None,
    term: str | None = None,
) -> Chart:
    """A forest plot: per row a point with its interval; `reference` is the value of no effect.

    Examples
    --------
    >>> import pandas as pd
    >>> ratios = pd.DataFrame({"feature": ["complaints"], "odds": [1.8], "low": [1.2], "high": [2.7]})
    >>> points(ratios, "feature", "odds", "low", "high", reference=1).empty
    False
    """
    rows = frame[~frame[value].isna()]
    labels, values = list(rows[label]), floats(rows, value)
    lows, highs = floats(rows, low), floats(rows, high)

    def draw(language: Language, width: int) -> Figure:
        names = [word_of(x, term, language) for x in labels]
        left = label_room(names, width)
        figure, axes = sheet(width, ROW * len(values) + 34, left, 24, bottom=26)
        if reference is not None:
            axes.axvline(reference, color=COLOURS["muted"], linewidth=1, linestyle="--")
        axes.hlines(range(len(values)), lows, highs, color=COLOURS["c0"], linewidth=2)
        axes.plot(values, range(len(values)), "o", color=COLOURS["c0"], markersize=7)
        name_rows(axes, names, left)
        axes.grid(False, axis="y")
        figures_on(axes.xaxis, format, language, 6 if width > 500 else 3)
        return figure

    return Chart(draw, say("{n} points with their intervals.", n=count(len(values))), not values)


def lines(
    frame: pd.DataFrame,
    x: str,
    y: str,
    hue: str | None = None,
    low: str | None = None,
    high: str | None = None,
    format: str = "number",
    step: bool = False,
    hue_term: str | None = None,
    x_title: Message | None = None,
) -> Chart:
    """Lines over `x` (days, months as "2026-10", or numbers), one per `hue`, named at their ends.

    `low` and `high` bound a band; `step` draws survival curves as the steps they are.

    Examples
    --------
    >>> import pandas as pd
    >>> monthly = pd.DataFrame({"month": ["2026-09", "2026-10"], "tickets": [290, 256]})
    >>> lines(monthly, "month", "tickets", format="count").description.values["n"]
    Value(kind='count', value=1, digits=0)
    """
    rows = frame[~frame[y].isna()]
    months = len(rows) > 0 and isinstance(rows[x].iloc[0], str)
    places = {m: i for i, m in enumerate(sorted(set(rows[x])))} if months else {}
    series = list(rows.groupby(hue, sort=False, observed=True)) if hue else [(None, rows)]

    def draw(language: Language, width: int) -> Figure:
        names = [word_of(name, hue_term, language) if hue else "" for name, _ in series]
        right = min(max(map(width_of, names)) + 2 * _GAP, 0.35 * width) if hue else 24
        height = 300 if width > 500 else 240
        figure, axes = sheet(width, height, 56, right, bottom=44 if x_title else 26, top=10)
        ends = []
        for i, (_, part) in enumerate(series):
            across = [places[m] for m in part[x]] if months else list(part[x])
            up = floats(part, y)
            style = {"color": COLOURS[f"c{i % 6}"], "linestyle": _DASHES[i % 6], "linewidth": 2}
            axes.plot(across, up, drawstyle="steps-post" if step else "default", **style)
            if low and high:
                axes.fill_between(
                    across,
                    floats(part, low),
                    floats(part, high),
                    step="post" if step else None,
                    color=COLOURS[f"c{i % 6}"],
                    alpha=0.15,
                    linewidth=0,
                )
            ends.append((across[-1], up[-1]))
        axes.margins(x=0.02)
        axes.grid(False, axis="x")
        figures_on(axes.yaxis, format, language, 5)
        make_room(axes, width)
        place_ticks(axes, list(places), rows[x] if len(rows) else [], language, 6 if width > 500 else 3)
        if x_title:
            axes.set_xlabel(as_text(x_title, language))
        if hue:
            name_ends(axes, ends, [shorten(n, right - _GAP) for n in names], height)
        return figure

    return Chart(draw, say("Line chart, {n} lines.", n=count(len(series))), rows.empty)


def calibration(
    frame: pd.DataFrame,
    predicted: str,
    observed: str,
    n: str,
    low: str | None = None,
    high: str | None = None,
) -> Chart:
    """Observed against predicted shares, one point per group of predictions; a point's area is its number of cases.

    `low` and `high` bound an interval of the observed share.

    Examples
    --------
    >>> import pandas as pd
    >>> tenths = pd.DataFrame({"said": [0.2, 0.8], "came": [0.25, 0.75], "n": [40, 60]})
    >>> calibration(tenths, "said", "came", "n").empty
    False
    """
    rows = frame[~frame[predicted].isna() & ~frame[observed].isna()]
    said, was, cases = floats(rows, predicted), floats(rows, observed), floats(rows, n)
    lows, highs = floats(rows, low), floats(rows, high)

    def draw(language: Language, width: int) -> Figure:
        side = min(width, 420)
        figure, axes = sheet(side, 0.8 * side, 64, 24, bottom=44, top=10)
        top = min(1.0, 1.1 * max(*said, *was, *(x for x in highs if not is_missing(x)), 0.05))
        axes.plot([0, top], [0, top], color=COLOURS["muted"], linewidth=1, linestyle="--")
        if low and high:
            axes.vlines(said, lows, highs, color=COLOURS["c0"], linewidth=1.5)
        areas = [30 + 170 * c / max(cases) for c in cases]
        axes.scatter(said, was, s=areas, color=COLOURS["c0"], alpha=0.75, linewidth=0)
        axes.set_xlim(0, top)
        axes.set_ylim(0, top)
        figures_on(axes.xaxis, "percent", language, 5)
        figures_on(axes.yaxis, "percent", language, 5)
        axes.tick_params(pad=6)
        axes.set_xlabel(as_text(say("Predicted"), language))
        axes.set_ylabel(as_text(say("Observed"), language))
        return figure

    return Chart(draw, say("Observed against predicted shares in {n} groups.", n=count(len(said))), not said)


def sheet(
    width: float, height: float, left: float, right: float, bottom: float = 4, top: float = 4
) -> tuple[Figure, Axes]:
    """A figure of `width` x `height` px with the margins we reserve; matplotlib cannot measure Chinese."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / 72, height / 72))
    box = (left / width, bottom / height, 1 - (left + right) / width, 1 - (bottom + top) / height)
    return figure, figure.add_axes(box)


def make_room(axes: Axes, width: float) -> None:
    """Move the left edge so that the figures on the vertical axis have room: CN¥123.5K takes more than 5%."""
    ticks = axes.yaxis.get_major_locator()()
    room = max(width_of(axes.yaxis.get_major_formatter()(v, None)) for v in ticks) + 2 * _GAP
    box = axes.get_position()
    axes.set_position((room / width, box.y0, box.x1 - room / width, box.height))


def floats(frame: pd.DataFrame, column: str | None) -> list[float]:
    return (
        []
        if column is None
        else frame[column].astype("Float64").to_numpy(float, na_value=float("nan")).tolist()
    )


def word_of(x: Any, vocabulary: str | None, language: Language) -> str:
    return as_text(x if isinstance(x, Message) or vocabulary is None else word(vocabulary, x), language)


def short_form(form: str) -> str:
    return "money_short" if form == "money" else form


def label_room(names: list[str], width: int) -> float:
    return min(max(map(width_of, names)) + 2 * _GAP, 0.4 * width)


def name_rows(axes: Axes, names: list[str], room: float) -> None:
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), [shorten(n, room - 2 * _GAP) for n in names], color=COLOURS["ink"])
    axes.tick_params(axis="y", pad=_GAP)


def figures_on(axis: Any, form: str, language: Language, most: int) -> None:
    """Ticks at round numbers, written in `language`; percentages get a decimal when their steps are below 1 %."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10], integer=form == "count"))
    ticks = axis.get_major_locator()()
    fine = form.startswith("percent") and len(ticks) > 1 and ticks[1] - ticks[0] < 0.0099
    axis.set_major_formatter(
        FuncFormatter(
            lambda v, _: as_text(percent(v, 1) if fine else formatted(short_form(form), v), language)
        )
    )


def place_ticks(axes: Axes, months: list[str], values: Any, language: Language, most: int) -> None:
    """Ticks of the horizontal axis: a few months, days or round numbers."""
    if months:
        every = -(-len(months) // most)
        shown = list(range(len(months) - 1, -1, -every))[::-1]
        axes.set_xticks(shown, [language.short_month(months[i]) for i in shown])
    elif len(values) and hasattr(values.iloc[0], "year"):
        from matplotlib.dates import AutoDateLocator, num2date
        from matplotlib.ticker import FuncFormatter

        axes.xaxis.set_major_locator(AutoDateLocator(maxticks=most))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: language.short_month(num2date(v))))
    else:
        figures_on(axes.xaxis, "count", language, most)


def name_ends(axes: Axes, ends: list[tuple[Any, float]], names: list[str], height: float) -> None:
    """Names of lines beside their last points, pushed apart where they would touch."""
    low, high = axes.get_ylim()
    apart = (high - low) * 1.25 * FONT_SIZE / height
    order = sorted(range(len(ends)), key=lambda i: ends[i][1])
    placed: list[float] = []
    for i in order:
        placed.append(max(ends[i][1], placed[-1] + apart) if placed else ends[i][1])
    over = max(0.0, placed[-1] - high)
    for i, y in zip(order, placed, strict=True):
        axes.annotate(
            names[i],
            (ends[i][0], y - over),
            (_GAP, 0),
            textcoords="offset points",
            va="center",
            color=COLOURS["ink"],
            annotation_clip=False,
        )
