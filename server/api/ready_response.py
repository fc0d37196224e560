"""A response whose bytes are known: aiohttp would put its head together again for each request."""

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter


class ReadyResponse(web.StreamResponse):
    """Head and body, written as they are. aiohttp's hooks for responses do not see it.

    The connection stays open, so it answers no request that wants it closed.
    """

    def __init__(self, content: bytes) -> None:
        """content: the whole response. StreamResponse prepares what is not needed here."""
        self._content = content

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
