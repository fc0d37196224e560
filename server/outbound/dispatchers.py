"""The dispatchers of all sessions, in the front that holds the pipes."""

import asyncio
import logging
from contextlib import suppress
from contextvars import Context

from server.core.log_events import log_event
from server.outbound.dispatcher import Dispatcher
from server.outbound.dispatcher_parts import DispatcherParts
from server.outbound.links import OpenLinks
from server.outbound.progress import SETTLED
from server.protocol.events.lines import AnyEvent
from server.protocol.events.link import LoggedOut, Opened, Restricted, Snapshot
from server.protocol.events.messages import MessageMoved, MessageReceived
from store.errors import NotOwner
from store.records.messages import MessageStatus

log = logging.getLogger(__name__)

#: Seconds between two looks at the outbox, in case a wake-up of another front was lost.
LOOK_SECONDS = 30.0


class Dispatchers:
    """One dispatcher for each session that has something to send."""

    def __init__(self, parts: DispatcherParts, links: OpenLinks) -> None:
        self._parts = parts
        self._links = links
        #: They stay as long as their sessions: each knows when its session sent last.
        self._dispatchers: dict[str, Dispatcher] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._is_to_look = asyncio.Event()

    async def run(self) -> None:
        """Runs for ever: begins with what an earlier front left."""
        try:
            while True:
                self._is_to_look.clear()
                await self.look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._is_to_look.wait()
        finally:
            tasks = tuple(self._running.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def look_soon(self) -> None:
        """Another front may have written something to send."""
        self._is_to_look.set()

    async def look(self) -> None:
        """Wakes the dispatcher of each session that has something to send. Raises StoreError."""
        for session_id in await self._parts.outbox.session_ids():
            self.wake(session_id)

    def wake(self, session_id: str) -> None:
        """A session has something to send, or something was cancelled."""
        dispatcher = self._dispatchers.get(session_id)
        if dispatcher is None:
            dispatcher = self._dispatchers[session_id] = Dispatcher(session_id, self._parts)
        dispatcher.wake()
        if session_id not in self._running:
            # In no context: log lines of the dispatcher must not carry the id of the request that woke it.
            self._running[session_id] = asyncio.create_task(
                self._serve(session_id, dispatcher), name=f"dispatcher {session_id}", context=Context()
            )

    async def forget(self, session_id: str) -> None:
        """The session was deleted: nothing of it is sent any more."""
        self._dispatchers.pop(session_id, None)
        self._links.forget(session_id)
        task = self._running.get(session_id)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def knows(self, session_id: str, number: int) -> bool:
        """Whether the dispatcher of a session knows of so many messages that wait."""
        dispatcher = self._dispatchers.get(session_id)
        return dispatcher is not None and dispatcher.waiting() >= number

    def is_open(self, session_id: str) -> bool:
        """Whether the link of a session is open, as its connector said."""
        return self._links.epoch(session_id) is not None

    def note(self, session_id: str, event: AnyEvent) -> None:
        """Takes in what a connector said, once it is stored."""
        self._links.note(session_id, event)
        dispatcher = self._dispatchers.get(session_id)
        if dispatcher is None:
            return
        match event:
            case Opened() | Snapshot():
                dispatcher.wake()
            case MessageMoved() if MessageStatus(event.status) in SETTLED:
                dispatcher.settled(event.id)
            case MessageReceived(from_me=False):
                dispatcher.release(event.chat, *filter(None, [event.chat_lid]))
            case Restricted() | LoggedOut():
                dispatcher.release_all()

    async def _serve(self, session_id: str, dispatcher: Dispatcher) -> None:
        try:
            while dispatcher.is_woken():  # it may have been woken while it ended
                await dispatcher.run()
        except NotOwner:
            self._dispatchers.pop(session_id, None)
        except Exception:  # A bug. The next look begins again.
            log_event(log.exception, "dispatcher_failed", session=session_id)
            self._dispatchers.pop(session_id, None)
        finally:
            self._running.pop(session_id, None)
