"""aiohttp's protocol, made to answer what it cannot read as Motte answers everything else."""

import logging
import uuid
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from server.errors import BadRequest, InternalError

log = logging.getLogger(__name__)


class Protocol(RequestHandler):
    """One connection. aiohttp would log what it cannot read, and a line of that may be an API key."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Called by aiohttp where the request is no HTTP, or its handling failed outside every handler."""
        kind = InternalError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else BadRequest
        instance = uuid.uuid4().urn
        log.warning("event=unreadable_request error=%s instance=%s", type(exc).__name__, instance)
        document = {
            "type": f"/problems/{kind.code}",
            "title": kind.title(),
            "status": kind.status,
            "detail": kind.advice(),
            "instance": instance,
            "code": kind.code,
            "retryable": False,
        }
        response = web.Response(
            body=msgspec.json.encode(document) + b"\n",
            status=kind.status,
            content_type="application/problem+json",
        )
        response.force_close()
        return response


class Server(web.Server):
    """Makes a protocol for each connection."""

    def __call__(self) -> Protocol:
        return Protocol(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs an application behind this protocol."""

    async def _make_server(self) -> Any:
        """aiohttp has no door for a protocol of one's own: what it made is given the class."""
        server = await super()._make_server()
        server.__class__ = Server
        return server
