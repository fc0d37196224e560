"""Errors of a request itself: its address, its form, its content."""

from collections.abc import Mapping
from typing import ClassVar

from server.core.errors.base import MotteError


class NotFound(MotteError):
    """No route has this address."""

    code, status = "not-found", 404


class NoSuchSession(NotFound):
    """There is no session with this id.

    It was deleted during the request.
    """

    code = "session-not-found"


def no_such_session(session_id: str) -> NoSuchSession:
    """Returns the error for an id that no session has."""
    return NoSuchSession(f"there is no session {session_id}")


class NoSuchWebhook(NotFound):
    """There is no webhook with this id.

    It was deleted during the request.
    """

    code = "webhook-not-found"


class MethodNotAllowed(MotteError):
    """This address does not support this method."""

    code, status = "method-not-allowed", 405
    described_headers: ClassVar = {"Allow": "the methods that the address supports"}

    def __init__(self, allowed: str) -> None:
        super().__init__(f"this address supports {allowed}")
        self.allowed = allowed

    def headers(self) -> Mapping[str, str]:
        return {"Allow": self.allowed}


class NotAcceptable(MotteError):
    """The response is not available in a content type that the request accepts."""

    code, status = "not-acceptable", 406


class BadRequest(MotteError):
    """The request is not valid.

    It does not follow the rules of HTTP.
    """

    code, status = "bad-request", 400


class MalformedJson(BadRequest):
    """The body is not JSON."""

    code = "malformed-json"


class ValidationFailed(BadRequest):
    """The request breaks a rule of its schema."""

    code = "validation-failed"

    def __init__(self, detail: str, *, pointer: str) -> None:
        """detail: the end of a sentence that begins with the pointer: `must be text`.

        pointer: a JSON pointer into the body (`/name`), or the query parameter (`?limit`).
        """
        super().__init__(f"{pointer or 'the body'} {detail}")
        self.errors = [{"pointer": pointer, "detail": detail}]


class BadCursor(BadRequest):
    """The text is not a cursor.

    Send the `nextCursor` of an earlier response of the same list, unchanged. A cursor of events is also the
    `cursor` of an event, in a stream, a page or a webhook, and the `id:` of a stream.
    """

    code = "bad-cursor"


class CursorExpired(BadRequest):
    """Events after this cursor are no longer kept.

    It is too old, or it was made before a restore. Continue without a cursor.
    """

    code, status = "cursor-expired", 410


class BodyTooLarge(BadRequest):
    """The body is too large."""

    code, status = "body-too-large", 413


class AddressTooLong(BadRequest):
    """The address of the request is too long.

    An address may have 8,190 bytes with its query.
    """

    code, status = "address-too-long", 414


class UnsupportedEncoding(BadRequest):
    """The body has an encoding that Motte cannot decode.

    Send the body without Content-Encoding, or as gzip or deflate.
    """

    code, status = "unsupported-encoding", 415
    described_headers: ClassVar = {"Accept-Encoding": "the encodings that a body may have"}

    def headers(self) -> Mapping[str, str]:
        return {"Accept-Encoding": "gzip, deflate"}


class HeadersTooLarge(BadRequest):
    """The headers of the request are too large.

    A request may have 128 headers, and 64 KiB of them with its address.
    """

    code, status = "headers-too-large", 431


class UnsupportedVersion(BadRequest):
    """The request has a version of HTTP that Motte does not speak.

    Send HTTP/1.1 or HTTP/1.0.
    """

    code, status = "http-version-not-supported", 505


class TooSlow(BadRequest):
    """The request did not arrive in time.

    Send its head and its body without long pauses.
    """

    code, status = "request-timeout", 408
