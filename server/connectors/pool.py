"""The connectors of all sessions: their pipes, and supervisord to start and stop them."""

import asyncio
import logging
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from server.connectors.channel import Channel
from server.connectors.channel_listener import ChannelListener
from server.connectors.credentials import is_linked, is_worth_keeping
from server.connectors.folders import furnish
from server.connectors.start_limiter import StartLimiter
from server.connectors.supervisor_client import Program, SupervisorClient
from server.core.errors import ConnectorUnavailable, SupervisorUnavailable
from server.core.log_events import log_event
from server.core.paths import StateFolder
from server.core.tasks import in_thread
from server.core.trash import Trash
from server.protocol.commands import Command
from store.records.sessions import Session

log = logging.getLogger(__name__)


class ConnectorPool:
    """The connectors of all sessions. A caller that starts, stops or removes one holds its session."""

    #: Set once, before the first channel is opened: it uses the pool.
    listener: ChannelListener

    def __init__(
        self,
        folder: StateFolder,
        supervisor: SupervisorClient,
        *,
        trash: Trash,
        at_once: int,
    ) -> None:
        """at_once: how many may load at the same time. Loading keeps a core busy."""
        self._folder = folder
        self._trash = trash
        self._supervisor = supervisor
        self._start_limiter = StartLimiter(at_once)
        self._channels: dict[str, Channel] = {}
        #: Sessions that another front has taken over.
        self._abandoned: set[str] = set()
        self._holds: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, session_id: str) -> AsyncGenerator[None]:
        """Locks a session: only one task at a time creates, starts, stops or removes its connector.

        If the task that has it waits for the turn of a start, that start is the current caller's, too.
        """
        self.join_start(session_id)
        lock = self._holds.get(session_id)
        if lock is None:
            lock = self._holds[session_id] = asyncio.Lock()
        async with lock:
            yield

    def is_held(self, session_id: str) -> bool:
        """Whether a task holds the session."""
        lock = self._holds.get(session_id)
        return lock is not None and lock.locked()

    async def make(self, session_id: str) -> None:
        """Makes a new folder with its pipes, in place of an existing one. Raises OSError."""
        await self.erase(session_id)
        furnish(self._folder.session(session_id))

    async def set_aside(self, session_id: str) -> None:
        """Removes the folder. What nobody can make again goes to the trash: nobody adopts it there.

        The connector is stopped first, if the trash gets something. Raises OSError, SupervisorUnavailable.
        """
        path = self._folder.session(session_id).path
        if not path.is_symlink() and await asyncio.to_thread(is_worth_keeping, path):
            await self.rest(session_id)
            kept = self._trash.keep(session_id, path)
            log_event(log.warning, "set_aside", session=session_id, folder=f"trash/{kept.name}")
        await self.erase(session_id)

    async def erase(self, session_id: str) -> None:
        """Closes the pipes, and removes them, the credentials and the logs. Raises OSError."""
        channel = self._channels.pop(session_id, None)
        if channel is not None:
            await channel.close()
        await in_thread(lambda: self._remove_files(session_id))
        self.listener.on_folder_removed(session_id)

    def _remove_files(self, session_id: str) -> None:
        path = self._folder.session(session_id).path
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.exists():
            shutil.rmtree(path)
        for file in self._folder.logs.glob(f"connector-{session_id}.log*"):
            file.unlink(missing_ok=True)

    async def forget(self, session_id: str) -> None:
        """How often it was started again is nothing to the next session of this id.

        Raises SupervisorUnavailable.
        """
        await self._supervisor.forget(session_id)

    def abandon(self, session_id: str) -> None:
        """Closes the pipes of a session that another front owns, and never opens them again."""
        self._abandoned.add(session_id)
        channel = self._channels.pop(session_id, None)
        if channel is not None:
            channel.abandon()

    def is_abandoned(self, session_id: str) -> bool:
        """Whether another front has taken the session over."""
        return session_id in self._abandoned

    async def attach(self, session_id: str) -> Channel:
        """Opens the pipes, unless they are open.

        Raises OSError; ConnectorUnavailable if another front owns the session.
        """
        if session_id in self._abandoned:
            raise ConnectorUnavailable("another front owns the session", session_id=session_id)
        channel = self._channels.get(session_id)
        if channel is not None and not channel.is_in_place():
            del self._channels[session_id]
            await channel.close()
            channel = None
        if channel is None:
            furnish(self._folder.session(session_id))
            channel = Channel(
                session_id,
                self._folder.session(session_id),
                self.listener,
                on_begun=self._start_limiter.leave,
            )
            try:
                await channel.open()
            except BaseException:
                await channel.close()
                raise
            self._channels[session_id] = channel
        return channel

    def is_attached(self, session_id: str) -> bool:
        """Whether the pipes are open, so that events arrive."""
        return session_id in self._channels

    def has_no_pipes(self, session_id: str) -> bool:
        """Whether pipes that are open here have been removed from the folder."""
        channel = self._channels.get(session_id)
        return channel is not None and not channel.is_in_place()

    def is_answered(self, session_id: str) -> bool:
        """Whether the connector has answered the hello of this front."""
        channel = self._channels.get(session_id)
        return channel is not None and channel.is_answered()

    def can_send(self, session_id: str) -> bool:
        """Whether the connector has answered the hello of this front, and can send messages."""
        channel = self._channels.get(session_id)
        return channel is not None and channel.can("send")

    def confirms_marks(self, session_id: str) -> bool:
        """Whether the connector says when WhatsApp has confirmed read marks."""
        channel = self._channels.get(session_id)
        return channel is not None and channel.can("marks")

    def channels(self) -> dict[str, Channel]:
        """Returns the open channels, by session id."""
        return dict(self._channels)

    def join_start(self, session_id: str) -> None:
        """Counts a start that waits for its turn as the current caller's, too: the earlier turn counts."""
        self._start_limiter.join(session_id)

    def starting(self) -> tuple[int, int]:
        """Returns how many connectors are loading, and how many wait for their turn to load."""
        return self._start_limiter.loading(), self._start_limiter.waiting()

    def callers_waiting(self) -> list[str]:
        """Returns the callers that wait for a start, in the order of their turns."""
        return self._start_limiter.callers()

    def is_loading(self, session_id: str) -> bool:
        """Whether the connector was started, and has not opened a socket yet."""
        return self._start_limiter.is_taken(session_id)

    async def are_linked(self, session_id: str) -> bool:
        """Whether the credentials on the disk are linked: no row knows of a scan that no front read."""
        return await asyncio.to_thread(is_linked, self._folder.session(session_id).path)

    async def wake(self, session_id: str, *, allowed: Callable[[], None] = lambda: None) -> Program:
        """Starts the connector, unless it runs; many of them a few at a time.

        allowed: called right before the start, unless a process is loading. If it raises, nothing is started.
        Raises SupervisorUnavailable, OSError.
        """
        channel = await self.attach(session_id)
        is_there = channel.is_answered() or self._start_limiter.is_taken(session_id)
        if not is_there:
            await self._start_limiter.take(session_id)
        try:
            if not is_there:
                allowed()
            program = await self._supervisor.start(session_id)
            await self.attach(session_id)  # A warm spare's folder may have taken the place of a blank one.
            return program
        except BaseException:
            self._start_limiter.leave(session_id)
            raise

    async def rest(self, session_id: str) -> bool:
        """Stops the connector; returns, once it is gone, whether it ran. Raises SupervisorUnavailable."""
        channel = self._channels.get(session_id)
        if channel is not None:
            channel.closing()
        try:
            return await self._supervisor.stop(session_id)
        except SupervisorUnavailable:
            self.listener.on_socket_kept(session_id)
            raise

    async def give_up_spares(self) -> bool:
        """Stops the warm spares; returns, once they are gone, whether there were any."""
        try:
            return await self._supervisor.give_up_spares() > 0
        except SupervisorUnavailable as error:
            log_event(log.warning, "spares_not_given_up", detail=error.detail)
            return False

    async def kill(self, session_id: str) -> bool:
        """Kills a connector that hangs. Returns whether there was one. Raises SupervisorUnavailable."""
        return await self._supervisor.kill(session_id)

    async def send(self, session_id: str, *commands: Command) -> None:
        """Sends commands once the connector has answered the hello. Callers need a time-out of their own.

        Raises ConnectorUnavailable if its pipes are not open.
        """
        channel = self._channels.get(session_id)
        if channel is None:
            raise ConnectorUnavailable(session_id=session_id)
        await channel.send(*commands)

    def set_link(self, session: Session) -> None:
        """Sends the connector, if there is one, the options of its next link."""
        channel = self._channels.get(session.id)
        if channel is not None:
            channel.set_link(self.listener.link_options(session))

    def set_version(self, session_id: str, version: str) -> bool:
        """Sends the version that the next link announces. Returns whether there is a connector."""
        channel = self._channels.get(session_id)
        return channel is not None and channel.set_version(version)

    async def running(self) -> dict[str, Program]:
        """Returns the programs that supervisord lists, by session id. Raises SupervisorUnavailable."""
        return {program.id: program for program in await self._supervisor.list()}

    async def close(self) -> None:
        """Closes all pipes; the connectors keep running."""
        for channel in self._channels.values():
            await channel.close()
        self._channels.clear()
