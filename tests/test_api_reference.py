"""The API reference: made from docstrings, complete, and readable without a network."""

import inspect
import re
import subprocess
import sys
from html import unescape
from importlib import import_module

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "docs"))
import make_api

SHOWN = [
    (module, name) for module, names in make_api.public().items() for name in names if not name.isupper()
]
"""All but tables of constants, which say themselves what they are."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages, made as `make docs` makes them."""
    folder = tmp_path_factory.mktemp("api")
    made = subprocess.run(
        [sys.executable, ROOT / "docs" / "make_api.py", folder], capture_output=True, text=True, check=True
    )
    assert made.stderr == ""
    return folder


def page_of(module):
    return "/".join(module.split(".")) + ".html"


def test_every_public_name_has_its_section(pages):
    for module, names in make_api.public().items():
        html = (pages / page_of(module)).read_text()
        missing = [name for name in names if f'id="{name}"' not in html]
        assert not missing, f"{page_of(module)} lacks {missing}"


def test_the_first_page_leads_to_all_others(pages):
    assert "crmlab.html" in (pages / "index.html").read_text()
    html = "".join((pages / page_of(m)).read_text() for m in ("crmlab", "crmlab.report"))
    for package in make_api.PACKAGES:
        assert f"{package.replace('.', '/')}.html" in html, package


def test_nothing_is_loaded_from_elsewhere(pages):
    for path in [*pages.rglob("*.html"), *pages.rglob("*.css")]:
        text = path.read_text()
        loaded = re.findall(r"<(?:script|link|img|iframe|source)[^>]*(?:src|href)=[\"']?(\w+:)?//", text)
        assert not loaded, path.name
        assert not re.search(r"url\([\"']?(?:https?:)?//|@import", text), path.name


def test_parameters_are_a_list(pages):
    text = unescape(re.sub(r"<[^>]+>", "", (pages / page_of("crmlab.churn")).read_text()))
    assert "p_renew_<days> for each of days" in text  # a placeholder, not a tag
    assert re.search(
        r"<li>\s*<strong>penalties</strong> – strengths of the ridge",
        (pages / page_of("crmlab.churn")).read_text(),
    )
    assert "doctest:" not in text


@pytest.mark.parametrize(("module", "name"), SHOWN, ids=lambda x: x)
def test_a_public_name_shows_how_it_is_used(module, name):
    assert ">>> " in inspect.getdoc(getattr(import_module(module), name)), f"{module}.{name} has no example"


@pytest.mark.parametrize("module", [m for m in make_api.public() if m != "crmlab"])
def test_asking_a_package_for_a_name_it_lacks_says_so(module):
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        import_module(module).nonsense  # noqa: B018


def test_docstrings_become_markdown():
    import doctest

    assert doctest.testmod(make_api).failed == 0
