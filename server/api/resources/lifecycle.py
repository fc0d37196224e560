"""The life cycle of a session: start, stop, restart, logout."""

import msgspec
from aiohttp import web
from msgspec.structs import replace

from server.api.openapi import error_groups
from server.api.openapi.examples import CONNECTED, LOGGED_OUT, WAITING, session_shown
from server.api.openapi.operation import Body, Errors, Operation
from server.api.responses import session_response
from server.api.route import Route
from server.api.schemas.parsing import parse_body
from server.api.session_id import requested_id
from server.assembly import GATEWAY
from server.auth.api_keys import Scope
from server.core import errors
from store.records.sessions import Status

_TAG = "Life cycle"


class RestartRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /sessions/{id}/restart."""

    #: True: discards the linked credentials and begins a new pairing.
    forget: bool = False


async def start_session(request: web.Request) -> web.Response:
    """Starts a session that was stopped or has failed. Waits for a code if it is not paired."""
    gateway = request.app[GATEWAY]
    return session_response(await gateway.service.start(requested_id(request)), gateway.expiry)


async def stop_session(request: web.Request) -> web.Response:
    """Stops the session until it is started again; its credentials stay."""
    gateway = request.app[GATEWAY]
    return session_response(await gateway.service.stop(requested_id(request)), gateway.expiry)


async def restart_session(request: web.Request) -> web.Response:
    """Ends the session's connector and starts it again; linked credentials stay.

    Without linked credentials a new pairing begins. `{"forget": true}` discards them first.
    """
    gateway = request.app[GATEWAY]
    wanted = parse_body(await request.read(), RestartRequest)
    restarted = await gateway.service.restart(requested_id(request), forget=wanted.forget)
    return session_response(restarted, gateway.expiry)


async def log_session_out(request: web.Request) -> web.Response:
    """Logs the session out: the account removes this device."""
    gateway = request.app[GATEWAY]
    return session_response(await gateway.service.log_out(requested_id(request)), gateway.expiry)


#: A start and a restart wait for a code.
_START_ERRORS: Errors = (errors.NoSuchSession, errors.ConflictingState, *error_groups.NO_QR)
_STOP_ERRORS: Errors = (errors.NoSuchSession, errors.ConflictingState, *error_groups.CONNECTOR)

_START = Operation(_TAG, responses={200: session_shown(WAITING)}, errors=_START_ERRORS)
_STOP = Operation(
    _TAG,
    responses={200: session_shown(replace(CONNECTED, status=Status.STOPPED))},
    errors=_STOP_ERRORS,
)
_RESTART = Operation(
    _TAG,
    body=Body(RestartRequest, {"forget": False}),
    responses={200: session_shown(replace(CONNECTED, status=Status.DISCONNECTED))},
    errors=(*error_groups.BODY, *_START_ERRORS),
)
_LOG_OUT = Operation(_TAG, responses={200: session_shown(LOGGED_OUT)}, errors=_STOP_ERRORS)

ROUTES = (
    Route("POST", "/sessions/{id}/start", start_session, scope=Scope.WRITE, operation=_START),
    Route("POST", "/sessions/{id}/stop", stop_session, scope=Scope.WRITE, operation=_STOP),
    Route("POST", "/sessions/{id}/restart", restart_session, scope=Scope.WRITE, operation=_RESTART),
    Route("POST", "/sessions/{id}/logout", log_session_out, scope=Scope.WRITE, operation=_LOG_OUT),
)
