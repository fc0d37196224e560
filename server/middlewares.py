"""What stands around every handler: errors become problem documents, and a key is asked for."""

import errno
import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from server import request_ids
from server.access import template
from server.answers import answer
from server.errors import (
    BadRequest,
    BodyTooLarge,
    Forbidden,
    InternalError,
    MethodNotAllowed,
    MotteError,
    NoSuchSession,
    NotFound,
    Overloaded,
    StoreOutOfOrder,
)
from server.gateway import GATEWAY, KEY
from server.keys import Scope, refuse_in_query
from server.payloads import problem_json
from server.routes import BY_HANDLER, Route
from store.errors import StoreError
from store.records import Key

log = logging.getLogger(__name__)

#: RFC 9457.
PROBLEM = "application/problem+json"


@web.middleware
async def tell_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error there is with a problem document."""
    try:
        return await handler(request)
    except MotteError as error:
        return _problem(request, error)
    except web.HTTPException as error:
        return _problem(request, _translated(error, request))
    except (web.RequestPayloadError, ConnectionResetError):
        return _problem(request, BadRequest("the body cannot be read"))
    except OSError as error:
        if error.errno not in (errno.EMFILE, errno.ENFILE):
            return _bug(request)
        log.error("event=overloaded error=%s", error)
        return _problem(request, Overloaded())
    except StoreError as error:
        log.error("event=store_out_of_order error=%s", error)
        return _problem(request, StoreOutOfOrder())
    except Exception:
        return _bug(request)


@web.middleware
async def ask_for_key(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let nobody through without a key that has the route's scope and reaches its session."""
    if request.match_info.http_exception is not None:
        raise request.match_info.http_exception
    route = BY_HANDLER[request.match_info.handler]
    if route.scope is not None:
        request[KEY] = await _admitted(request, route.scope)
        _check_reach(request, route)
    return await handler(request)


async def _admitted(request: web.Request, scope: Scope) -> Key:
    gateway = request.app[GATEWAY]
    refuse_in_query(request.query)
    key = await gateway.keys.admit(request.headers, scope, address=request.remote or "unknown")
    gateway.limits.count(key.name, gateway.clock.boot())
    return key


def _check_reach(request: web.Request, route: Route) -> None:
    """To a key that is bound to sessions, any other does not exist. Raises NoSuchSession, Forbidden."""
    key, session_id = request[KEY], request.match_info.get("id")
    if session_id is not None:
        if not key.may_see(session_id):
            raise NoSuchSession(f"there is no session {session_id}")
    elif key.sessions is not None and not route.narrows:
        raise Forbidden(f"the API key {key.name} is bound to sessions, and this concerns the whole host")


async def expect(request: web.Request) -> web.StreamResponse | None:
    """What the header `Expect` may ask: `100-continue`, and nothing else."""
    if request.headers.get("Expect", "").lower() != "100-continue":
        return _problem(request, BadRequest("Expect may only be 100-continue"))
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0  # What was sent is no part of the answer.
    return None


def _translated(error: web.HTTPException, request: web.Request) -> MotteError:
    """What aiohttp raises, in our words."""
    match error:
        case web.HTTPNotFound():
            return NotFound(f"there is nothing at {request.path}")
        case web.HTTPMethodNotAllowed():
            return MethodNotAllowed(", ".join(sorted(error.allowed_methods)))
        case web.HTTPRequestEntityTooLarge():
            return BodyTooLarge()
        case _:
            return BadRequest(error.reason)


def _bug(request: web.Request) -> web.Response:
    instance = request_ids.instance()
    log.exception("event=bug method=%s route=%s instance=%s", request.method, template(request), instance)
    return _problem(request, InternalError(), instance=instance)


def _problem(request: web.Request, error: MotteError, *, instance: str | None = None) -> web.Response:
    document = problem_json(
        error, instance=instance or request_ids.instance(), expiry=request.app[GATEWAY].expiry
    )
    headers = dict(error.headers())
    if error.session_id is not None:
        headers["Location"] = f"/sessions/{error.session_id}"
    return answer(document, status=error.status, headers=headers, kind=PROBLEM)
