"""The connector at the other end of a channel, as far as it has answered."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from server.connectors.channel_listener import ChannelListener
from server.connectors.pipes import LineWriter
from server.domain.states import account
from server.protocol.commands import Command, Hello, LinkOptions, Ping, SetLink
from server.protocol.events.lines import NAMES
from server.protocol.events.process import Ready
from store.records.sessions import Session


class Peer:
    """Greets the connector, and sends it commands once it has answered."""

    def __init__(
        self,
        session_id: str,
        pipe: Path,
        listener: ChannelListener,
        *,
        on_lost: Callable[[], None],
        on_closing: Callable[[], None],
    ) -> None:
        """pipe: for commands. on_lost: called when the connector has closed it.

        on_closing: called when the connector is about to close its socket, because of a command.
        """
        self._session_id = session_id
        self._pipe = pipe
        self._listener = listener
        self._on_lost = on_lost
        self._on_closing = on_closing
        self._writer: LineWriter | None = None
        #: The link options that the connector was sent last. None before the hello.
        self._link: LinkOptions | None = None
        #: Link options that changed while the hello was prepared.
        self._newer_link: LinkOptions | None = None
        self._attached = asyncio.Event()
        self._greeting = asyncio.Lock()
        #: What the connector can do beyond what every connector can; empty before its answer.
        self._abilities: frozenset[str] = frozenset()
        #: Whether it is never greeted again.
        self.is_closed = False
        #: Pings since its last line.
        self.unanswered = 0
        #: At the last pong: seconds since the connector began with its present message; 0 without one.
        self.head_age = 0.0

    async def greet(self) -> None:
        """Says hello to the connector, if there is one; it answers with how it stands."""
        async with self._greeting:
            await self._greet()

    def answered(self, ready: Ready) -> None:
        """The connector has answered the hello of this front."""
        self._abilities = frozenset(ready.can)
        self._attached.set()

    def is_answered(self) -> bool:
        """Whether a connector has answered the hello of this front."""
        return self._attached.is_set()

    def can(self, ability: str) -> bool:
        """Whether a connector has answered the hello of this front, and can do this."""
        return self.is_answered() and ability in self._abilities

    async def send(self, *commands: Command) -> None:
        """Sends commands once the connector has answered the hello. Callers need a time-out of their own."""
        await self._attached.wait()
        self.write(*commands)

    def set_link(self, link: LinkOptions) -> None:
        """Sends the connector the options of its next link; during a greeting, right after the hello."""
        if self._link is None:
            self._newer_link = link
        elif link != self._link:
            if not link.registers_like(self._link):
                self._on_closing()
            self._link = link
            self.write(SetLink(link=link))

    def set_version(self, version: str) -> bool:
        """Sends the version that the next link announces. Returns False if there was no hello yet."""
        if self._link is None:
            return False
        self.set_link(msgspec.structs.replace(self._link, version=version))
        return True

    def ping(self) -> None:
        """Sends a ping, if the connector has answered."""
        if self.is_answered():
            self.unanswered += 1
            self.write(Ping())

    def write(self, *commands: Command) -> None:
        """Writes commands, if the pipe is open."""
        if self._writer is not None and commands:
            self._writer.write(b"".join(command.line() for command in commands))

    def let_go(self) -> None:
        """Closes the pipe, and forgets the answer."""
        self._attached.clear()
        self._link = None
        self.unanswered = 0
        self.head_age = 0.0
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    async def _greet(self) -> None:
        self.let_go()
        if self.is_closed:
            return
        writer = await LineWriter.open(self._pipe, self._reader_gone)
        if self.is_closed:  # Meanwhile. Nothing else would close it.
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
            self.write(self._hello(session, self._link))
            if self._newer_link is not None:
                self.set_link(self._newer_link)

    def _reader_gone(self, writer: LineWriter) -> None:
        """Called when the connector has closed its pipe: it has ended, even if no notice came yet."""
        if writer is self._writer:
            self.let_go()
            self._on_lost()

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
