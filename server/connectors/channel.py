"""One session's pair of pipes, from the moment the front opens them until it closes them."""

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context

import msgspec

from server.connectors.channel_listener import ChannelListener
from server.connectors.pipes import LineReader, LineWriter
from server.core.log_events import log_event
from server.core.paths import SessionFolder
from server.domain.states import account
from server.protocol.commands import Ack, Command, Hello, LinkOptions, Ping, SetLink
from server.protocol.events import (
    NAMES,
    AnyEvent,
    Closed,
    ContactLinked,
    Ended,
    LoggedOut,
    MessageMoved,
    MessageReceived,
    Paired,
    Pong,
    QrsExhausted,
    Ready,
    Spooled,
    UnknownEvent,
    Up,
    parse,
)
from store.errors import NotOwner, StoreError
from store.records import Session

log = logging.getLogger(__name__)

#: Seconds between two tries to store an event.
STORE_RETRY_SECONDS = 1.0

#: Lines that are no events, since a connector's process began, after which it is killed.
MAX_UNREADABLE_LINES = 100

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
        self._epoch = 0
        #: Whether the events in the pipe are for this front.
        self._is_ours = False
        self._writer: LineWriter | None = None
        #: The link options that the connector was sent last. None before the hello.
        self._link: LinkOptions | None = None
        #: Link options that changed while the hello was prepared.
        self._newer_link: LinkOptions | None = None
        self._attached = asyncio.Event()
        self._greeting = asyncio.Lock()
        self._is_closed = False
        #: Whether an event is being stored. Further events wait in the pipe meanwhile.
        self.is_taking = False
        #: What the connector can do beyond what every connector can; empty before its answer.
        self._abilities: frozenset[str] = frozenset()
        #: Pings since its last line.
        self.unanswered = 0
        #: Lines of the process that were no events.
        self._unreadable = 0
        #: Its events of types that this front does not know.
        self._unknown = 0
        #: At the last pong: seconds since the connector began with its present message; 0 without one.
        self.head_age = 0.0
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
        self._is_closed = True
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        self._let_go()

    def abandon(self) -> None:
        """Closes both pipes without waiting: may be called while an event is handled."""
        self._is_closed = True
        if self._listening is not None:
            self._listening.cancel()
        self._let_go()

    async def send(self, *commands: Command) -> None:
        """Sends commands once the connector has answered the hello. Callers need a time-out of their own."""
        await self._attached.wait()
        self._write(*commands)

    def set_link(self, link: LinkOptions) -> None:
        """Sends the connector the options of its next link; during a greeting, right after the hello."""
        if self._link is None:
            self._newer_link = link
        elif link != self._link:
            if not link.registers_like(self._link):
                self.closing()
            self._link = link
            self._write(SetLink(link=link))

    def set_version(self, version: str) -> bool:
        """Sends the version that the next link announces. Returns False if there was no hello yet."""
        if self._link is None:
            return False
        self.set_link(msgspec.structs.replace(self._link, version=version))
        return True

    def is_answered(self) -> bool:
        """Whether a connector has answered the hello of this front."""
        return self._attached.is_set()

    def can(self, ability: str) -> bool:
        """Whether a connector has answered the hello of this front, and can do this."""
        return self.is_answered() and ability in self._abilities

    def is_in_place(self) -> bool:
        """Whether a connector that starts now finds these pipes."""
        return self._reader is not None and self._reader.is_in_place()

    def is_mute(self) -> bool:
        """Whether no connector has answered, and no answer can be waiting in the pipe."""
        return not self.is_answered() and not self.is_taking

    def ping(self) -> None:
        """Sends a ping. Not while this front is behind: the answer may wait in the pipe."""
        if self.is_answered() and not self.is_taking:
            self.unanswered += 1
            self._write(Ping())

    def closing(self) -> None:
        """Reports that the connector's socket is about to be closed: its code must not be shown any more."""
        self._listener.on_socket_closing(self._session_id, self._epoch)

    async def _listen(self, reader: LineReader) -> None:
        async for lines in reader.together():
            await self._read(lines)

    async def _read(self, lines: list[bytes]) -> None:
        """Takes in lines that came together. Messages that follow each other are stored together."""
        messages: list[AnyEvent] = []
        for line in lines:
            event = await self._admitted(line)
            if isinstance(event, MESSAGES):
                messages.append(event)
            elif event is not None:
                await self._store(messages)
                await self._store([event])
                messages = []
        await self._store(messages)

    async def _admitted(self, line: bytes) -> AnyEvent | None:
        """Returns the event of a line, if it is to be stored."""
        event = parse(line)
        if event is None:
            await self._note_unreadable(line)
            return None
        if isinstance(event, UnknownEvent):
            self._note_unknown(event)
            return None
        if isinstance(event, Up | Ended):
            self._unreadable = self._unknown = 0
            self._waive_budget(False)
        elif self._unreadable >= MAX_UNREADABLE_LINES:
            return None  # What a process left that was killed for its lines.
        self.unanswered = 0
        if isinstance(event, Pong):
            self.head_age = event.head_age
        if isinstance(event, Pong) or not self._is_meant_for_us(event):
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

    async def _note_unreadable(self, line: bytes) -> None:
        """Counts a line that is no event, and has the process killed that writes too many."""
        self._unreadable += 1
        if self._unreadable <= MAX_UNREADABLE_LINES:
            log_event(log.warning, "unreadable", session=self._session_id, bytes=len(line))
        if self._unreadable == MAX_UNREADABLE_LINES:
            await self._listener.on_unusable(self._session_id)
            self._waive_budget(True)

    def _note_unknown(self, event: UnknownEvent) -> None:
        """Counts an event of a newer connector, which is no fault of it, and a sign of life like any other.

        The connector repeats it to a front that knows its type.
        """
        self.unanswered = 0
        self._unknown += 1
        if is_power_of_ten(self._unknown):
            log_event(
                log.warning, "unknown_event", session=self._session_id, type=event.name, count=self._unknown
            )

    def _waive_budget(self, is_waived: bool) -> None:
        if self._reader is not None:
            self._reader.budget.is_waived = is_waived

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
                    self._abilities = frozenset(last.can)
                    self._attached.set()
                return
            case Up():
                await self.greet()
            case Ended():
                self._let_go()
        await self._listener.on_events(self._session_id, events)
        if not isinstance(last, Up):
            self._on_begun(self._session_id)
        self._write(*(Ack(seq=event.seq) for event in events if isinstance(event, Spooled)))

    async def greet(self) -> None:
        """Says hello to the connector, if there is one; it answers with how it stands."""
        async with self._greeting:
            await self._greet()

    async def _greet(self) -> None:
        self._let_go()
        if self._is_closed:
            return
        writer = await LineWriter.open(self._folder.commands, self._reader_gone)
        if self._is_closed:  # Meanwhile. Nothing else would close it.
            if writer is not None:
                writer.close()
            return
        self._writer = writer
        self._newer_link = None
        if self._writer is None:  # Nobody reads yet: a connector that comes says `up`.
            return
        session = await self._listener.session(self._session_id)
        if session is not None:
            self._link = self._listener.link_options(session)
            self._write(self._hello(session, self._link))
            if self._newer_link is not None:
                self.set_link(self._newer_link)

    def _reader_gone(self, writer: LineWriter) -> None:
        """Called when the connector has closed its pipe: it has ended, even if no notice came yet."""
        if writer is self._writer:
            self._let_go()
            self._mark_closed()
            if not self.is_in_place():
                self._listener.on_pipes_removed(self._session_id)

    def _let_go(self) -> None:
        self._attached.clear()
        self._link = None
        self.unanswered = 0
        self.head_age = 0.0
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _write(self, *commands: Command) -> None:
        if self._writer is not None and commands:
            self._writer.write(b"".join(command.line() for command in commands))

    def _hello(self, session: Session, link: LinkOptions) -> Hello:
        return Hello(
            front=self._listener.front,
            have=session.have,
            epoch=session.epoch,
            account=account(session),
            link=link,
            may_register=self._listener.may_register(self._session_id),
            restored=session.is_restored,
            understands=NAMES,
            retention=self._listener.retention,
        )


def is_power_of_ten(count: int) -> bool:
    """Whether a count has become one digit longer: what repeats is logged so often."""
    return bool(count == 10 ** (len(str(count)) - 1))
