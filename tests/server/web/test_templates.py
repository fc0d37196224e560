"""Pages whose values are text."""

import re

import pytest

from server.web.templates import FOLDER, emphasized, formatted, page

VALUES = {"state": "over", "headline": "l", "text": "x", "lang": "en"}


def test_what_comes_into_a_place_is_never_markup() -> None:
    name = """<script>alert(1)</script>"'&$state{token}"""
    text = page("refused.html", **VALUES | {"headline": name}).decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;$state{token}" in text


def test_only_stars_of_a_text_become_markup() -> None:
    assert emphasized("<b> & **Open** **it**") == "&lt;b&gt; &amp; <strong>Open</strong> <strong>it</strong>"


def test_code_and_links_of_the_docs_become_markup_and_nothing_else_does() -> None:
    text = "<b> is `a < b`: see [API & keys](keys.md), or [events](events.md#types)"
    shown = "&lt;b&gt; is <code>a &lt; b</code>: see <em>API &amp; keys</em>, or <em>events</em>"
    assert formatted(text) == shown


def test_a_place_without_a_value_is_a_bug() -> None:
    with pytest.raises(KeyError):
        page("scan.html", heading="h")


@pytest.mark.parametrize(
    "file", sorted(entry.name for entry in FOLDER.iterdir() if entry.name.endswith(".html"))
)
def test_a_page_has_no_script_and_no_style_written_into_it(file: str) -> None:
    """The policy of its answer would not let them work."""
    text = (FOLDER / file).read_text()
    assert not re.search(r"<style|style=|\son\w+=|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert not re.search(r"(src|href)=\"(https?:|//)", text)
