"""Cells of every kind and of no kind, as `clean` types them, against the contract's rules in plain Python (cell_rules.py)."""

import random
import re
from collections.abc import Callable
from datetime import datetime

import cell_rules
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmlab.clean.judging.typed import typed_sql
from crmlab.engine import Engine
from crmlab.tables import SALES

ROWS = 1_700  # in one query, each with a cell of every kind
EXAMPLES = 10
CELLS = 100_000
ENGINE = Engine(threads=1)
STATED = ("%d/%m/%Y %H:%M", "%d/%m/%Y", "%d%m%Y", "%m-%d-%y %I:%M %p", "%d %b %Y")
KINDS = {"sold_at": "moment", "amount": "money", "qty": "number", "order_line": "count", "is_return": "flag"}
CHOICES = {
    word: choice for choice, words in SALES.column("line_kind").choices.items() for word in (choice, *words)
}

pick = random.Random.choice


def a_number(r: random.Random) -> str:
    whole = r.randrange(10 ** r.randint(0, 17))
    text = pick(r, (f"{whole:,}", f"{whole:,}", str(whole), str(whole), str(whole), ""))
    return text + (f".{r.randrange(10 ** r.randint(1, 4))}" if r.random() < 0.5 else "")


def a_share(r: random.Random) -> str:
    return (
        pick(r, ("", "", "-", "+"))
        + a_number(r)
        + pick(r, ("", "", "", "%", f"e{r.randint(-3, 120)}", "E+05", ".0", ".00"))
    )


def an_amount(r: random.Random) -> str:
    x = a_number(r)
    sign, before, after = (
        pick(r, s)
        for s in (("", "", "-", "+", "- "), ("", "", *cell_rules.MARKS), ("", "", *cell_rules.MARKS))
    )
    gap, other = pick(r, ("", "", " ")), pick(r, ("", "", " "))
    forms = (
        f"{sign}{before}{gap}{x}{other}{after}",
        f"{before}{gap}{sign}{x}{after}",
        f"{before}{x}{other}-{after}",
        f"({before}{x}{after})",
    )
    return pick(r, forms)


def a_moment(r: random.Random) -> str:
    wild = r.random() < 0.15
    y, m, d = (
        (r.randint(1890, 2105), r.randint(0, 13), r.randint(0, 32))
        if wild
        else (r.randint(1950, 2099), r.randint(1, 12), r.randint(1, 28))
    )
    h, n, s = (
        (r.randint(0, 24), r.randint(0, 60), r.randint(0, 60))
        if wild
        else (r.randint(0, 23), r.randint(0, 59), r.randint(0, 59))
    )
    half, short, name = pick(r, ("am", "PM", "")), y % 100, pick(r, ("Jan", "FEB", "sep", "Sept", "Dec"))
    days = [
        f"{y}-{m:02}-{d:02}",
        f"{y}.{m}.{d}",
        f"{y}/{m:02}/{d}",
        f"{y}年{m}月{d}日",
        f"{y}{m:02}{d:02}",
        f"{y}-{m}.{d}",
    ]
    days += [
        str(r.randint(10_000, 80_000)),
        f"{r.randint(18_000, 74_000)}{pick(r, ('.', ','))}{r.randrange(10 ** r.randint(1, 12))}",
    ]
    days += [
        f"{y}-{m:02}-{d:02}",
        f"{y}年{m}月{d}日",
        f"{d}/{m}/{y}",
        f"{d:02}{m:02}{y}",
        f"{m}-{d}-{short:02}",
        f"{d} {name} {y}",
    ]
    clocks = [
        "",
        "",
        f" {h}:{n:02}",
        f" {h:02}:{n:02}:{s:02}",
        f"T{h:02}:{n:02}",
        f"{h}:{n:02}",
        f" {h:02}:{n:02}:{s:02}.{r.randrange(10 ** r.randint(1, 7))}",
        f" {h}:{n:02} {half}",
    ]
    return pick(r, days) + pick(r, clocks)


def a_word(r: random.Random) -> str:
    return pick(r, (*cell_rules.YES, *cell_rules.NO, *CHOICES, "N/A", "-", "maybe", "2"))


ALPHABET = "0123456789" * 3 + ".,-+()% /:eE¥￥$元RMB年月日T０１９，．－（）％　\u00a0−\t\n'x√×一"


def a_cell(r: random.Random, own: Callable[[random.Random], str]) -> str:
    """A cell of its own kind, of another or of none; some with a slip of the pen, some full-width, some with spaces around."""
    kind = r.random()
    if kind < 0.05:
        return "".join(r.choices(ALPHABET, k=r.randint(0, 9)))
    text = own(r) if kind < 0.8 else pick(r, (a_number, an_amount, a_moment, a_word))(r)
    if r.random() < 0.2:
        at = r.randint(0, len(text))
        text = text[:at] + pick(r, ("", pick(r, ALPHABET))) + text[at + r.randint(0, 1) :]
    if r.random() < 0.1:
        text = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    return pick(r, ("", "", "", "", " ", "　", "\t", "\u00a0")) + text + pick(r, ("", "", "", " ", "\n"))


