"""Why a body is not JSON, in words for the person who sent it."""

import re

import msgspec

#: What some editors and Windows put in front of a text in UTF-8. RFC 8259 allows a parser to pass it over.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"{\x00", b"\x00{")
#: One half of a character beyond U+FFFF, as JSON escapes it, without the other half.
_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HALF_CHARACTER = re.compile(rb"(?<!\\)(?:\\\\)*(?:%b(?!%b)|%b)" % (_HIGH, _LOW, _LOW))
_WHOLE_CHARACTER = re.compile(rb"%b%b" % (_HIGH, _LOW))
_FORM = re.compile(rb"--[^\r\n]*\r?\nContent-Disposition:|[\w.%+\[\]-]+=[^{}]*\Z", re.IGNORECASE)
_PLACE = re.compile(r"\(byte (?P<number>\d+)\)")

#: Beginnings of msgspec's reasons, with the words for the caller.
_REASONS = {"Input data was truncated": "it ends too early"}


def why_not_json(error: msgspec.DecodeError | UnicodeDecodeError | RecursionError, body: bytes) -> str:
    """Returns the reason as a sentence. It repeats nothing of the body."""
    match error:
        case RecursionError():
            return "the body is nested too deeply"
        case _ if not body.strip():
            return "the body is empty: send a JSON object"
        case _ if body.startswith(_UTF_16):
            return "the body is UTF-16: send JSON in UTF-8"
        case UnicodeDecodeError():
            return "the body is not UTF-8"
    if _FORM.match(body):
        return "the body is a form: send a JSON object"
    if _HALF_CHARACTER.search(_WHOLE_CHARACTER.sub(b"", body)):
        return r"the body is not JSON: a character that is escaped as \ud… needs both of its halves"
    return f"the body is not JSON: {_reason(str(error), body)}"


def _reason(text: str, body: bytes) -> str:
    place = _PLACE.search(text)
    at = body[int(place["number"]) :][:1] if place else b""
    if place and at == b"'":
        return f"its texts need double quotes {place[0]}"
    if place and at and at < b" ":
        return f"a line break or another control character in it is not escaped {place[0]}"
    reason = text.removeprefix("JSON is malformed: ")
    return _REASONS.get(reason, reason)
