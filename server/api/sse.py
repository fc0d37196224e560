"""Server-sent events, written to one reader: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any, Self

import msgspec
from aiohttp import web

from server.core.errors import MotteError
from server.core.log_events import log_event
from server.core.tasks import until_one_ends
from server.observability.request_id import instance
from server.streams.feed import Lost
from store.errors import StoreError

log = logging.getLogger(__name__)

#: Seconds that a reader has to take what was written. One that does not is hung up on.
WRITE_TIMEOUT_SECONDS = 10.0

#: Seconds between two signs of life.
HEARTBEAT_SECONDS = 15.0

#: Milliseconds until a browser comes back after a stream broke.
RECONNECT_MS = 2000


class Stalled(Exception):
    """The reader does not take what is written."""


class EventStream:
    """One answer that goes on. What is written waits in no queue of ours: the writer waits."""

    def __init__(self, request: web.Request, response: web.StreamResponse) -> None:
        self._request = request
        self._response = response

    @classmethod
    async def open(cls, request: web.Request, *, headers: Mapping[str, str] | None = None) -> Self:
        """Begin the answer; after a HEAD that is all there is to it."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # nginx would keep events back
                "X-Content-Type-Options": "nosniff",
                **(headers or {}),
            }
        )
        await response.prepare(request)
        stream = cls(request, response)
        if request.method != "HEAD":
            await stream._write(f"retry: {RECONNECT_MS}\n\n")
        return stream

    @property
    def response(self) -> web.StreamResponse:
        """What the handler returns."""
        return self._response

    async def run(
        self, *works: Coroutine[Any, Any, None], session_id: str | None = None
    ) -> web.StreamResponse:
        """Do all of it until some of it ends; the answer is over then, whatever went wrong.

        session_id: the one that it is about, for the log; None: all.
        """
        try:
            await until_one_ends(*works)
        except (MotteError, StoreError, Lost, Stalled, ConnectionResetError) as error:
            log_event(log.info, "stream_ended", session=session_id, error=type(error).__name__)
        except Exception:  # The answer has begun: it is too late for a problem document.
            log_event(log.exception, "bug", session=session_id, route="stream", instance=instance())
        return self._response

    async def send(self, event: str, document: Any, *, place: str | None = None) -> None:
        """Send one event. place: what the reader sends back as Last-Event-ID once it has this one."""
        await self._write(f"{_id(place)}event: {event}\ndata: {msgspec.json.encode(document).decode()}\n\n")

    async def mark(self, place: str) -> None:
        """Tell the reader its place, and nothing else."""
        await self._write(f"{_id(place)}\n")

    async def beat(self) -> None:
        """Show that the stream lives: a comment, which readers pass over."""
        await self._write(": \n\n")

    async def _write(self, text: str) -> None:
        """Raises Stalled; ConnectionResetError where the reader is gone."""
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_SECONDS):
                await self._response.write(text.encode())
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()
            raise Stalled from None


def _id(place: str | None) -> str:
    return "" if place is None else f"id: {place}\n"
