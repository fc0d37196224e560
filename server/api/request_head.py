"""What the head of a request may be: its size, its version, and a sentence for each way to break its form."""

import re
from collections.abc import Mapping

from aiohttp import web
from aiohttp.http_exceptions import (
    ContentEncodingError,
    HttpProcessingError,
    InvalidHeader,
    InvalidURLError,
    LineTooLong,
)

from server.core.errors import (
    AddressTooLong,
    BadRequest,
    HeadersTooLarge,
    MotteError,
    UnsupportedEncoding,
    UnsupportedVersion,
)

#: Bytes of an address with its query.
MAX_ADDRESS_BYTES = 8190

#: Bytes of the address and all headers. A single sign-on in front of Motte sets cookies of up to 32 KB.
MAX_HEAD_BYTES = 64 * 1024

#: Lines of headers.
MAX_HEADERS = 128

#: Bytes of a header in addition to its name and its value: `: ` and the end of the line.
_HEADER_OVERHEAD_BYTES = 4

#: For aiohttp's parser. It knows no limit for all headers together.
PARSER_LIMITS: Mapping[str, int] = {
    "max_line_size": MAX_ADDRESS_BYTES,
    "max_field_size": MAX_HEAD_BYTES,
    "max_headers": MAX_HEADERS,
}

#: Beginnings of the parser's reasons, which aiohttp takes from llhttp, with the sentence for the caller.
_SENTENCES: Mapping[str, str] = {
    "Missing 'Host' header": "the header Host is missing",
    "Received HTTPS traffic": "this port speaks HTTP, and the client speaks HTTPS",
    "Expected CRLF": "a line does not end with CR LF",
    "Missing expected CR": "a line does not end with CR LF",
    "Missing expected LF": "a line does not end with CR LF",
    "Expected LF": "a line does not end with CR LF",
    "Expected HTTP/": "the address contains a space, or no version of HTTP follows it",
    "Invalid method": "the request does not begin with a method of HTTP",
    "Unexpected whitespace after header value": "a header begins with a space",
    "Invalid header": "a header contains a character that HTTP does not allow there",
    "Transfer-Encoding can't be present": "Content-Length and Transfer-Encoding cannot be sent together",
    "Content-Length can't be present": "Content-Length and Transfer-Encoding cannot be sent together",
    "Request has invalid `Transfer-Encoding`": "Transfer-Encoding may only be chunked",
    "Invalid character in Content-Length": "Content-Length is not a number",
}
_REPEATED = re.compile(r"Duplicate '(?P<name>[A-Za-z-]+)' header")
_CHUNK = re.compile(r"\bchunk\b", re.IGNORECASE)
_VERSIONS = ("Invalid HTTP version", "Pause on PRI")


def check_head(request: web.BaseRequest) -> None:
    """Raises HeadersTooLarge, UnsupportedVersion."""
    if not (1, 0) <= request.version <= (1, 1):
        raise UnsupportedVersion
    size = len(request.raw_path)
    for name, value in request.raw_headers:
        size += len(name) + len(value) + _HEADER_OVERHEAD_BYTES
    if size > MAX_HEAD_BYTES:
        raise HeadersTooLarge


def refusal(error: HttpProcessingError) -> MotteError:
    """Returns what the parser's error is for the caller. It repeats nothing of the request."""
    match error:
        case LineTooLong() if error.args[1] == MAX_ADDRESS_BYTES:
            return AddressTooLong()
        case LineTooLong():
            return HeadersTooLarge()
        case ContentEncodingError():
            return UnsupportedEncoding()
        case InvalidURLError():
            return BadRequest("the address is not valid: it begins with / and has no characters beyond ASCII")
        case InvalidHeader():
            return BadRequest(_SENTENCES["Invalid header"])
    # After the reason, the parser repeats the line, which may contain an API key.
    reason = error.message.removeprefix("Bad status line:\n  ").partition("\n")[0]
    if reason.startswith("Too many headers"):
        return HeadersTooLarge()
    if _CHUNK.search(reason):
        return BadRequest("the chunks of the body are not valid")
    if reason.startswith(_VERSIONS):
        return UnsupportedVersion()
    if repeated := _REPEATED.match(reason):
        return BadRequest(f"the header {repeated['name']} was sent more than once")
    return BadRequest(next((text for begins, text in _SENTENCES.items() if reason.startswith(begins)), None))
