"""Patterns of /openapi.json: they allow what the rules of the handlers allow."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.api.schemas.message_fields import checked_text
from server.core.errors import ValidationFailed
from server.domain import recipients
from server.domain.texts import TEXT_PATTERN
from server.outbound.idempotency import KEY_PATTERN, idempotent
from server.webhooks.rules import (
    HEADER_NAME_PATTERN,
    HEADER_VALUE_PATTERN,
    URL_PATTERN,
    check_headers,
    check_url,
)

#: What is near to being right, and what is not.
ADDRESSES = st.from_regex(
    r"\A[+ (]{0,2}[0-9]{4,21}(-[0-9]{4,21})?(@(s\.whatsapp\.net|c\.us|lid|g\.us|g_us))?\s?\Z"
)
TEXTS = st.text(st.sampled_from("a \0\n\x1c\x85\u00a0\u180e\u200b\u3000\ufeff"), max_size=4)
KEYS = st.text(st.sampled_from('a"!~ \x7f\n\u00e9'), max_size=4) | st.sampled_from(["k" * 255, "k" * 256])


def _is_taken(check: Callable[[str], object], text: str) -> bool:
    try:
        check(text)
    except (ValueError, ValidationFailed):
        return False
    return True


@settings(max_examples=60)
@given(ADDRESSES | st.from_regex(recipients.PATTERN))
def test_an_address_is_described_as_it_is_read(text: str) -> None:
    if len(text) <= recipients.MAX_CHARACTERS:
        assert (re.search(recipients.PATTERN, text) is not None) == _is_taken(recipients.recipient, text)
        assert (re.search(recipients.PERSON_PATTERN, text) is not None) == _is_taken(recipients.person, text)


@given(TEXTS)
def test_a_text_is_described_as_it_is_read(text: str) -> None:
    assert (re.search(TEXT_PATTERN, text) is not None) == _is_taken(checked_text, text)


def test_every_space_of_unicode_is_one_in_the_description() -> None:
    for letter in map(chr, range(1, 0x3100)):
        assert (re.search(TEXT_PATTERN, letter) is None) == letter.isspace(), ascii(letter)


@given(KEYS)
def test_an_idempotency_key_is_described_as_it_is_read(key: str) -> None:
    assert (re.search(KEY_PATTERN, key) is not None) == _is_taken(idempotent, key)


@settings(max_examples=30)
@given(st.from_regex(URL_PATTERN))
def test_a_url_of_a_webhook_that_the_description_allows_is_taken(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url", ["http://h", "HTTPS://example.com:8443/a?b=c", "http://[2001:db8::1]/", "http://h?q"]
)
def test_the_description_allows_urls_that_people_write(url: str) -> None:
    assert re.search(URL_PATTERN, url)


@pytest.mark.parametrize(
    "url",
    [
        *("http://ann@h/", "http://h/#x", "http://h:0/", "ftp://h/", "http://", "http://h/\n"),
        *(
            "http://40*",
            "http://b\u00fccher.example/",
            "http://h/gr\u00f6\u00dfe",
            "http://h/a b",
            "http://-h/",
        ),
    ],
)
def test_the_description_allows_no_url_that_is_refused(url: str) -> None:
    assert re.search(URL_PATTERN, url) is None
    assert not _is_taken(check_url, url)


@given(
    st.text(st.sampled_from("aZ-:\n \u00e9"), max_size=3),
    st.text(st.sampled_from("a~ \n\t\u00e9"), max_size=3),
)
def test_a_header_is_described_as_it_is_read(name: str, value: str) -> None:
    described = re.search(HEADER_NAME_PATTERN, name) and re.search(HEADER_VALUE_PATTERN, value)
    assert (described is not None) == _is_taken(lambda name: check_headers({name: value}), name)
