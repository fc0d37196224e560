"""Decides which front leads: a pipe has one reader and one writer."""

import asyncio
import errno
import fcntl
import os

from server.connectors.pipes import LineWriter
from server.core.paths import StateFolder
from store.files import open_regular

#: Seconds between two tries to take the lock if the wake-up pipe of its holder is not open.
RETRY_SECONDS = 0.05

#: Seconds for which a command waits for another one, which may have the lock for a moment.
MOMENT_SECONDS = 1.0


class LeaderLock:
    """The lock on a state folder, as one front uses it. It ends with the process."""

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder
        self._lock = open_regular(folder.lock, os.O_RDWR | os.O_CREAT)

    def take(self) -> bool:
        """Tries to take the lock. Returns whether this front leads now."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    async def take_soon(self) -> bool:
        """Tries to take the lock for a second, as a command that brings the database up to date does."""
        loop = asyncio.get_running_loop()
        until = loop.time() + MOMENT_SECONDS
        while not self.take():
            if loop.time() >= until:
                return False
            await asyncio.sleep(RETRY_SECONDS)
        return True

    async def wait(self) -> None:
        """Returns once this front leads: a leader keeps its wake-up pipe open as long as it lives."""
        while not self.take():
            await self._leader_gone()

    def close(self) -> None:
        """Releases the lock."""
        os.close(self._lock)

    async def _leader_gone(self) -> None:
        gone = asyncio.Event()
        try:
            wakeup_pipe = await LineWriter.open(self._folder.wakeup_pipe, lambda wakeup_pipe: gone.set())
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
            wakeup_pipe = None
        if wakeup_pipe is None:
            await asyncio.sleep(RETRY_SECONDS)
            return
        try:
            await gone.wait()
        finally:
            wakeup_pipe.close()
