"""What each route takes and answers, for its description: the part of it that no type says."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from aiohttp.typedefs import Handler

from server import errors
from server.documents import Health, PairingCodeDocument, SessionDocument, SessionPage
from server.errors import MotteError
from server.handlers import description, health, messages, sessions
from server.message_pages import MessagePage, MessageQuery
from server.payloads import ID_PATTERN, NewSession, PageQuery, PairingRequest, ReadQuery

JSON = "application/json"

Errors = tuple[type[MotteError], ...]


class Answer(NamedTuple):
    """One way in which a request may succeed."""

    description: str
    #: The type that is rendered, or a JSON schema for what is none; None: no body.
    document: Any = None
    kinds: tuple[str, ...] = (JSON,)
    #: What its head says beside, with what it means.
    headers: Mapping[str, str] = {}


class Parameter(NamedTuple):
    """A header that a request may carry."""

    name: str
    description: str


class Operation(NamedTuple):
    """One route, as its description needs it. The handler's docstring says what it does."""

    tag: str
    answers: Mapping[int, Answer]
    body: Any = None
    needs_body: bool = False
    example: Any = None
    query: Any = None
    headers: tuple[Parameter, ...] = ()
    #: Beside those that every route may answer with.
    errors: Errors = ()


#: What any request may be answered with.
EVERYWHERE: Errors = (
    errors.BadRequest,
    errors.TooSlow,
    errors.Overloaded,
    errors.ShuttingDown,
    errors.InternalError,
)
#: What any request that needs a key may be answered with.
KEYED: Errors = (errors.Unauthorized, errors.Forbidden, errors.RateLimited, errors.StoreOutOfOrder)

_BODY: Errors = (errors.MalformedJson, errors.ValidationFailed, errors.BodyTooLarge)
#: Why there is no code.
_NO_QR: Errors = (
    errors.QrTimeout,
    errors.WhatsAppUnreachable,
    errors.VersionRejected,
    errors.PasskeyRequired,
    errors.ConnectorCrashed,
    errors.ConnectorUnavailable,
    errors.SupervisorUnavailable,
)
#: Why a session's process does not do what is asked.
_NOT_DONE: Errors = (errors.ConnectorUnavailable, errors.SupervisorUnavailable, errors.QrTimeout)

_TAG = {"ETag": "changes when there is news of the session"}
_SESSION = Answer("the session", SessionDocument, headers=_TAG)
_PREFER_ASYNC = Parameter("Prefer", "`respond-async`: answer at once, before there is a code")
_PREFER_WAIT = Parameter("Prefer", "`wait=N`: with If-None-Match, wait up to N seconds (60 at most) for news")
_IF_NONE_MATCH = Parameter("If-None-Match", "the ETag of what you have: 304 where there is nothing newer")

#: What stands in addresses, by its name.
IN_PATH: dict[str, dict[str, Any]] = {
    "id": {
        "description": "the session's id",
        "schema": {"type": "string", "pattern": ID_PATTERN},
        "example": "shop",
    },
    "file": {
        "description": "a file of that page",
        "schema": {"type": "string", "enum": sorted(description.ASSETS)},
    },
}

OPERATIONS: dict[Handler, Operation] = {
    sessions.create_session: Operation(
        "Sessions",
        body=NewSession,
        example={"id": "shop", "name": "The shop"},
        headers=(_PREFER_ASYNC,),
        answers={
            201: Answer(
                "created, with a code to scan; `connected` where stored credentials opened without one",
                SessionDocument,
                headers={"Location": "where it is read", **_TAG},
            ),
            202: Answer(
                "created; its code is on its way",
                SessionDocument,
                headers={"Location": "where it is read", "Preference-Applied": "`respond-async`", **_TAG},
            ),
        },
        errors=(*_BODY, errors.NoSuchSession, errors.SessionExists, errors.ConflictingState, *_NO_QR),
    ),
    sessions.list_sessions: Operation(
        "Sessions",
        query=PageQuery,
        answers={200: Answer("a page", SessionPage)},
        errors=(errors.ValidationFailed, errors.BadCursor),
    ),
    sessions.read_session: Operation(
        "Sessions",
        query=ReadQuery,
        headers=(_PREFER_WAIT, _IF_NONE_MATCH),
        answers={200: _SESSION, 304: Answer("nothing newer than what you have", headers=_TAG)},
        errors=(errors.ValidationFailed, errors.NoSuchSession, *_NO_QR),
    ),
    sessions.delete_session: Operation(
        "Sessions",
        answers={204: Answer("it is gone")},
        errors=(errors.NoSuchSession, errors.SupervisorUnavailable),
    ),
    sessions.issue_pairing_code: Operation(
        "Sessions",
        body=PairingRequest,
        needs_body=True,
        example={"phoneNumber": "15551234567"},
        answers={200: Answer("a code to type on the phone", PairingCodeDocument)},
        errors=(
            *_BODY,
            errors.NoSuchSession,
            errors.AlreadyConnected,
            errors.ConflictingState,
            *_NO_QR,
        ),
    ),
    sessions.start_session: Operation(
        "Life cycle",
        answers={200: _SESSION},
        errors=(errors.NoSuchSession, errors.ConflictingState, *_NOT_DONE),
    ),
    sessions.stop_session: Operation(
        "Life cycle",
        answers={200: _SESSION},
        errors=(errors.NoSuchSession, errors.ConflictingState, *_NOT_DONE),
    ),
    sessions.restart_session: Operation(
        "Life cycle",
        answers={200: _SESSION},
        errors=(errors.NoSuchSession, errors.ConflictingState, *_NOT_DONE),
    ),
    sessions.log_session_out: Operation(
        "Life cycle",
        answers={200: _SESSION},
        errors=(errors.NoSuchSession, errors.ConflictingState, *_NOT_DONE),
    ),
    messages.list_messages: Operation(
        "Messages",
        query=MessageQuery,
        answers={200: Answer("what came behind the cursor", MessagePage)},
        errors=(errors.ValidationFailed, errors.BadCursor, errors.NoSuchSession),
    ),
    description.show_openapi: Operation(
        "Description", answers={200: Answer("OpenAPI 3.1", {"type": "object"})}
    ),
    description.show_swagger: Operation(
        "Description", answers={200: Answer("Swagger UI", {"type": "string"}, ("text/html",))}
    ),
    description.show_swagger_asset: Operation(
        "Description",
        answers={200: Answer("a script or a style", {"type": "string"}, ("text/javascript", "text/css"))},
        errors=(errors.NotFound,),
    ),
    health.show_health: Operation("Health", answers={200: Answer("the process lives", Health)}),
    health.show_readiness: Operation(
        "Health",
        answers={200: Answer("the database can be written and supervisord answers", Health)},
        errors=(errors.SupervisorUnavailable, errors.StoreOutOfOrder),
    ),
}
