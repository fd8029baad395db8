"""The rules for pages can fail: each way of spoiling a good page is noticed."""

import page_rules
import pytest

GOOD = """<!doctype html><html lang="en"><head>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"><style>p { margin: 0; }</style></head>
<body><h1>Page</h1><p><time datetime="2026-10-31">31 October 2026</time> http://example.org is text</p><h2 id="data-quality">Quality</h2>
<figure><figcaption>Finding</figcaption><svg role="img" aria-labelledby="t d"><title id="t">T</title><desc id="d">D</desc><text>28%</text></svg></figure>
<table><thead><tr><th scope="col">N</th></tr></thead></table><a href="#data-quality">there</a><script>1</script></body></html>"""

SPOILED = {
    "300,": ("Page", "x" * 300_000),
    "lang is": ('lang="en"', 'lang="fr"'),
    "refers outside": ('href="#data-quality"', 'href="https://example.org"'),
    "the style refers outside": ("p { margin: 0; }", "@import 'x.css';"),
    "2 scripts": ("<h1>", "<script>1</script><h1>"),
    "hash of the script": ("<script>1<", "<script>2<"),
    "the script refers outside": ("<script>1<", "<script>fetch('//example.org')<"),
    "has a handler onclick": ("<h1>", '<h1 onclick="f()">'),
    "something is embedded": ("<h1>", '<img src="x.png"><h1>'),
    "no content security policy": ("default-src 'none'", "default-src *"),
    "2 h1": ("<h2 ", "<h1>Again</h1><h2 "),
    "skip a level": ("</h2>", "</h2><h4>Deep</h4>"),
    "ids are not unique": ('id="d"', 'id="t"'),
    "not there": ('href="#data-quality"', 'href="#nowhere"'),
    "a figure has no caption": ("<figcaption>Finding</figcaption>", ""),
    "a chart has no role": ('role="img" ', ""),
    "a chart has no desc": ('<desc id="d">D</desc>', '<g id="d"></g>'),
    "no text as text": ("<text>28%</text>", ""),
    "a table has no thead": ("thead", "tbody"),
    "a th has no scope": (' scope="col"', ""),
    "no as-of date": ("time", "b"),
    "no data quality section": ('id="data-quality"', 'id="x"'),
    "unfilled": ("28%", "{share}"),
    "unfilled: ": ("28%", "nan"),
    "closes nothing": ("</figure>", "</figure></div>"),
    "never closed": ("</body></html>", ""),
}


def test_a_good_page_keeps_every_rule():
    assert page_rules.broken_rules(GOOD, "en") == []


@pytest.mark.parametrize("complaint", SPOILED)
def test_a_spoiled_page_breaks_a_rule(complaint):
    before, after = SPOILED[complaint]
    spoiled = GOOD.replace(before, after)
    assert spoiled != GOOD
    assert any(complaint in broken for broken in page_rules.broken_rules(spoiled, "en"))
