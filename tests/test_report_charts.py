"""Charts: text stays text and has room, whatever fonts the machine has; two drawings are the same bytes."""

import re
import warnings
from xml.etree import ElementTree

import pandas as pd
import pytest

from crmlab.report import charts, say, strips
from crmlab.report.exporter import css
from crmlab.report.language import Language
from crmlab.report.stacked import layers, stacked
from crmlab.report.svg import COLOURS, shorten, width_of
from crmlab.report.waterfall import waterfall

EN, ZH = Language("en"), Language("zh")
CAUSES = pd.DataFrame(
    {
        "cause": ["电源", "硬盘阵列卡与背板同时需要更换的一个非常长的故障原因名称", "<script>", "$x$ & co"],
        "share": [0.28, 0.23, 0.144, None],
        "low": [0.25, 0.2, 0.1, None],
        "high": [0.3, 0.26, 0.2, None],
        "before": [0.2, 0.3, 0.1, None],
    }
)
MONTHS = pd.DataFrame(
    {
        "month": ["2026-08", "2026-09", "2026-10"] * 2,
        "rate": [0.8, 0.79, 0.81, 0.7, 0.72, 0.81],
        "level": ["7*24*4"] * 3 + ["5*9"] * 3,
    }
)
DECILES = pd.DataFrame(
    {"said": [0.1, 0.5], "was": [0.12, 0.4], "n": [90, 10], "low": [0.1, 0.3], "high": [0.14, None]}
)
STRIPS = MONTHS.assign(
    rows=[3, 4, 90, 8, 7, 0],
    low=[1, 1, 1, None, None, 4],
    high=[9, 9, 9, None, None, 12],
    odd=[False] * 5 + [True],
)
SOLD = pd.DataFrame(
    {
        "month": ["2026-09", "2026-10"] * 2,
        "kind": ["products"] * 2 + ["services"] * 2,
        "amount": [500_00, 300_00, 100_00, -200_00],
    }
)
MEAN = pd.DataFrame({"month": ["2026-09", "2026-10"], "amount": [None, 350_00]})
PARTS = pd.DataFrame({"part": ["won", "lost", "untold"], "amount": [300_00, -500_00, None]})
CHARTS = {
    "bars": charts.bars(CAUSES, "cause", "share", "low", "high", mark="before"),
    "points": charts.points(CAUSES, "cause", "share", "low", "high", "percent", reference=0.2),
    "lines": charts.lines(MONTHS, "month", "rate", "level", format="percent"),
    "steps": charts.lines(
        pd.DataFrame({"day": [0, 30, 365], "alive": [1, 0.9, 0.7]}),
        "day",
        "alive",
        format="percent",
        step=True,
    ),
    "calibration": charts.calibration(DECILES, "said", "was", "n"),
    "calibration with limits": charts.calibration(DECILES, "said", "was", "n", "low", "high"),
    "stacked": stacked(SOLD, "month", "amount", "kind", MEAN, say("Mean"), term="line kind"),
    "stacked alone": stacked(SOLD, "month", "amount", "kind"),
    "waterfall": waterfall(PARTS, "part", "amount", say("Sum")),
    "strips": strips.strips(STRIPS, *("month", "rows", "level", "low", "high", "odd")),
}


def texts(svg: str) -> list[str]:
    return [element.text for element in ElementTree.fromstring(svg).iter("text")]


@pytest.mark.parametrize("name", CHARTS)
def test_drawings_are_complete_and_repeatable(name):
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph")
        first, again = (CHARTS[name].drawings(ZH, say("Data"), "c1") for _ in range(2))
    assert first == again
    for svg in first.values():
        root = ElementTree.fromstring(svg)
        assert [child.text for child in root][:1] == ["数据"]
        assert len(svg) < 10_000
        assert not re.search(r"font-family|#[0-9a-f]{6}", svg), "font and colours are the page's"


def test_labels_are_the_words_of_the_language():
    assert {"Aug 2026", "80%"} <= set(texts(CHARTS["lines"].drawings(EN, say("Data"), "c")["wide"]))
    assert "2026年8月" in texts(CHARTS["lines"].drawings(ZH, say("Data"), "c")["wide"])


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_long_chinese_labels_have_room(width):
    svg = CHARTS["bars"].drawings(ZH, say("Data"), "c")[width]
    for element in ElementTree.fromstring(svg).iter("text"):
        if "end" in element.get("style"):
            assert width_of(element.text) <= float(element.get("x")), element.text


def test_limits_below_zero_are_inside_the_picture():
    rows = pd.DataFrame({"tenth": ["1"], "actual": [50_00], "low": [-900_00], "high": [100_00]})
    figure = charts.bars(rows, "tenth", "actual", "low", "high", format="money").draw(EN, 840)
    assert figure.axes[0].get_xlim() == (-900_00, 100_00)


