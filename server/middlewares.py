"""What stands around every handler: errors become problem documents, and a key is asked for."""

import asyncio
import errno
import logging
import uuid

from aiohttp import web
from aiohttp.typedefs import Handler

from server.answers import answer
from server.documents import problem_document
from server.errors import (
    BadRequest,
    BodyTooLarge,
    InternalError,
    MethodNotAllowed,
    MotteError,
    NotFound,
    Overloaded,
    StoreOutOfOrder,
    TooSlow,
)
from server.gateway import GATEWAY
from server.routes import SCOPES
from store.errors import StoreError

log = logging.getLogger(__name__)

#: Seconds in which a body must come.
BODY_WITHIN = 30.0

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
    """Let nobody through without a key that has the route's scope."""
    if request.match_info.http_exception is not None:
        raise request.match_info.http_exception
    scope = SCOPES[request.match_info.handler]
    if scope is not None:
        gateway = request.app[GATEWAY]
        key = await gateway.keys.admit(request.headers, scope)
        gateway.limits.count(key.name, gateway.clock.boot())
    return await handler(request)


@web.middleware
async def take_body(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Have all of the body before anything is done: it may come in drips, or never end."""
    try:
        async with asyncio.timeout(BODY_WITHIN):
            await request.read()
    except TimeoutError:
        raise TooSlow from None
    return await handler(request)


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
            return BodyTooLarge(f"it has more than {request.client_max_size} bytes")
        case _:
            return BadRequest(error.reason)


def _bug(request: web.Request) -> web.Response:
    instance = uuid.uuid4().urn
    log.exception("event=bug method=%s route=%s instance=%s", request.method, _template(request), instance)
    return _problem(request, InternalError(), instance=instance)


def _template(request: web.Request) -> str:
    """The route without what a caller put into it."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


def _problem(request: web.Request, error: MotteError, *, instance: str | None = None) -> web.Response:
    document = problem_document(
        error, instance=instance or uuid.uuid4().urn, expiry=request.app[GATEWAY].expiry
    )
    headers = dict(error.headers())
    if error.session_id is not None:
        headers["Location"] = f"/sessions/{error.session_id}"
    return answer(document, status=error.status, headers=headers, kind=PROBLEM)
