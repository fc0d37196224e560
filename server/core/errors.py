"""What can go wrong, as a caller is told it.

    MotteError
    ├── NotFound                 404 not-found
    │   └── NoSuchSession        404 session-not-found
    ├── MethodNotAllowed         405 method-not-allowed
    ├── NotAcceptable            406 not-acceptable
    ├── BadRequest               400 bad-request
    │   ├── MalformedJson        400 malformed-json
    │   ├── ValidationFailed     400 validation-failed
    │   ├── BadCursor            400 bad-cursor
    │   ├── BodyTooLarge         413 body-too-large
    │   └── TooSlow              408 request-timeout
    ├── Denied
    │   ├── Unauthorized         401 unauthorized
    │   ├── Forbidden            403 forbidden
    │   ├── ForeignPage          403 foreign-page
    │   ├── LinkInvalid          403 link-invalid
    │   ├── LinkExpired          410 link-expired
    │   ├── LinkUsed             410 link-used
    │   └── RateLimited          429 rate-limited
    ├── Conflict
    │   ├── SessionExists        409 session-exists
    │   ├── ConflictingState     409 conflicting-state
    │   ├── AlreadyConnected     409 already-connected
    │   └── PasskeyRequired      409 passkey-required
    ├── NoQr
    │   ├── QrTimeout            504 qr-timeout
    │   ├── WhatsAppUnreachable  502 whatsapp-unreachable
    │   ├── ProxyFailed          502 proxy-failed
    │   ├── WhatsAppRefused      502 whatsapp-refused
    │   ├── AccountBanned        502 account-banned
    │   ├── VersionRejected      502 version-rejected
    │   ├── ConnectorCrashed     502 connector-crashed
    │   └── ConnectorUnavailable 503 connector-unavailable
    ├── SupervisorUnavailable    503 supervisor-unavailable
    ├── StoreOutOfOrder          503 store-unavailable
    ├── Overloaded               503 overloaded
    ├── ShuttingDown             503 shutting-down
    └── InternalError            500 internal-error

The first line of a class's docstring is its title; the rest is its detail, where whoever raises it has
nothing more particular to say.
"""

import errno
import math
from collections.abc import Mapping
from copy import copy
from inspect import getdoc
from typing import ClassVar, Self

from store.records import Session

#: What the head of an answer says that concerns a session.
_OF_SESSION = {"Location": "the session that it concerns, where there is one"}

#: What the state folder or its disk is to blame for.
_DISK = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM),
    *(errno.EEXIST, errno.ENOTDIR, errno.EISDIR),
}


class MotteError(Exception):
    """Something went wrong."""

    code: ClassVar[str]
    status: ClassVar[int]
    #: Seconds after which the same request may succeed; None: it will not without a change.
    retry_after: int | None = None
    #: Whether the very same request may succeed then. A create that kept its session finds it there.
    can_be_repeated: bool = True
    #: What its head may say beside `Retry-After`, with what it means.
    head: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self, detail: str | None = None, *, session: Session | None = None, session_id: str | None = None
    ) -> None:
        #: One sentence for the person who debugs; holds no secret.
        self.detail = detail or self.advice() or self.title()
        super().__init__(self.detail)
        #: The session as it is now, where the error concerns one that exists.
        self.session = session
        self._session_id = session_id

    def __copy__(self) -> Self:
        """The same error without calling its class, which may want more arguments than an exception keeps."""
        made = type(self).__new__(type(self), *self.args)
        made.__dict__.update(self.__dict__)
        return made

    @property
    def session_id(self) -> str | None:
        """Whose Location the answer names."""
        return self.session.id if self.session else self._session_id

    @classmethod
    def title(cls) -> str:
        """The same sentence for every error of this class."""
        return (getdoc(cls) or cls.__name__).partition("\n")[0].rstrip(".")

    @classmethod
    def advice(cls) -> str:
        """What else is true of every error of this class; empty where there is nothing to say."""
        return " ".join((getdoc(cls) or "").partition("\n")[2].split()).rstrip(".")

    def about(self, session: Session) -> Self:
        """The same for one caller, who is told of the session: others may hold this very error."""
        told = copy(self)
        told.session = self.session or session
        return told

    def without_session(self) -> Self:
        """The same for a caller who is shown nothing of the session."""
        told = copy(self)
        told.session = None
        return told

    def of_kept(self, session: Session) -> Self:
        """The same for a create whose session stays: a read of it may succeed, the create may not."""
        told = self.about(session)
        told.can_be_repeated = False
        return told

    def retried_after(self, seconds: float) -> Self:
        """The same, which may succeed after these seconds."""
        told = copy(self)
        told.retry_after = max(1, math.ceil(seconds))
        return told

    def headers(self) -> Mapping[str, str]:
        """What the answer's head says beside its problem document."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class NotFound(MotteError):
    """There is nothing at this address."""

    code, status = "not-found", 404


class NoSuchSession(NotFound):
    """There is no session with this id.

    It was deleted meanwhile.
    """

    code = "session-not-found"


def no_such_session(session_id: str) -> NoSuchSession:
    """The error for an id that no session has."""
    return NoSuchSession(f"there is no session {session_id}")


class MethodNotAllowed(MotteError):
    """This address does not take this method."""

    code, status = "method-not-allowed", 405
    head: ClassVar = {"Allow": "the methods that it takes"}

    def __init__(self, allowed: str) -> None:
        super().__init__(f"This address takes {allowed}")
        self.allowed = allowed

    def headers(self) -> Mapping[str, str]:
        return {"Allow": self.allowed}


class NotAcceptable(MotteError):
    """This address has nothing in a form that the request accepts."""

    code, status = "not-acceptable", 406


class BadRequest(MotteError):
    """The request breaks a rule.

    It is not HTTP as it should be.
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
    """The cursor is not one that a list handed out.

    Send a `nextCursor` as it came.
    """

    code = "bad-cursor"


