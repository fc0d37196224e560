"""Texts of the scan page: the same ones in every language, and none anywhere else."""

import re

import msgspec
import pytest

from server.api.openapi import error_groups
from server.api.resources.scan_pages import ROUTES
from server.core.errors import MethodNotAllowed
from server.protocol.reasons import TABLE
from server.web.languages import FOLDER, LANGUAGES, Texts, texts_in
from server.web.scan_page import scan_html, views_in
from server.web.templates import FOLDER as STATIC

PLACE = re.compile(r"\{\w+\}")
others = pytest.mark.parametrize("language", LANGUAGES[1:])


def flat(texts: Texts) -> dict[str, str]:
    """Every text, by its group and name."""
    return {
        f"{group}.{name}": text
        for group, named in msgspec.structs.asdict(texts).items()
        for name, text in named.items()
    }


def test_each_language_has_a_file() -> None:
    assert {entry.name for entry in FOLDER.iterdir()} == {f"{language}.json" for language in LANGUAGES}


@others
def test_a_language_has_the_texts_of_english_with_the_same_places(language: str) -> None:
    english, other = flat(texts_in("en")), flat(texts_in(language))
    assert other.keys() == english.keys()
    for name, text in english.items():
        assert sorted(PLACE.findall(other[name])) == sorted(PLACE.findall(text)), name
        assert other[name].count("**") == text.count("**"), name
        assert text.strip(), name
        assert other[name].strip(), name


@others
def test_a_text_of_another_language_is_translated(language: str) -> None:
    english = flat(texts_in("en"))
    assert [name for name, text in flat(texts_in(language)).items() if text == english[name]] == []


def test_every_error_of_a_pairing_code_has_a_text() -> None:
    (route,) = (route for route in ROUTES if route.method == "POST")
    codes = {error.code for error in (*route.operation.errors, *error_groups.EVERY_ROUTE)}
    # The page itself sends neither a body that is no JSON nor a large one, and the browser speaks HTTP.
    malformed = {"malformed-json", "bad-request", "body-too-large", "unsupported-encoding"}
    unreadable = {"address-too-long", "headers-too-large", "http-version-not-supported"}
    known = codes - malformed - unreadable - {MethodNotAllowed.code}
    assert known | {"unreachable"} == texts_in("en").error.keys()


def test_every_reason_with_a_text_names_one() -> None:
    named = {meaning.scan_page for meaning in TABLE.values() if meaning.scan_page}
    assert named
    assert named <= texts_in("en").view.keys()


@pytest.mark.parametrize("file", ["scan.html", "scan_code.html", "scan_number.html", "refused.html"])
def test_no_text_is_written_into_a_template(file: str) -> None:
    markup = (STATIC / file).read_text(encoding="utf-8")
    shown = re.sub(r"<[^>]*>", " ", markup)
    spoken = re.findall(r'\b(?:alt|title|placeholder|aria-label|value)="([^"]*)"', markup)
    for text in (shown, *spoken):
        assert re.search(r"(?<![$\w])[A-Za-z]{2,}", text) is None, text


@pytest.mark.parametrize("file", ["scan.js", "scan_number.js"])
def test_no_text_is_written_into_a_script(file: str) -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", (STATIC / file).read_text(encoding="utf-8"), flags=re.DOTALL)
    code = re.sub(r"^import .*$", "", code, flags=re.MULTILINE)
    literals = re.findall(r'"[^"\n]*"|`[^`]*`', code)
    assert literals
    for literal in literals:
        assert re.search(r"[A-Z][a-z]+ [a-z]|[a-z]+ [a-z]+ ", literal) is None, literal


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("is_phone", [False, True])
def test_a_page_has_every_text_of_its_language_and_no_other(language: str, is_phone: bool) -> None:
    text = scan_html(
        views_in(language).waiting,
        language=language,
        token="t",
        name=None,
        is_phone=is_phone,
        sandbox="no",
        reload="5",
    ).decode()
    assert f'<html lang="{language}" dir="ltr">' in text
    for foreign in set(LANGUAGES) - {language}:
        for name, sentence in texts_in(foreign).page.items():
            assert len(sentence) < 15 or sentence.replace("*", "") not in re.sub("<[^>]*>", "", text), name
