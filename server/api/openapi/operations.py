"""The operation behind each route."""

from typing import Any

from aiohttp.typedefs import Handler

from server.api.handlers import (
    connectors,
    dashboard,
    description,
    events,
    health,
    messages,
    metrics,
    pages,
    qr,
    scan,
    sessions,
)
from server.api.openapi.operation import Errors, Operation, Parameter, Response
from server.api.schemas.messages import MessagePage, MessageQuery
from server.api.schemas.requests import (
    ID_PATTERN,
    LoginRequest,
    NewSession,
    PageQuery,
    PairingRequest,
    QrQuery,
    ReadQuery,
    RestartRequest,
    ScanLinkRequest,
    SessionPatch,
)
from server.api.schemas.responses import (
    ConnectorDocument,
    ConnectorList,
    Health,
    LoginDocument,
    PairingCodeDocument,
    QrDocument,
    ScanLinkDocument,
    SessionDocument,
    SessionPage,
)
from server.core import errors

#: What any request may be answered with.
EVERYWHERE: Errors = (
    errors.BadRequest,
    errors.BodyTooLarge,
    errors.TooSlow,
    errors.Overloaded,
    errors.ShuttingDown,
    errors.InternalError,
)
#: What any request that needs a key may be answered with.
KEYED: Errors = (
    errors.Unauthorized,
    errors.Forbidden,
    errors.ForeignPage,
    errors.RateLimited,
    errors.StoreOutOfOrder,
)

_LINK: Errors = (
    errors.LinkInvalid,
    errors.LinkExpired,
    errors.LinkUsed,
    errors.RateLimited,
    errors.StoreOutOfOrder,
)
_BODY: Errors = (errors.MalformedJson, errors.ValidationFailed)
#: Why there is no code.
_NO_QR: Errors = (
    errors.QrTimeout,
    errors.WhatsAppUnreachable,
    errors.ProxyFailed,
    errors.WhatsAppRefused,
    errors.AccountBanned,
    errors.VersionRejected,
    errors.PasskeyRequired,
    errors.ConnectorCrashed,
    errors.ConnectorUnavailable,
    errors.SupervisorUnavailable,
)
#: Why a session's process does not do what is asked. A time-out: the front that owns the process is silent.
_NOT_DONE: Errors = (errors.ConnectorUnavailable, errors.SupervisorUnavailable, errors.QrTimeout)

_TAG = {"ETag": "changes when there is news of the session"}
_FILE_TAG = {"ETag": "changes with the file"}
_SESSION = Response("the session", SessionDocument, headers=_TAG)
#: A start and a restart wait for a code, where the session is not paired.
_BEGIN = Operation(
    "Life cycle", answers={200: _SESSION}, errors=(errors.NoSuchSession, errors.ConflictingState, *_NO_QR)
)
_END = Operation(
    "Life cycle", answers={200: _SESSION}, errors=(errors.NoSuchSession, errors.ConflictingState, *_NOT_DONE)
)
_PREFER_ASYNC = Parameter("Prefer", "`respond-async`: answer at once, before there is a code")
_PREFER_WAIT = Parameter("Prefer", "`wait=N`: with If-None-Match, wait up to N seconds (60 at most) for news")
_IF_NONE_MATCH = Parameter("If-None-Match", "the ETag of what you have: 304 where there is nothing newer")

_GUARD = Parameter("X-Motte", "`dashboard`: says that a page of Motte asks")
_LAST_EVENT_ID = Parameter("Last-Event-ID", "where a broken stream was: it goes on behind that")
_TEXT = {"type": "string"}
_EVENTS = "text/event-stream"

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
    "token": {
        "description": "what a scan link ends with",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
    },
    "asset": {
        "description": "a style, a script or a picture of the pages that people see",
        "schema": {"type": "string", "enum": sorted(pages.names())},
    },
}

