"""Server-sent events for one client: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Self

import msgspec
from aiohttp import web

from server.api.client_loss import noticed_loss
from server.core.errors import MotteError, ShuttingDown
from server.core.log_events import log_event
from server.core.tasks import until_one_ends
from server.observability.request_id import instance
from server.streams.event_buffer import Lost
from store.errors import StoreError

log = logging.getLogger(__name__)

#: Seconds that a client has to read what was written. A client that does not is disconnected.
WRITE_TIMEOUT_SECONDS = 10.0

#: Seconds between two heartbeats.
HEARTBEAT_SECONDS = 15.0

#: Milliseconds that a browser waits before it reconnects.
RECONNECT_MS = 2000


class Stalled(Exception):
    """The client does not read what was written."""


class EventStream:
    """A response that is a stream of events. It has no queue: a writer waits until its event is written."""

    def __init__(self, request: web.Request, response: web.StreamResponse) -> None:
        self._request = request
        #: What the handler returns.
        self.response = response

    @classmethod
    async def open(cls, request: web.Request, *, headers: Mapping[str, str] | None = None) -> Self:
        """Begins the response. After a HEAD it is complete."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # Otherwise nginx buffers events.
                "X-Content-Type-Options": "nosniff",
                **(headers or {}),
            }
        )
        await response.prepare(request)
        stream = cls(request, response)
        if request.method != "HEAD":
            await stream._write(f"retry: {RECONNECT_MS}\n\n")
        return stream

    async def run(
        self,
        *works: Coroutine[Any, Any, None],
        at_stop: Callable[[], tuple[str, bytes]],
        session_id: str | None = None,
    ) -> web.StreamResponse:
        """Runs the works until one of them ends; this ends the response, and errors are logged.

        at_stop: the name and the data of the last event, if the stream ends because Motte stops.
        session_id: the session that the stream is about, for the log; None: all sessions.
        """
        try:
            await until_one_ends(*works, self._until_lost())
        except ShuttingDown:  # Was requested: no line for each stream.
            with suppress(Stalled, ConnectionResetError):
                await self.send_text(*at_stop())
        except (MotteError, StoreError, Lost, Stalled, ConnectionResetError) as error:
            log_event(log.info, "stream_ended", session=session_id, error=type(error).__name__)
        except Exception:  # The response has begun: it is too late for a problem document.
            log_event(log.exception, "bug", session=session_id, route="stream", instance=instance())
        return self.response

    async def _until_lost(self) -> None:
        """Raises ConnectionResetError once the client is gone, also if nothing is written to it."""
        lost = asyncio.Event()
        with noticed_loss(self._request, lost.set):
            await lost.wait()
        raise ConnectionResetError("the client has disconnected")

    async def send(self, event: str, document: Any, *, event_id: str | None = None) -> None:
        """Sends an event. event_id: what the client sends as Last-Event-ID when it reconnects."""
        await self.send_text(event, msgspec.json.encode(document), event_id=event_id)

    async def send_text(self, event: str, data: bytes, *, event_id: str | None = None) -> None:
        """Sends an event whose data is on one line already."""
        await self._write(f"{_id_line(event_id)}event: {event}\ndata: {data.decode()}\n\n")

    async def send_id(self, event_id: str) -> None:
        """Sends an id without an event."""
        await self._write(f"{_id_line(event_id)}\n")

    async def send_heartbeat(self) -> None:
        """Sends a comment, which clients ignore: it shows that the connection works."""
        await self._write(": \n\n")

    async def _write(self, text: str) -> None:
        """Raises Stalled; ConnectionResetError if the client is gone."""
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_SECONDS):
                await self.response.write(text.encode())
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()
            raise Stalled from None


def _id_line(event_id: str | None) -> str:
    return "" if event_id is None else f"id: {event_id}\n"
