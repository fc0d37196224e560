"""Sends what happens to sessions as server-sent events, each in its envelope."""

import asyncio
from collections.abc import Collection
from contextlib import aclosing
from typing import Any

import msgspec
from aiohttp import web

from server.api.keep_fresh import problems
from server.api.sse_response import HEARTBEAT_SECONDS, EventStream
from server.assembly import GATEWAY, KEY
from server.auth.api_keys import Scope, known_from, may
from server.core import caller
from server.documents.problem import problem_document
from server.documents.session import session_document
from server.events.envelope import envelope, passing
from server.events.types import EventType
from server.observability.request_id import instance
from server.streams.log_subscription import CaughtUp, CodeChanged, LogSubscription, Reset, Standing
from store.records.events import Event
from store.records.sessions import Session

#: Types that others publish while they happen.
PASSED_ON = (EventType.TYPING, EventType.SESSION_PROBLEM)


class EventSender:
    """One stream of events for one client."""

    def __init__(
        self, request: web.Request, *, only: str | None, number: int | None, types: Collection[str] | None
    ) -> None:
        """only: the session that is streamed; None: every session that the key may see.

        number: of the last event that the client has; None: it has nothing. types: None: all.
        """
        self._request = request
        self._gateway = request.app[GATEWAY]
        self._only = only
        self._number = number
        self._types = types
        #: Whose events it may be; None: every session's.
        self._sessions = request[KEY].sessions if only is None else [only]
        #: Whether the client had events that are lost now.
        self._comes_back = "Last-Event-ID" in request.headers
        #: Set once the client has the present state.
        self._has_begun = asyncio.Event()
        #: Whether the client may see codes.
        self._sees_codes = may(request[KEY], Scope.READ)

    async def run(self) -> web.StreamResponse:
        """Ends if the client is gone or too slow, its session deleted, its key revoked, or Motte stopped."""
        with self._gateway.stream_limit.slot(caller.current()):
            stream = await EventStream.open(self._request)
            if self._request.method == "HEAD":
                return stream.response
            works = [self._send_events(stream), self._send_heartbeats(stream)]
            if any(map(self._is_passed_on, PASSED_ON)):
                works.append(self._send_passing(stream))
            if self._sees_codes and self._only is not None and self._is_wanted(EventType.SESSION_QR):
                works.append(self._send_problems(stream, self._only))
            return await stream.run(
                *works, at_stop=lambda: self._passing(EventType.STREAM_STOPPED, {}), session_id=self._only
            )

    async def _send_events(self, stream: EventStream) -> None:
        """Returns after the one requested session was deleted."""
        gateway = self._gateway
        subscription = LogSubscription(
            gateway.store.events,
            gateway.tail,
            gateway.feed,
            sessions=self._sessions,
            types=self._types,
            known_from=known_from(self._request[KEY]),
        )
        is_there = False
        async with aclosing(subscription.items(self._number)) as items:
            async for item in items:
                match item:
                    case Reset() if self._only is None or self._comes_back:
                        await self._send(stream, EventType.STREAM_RESET, {})
                    case Standing(session):
                        is_there = True
                        await self._send(stream, EventType.SESSION_STATUS, self._shown(session), session.id)
                    case CodeChanged(session) if self._sees_codes and not self._has_expired(session):
                        await self._send(stream, EventType.SESSION_QR, self._shown(session), session.id)
                    case Reset() | CodeChanged():
                        pass
                    case CaughtUp(number):
                        self._has_begun.set()
                        await stream.send_id(await gateway.store.events.cursor(number))
                        if self._only is not None and not is_there:  # Deleted while the stream began.
                            gone = {"id": self._only}
                            await self._send(stream, EventType.SESSION_DELETED, gone, self._only)
                            return
                    case Event():
                        await stream.send_text(item.type, envelope(item), event_id=item.cursor)
                        if item.type == EventType.SESSION_DELETED and self._only is not None:
                            return

    async def _send_heartbeats(self, stream: EventStream) -> None:
        """Looks the key up each time: the streams of a revoked key end."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            request = self._request
            await self._gateway.keys.of_request(request.headers, address=request.remote or "unknown")
            await stream.send_heartbeat()

    async def _send_passing(self, stream: EventStream) -> None:
        """Sends what no log keeps, after the present state."""
        with self._gateway.passing.followed(self._sessions) as events:
            if self._number is None:
                await self._has_begun.wait()
            while True:
                event = await events.next()
                if self._is_passed_on(event.type):
                    await stream.send_text(event.type, event.body)

    def _is_passed_on(self, kind: str) -> bool:
        """Whether the client gets an event of this type that others have published.

        A stream of one session waits for codes itself, and sends its own problems.
        """
        if kind == EventType.SESSION_PROBLEM and (self._only is not None or not self._sees_codes):
            return False
        return self._is_wanted(kind)

    async def _send_problems(self, stream: EventStream, session_id: str) -> None:
        """Sends why there is no code, while the session exists; `_send_events` ends the stream."""
        gateway = self._gateway
        async with aclosing(problems(gateway, session_id)) as found:
            async for error in found:
                document = problem_document(
                    error, instance=instance(), expiry=gateway.expiry, public_url=gateway.settings.public_url
                )
                await self._send(stream, EventType.SESSION_PROBLEM, document, session_id)
        await asyncio.Event().wait()

    async def _send(
        self, stream: EventStream, kind: EventType, document: Any, session_id: str | None = None
    ) -> None:
        """Sends an event that is not in the log, if the client wants its type."""
        if kind in (EventType.STREAM_RESET, EventType.STREAM_STOPPED) or self._is_wanted(kind):
            name, text = self._passing(kind, document, session_id)
            await stream.send_text(name, text)

    def _passing(self, kind: EventType, document: Any, session_id: str | None = None) -> tuple[str, bytes]:
        data = msgspec.json.encode(document)
        return kind, passing(kind, data, session_id=session_id, at=self._gateway.clock.wall())

    def _shown(self, session: Session) -> Any:
        return session_document(session, self._gateway.expiry if self._sees_codes else None)

    def _has_expired(self, session: Session) -> bool:
        """Whether the session's code expired before the client could get it."""
        return session.qr is not None and self._gateway.expiry.live(session) is None

    def _is_wanted(self, kind: str) -> bool:
        return self._types is None or kind in self._types