def test_figures_at_the_bars_have_room():
    svg = CHARTS["bars"].drawings(EN, say("Data"), "c")["narrow"]
    ends = [
        float(e.get("x")) + width_of(e.text)
        for e in ElementTree.fromstring(svg).iter("text")
        if "%" in e.text
    ]
    assert len(ends) == 3
    assert max(ends) <= charts.WIDTHS["narrow"]


def test_figures_on_the_vertical_axis_have_room():
    worth = pd.DataFrame({"month": ["2026-09", "2026-10"], "worth": [12_345_600, 987_654_300]})
    svg = charts.lines(worth, "month", "worth", format="money").drawings(EN, say("Data"), "c")["narrow"]
    figures = [e for e in ElementTree.fromstring(svg).iter("text") if "CN¥" in e.text]
    assert figures
    assert all(width_of(e.text) <= float(e.get("x")) for e in figures)


def test_names_of_lines_that_end_together_do_not_touch():
    svg = CHARTS["lines"].drawings(EN, say("Data"), "c")["wide"]
    heights = [
        float(e.get("y")) for e in ElementTree.fromstring(svg).iter("text") if e.text in ("7*24*4", "5*9")
    ]
    assert abs(heights[0] - heights[1]) >= 12


def test_rows_without_a_figure_are_left_out_and_none_is_an_empty_chart():
    assert "$x$ & co" not in texts(CHARTS["bars"].drawings(EN, say("Data"), "c")["wide"])
    assert charts.bars(CAUSES.tail(1), "cause", "share").empty
    assert charts.lines(MONTHS.head(0), "month", "rate", "level").empty


def test_shorten_keeps_what_fits():
    assert shorten("电源", 24) == "电源"
    assert shorten("电源故障", 36) == "电源…"


def test_palette_is_the_page_s():
    """Every colour of a chart is a variable of the page's style, with the same value on light paper."""
    style = css()
    for name, code in COLOURS.items():
        assert re.search(rf"--{name}: {code}\b", style), name


def test_strips_name_their_lines_end_in_figures_and_ring_what_is_odd():
    drawn = CHARTS["strips"].drawings(EN, say("Rows"), "x")["wide"]
    assert {"7*24*4", "5*9", "90", "0", "Oct 2026"} <= set(texts(drawn))
    plain = strips.strips(STRIPS.assign(odd=False), *("month", "rows", "level", "low", "high", "odd"))
    assert "var(--accent)" in drawn
    assert "var(--accent)" not in plain.drawings(EN, say("Rows"), "x")["wide"]
    assert strips.strips(STRIPS.head(0), *("month", "rows", "level", "low", "high", "odd")).empty


def test_a_waterfall_shows_each_part_with_its_sign_and_their_sum():
    said = texts(CHARTS["waterfall"].drawings(EN, say("Data"), "c")["wide"])
    assert {"+CN¥300", "-CN¥500", "-CN¥200", "won", "lost", "Sum"} <= set(said)
    assert "untold" not in said
    assert waterfall(PARTS.tail(1), "part", "amount", say("Sum")).empty


def test_stacked_columns_name_their_parts_and_the_line():
    drawn = CHARTS["stacked"].drawings(ZH, say("Data"), "c")
    for svg in drawn.values():
        assert {"产品", "服务", "2026年10月"} <= set(texts(svg))
    assert "平均" in texts(drawn["wide"]), "the line is named where it ends"
    without = stacked(SOLD, "month", "amount", "kind", MEAN.assign(amount=None), say("Mean"))
    assert "Mean" not in texts(without.drawings(EN, say("Data"), "c")["wide"])
    assert stacked(SOLD.head(0), "month", "amount", "kind", MEAN.head(0), say("Mean")).empty


def test_stacked_losses_pile_down_from_zero():
    first, second = layers(SOLD.pivot(index="kind", columns="month", values="amount").to_numpy(float))
    assert [low.tolist() for low in (first[0], second[0])] == [[0, 0], [50_000, 0]]
    assert [high.tolist() for high in (first[1], second[1])] == [[50_000, 30_000], [60_000, -20_000]]


def test_stacked_columns_need_no_line():
    alone, lined = (
        CHARTS[name].drawings(EN, say("Data"), "c")["wide"] for name in ("stacked alone", "stacked")
    )
    assert "Mean" in texts(lined)
    assert "Mean" not in texts(alone)
    assert {"products", "services"} <= set(texts(alone))


def test_limits_of_calibration_are_drawn_and_have_room():
    bare, limited = (
        CHARTS[name].drawings(EN, say("Data"), "c")["wide"]
        for name in ("calibration", "calibration with limits")
    )
    assert limited.count("<path") + limited.count("<line") > bare.count("<path") + bare.count("<line")
    wide = charts.calibration(DECILES.assign(high=[0.14, 0.9]), "said", "was", "n", "low", "high")
    assert "90%" not in texts(bare)
    assert "80%" in texts(wide.drawings(EN, say("Data"), "c")["wide"])
