"""Each page in a real browser, offline: no message, no request, no side-scroll on a phone. Needs `make` first."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "reports").glob("pages/*/*.html"))
CHROMIUM = Path("/usr/bin/chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason=f"{CHROMIUM} is not installed (apt install chromium)"),
    pytest.mark.skipif(not PAGES, reason="no pages under reports/pages: run `make` first"),
]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install 'crmlab[browser]'")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.mark.parametrize(
    "path", [ROOT / "reports" / "index.html", *PAGES], ids=lambda p: "/".join(p.parts[-2:])
)
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "light"), (390, "dark")])
def test_page_opens_offline_and_fits(browser, path, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, offline=True)
    page = context.new_page()
    noticed = []
    page.on("console", lambda message: noticed.append(message.text))
    page.on("pageerror", lambda error: noticed.append(str(error)))
    page.on("dialog", lambda dialog: noticed.append(f"dialog: {dialog.message}"))
    page.on(
        "request", lambda request: request.url != path.as_uri() and noticed.append(f"request: {request.url}")
    )
    page.goto(path.as_uri())
    wide, narrow = (page.locator(f".chart .{name}") for name in ("wide", "narrow"))
    shown = wide if width > 560 else narrow
    assert all(chart.is_visible() for chart in shown.all())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert noticed == []
    context.close()
