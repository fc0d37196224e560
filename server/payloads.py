"""What requests may say and what answers look like."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from server.clock import iso
from server.errors import BadCursor, MalformedJson, MotteError, ValidationFailed
from server.expiry import Expiry
from store.records import Session, Status

#: Ids become file, pipe and program names. Held against the whole text: `$` would let a newline through.
SESSION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
ID_RULE = "must be 1 to 64 letters, digits, _ or -, the first a letter or a digit"
#: E.164 without its `+`.
PHONE_NUMBER = re.compile(r"[1-9][0-9]{6,14}")
PHONE_RULE = "must be 7 to 15 digits with the country code, without + or spaces"
NAME_LENGTH = 100
PAGE_LIMIT = 200

#: Milliseconds since 1970, as a cursor may hold them: what SQLite can compare.
Moment = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]

Body = TypeVar("Body", bound=msgspec.Struct)
Place = TypeVar("Place")


class NewSession(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /sessions."""

    #: Made where it is absent.
    id: str | msgspec.UnsetType = msgspec.UNSET
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_LENGTH)] | None = None

    def check(self) -> None:
        """Rules that a type cannot say. Raises ValidationFailed."""
        if self.id is not msgspec.UNSET and not is_session_id(self.id):
            raise ValidationFailed(ID_RULE, pointer="/id")
        if self.name is not None and not self.name.isprintable():
            raise ValidationFailed("must be printable text", pointer="/name")


class PairingRequest(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /sessions/{id}/pairing-code."""

    #: Digits with the country code, without `+`.
    phone_number: str

    def check(self) -> None:
        """Rules that a type cannot say. Raises ValidationFailed."""
        if PHONE_NUMBER.fullmatch(self.phone_number) is None:
            raise ValidationFailed(PHONE_RULE, pointer="/phoneNumber")


class PageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /sessions."""

    status: Status | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_LIMIT)] = 50
    cursor: str | None = None


class ReadQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /sessions/{id}."""

    #: False: only look.
    refresh: bool = True


def is_session_id(text: str) -> bool:
    """Whether a session may have this id."""
    return SESSION_ID.fullmatch(text) is not None


def new_session(body: bytes) -> NewSession:
    """An empty body asks for a session with a made id. Raises MalformedJson, ValidationFailed."""
    wanted = _decoded(body.strip() or b"{}", NewSession)
    wanted.check()
    return wanted


def pairing_request(body: bytes) -> PairingRequest:
    """Raises MalformedJson, ValidationFailed."""
    wanted = _decoded(body, PairingRequest)
    wanted.check()
    return wanted


def query(parameters: Mapping[str, str], model: type[Body]) -> Body:
    """Raises ValidationFailed; its pointer is `?name`."""
    try:
        return msgspec.convert(dict(parameters), model, strict=False)
    except msgspec.ValidationError as error:
        detail, pointer = _explained(error)
        raise ValidationFailed(detail, pointer="?" + pointer.removeprefix("/")) from None


def session_json(session: Session, expiry: Expiry) -> dict[str, Any]:
    """A session as every answer shows it; every key is always there."""
    live = expiry.live(session)
    reason = session.reason
    return {
        "id": session.id,
        "name": session.name,
        "status": session.status,
        "statusReason": reason and {"code": reason.code, "detail": reason.detail},
        "qrCode": live and live.payload,
        "qrExpiresAt": live and iso(expiry.shown(live)),
        "phoneNumber": session.phone_number,
        "pushName": session.push_name,
        "createdAt": iso(session.created_at),
        "updatedAt": iso(session.updated_at),
        "connectedAt": None if session.connected_at is None else iso(session.connected_at),
    }


def problem_json(error: MotteError, *, instance: str, expiry: Expiry) -> dict[str, Any]:
    """A problem document, RFC 9457. instance: names this one occurrence, as in the log."""
    document: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.title(),
        "status": error.status,
        "detail": error.detail,
        "instance": instance,
        "code": error.code,
        "retryable": error.retry_after is not None,
    }
    if isinstance(error, ValidationFailed):
        document["errors"] = error.errors
    if error.session is not None:
        document["session"] = session_json(error.session, expiry)
    return document


def cursor_after(session: Session) -> str:
    """Opaque text that continues a list behind this session."""
    return to_cursor((session.created_at, session.id))


def after_cursor(cursor: str) -> tuple[int, str]:
    """`created_at` and `id` behind which a list goes on. Raises BadCursor."""
    return from_cursor(cursor, tuple[Moment, str])


def to_cursor(place: tuple[object, ...]) -> str:
    """Opaque text for a place in a list."""
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def from_cursor(cursor: str, kind: type[Place]) -> Place:
    """The place that a cursor stands for. Raises BadCursor."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return msgspec.json.decode(urlsafe_b64decode(padded.encode()), type=kind)
    except (ValueError, msgspec.DecodeError):
        raise BadCursor from None


def _decoded(body: bytes, model: type[Body]) -> Body:
    try:
        return msgspec.json.decode(body, type=model)
    except msgspec.ValidationError as error:
        detail, pointer = _explained(error)
        raise ValidationFailed(detail, pointer=pointer) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedJson(f"the body is not JSON: {error}") from None


_PLACE = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`$", re.DOTALL)


def _explained(error: msgspec.ValidationError) -> tuple[str, str]:
    """What msgspec says (`Expected `str`, got `null` - at `$.id``) as a sentence and a JSON pointer."""
    text = str(error)
    place = _PLACE.search(text)
    sentence = _PLACE.sub("", text)
    pointer = re.sub(r"[.\[]", "/", place["path"]).replace("]", "") if place else ""
    unknown = _UNKNOWN.search(sentence)
    if unknown is not None:
        name = unknown["name"].replace("~", "~0").replace("/", "~1")
        return "is not a field here", f"{pointer}/{name}"
    return sentence[0].lower() + sentence[1:], pointer
