"""Why a body is not JSON."""

import msgspec
import pytest

from server.api.schemas.parsing import parse_body
from server.core.errors import MalformedJson


class Anything(msgspec.Struct):
    """A body with one field."""

    name: str = ""


def why(body: bytes) -> str:
    with pytest.raises(MalformedJson) as raised:
        parse_body(body, Anything, is_required=True)
    return raised.value.detail


@pytest.mark.parametrize("body", [b"", b" \r\n", b"\xef\xbb\xbf"])
def test_a_body_that_is_required_and_empty_is_called_empty(body: bytes) -> None:
    assert why(body) == "the body is empty: send a JSON object"
    assert parse_body(body, Anything) == Anything()


@pytest.mark.parametrize(
    "body",
    [
        b"name=The+shop&id=shop",
        b"a[b]=c",
        b"--x\r\nContent-Disposition: form-data; name=id\r\n\r\nshop\r\n--x--\r\n",
    ],
)
def test_a_form_is_called_a_form(body: bytes) -> None:
    assert why(body) == "the body is a form: send a JSON object"


@pytest.mark.parametrize(
    "body", ['{"name": "é"}'.encode("utf-16"), '{"name": "é"}'.encode("utf-16-be"), b"{\x00}\x00"]
)
def test_utf_16_is_called_utf_16(body: bytes) -> None:
    assert why(body) == "the body is UTF-16: send JSON in UTF-8"


@pytest.mark.parametrize(
    "body",
    [
        rb'{"name": "\ud83d"}',
        rb'{"name": "\uD83Dxxxxxxxx"}',
        rb'{"name": "\ude00"}',
        rb'{"name": "\ud83d\ud83d"}',
        rb'{"name": "\\\ud83d"}',
        rb'{"name": "\ud83d\ude00\ud83d"}',
    ],
)
def test_half_a_character_is_called_half_a_character(body: bytes) -> None:
    assert why(body) == r"the body is not JSON: a character that is escaped as \ud… needs both of its halves"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (rb'{"name": "\\ud83d", ', "it ends too early"),
        (rb'{"name": "\ud83d\ude00"', "it ends too early"),
        (b"{'name': 1}", "its texts need double quotes (byte 1)"),
        (b"{\"name\": 'x'}", "its texts need double quotes (byte 9)"),
        (b'{"name": "a\nb"}', "a line break or another control character in it is not escaped (byte 11)"),
        (b'{"name": "x",}', "trailing comma in object (byte 13)"),
        (b'{"name" "x"}', "expected ':' (byte 8)"),
        (b"<name/>", "invalid character (byte 0)"),
    ],
)
def test_any_other_reason_names_its_place(body: bytes, reason: str) -> None:
    assert why(body) == f"the body is not JSON: {reason}"


def test_whole_characters_are_taken() -> None:
    assert parse_body(rb'{"name": "\ud83d\ude00"}', Anything).name == "😀"
    assert parse_body(rb'{"name": "\\ud83d"}', Anything).name == r"\ud83d"