OWN = {
    **{"sold_at": a_moment, "amount": an_amount, "qty": a_share, "order_line": a_share},
    **{"is_return": a_word, "line_kind": a_word},
}


def some_cells(r: random.Random, odd: list[str] = ()) -> dict[str, list[str]]:
    return {column: [*odd, *(a_cell(r, own) for _ in range(ROWS))] for column, own in OWN.items()}


def as_typed(
    cells: dict[str, list[str]], dates: tuple[str, ...], decimal: str, engine=ENGINE
) -> dict[str, list]:
    columns = [*KINDS, "line_kind"]
    rows = range(len(cells["amount"]))
    text = pa.table(
        {"_row": rows, "_file": ["f"] * len(rows), "_line": rows, **{c: cells[c] for c in columns}}
    )
    engine.connection.register("fuzzed", text)
    sql, args = typed_sql(SALES, set(columns), dates=dates, decimal=decimal)
    choices = {
        "column_name": ["line_kind"] * len(CHOICES),
        "written": list(CHOICES),
        "choice": list(CHOICES.values()),
    }
    inputs = {
        "text": engine.adopt("fuzzed"),
        "choices": engine.make(choices),
        "people": engine.make({"written": [], "hashed": []}),
        "names": engine.make({"written": [], "customer_id": []}),
    }
    listed = ", ".join(f"t.{c}" for c in [*columns, "unreadable"])
    found = engine.rows(f"select {listed} from typed t order by t._row", {"typed": sql, **inputs}, args)
    return dict(zip([*columns, "unreadable"], zip(*found, strict=True), strict=True))


def by_the_contract(column: str, cell: str, dates: tuple[str, ...], decimal: str):
    """What the cell means, and whether there is something in it that means nothing."""
    text = cell_rules.fold(cell)
    if text is None:
        return None, False
    if column == "line_kind":
        value = CHOICES.get(text.lower())
    elif column == "sold_at":
        number = text.replace(",", ".") if decimal == "," and text[5:6] == "," else text
        value = next((m for form in dates if (m := as_stated(text, form))), None) or cell_rules.moment(number)
    else:
        swapped = text
        if decimal == "," and column != "is_return":
            if re.fullmatch("[^0-9]*[0-9]{1,3}([ \u00a0\u202f][0-9]{3})+(,[0-9]+)?[^0-9]*", text):
                swapped = re.sub("[ \u00a0\u202f]", "", text)  # where spaces part thousands, no space counts
            swapped = swapped.translate({44: 46, 46: 44})
        value = getattr(cell_rules, KINDS[column])(swapped)
    return value, value is None


def as_stated(text: str, form: str) -> datetime | None:
    """By Python's own strptime, which is looser about spaces and about digits that touch."""
    if "  " in text or (form == "%d%m%Y" and len(text) != 8) or "\n" in text or "\t" in text:
        return None
    try:
        moment = datetime.strptime(text, form)
    except ValueError:
        return None
    return moment if 1900 <= moment.year <= 2099 else None


@pytest.mark.slow
def test_a_hundred_thousand_cells_mean_what_the_contract_says():
    looked_at = 0

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        seed=st.integers(0, 2**32),
        odd=st.lists(st.one_of(st.text(ALPHABET, max_size=12), st.text(max_size=12)), max_size=40),
        dates=st.sampled_from([(), STATED]),
        decimal=st.sampled_from([".", ","]),
    )
    def every_cell(seed, odd, dates, decimal):
        nonlocal looked_at
        r = random.Random(seed)
        cells = some_cells(r, odd)
        found = as_typed(cells, dates, decimal)
        for column in cells:
            for cell, value, unreadable in zip(
                cells[column], found[column], found["unreadable"], strict=True
            ):
                expected = by_the_contract(column, cell, dates, decimal)
                assert (value, column in unreadable.split(",")) == expected, (column, cell, dates, decimal)
            looked_at += len(cells[column])

    every_cell()
    assert looked_at >= CELLS


@pytest.mark.spark
@pytest.mark.parametrize("decimal", [".", ","])
def test_spark_reads_every_cell_alike(tmp_path, decimal):
    engine = Engine("spark", scratch=tmp_path)
    for seed in range(3):
        cells = some_cells(random.Random(seed))
        assert as_typed(cells, STATED, decimal, engine) == as_typed(cells, STATED, decimal)
