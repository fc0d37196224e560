"""What requests may say."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

import msgspec

from server.api.schemas.validation_messages import explained, why_no_json
from server.core.errors import BadCursor, MalformedJson, ValidationFailed
from server.core.paths import SESSION_ID, is_session_id
from server.core.proxies import LONGEST_URL, URL_PATTERN, Proxy
from server.domain.session_fields import SessionFields
from store.records import Session, Status

#: The same for /openapi.json, in the words that Python and JavaScript share; the end is the end of the text.
ID_PATTERN = rf"^{SESSION_ID.pattern}(?![\s\S])"
ID_RULE = "must be 1 to 64 letters, digits, _ or -, the first a letter or a digit"
#: E.164 without its `+`.
PHONE_NUMBER = re.compile(r"[1-9][0-9]{6,14}")
PHONE_PATTERN = rf"^{PHONE_NUMBER.pattern}(?![\s\S])"
PHONE_RULE = "must be 7 to 15 digits with the country code, without + or spaces"
NAME_LENGTH = 100
#: Neither control characters, nor those that turn the direction of what follows them on a page or are not
#: seen. The joiners stay: some scripts and many emoji need them.
UNSEEN = r"\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
NAME_PATTERN = rf"^[^{UNSEEN}]+(?![\s\S])"
NAME_RULE = "must have no control characters"
DEVICE_NAME_LENGTH = 50
DEVICE_NAME_PATTERN = rf"^(?=[^{UNSEEN}]*\S)[^{UNSEEN}]+(?![\s\S])"
DEVICE_NAME_RULE = "must have no control characters, and one character at least that is no space"
PAGE_LIMIT = 200

#: Milliseconds since 1970, as a cursor may hold them: what SQLite can compare.
Moment = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]

Name = Annotated[
    str, msgspec.Meta(min_length=1, max_length=NAME_LENGTH, extra_json_schema={"pattern": NAME_PATTERN})
]
DeviceName = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=DEVICE_NAME_LENGTH,
        extra_json_schema={"pattern": DEVICE_NAME_PATTERN},
        description="what the phone lists under Linked devices, from the next linking on",
    ),
]
ProxyUrl = Annotated[
    str,
    msgspec.Meta(
        max_length=LONGEST_URL,
        extra_json_schema={"pattern": URL_PATTERN},
        description="`http://`, `https://` or `socks5://`, then `[user:password@]host:port`. "
        "Needs a key with the scope `admin`",
        examples=["socks5://user:password@10.0.0.1:1080"],
    ),
]

Body = TypeVar("Body", bound=msgspec.Struct)
Place = TypeVar("Place")


class NewSession(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /sessions."""

    #: Made where it is absent.
    id: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": ID_PATTERN})] | msgspec.UnsetType = (
        msgspec.UNSET
    )
    name: Name | None = None
    #: None: the default.
    device_name: DeviceName | None = None
    #: None: the one of MOTTE_PROXY, if there is one.
    proxy: ProxyUrl | None = None

    def check(self) -> None:
        """Rules that a type cannot say. Raises ValidationFailed."""
        if self.id is not msgspec.UNSET and not is_session_id(self.id):
            raise ValidationFailed(ID_RULE, pointer="/id")
        self.fields()

    def fields(self) -> SessionFields:
        """What the session begins with. Raises ValidationFailed."""
        return _fields(self.name, self.device_name, self.proxy)

    def __repr__(self) -> str:
        return "NewSession(…)"


