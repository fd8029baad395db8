"""Sentences and figures: the same figure in every language, strangers' text as text."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlab.report import count, day, money, month, number, percent, say, term
from crmlab.report.language import Language
from crmlab.report.messages import formatted

EN, ZH = Language("en"), Language("zh")


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (count(19840), "19,840", "19,840"),
        (number(7.449), "7.4", "7.4"),
        (percent(0.285), "28%", "28%"),
        (percent(0.0223, 1), "2.2%", "2.2%"),
        (percent(-0.001), "0%", "0%"),
        (money(123_500_000), "CN¥1.2M", "¥123.5万"),
        (money(532_10), "CN¥532", "¥532"),
        (money(-817_800_000), "-CN¥8.2M", "-¥817.8万"),
        (formatted("money", 138_901_200), "CN¥1,389,012", "¥1,389,012"),
        (day("2026-10-31"), "31 October 2026", "2026年10月31日"),
        (day(datetime.datetime(2026, 10, 31, 9)), "31 October 2026", "2026年10月31日"),
        (month("2026-10"), "October 2026", "2026年10月"),
        (count(None), "–", "–"),
        (percent(float("nan")), "–", "–"),
    ],
)
def test_figures_in_each_language(value, english, chinese):
    assert value.text(EN) == english
    assert value.text(ZH) == chinese


def test_currency_comes_from_the_company():
    assert money(123_500_000).text(Language("en", "GBP")) == "£1.2M"


def test_figures_carry_their_machine_value():
    assert money(123_456_789).markup(ZH) == "<data value='123456789'>¥123.5万</data>"
    assert day("2026-10-31").markup(EN) == "<time datetime='2026-10-31'>31 October 2026</time>"


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_what_is_read_is_what_the_machine_reads(x, digits):
    value = number(x, digits)
    assert float(value.text(EN).replace(",", "")) == float(value.plain)


@given(st.text())
def test_a_stranger_s_text_is_text(name):
    markup = say("{name} calls", name=name).markup(EN)
    assert "<" not in markup
    assert '"' not in markup
    assert markup.unescape() == f"{name} calls"


def test_terms_are_looked_up_in_both_directions():
    assert term("type", "planner").in_language(ZH) == "远见型"
    assert term("type", "远见型").in_language(EN) == "planner"
    assert term("type", "远见型").in_language(ZH) == "远见型"
    assert term("type", "something else").in_language(ZH) == "something else"


def test_messages_nest():
    message = say("{share} of rows set aside", share=say("{n} points with their intervals.", n=count(3)))
    assert message.in_language(ZH) == "点图，共 3 个点及其区间。 的行被隔离"


def test_language_without_catalogue_is_refused():
    with pytest.raises(Exception, match=r"'fr' has no catalogue .*there are en, zh"):
        Language("fr")