OPERATIONS: dict[Handler, Operation] = {
    sessions.create_session: Operation(
        "Sessions",
        body=NewSession,
        example={"id": "shop", "name": "The shop"},
        headers=(_PREFER_ASYNC,),
        answers={
            201: Response(
                "created, with a code to scan; `connected` where stored credentials opened without one",
                SessionDocument,
                headers={"Location": "where it is read", **_TAG},
            ),
            202: Response(
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
        answers={200: Response("a page", SessionPage)},
        errors=(errors.ValidationFailed, errors.BadCursor),
    ),
    sessions.read_session: Operation(
        "Sessions",
        query=ReadQuery,
        headers=(_PREFER_WAIT, _IF_NONE_MATCH),
        answers={200: _SESSION, 304: Response("nothing newer than what you have", headers=_TAG)},
        errors=(errors.ValidationFailed, errors.NoSuchSession, *_NO_QR),
    ),
    sessions.update_session: Operation(
        "Sessions",
        body=SessionPatch,
        example={"deviceName": "The shop's till"},
        answers={200: _SESSION},
        errors=(*_BODY, errors.NoSuchSession, errors.QrTimeout),
    ),
    qr.show_qr: Operation(
        "Showing codes",
        query=QrQuery,
        answers={
            200: Response(
                "a code that can be scanned",
                QrDocument,
                other_kinds={
                    "image/svg+xml": _TEXT,
                    "image/png": {"type": "string", "contentMediaType": "image/png"},
                    "text/plain": _TEXT,
                },
                headers={"Expires": "when the code dies", **_TAG},
            )
        },
        errors=(
            errors.ValidationFailed,
            errors.NotAcceptable,
            errors.NoSuchSession,
            errors.AlreadyConnected,
            errors.ConflictingState,
            *_NO_QR,
        ),
    ),
    scan.create_link: Operation(
        "Showing codes",
        body=ScanLinkRequest,
        example={"expiresIn": 600},
        answers={201: Response("made", ScanLinkDocument)},
        errors=(*_BODY, errors.NoSuchSession, errors.AlreadyConnected, errors.ConflictingState),
    ),
    events.stream_session: Operation(
        "Events",
        headers=(_LAST_EVENT_ID,),
        answers={200: Response("events, until the session is deleted", _TEXT, (_EVENTS,))},
        errors=(errors.NoSuchSession,),
    ),
    events.stream_all: Operation(
        "Events",
        headers=(_LAST_EVENT_ID,),
        answers={200: Response("events, for as long as you read", _TEXT, (_EVENTS,))},
    ),
    scan.show_page: Operation(
        "Pages",
        answers={
            200: Response("the page", _TEXT, ("text/html",)),
            403: Response("a page that says that this is no link", _TEXT, ("text/html",)),
            410: Response("a page that says why the link is good for nothing", _TEXT, ("text/html",)),
        },
        errors=(errors.StoreOutOfOrder,),
    ),
    scan.show_picture: Operation(
        "Pages",
        answers={200: Response("the code", _TEXT, ("image/svg+xml",))},
        errors=(*_LINK, errors.NoSuchSession, errors.AlreadyConnected, errors.ConflictingState, *_NO_QR),
    ),
    scan.stream_page: Operation(
        "Pages",
        answers={200: Response("what the page shows, each time it changes", _TEXT, (_EVENTS,))},
        errors=_LINK,
    ),
    pages.show_file: Operation(
        "Pages",
        headers=(_IF_NONE_MATCH,),
        answers={
            200: Response(
                "a style, a script or a picture",
                _TEXT,
                ("text/css", "text/javascript", "image/svg+xml"),
                headers=_FILE_TAG,
            ),
            304: Response("as you have it", headers=_FILE_TAG),
        },
        errors=(errors.NotFound,),
    ),
    sessions.delete_session: Operation(
        "Sessions",
        answers={204: Response("it is gone")},
        errors=(errors.NoSuchSession, *_NOT_DONE),
    ),
    sessions.issue_pairing_code: Operation(
        "Sessions",
        body=PairingRequest,
        needs_body=True,
        example={"phoneNumber": "15551234567"},
        answers={200: Response("a code to type on the phone", PairingCodeDocument)},
        errors=(
            *_BODY,
            errors.NoSuchSession,
            errors.AlreadyConnected,
            errors.ConflictingState,
            *_NO_QR,
        ),
    ),
    sessions.start_session: _BEGIN,
    sessions.stop_session: _END,
    sessions.restart_session: _BEGIN._replace(
        body=RestartRequest, example={"forget": False}, errors=(*_BODY, *_BEGIN.errors)
    ),
    sessions.log_session_out: _END,
    messages.list_messages: Operation(
        "Messages",
        query=MessageQuery,
        answers={200: Response("what came behind the cursor", MessagePage)},
        errors=(errors.ValidationFailed, errors.BadCursor, errors.NoSuchSession),
    ),
    dashboard.show_dashboard: Operation(
        "Pages",
        answers={200: Response("the dashboard, or where to log in", _TEXT, ("text/html",))},
        errors=(errors.StoreOutOfOrder,),
    ),
    dashboard.log_in: Operation(
        "Pages",
        body=LoginRequest,
        needs_body=True,
        example={"key": "motte_…"},
        headers=(_GUARD,),
        answers={
            200: Response("logged in", LoginDocument, headers={"Set-Cookie": "what the browser shows now"})
        },
        errors=(
            *_BODY,
            errors.Unauthorized,
            errors.ForeignPage,
            errors.RateLimited,
            errors.StoreOutOfOrder,
        ),
    ),
    dashboard.log_out: Operation(
        "Pages",
        headers=(_GUARD,),
        answers={204: Response("the cookie is worthless", headers={"Set-Cookie": "takes it away"})},
        errors=(errors.ForeignPage, errors.StoreOutOfOrder),
    ),
    connectors.show_connector: Operation(
        "Processes",
        answers={200: Response("the process, or that there is none", ConnectorDocument)},
        errors=(errors.NoSuchSession, errors.SupervisorUnavailable),
    ),
    connectors.list_connectors: Operation(
        "Processes",
        answers={200: Response("one for each session", ConnectorList)},
        errors=(errors.SupervisorUnavailable,),
    ),
    description.show_openapi: Operation(
        "Description", answers={200: Response("OpenAPI 3.1", {"type": "object"})}
    ),
    description.show_swagger: Operation(
        "Description", answers={200: Response("Swagger UI", {"type": "string"}, ("text/html",))}
    ),
    description.show_swagger_asset: Operation(
        "Description",
        answers={200: Response("a script or a style", {"type": "string"}, ("text/javascript", "text/css"))},
        errors=(errors.NotFound,),
    ),
    metrics.show_metrics: Operation(
        "Health",
        answers={
            200: Response(
                "as Prometheus asks for them",
                {"type": "string"},
                ("text/plain", "application/openmetrics-text"),
            )
        },
    ),
    health.show_health: Operation("Health", answers={200: Response("the process lives", Health)}),
    health.show_readiness: Operation(
        "Health",
        answers={200: Response("the database can be written and supervisord answers", Health)},
        errors=(errors.SupervisorUnavailable, errors.StoreOutOfOrder),
    ),
}
