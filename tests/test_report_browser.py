"""Each page in a real browser, offline: nothing said, nothing asked for, nothing wider than a phone, everything usable. Needs `make` first."""

import csv
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INDEX = ROOT / "reports" / "index.html"
PAGES = [INDEX, *sorted((ROOT / "reports").glob("pages/*/*.html"))]
LISTS = ROOT / "reports" / "pages" / "zh" / "churn.html"
CHROMIUM = Path("/usr/bin/chromium")
LOOKS = {
    "phone": (390, "light"),
    "desk": (1280, "light"),
    "dark phone": (390, "dark"),
    "dark desk": (1280, "dark"),
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason=f"{CHROMIUM} is not installed (apt install chromium)"),
    pytest.mark.skipif(not INDEX.is_file(), reason="no pages under reports: run `make` first"),
]


def named(path: Path) -> str:
    return "/".join(path.parts[-2:])


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install 'crmlab[browser]'")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser):
    """Opens a page offline and listens; what it notices is in `page.noticed`."""
    contexts = []

    def open_page(path: Path, width: int = 1280, scheme: str = "light", **more):
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, offline=True, **more
        )
        contexts.append(context)
        page = context.new_page()
        page.noticed = []
        page.on("console", lambda message: page.noticed.append(message.text))
        page.on("pageerror", lambda error: page.noticed.append(str(error)))
        page.on("dialog", lambda dialog: page.noticed.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda request: request.url != path.as_uri() and page.noticed.append(f"request: {request.url}"),
        )
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("path", PAGES, ids=named)
@pytest.mark.parametrize(("width", "scheme"), LOOKS.values(), ids=LOOKS)
def test_page_opens_offline_and_fits(opened, path, width, scheme):
    page = opened(path, width, scheme)
    wide, narrow = (page.locator(f".chart .{name}") for name in ("wide", "narrow"))
    shown = wide if width > 560 else narrow
    assert all(chart.is_visible() for chart in shown.all())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.noticed == []


@pytest.mark.parametrize("path", PAGES, ids=named)
@pytest.mark.parametrize(("width", "scheme"), LOOKS.values(), ids=LOOKS)
def test_page_is_accessible(opened, path, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install 'crmlab[browser]'")
    page = opened(path, width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    found = axe.Axe().run(page).response["violations"]
    assert [
        (rule["id"], rule["nodes"][0]["target"], rule["nodes"][0]["failureSummary"]) for rule in found
    ] == []


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_everything_can_be_read_without_scripts(opened, path):
    words = "document.querySelector('main').textContent.replace(/\\s+/g, ' ')"
    plain, lively = opened(path, java_script_enabled=False), opened(path)
    html = plain.content()
    assert plain.locator(".tools:visible").count() == 0
    for cell in lively.locator("tbody th").all_text_contents()[:50]:
        assert cell in plain.locator("main").text_content()
    assert len(html) > 0.8 * len(lively.evaluate(words))


def test_a_list_is_searched_sorted_and_downloaded(opened):
    page = opened(LISTS)
    panel = page.locator(".panel", has=page.locator("table", has_text="K0")).last
    rows = panel.locator("tbody tr:visible")
    total, first = rows.count(), rows.first.locator("th").text_content()
    panel.get_by_role("searchbox").fill(first)
    assert rows.count() == 1
    with page.expect_download() as download:
        panel.locator(".tools button").click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith("\ufeff".encode())
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [line[0] for line in lines[1:]] == [first]
    panel.get_by_role("searchbox").fill("")
    assert rows.count() == total
    button = panel.locator("thead th.n button").first
    button.click()
    up = [
        float(x)
        for x in panel.locator("tbody tr td.n:nth-child(5) data").evaluate_all(
            "all => all.map((x) => x.value)"
        )
    ]
    assert up == sorted(up)
    button.click()
    assert panel.locator("thead th.n").first.get_attribute("aria-sort") == "descending"
    assert page.noticed == []


def test_a_downloaded_name_is_no_formula(opened):
    page = opened(LISTS)
    cells = page.evaluate(
        "['=1+1', '+7', '-x', '@a', 'ok'].map((text) => { const cell = document.createElement('td'); cell.textContent = text; return cellText(cell); })"
    )
    assert cells == ["'=1+1", "'+7", "'-x", "'@a", "ok"]


def test_a_page_says_how_old_it_is_and_when_that_is_too_old(opened, browser):
    page = opened(LISTS)
    age = page.locator(".age").first
    day = age.get_attribute("data-day")
    for days, late in ((10, False), (400, True)):
        page.clock.set_fixed_time(f"{day}T12:00:00")
        page.clock.set_fixed_time(
            page.evaluate(f"new Date(new Date('{day}T12:00:00').getTime() + {days} * 86400000).toISOString()")
        )
        page.reload()
        assert str(days) in page.locator(".age .days").text_content()
        assert page.locator(".late").is_visible() is late


@pytest.mark.parametrize("path", PAGES[1:], ids=named)
def test_a_printed_page_is_a4_and_tagged(opened, path):
    page = opened(path)
    page.emulate_media(media="print")
    breaks = "all => all.map((figure) => getComputedStyle(figure).breakInside)"
    assert set(page.locator("figure").evaluate_all(breaks)) <= {"avoid"}  # no chart is cut
    printed = page.pdf(prefer_css_page_size=True, tagged=True)
    assert b"/StructTreeRoot" in printed
    width, height = (594.96, 841.92)
    boxes = {box.strip() for box in re.findall(rb"/MediaBox \[([^\]]+)\]", printed)}
    for box in boxes:
        _, _, w, h = (float(x) for x in box.split())
        assert (abs(w - width) < 2, abs(h - height) < 2) == (True, True), box
