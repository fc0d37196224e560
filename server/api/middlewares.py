"""Middlewares around every handler: the body is read first, and errors become problem documents."""

import asyncio
import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from server.api.access_log import ERROR_CODE, path_template
from server.api.other_gateways import HINT, belongs_to_another
from server.api.responses import json_response, location
from server.api.routes import BY_HANDLER
from server.assembly import GATEWAY
from server.core.errors import (
    BadRequest,
    BodyTooLarge,
    InternalError,
    MethodNotAllowed,
    MotteError,
    NotFound,
    StoreOutOfOrder,
    TooSlow,
    UnsupportedEncoding,
    from_os_error,
)
from server.core.log_events import log_event
from server.documents.problem import PROBLEM_JSON, below_public_url, problem_document
from server.observability import request_id as request_ids
from store.errors import StoreError

log = logging.getLogger(__name__)

#: What `Content-Encoding` may say. aiohttp decodes these, and passes on what it does not know.
ENCODINGS = frozenset({"gzip", "deflate", "identity"})

#: Seconds in which a body must arrive.
BODY_TIMEOUT_SECONDS = 30.0


@web.middleware
async def render_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Responds to every error with a problem document."""
    try:
        return await handler(request)
    except MotteError as error:
        return _problem(request, error)
    except web.HTTPException as error:
        return _problem(request, _translated(error, request))
    except (web.RequestPayloadError, ConnectionResetError) as error:
        return _problem(request, BadRequest(_why_unreadable(error)))
    except OSError as error:
        known = from_os_error(error)
        if known is None:
            return _bug(request)
        if isinstance(known, StoreOutOfOrder):
            log_event(log.error, "store_out_of_order", error=error)
        else:
            log_event(log.error, "overloaded", error=error)
        return _problem(request, known)
    except StoreError as error:
        log_event(log.error, "store_out_of_order", error=error)
        return _problem(request, StoreOutOfOrder())
    except Exception:
        return _bug(request)


@web.middleware
async def read_body(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Reads the whole body before the handler runs: a client may send it slowly, or never end it.

    Raises UnsupportedEncoding, TooSlow, RequestPayloadError.
    """
    if not request.body_exists:
        return await handler(request)
    route = BY_HANDLER.get(request.match_info.handler)
    if route is not None:
        request._client_max_size = route.max_body_bytes  # What aiohttp compares the body with.
    if request.headers.get("Content-Encoding", "identity").lower() not in ENCODINGS:
        raise UnsupportedEncoding
    try:
        async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
            await request.read()
    except TimeoutError:
        raise TooSlow from None
    except web.RequestPayloadError:
        request.content.feed_eof()  # aiohttp would read the rest, and log the same error as a bug
        request.protocol.close()
        raise
    return await handler(request)


async def expect(request: web.Request) -> None:
    """Handles the header `Expect: 100-continue`; http_server.py refuses any other value."""
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0  # Not a part of the response.


def _translated(error: web.HTTPException, request: web.Request) -> MotteError:
    """Returns the error for an exception of aiohttp."""
    match error:
        case web.HTTPNotFound():
            return NotFound(_no_route(request))
        case web.HTTPMethodNotAllowed():
            return MethodNotAllowed(", ".join(sorted(error.allowed_methods)))
        case web.HTTPRequestEntityTooLarge():
            return BodyTooLarge(f"the body has more than {request.client_max_size} bytes")
        case _:
            return BadRequest(error.reason)


def _no_route(request: web.Request) -> str:
    """Says that an address does not exist, and where those are that do."""
    description = below_public_url("/docs", request.app[GATEWAY].settings.public_url)
    detail = f"no route has the address {request.path}; {description} on this host lists all routes"
    return f"{detail}; {HINT}" if belongs_to_another(request.path) else detail


def _why_unreadable(error: Exception) -> str:
    """aiohttp's error for a body that cannot be decoded names its encoding, which is one of two."""
    for encoding in ("gzip", "deflate"):
        if encoding in str(error):
            return f"the body is not {encoding}, as Content-Encoding says"
    return "the body cannot be read: it does not end where the headers or its chunks say"


def _bug(request: web.Request) -> web.Response:
    instance = request_ids.instance()
    log_event(log.exception, "bug", method=request.method, route=path_template(request), instance=instance)
    return _problem(request, InternalError(), instance=instance)


def _problem(request: web.Request, error: MotteError, *, instance: str | None = None) -> web.Response:
    gateway = request.app[GATEWAY]
    request[ERROR_CODE] = error.code
    document = problem_document(
        error,
        instance=instance or request_ids.instance(),
        expiry=gateway.expiry,
        public_url=gateway.settings.public_url,
    )
    headers = dict(error.headers())
    if error.session_id is not None:
        headers |= location(error.session_id, gateway.settings.public_url)
    return json_response(document, status=error.status, headers=headers, content_type=PROBLEM_JSON)
