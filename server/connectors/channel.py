"""One session's pair of pipes, from the moment the front opens them until it closes them."""

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context

from server.connectors.channel_listener import ChannelListener
from server.connectors.line_checks import LineChecks
from server.connectors.peer import Peer
from server.connectors.pipes import LineReader
from server.core.log_events import log_event
from server.core.paths import SessionFolder
from server.protocol.commands import Ack, Command, LinkOptions
from server.protocol.events.base import Spooled
from server.protocol.events.codes import QrsExhausted
from server.protocol.events.contacts import ContactLinked
from server.protocol.events.lines import AnyEvent, UnknownEvent
from server.protocol.events.link import Closed, LoggedOut, Paired
from server.protocol.events.messages import MessageMoved, MessageReceived
from server.protocol.events.process import Ended, Pong, Ready, Up
from store.errors import NotOwner, StoreError

log = logging.getLogger(__name__)

#: Seconds between two tries to store an event.
STORE_RETRY_SECONDS = 1.0

#: Events that change messages. Those that come together are stored together.
MESSAGES = (MessageReceived, MessageMoved, ContactLinked)

#: Events after which the socket of a connector is gone.
SOCKET_ENDINGS = (Closed, Ended, LoggedOut, Paired, QrsExhausted)


class Channel:
    """Reads what the connector says, and sends it commands."""

    def __init__(
        self,
        session_id: str,
        folder: SessionFolder,
        listener: ChannelListener,
        *,
        on_begun: Callable[[str], None],
    ) -> None:
        """on_begun: called when the connector answers, or has ended: it is no longer starting."""
        self._session_id = session_id
        self._folder = folder
        self._listener = listener
        self._on_begun = on_begun
        self._peer = Peer(
            session_id, folder.commands, listener, on_lost=self._peer_gone, on_closing=self.closing
        )
        self._epoch = 0
        #: Whether the events in the pipe are for this front.
        self._is_ours = False
        #: Whether an event is being stored. Further events wait in the pipe meanwhile.
        self.is_taking = False
        self._listening: asyncio.Task[None] | None = None
        self._reader: LineReader | None = None

    async def open(self) -> None:
        """Starts to read, and greets a connector that is there already."""
        reader = self._reader = LineReader(self._folder.events)
        # In no context: log lines about later events must not carry the id of the request that opened it.
        self._listening = asyncio.create_task(
            self._listen(reader), name=f"line {self._session_id}", context=Context()
        )
        # Not in the task: one that is cancelled before its first step runs no line of it.
        self._listening.add_done_callback(lambda _: reader.close())
        await self.greet()

    async def close(self) -> None:
        """Closes both pipes; the connector keeps running."""
        self._peer.is_closed = True
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        self._peer.let_go()

    def abandon(self) -> None:
        """Closes both pipes without waiting: may be called while an event is handled."""
        self._peer.is_closed = True
        if self._listening is not None:
            self._listening.cancel()
        self._peer.let_go()

    async def greet(self) -> None:
        """Says hello to the connector, if there is one; it answers with how it stands."""
        await self._peer.greet()

    async def send(self, *commands: Command) -> None:
        """Sends commands once the connector has answered the hello. Callers need a time-out of their own."""
        await self._peer.send(*commands)

    def set_link(self, link: LinkOptions) -> None:
        """Sends the connector the options of its next link."""
        self._peer.set_link(link)

    def set_version(self, version: str) -> bool:
        """Sends the version that the next link announces. Returns False if there was no hello yet."""
        return self._peer.set_version(version)

    def is_answered(self) -> bool:
        """Whether a connector has answered the hello of this front."""
        return self._peer.is_answered()

    def can(self, ability: str) -> bool:
        """Whether a connector has answered the hello of this front, and can do this."""
        return self._peer.can(ability)

    def is_in_place(self) -> bool:
        """Whether a connector that starts now finds these pipes."""
        return self._reader is not None and self._reader.is_in_place()

    def is_mute(self) -> bool:
        """Whether no connector has answered, and no answer can be waiting in the pipe."""
        return not self.is_answered() and not self.is_taking

    def ping(self) -> None:
        """Sends a ping. Not while this front is behind: the answer may wait in the pipe."""
        if not self.is_taking:
            self._peer.ping()

    @property
    def unanswered(self) -> int:
        """How many pings were sent since the connector's last line."""
        return self._peer.unanswered

    @property
    def head_age(self) -> float:
        """Seconds since the connector began with its present message, at its last pong; 0 without one."""
        return self._peer.head_age

    def closing(self) -> None:
        """Reports that the connector's socket is about to be closed: its code must not be shown any more."""
        self._listener.on_socket_closing(self._session_id, self._epoch)

    async def _listen(self, reader: LineReader) -> None:
        checks = LineChecks(self._session_id, self._listener, reader.budget)
        async for lines in reader.together():
            await self._read(lines, checks)

    async def _read(self, lines: list[bytes], checks: LineChecks) -> None:
        """Takes in lines that came together. Messages that follow each other are stored together."""
        messages: list[AnyEvent] = []
        for line in lines:
            event = self._admitted(await checks.event(line))
            if isinstance(event, MESSAGES):
                messages.append(event)
            elif event is not None:
                await self._store(messages)
                await self._store([event])
                messages = []
        await self._store(messages)

    def _admitted(self, event: AnyEvent | UnknownEvent | None) -> AnyEvent | None:
        """Returns the event of a line, if it is to be stored. Any event is a sign of life."""
        if event is None:
            return None
        self._peer.unanswered = 0
        if isinstance(event, Pong):
            self._peer.head_age = event.head_age
        if isinstance(event, UnknownEvent | Pong) or not self._is_meant_for_us(event):
            return None
        self._epoch = max(self._epoch, event.epoch)
        if isinstance(event, SOCKET_ENDINGS) and event.epoch in (0, self._epoch):
            self._mark_closed()
        return event

    async def _store(self, events: list[AnyEvent]) -> None:
        """Takes in events, however long that takes: none may be lost to a full disk."""
        if not events:
            return
        self.is_taking = True
        while not await self._taken(events):  # noqa: ASYNC110 - the disk sets no event when it is well again
            await asyncio.sleep(STORE_RETRY_SECONDS)
        self.is_taking = False

    def _mark_closed(self) -> None:
        """Reports that the socket is gone, and its code with it, before the row can say so."""
        self._listener.on_socket_closed(self._session_id, self._epoch)

    def _is_meant_for_us(self, event: AnyEvent) -> bool:
        """Returns False for events that were sent to an earlier front, which was killed.

        That front may have read the events before them and stored none. Taking these in would skip those. The
        connector repeats all of them after the `ready` that names this front.
        """
        match event:
            case Ready(front=self._listener.front):
                self._is_ours = True
            case Up() | Ended():
                return True
        return self._is_ours

    async def _taken(self, events: list[AnyEvent]) -> bool:
        """Handles events. Returns False if they have to be tried again: none of them is stored."""
        try:
            await self._take(events)
        except NotOwner:  # This channel is closed: the front that owns the session reads the event.
            return True
        except (StoreError, OSError) as error:
            log_event(log.error, "not_taken", session=self._session_id, error=error)
            return False
        except Exception:  # A bug. It must not stop the session: the next acknowledgement skips this event.
            log_event(log.exception, "not_understood", session=self._session_id)
            for event in events if len(events) > 1 else ():  # The others may be understood.
                await self._store([event])
        return True

    async def _take(self, events: list[AnyEvent]) -> None:
        """Stores events, then acknowledges them. Several: all are messages."""
        match last := events[-1]:
            case Ready():  # It answers a hello, and says nothing of the session.
                if last.front == self._listener.front:
                    self._peer.answered(last)
                return
            case Up():
                await self.greet()
            case Ended():
                self._peer.let_go()
        await self._listener.on_events(self._session_id, events)
        if not isinstance(last, Up):
            self._on_begun(self._session_id)
        if isinstance(last, Spooled):  # as are all that come together
            self._peer.write(Ack(seq=last.seq))

    def _peer_gone(self) -> None:
        """Called when the connector has closed its pipe, and has ended."""
        self._mark_closed()
        if not self.is_in_place():
            self._listener.on_pipes_removed(self._session_id)