class SessionPatch(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of PATCH /sessions/{id}, a JSON merge patch (RFC 7396): what is absent stays."""

    #: None: it has none.
    name: Name | msgspec.UnsetType | None = msgspec.UNSET
    #: None: the default.
    device_name: DeviceName | msgspec.UnsetType | None = msgspec.UNSET
    #: None: the one of MOTTE_PROXY, if there is one.
    proxy: ProxyUrl | msgspec.UnsetType | None = msgspec.UNSET

    def fields(self) -> SessionFields:
        """What is to change. Raises ValidationFailed."""
        return _fields(self.name, self.device_name, self.proxy)

    def __repr__(self) -> str:
        return "SessionPatch(…)"


Text = str | msgspec.UnsetType | None


def _fields(name: Text, device_name: Text, proxy: Text) -> SessionFields:
    """Keeps the rules that a type cannot say. Raises ValidationFailed."""
    if isinstance(name, str) and re.search(NAME_PATTERN, name) is None:
        raise ValidationFailed(NAME_RULE, pointer="/name")
    if isinstance(device_name, str) and re.search(DEVICE_NAME_PATTERN, device_name) is None:
        raise ValidationFailed(DEVICE_NAME_RULE, pointer="/deviceName")
    if isinstance(proxy, str):
        proxy = _proxy_url(proxy)
    return SessionFields(name=name, device_name=device_name, proxy=proxy)


def _proxy_url(text: str) -> str:
    """The same proxy in one way of writing. Raises ValidationFailed, which does not show it."""
    try:
        return Proxy.parse(text).url
    except ValueError as rule:
        raise ValidationFailed(str(rule), pointer="/proxy") from None


class PairingRequest(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /sessions/{id}/pairing-code."""

    #: Digits with the country code, without `+`.
    phone_number: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": PHONE_PATTERN})]

    def check(self) -> None:
        """Rules that a type cannot say. Raises ValidationFailed."""
        if PHONE_NUMBER.fullmatch(self.phone_number) is None:
            raise ValidationFailed(PHONE_RULE, pointer="/phoneNumber")


class RestartRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /sessions/{id}/restart."""

    #: True: discard the linked credentials, and begin a new pairing.
    forget: bool = False


class LoginRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /login."""

    #: An API key.
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]

    def __repr__(self) -> str:
        return "LoginRequest(…)"


class PageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /sessions."""

    status: Status | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_LIMIT)] = 50
    cursor: str | None = None


class ReadQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /sessions/{id}."""

    #: False: only look.
    refresh: bool = True


class QrQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /sessions/{id}/qr."""

    #: None: as the header `Accept` says.
    format: Literal["json", "svg", "png", "text"] | None = None
    #: Pixels of a PNG's side.
    size: Annotated[int, msgspec.Meta(ge=64, le=2048)] = 512


class ScanLinkRequest(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /sessions/{id}/scan-link."""

    #: Seconds, decimals allowed.
    expires_in: Annotated[float, msgspec.Meta(ge=30, le=86_400)] = 600


def new_session(body: bytes) -> NewSession:
    """An empty body asks for a session with a made id. Raises MalformedJson, ValidationFailed."""
    wanted = _decoded(body.strip() or b"{}", NewSession)
    wanted.check()
    return wanted


def session_patch(body: bytes) -> SessionFields:
    """An empty body changes nothing. Raises MalformedJson, ValidationFailed."""
    return _decoded(body.strip() or b"{}", SessionPatch).fields()


def scan_link_request(body: bytes) -> ScanLinkRequest:
    """An empty body asks for what is usual. Raises MalformedJson, ValidationFailed."""
    return _decoded(body.strip() or b"{}", ScanLinkRequest)


def restart_request(body: bytes) -> RestartRequest:
    """An empty body asks to forget nothing. Raises MalformedJson, ValidationFailed."""
    return _decoded(body.strip() or b"{}", RestartRequest)


def login_request(body: bytes) -> LoginRequest:
    """Raises MalformedJson, ValidationFailed."""
    return _decoded(body, LoginRequest)


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
        detail, pointer = explained(error)
        plain = detail.removesuffix(", not text")  # Everything in a query is.
        raise ValidationFailed(plain, pointer="?" + pointer.removeprefix("/")) from None


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
        detail, pointer = explained(error)
        raise ValidationFailed(detail, pointer=pointer) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedJson(why_no_json(error)) from None
