"""A front that does not have the pipes: it reads the store, and requests the rest from the leader."""

import asyncio
from collections.abc import AsyncGenerator, Set
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from server.cluster.change_poller import ChangePoller
from server.cluster.leader_requests import RESPONSE_GRACE_SECONDS, LeaderRequests
from server.cluster.request_queue import wake_leader
from server.core.checked_clock import CheckedClock
from server.core.clock import Clock
from server.core.errors import (
    LeaderUnavailable,
    MotteError,
    NoSuchSession,
    QrTimeout,
    SessionExists,
    ShuttingDown,
)
from server.core.paths import StateFolder
from server.core.settings.model import Settings
from server.core.tasks import in_background
from server.domain.expiry import Expiry
from server.domain.session_fields import SessionFields
from server.domain.transitions import Now
from server.protocol.commands import TypingKind
from server.sessions.creation import exists, promised
from server.sessions.long_poll import LongPoll
from server.sessions.pairing_codes import PairingCode
from server.sessions.subscriptions import Subscriptions
from server.streams.event_buffer import EventBuffer
from store.ports.memory import Memory
from store.ports.store import Store
from store.records.contacts import Contact
from store.records.sessions import Session

#: Seconds in which the leader has to answer a delete, a stop or a logout.
REQUEST_TIMEOUT_SECONDS = 20.0
#: Seconds in which the leader has to look a number up: WhatsApp may be slow to answer.
LOOK_UP_TIMEOUT_SECONDS = 30.0


class Follower:
    """A SessionService that has the leader do the work."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        store: Store,
        feed: EventBuffer,
        *,
        checked: CheckedClock,
        wakeup_pipe: Path,
    ) -> None:
        self._settings = settings
        self._clock = clock
        #: For what this front writes: see CheckedClock.wall.
        self._checked = checked
        self._wakeup_pipe = wakeup_pipe
        self._sessions = store.sessions
        self._outbox = store.outbox
        self._expiry = Expiry(clock, min_validity=settings.qr_min_validity)
        self.subscriptions = Subscriptions()
        self.poller = ChangePoller(store, self.subscriptions, feed)
        self._leader = LeaderRequests(
            store.requests, self._sessions, self.subscriptions, clock, wakeup_pipe=wakeup_pipe
        )
        self._watch = LongPoll(
            sessions=self._sessions,
            subscriptions=self.subscriptions,
            fresh=self.refreshed,
            expiry=self._expiry,
        )

    async def create(self, session_id: str, *, fields: SessionFields, is_awaited: bool) -> Session:
        # If a leader died over the request, the next one would find this session and take it for done.
        if await self._sessions.get(session_id) is not None:
            raise exists(session_id)
        argument = {**msgspec.to_builtins(fields), "is_awaited": is_awaited}
        try:
            await self._leader.have_done(
                "create", session_id, self._settings.qr_timeout, argument, is_shared=False
            )
            if is_awaited:
                return promised(await self.fresh(session_id))
        except SessionExists:
            raise
        except MotteError as error:
            session = await self._sessions.get(session_id)
            raise error.for_kept_session(session) if session else error from None
        return await self._sessions.require(session_id)

    def ready(self, session_id: str, memory: Memory) -> Session | None:
        session = memory.session(session_id)
        return None if session is None or self._expiry.is_due(session) else session

    async def fresh(self, session_id: str) -> Session:
        return await self.refreshed(await self._sessions.require(session_id))

    async def refreshed(self, session: Session) -> Session:
        """Returns the session with a code that can be scanned, if it needs one."""
        within = self._settings.refresh_timeout
        error: type[MotteError] = LeaderUnavailable
        try:
            async with asyncio.timeout(within + RESPONSE_GRACE_SECONDS):
                while self._expiry.is_due(session):
                    await self._leader.have_done("refresh", session.id, within)
                    error = QrTimeout  # The leader responds.
                    session = await self._sessions.require(session.id)
                return session
        except TimeoutError:
            raise error(session=session) from None

    async def newer(self, session_id: str, *, than: Set[str], wait: float) -> Session:
        return await self._watch.newer(session_id, than=than, wait=wait)

    async def update(self, session_id: str, fields: SessionFields) -> Session:
        # Not shared: two callers make two updates. And the key of a flight is no place for a password.
        argument = msgspec.to_builtins(fields)
        await self._leader.have_done("update", session_id, REQUEST_TIMEOUT_SECONDS, argument, is_shared=False)
        return await self._sessions.require(session_id)

    async def delete(self, session_id: str) -> None:
        await self._leader.have_done("delete", session_id, REQUEST_TIMEOUT_SECONDS)

    async def start(self, session_id: str) -> Session:
        return await self._asked("start", session_id, self._settings.qr_timeout)

    async def stop(self, session_id: str) -> Session:
        return await self._asked("stop", session_id, REQUEST_TIMEOUT_SECONDS)

    async def restart(self, session_id: str, *, forget: bool = False) -> Session:
        argument = {"forget": True} if forget else None
        return await self._asked("restart", session_id, self._settings.qr_timeout, argument)

    async def log_out(self, session_id: str) -> Session:
        return await self._asked("log_out", session_id, REQUEST_TIMEOUT_SECONDS)

    async def pairing_code(self, session_id: str, phone_number: str) -> PairingCode:
        within = self._settings.refresh_timeout
        answer = await self._leader.have_done(
            "pairing_code", session_id, within, {"phone_number": phone_number}
        )
        return msgspec.convert(answer.result, PairingCode)

    async def mark_read(self, session_id: str, chat: str, up_to: str | None) -> None:
        argument = {"chat": chat, "up_to": up_to}
        await self._leader.have_done(
            "mark_read", session_id, REQUEST_TIMEOUT_SECONDS, argument, is_shared=False
        )

    async def show_typing(self, session_id: str, chat: str, *, seconds: float, kind: TypingKind) -> None:
        argument = {"chat": chat, "seconds": seconds, "kind": kind}
        await self._leader.have_done(
            "show_typing", session_id, REQUEST_TIMEOUT_SECONDS, argument, is_shared=False
        )

    async def look_up(self, session_id: str, number: str) -> Contact:
        await self._leader.have_done("look_up", session_id, LOOK_UP_TIMEOUT_SECONDS, {"number": number})
        contact = await self._outbox.contact(session_id, number)
        if contact is None:
            raise NoSuchSession
        return contact

    def wake_dispatcher(self, session_id: str) -> None:
        wake_leader(self._wakeup_pipe)

    def now(self) -> Now:
        return Now(wall=self._checked.wall(), boot=self._clock.boot(), boot_id=self._clock.boot_id)

    async def close(self, error: MotteError) -> None:
        self.subscriptions.close(error)
        await self._leader.close(error)

    async def _asked(
        self, verb: str, session_id: str, within: float, argument: dict[str, Any] | None = None
    ) -> Session:
        """Returns the session once the leader has done the request."""
        await self._leader.have_done(verb, session_id, within, argument)
        return await self._sessions.require(session_id)


@asynccontextmanager
async def following(
    settings: Settings, clock: Clock, store: Store, feed: EventBuffer
) -> AsyncGenerator[Follower]:
    """Yields the session service of a follower until the block ends."""
    folder = StateFolder(settings.state)
    checked = CheckedClock(clock, folder.clock)
    await asyncio.to_thread(checked.load)
    follower = Follower(settings, clock, store, feed, checked=checked, wakeup_pipe=folder.wakeup_pipe)
    async with in_background("change poller", follower.poller.run):
        try:
            yield follower
        finally:
            await follower.close(ShuttingDown())
