"""The connectors as the front sees them: a pair of pipes each, and supervisord to start and stop them."""

import asyncio
import logging
import secrets
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from server.commands import Ack, Command, Hello
from server.events import AnyEvent, Ended, Ready, Spooled, Up, parse
from server.folders import SessionFolder, StateFolder
from server.pipes import LineReader, LineWriter, make_fifo
from server.supervisor import Program, Supervisor
from store.errors import StoreError

log = logging.getLogger(__name__)

#: Called with each event of an attached connector; returns once it is stored.
Hear = Callable[[str, AnyEvent], Awaitable[None]]
#: Sequence number of the last spooled event of a session that is stored.
Have = Callable[[str], Awaitable[int]]

#: Seconds after which an event that could not be stored is asked for again.
ASK_AGAIN = 1.0


class Line:
    """One session's pipes, from the moment the front opens them until it closes them."""

    def __init__(self, session_id: str, folder: SessionFolder, *, front: str, hear: Hear, have: Have) -> None:
        self._session_id = session_id
        self._folder = folder
        self._front = front
        self._hear = hear
        self._have = have
        self._writer: LineWriter | None = None
        self._attached = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start to read, and greet a connector that is there already."""
        reader = await LineReader.open(self._folder.events)
        self._listening = asyncio.create_task(self._listen(reader), name=f"line {self._session_id}")
        await self._greet()

    async def close(self) -> None:
        """Let go of both pipes; the connector goes on."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        self._hang_up()

    async def send(self, command: Command) -> None:
        """Send a command as soon as the connector answers to this front. Wait no longer than you must."""
        await self.answers()
        self._write(command)

    async def answers(self) -> None:
        """Return once the connector answers to this front."""
        await self._attached.wait()

    async def _listen(self, reader: LineReader) -> None:
        try:
            async for line in reader:
                try:
                    await self._read(line)
                except Exception:  # A session must not go deaf over one event.
                    log.exception("session=%s event=not_taken", self._session_id)
        finally:
            reader.close()

    async def _read(self, line: bytes) -> None:
        event = parse(line)
        if event is None:
            log.warning("session=%s event=unreadable bytes=%d", self._session_id, len(line))
        else:
            await self._take(event)

    async def _take(self, event: AnyEvent) -> None:
        match event:
            case Up():
                await self._greet()
            case Ready():
                if event.front == self._front:
                    self._attached.set()
            case Ended():
                self._hang_up()
                await self._store(event)
            case _:
                await self._store(event)

    async def _store(self, event: AnyEvent) -> None:
        """Store first, then acknowledge. What could not be stored is asked for again."""
        try:
            await self._hear(self._session_id, event)
        except StoreError as error:
            log.error("session=%s event=not_stored error=%s", self._session_id, error)
            self._attached.clear()
            await asyncio.sleep(ASK_AGAIN)
            await self._greet()
        else:
            if isinstance(event, Spooled):
                self._write(Ack(seq=event.seq))

    async def _greet(self) -> None:
        self._hang_up()
        self._writer = await LineWriter.open(self._folder.commands, self._attached.clear)
        self._write(Hello(front=self._front, have=await self._have(self._session_id)))

    def _hang_up(self) -> None:
        self._attached.clear()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _write(self, command: Command) -> None:
        if self._writer is not None:
            self._writer.write(command.line())


class Connectors:
    """Every session's connector. Whoever starts, stops or removes one holds its session meanwhile."""

    def __init__(self, folder: StateFolder, supervisor: Supervisor, *, hear: Hear, have: Have) -> None:
        self._folder = folder
        self._supervisor = supervisor
        self._hear = hear
        self._have = have
        self._front = secrets.token_hex(8)
        self._lines: dict[str, Line] = {}
        self._holds: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, session_id: str) -> AsyncGenerator[None]:
        """One at a time makes, wakes, rests or removes the connector of a session."""
        lock = self._holds.get(session_id)
        if lock is None:
            lock = self._holds[session_id] = asyncio.Lock()
        async with lock:
            yield

    async def make(self, session_id: str) -> None:
        """A new folder with its pipes. A leftover is removed: its credentials are another session's."""
        await self.erase(session_id)
        self._furnish(session_id)

    async def erase(self, session_id: str) -> None:
        """Let go of the pipes, and remove the folder with them and the credentials, and the logs."""
        line = self._lines.pop(session_id, None)
        if line is not None:
            await line.close()
        shutil.rmtree(self._folder.session(session_id).path, ignore_errors=True)
        for file in self._folder.logs.glob(f"connector-{session_id}.log*"):
            file.unlink(missing_ok=True)

    async def attach(self, session_id: str) -> Line:
        """Open the pipes, unless they are open."""
        line = self._lines.get(session_id)
        if line is None:
            self._furnish(session_id)
            folder = self._folder.session(session_id)
            line = Line(session_id, folder, front=self._front, hear=self._hear, have=self._have)
            self._lines[session_id] = line
            await line.open()
        return line

    def is_attached(self, session_id: str) -> bool:
        """Whether the pipes are open, so that the connector is heard from."""
        return session_id in self._lines

    async def answers(self, session_id: str) -> None:
        """Return once the connector is there. Wait no longer than you must."""
        line = await self.attach(session_id)
        await line.answers()

    async def wake(self, session_id: str) -> Program:
        """Start the connector, unless it runs. Raises SupervisorUnavailable."""
        await self.attach(session_id)
        return await self._supervisor.start(session_id)

    async def rest(self, session_id: str) -> bool:
        """Whether there was one to stop; returns once it is gone. Raises SupervisorUnavailable."""
        return await self._supervisor.stop(session_id)

    async def send(self, session_id: str, command: Command) -> None:
        """Send a command as soon as the connector is there. Wait no longer than you must."""
        line = await self.attach(session_id)
        await line.send(command)

    async def running(self) -> dict[str, Program]:
        """The programs that supervisord knows, by session id. Raises SupervisorUnavailable."""
        return {program.id: program for program in await self._supervisor.list()}

    async def close(self) -> None:
        """Let go of all pipes; the connectors go on."""
        for line in self._lines.values():
            await line.close()
        self._lines.clear()

    def _furnish(self, session_id: str) -> None:
        folder = self._folder.session(session_id)
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_fifo(folder.commands)
        make_fifo(folder.events)