class BodyTooLarge(BadRequest):
    """The body is larger than this address takes."""

    code, status = "body-too-large", 413


class TooSlow(BadRequest):
    """The request did not arrive in time.

    Its head and its body must each come without long pauses.
    """

    code, status = "request-timeout", 408


class Denied(MotteError):
    """The key does not open this door."""


class Unauthorized(Denied):
    """The request carries no API key that Motte knows.

    Send `Authorization: Bearer` with a key of `motte keys create`.
    """

    code, status = "unauthorized", 401
    head: ClassVar = {"WWW-Authenticate": "`Bearer`: how a key is sent"}

    def headers(self) -> Mapping[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="motte"'}


class Forbidden(Denied):
    """The API key does not reach this."""

    code, status = "forbidden", 403


class ForeignPage(Denied):
    """Only pages of Motte may use a browser's login.

    Programs send an API key.
    """

    code, status = "foreign-page", 403


class LinkInvalid(Denied):
    """This is no link that Motte has made.

    It may have been copied in part.
    """

    code, status = "link-invalid", 403


class LinkExpired(Denied):
    """This link is not valid any more.

    Ask for a new one.
    """

    code, status = "link-expired", 410


class LinkUsed(Denied):
    """This link has done its work.

    The account was linked since it was made.
    """

    code, status = "link-used", 410


class RateLimited(Denied):
    """There were more requests than are allowed."""

    code, status, retry_after = "rate-limited", 429, 1

    def __init__(self, detail: str, *, wait: float) -> None:
        """wait: seconds until the next one is allowed."""
        super().__init__(detail)
        self._wait = wait

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(max(1, math.ceil(self._wait)))}


class Conflict(MotteError):
    """The state of the session forbids it."""

    status = 409
    head = _OF_SESSION


class SessionExists(Conflict):
    """There is a session with this id already."""

    code = "session-exists"


class ConflictingState(Conflict):
    """The session's status forbids this."""

    code = "conflicting-state"


class AlreadyConnected(Conflict):
    """The session is connected: there is nothing to link.

    Another phone can be linked after a logout.
    """

    code = "already-connected"


class PasskeyRequired(Conflict):
    """The account must confirm the link with a passkey, which Motte cannot do.

    Only another account can be linked.
    """

    code = "passkey-required"


class NoQr(MotteError):
    """There is no code to scan."""

    head = _OF_SESSION


class QrTimeout(NoQr):
    """WhatsApp gave no code within the time-out.

    The session stays as it was; the next read tries again.
    """

    code, status, retry_after = "qr-timeout", 504, 2


class WhatsAppUnreachable(NoQr):
    """WhatsApp cannot be reached.

    The next read tries again.
    """

    code, status, retry_after = "whatsapp-unreachable", 502, 5


class WhatsAppRefused(NoQr):
    """WhatsApp refuses to register a new device.

    Nothing asks it again until the cool-down is over; the session stays, and a read then tries again.
    """

    code, status, retry_after = "whatsapp-refused", 502, 60


class AccountBanned(NoQr):
    """WhatsApp says that the account is banned, or has moved to another phone.

    Nothing asks it again until the cool-down is over; the session stays, and a read then tries again.
    """

    code, status, retry_after = "account-banned", 502, 60


class ProxyFailed(NoQr):
    """The session's proxy does not lead to WhatsApp.

    The next read tries again.
    """

    code, status, retry_after = "proxy-failed", 502, 5


class VersionRejected(NoQr):
    """WhatsApp refuses the version of WhatsApp Web that Motte announces.

    Motte looks for a newer version; a later request uses it.
    If that lasts, see docs/explanation/whatsapp-version.md.
    """

    code, status, retry_after = "version-rejected", 502, 60


class ConnectorCrashed(NoQr):
    """The session's connector died during the request.

    Its log, logs/connector-<id>.log in the state folder, says why.
    """

    code, status, retry_after = "connector-crashed", 502, 2


class ConnectorUnavailable(NoQr):
    """The session's connector cannot be started.

    Its log, logs/connector-<id>.log in the state folder, says why.
    """

    code, status, retry_after = "connector-unavailable", 503, 10


class SupervisorUnavailable(MotteError):
    """supervisord does not answer.

    `motte ctl status` shows how it fares.
    """

    code, status, retry_after = "supervisor-unavailable", 503, 5
    head = _OF_SESSION


class StoreOutOfOrder(MotteError):
    """The database cannot be read or written.

    The log says why.
    """

    code, status, retry_after = "store-unavailable", 503, 5
    head = _OF_SESSION


class Overloaded(MotteError):
    """The host is full.

    It has no more file descriptors.
    """

    code, status, retry_after = "overloaded", 503, 10


class ShuttingDown(MotteError):
    """Motte is shutting down.

    Ask again when it is back.
    """

    code, status, retry_after = "shutting-down", 503, 5


class InternalError(MotteError):
    """Motte met a bug.

    Its log has the same instance.
    """

    code, status = "internal-error", 500


def of_the_host(error: OSError) -> MotteError | None:
    """What a caller is told of an error that is the host's; None: it is a bug."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return Overloaded()
    if error.errno in _DISK:
        return StoreOutOfOrder(f"the state folder cannot be written: {error.strerror}")
    return None
