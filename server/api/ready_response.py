"""Responses whose bytes are known: aiohttp would put the head together again for each request."""

from http import HTTPStatus

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.helpers import rfc822_formatted_time

from server.api.cors import varies_by_origin
from server.api.rendered_sessions import RenderedSession
from server.api.responses import SERVER
from server.core.settings.model import Settings
from server.observability.request_id import HEADER


class ReadyResponse(web.StreamResponse):
    """Head and body, written as they are. aiohttp's hooks for responses do not see it.

    The connection stays open, so it answers no request that wants it closed.
    """

    def __init__(self, content: bytes) -> None:
        """content: the whole response. StreamResponse prepares what is not needed here."""
        self._content = content

    @property
    def status(self) -> int:
        """What the content begins with."""
        return HTTPStatus.OK

    @property
    def keep_alive(self) -> bool:
        """Called by aiohttp: whether the connection stays open."""
        return True

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Called by aiohttp: writes everything. Raises ConnectionError if the client has gone."""
        writer = request.writer
        await writer.write(self._content)
        await writer.drain()
        return writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Called by aiohttp after `prepare`."""


class ReadyResponses:
    """Makes responses to plain requests."""

    def __init__(self, settings: Settings) -> None:
        vary = "Vary: Origin\r\n" if varies_by_origin(settings) else ""
        self._begin = f"HTTP/1.1 200 OK\r\nServer: {SERVER}\r\n{vary}".encode()

    def of(self, shown: RenderedSession, request_id: str) -> ReadyResponse:
        """Returns the response that shows a session."""
        own = f"{HEADER}: {request_id}\r\nDate: {rfc822_formatted_time()}\r\n\r\n"
        return ReadyResponse(b"".join((self._begin, shown.head, own.encode(), shown.body)))


def is_plain(request: web.BaseRequest) -> bool:
    """Whether a request is a read that asks for nothing else."""
    headers = request.headers
    return (
        request.method == "GET"
        and request.version == HttpVersion11
        and request.keep_alive
        and not request.body_exists
        and "Prefer" not in headers
        and "If-None-Match" not in headers
        and "Origin" not in headers
        and "Upgrade" not in headers
        and "Expect" not in headers
    )


#: Those of the application.
READY = web.AppKey("ready", ReadyResponses)
