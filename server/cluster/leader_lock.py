"""Decides which front leads: a pipe has one reader and one writer."""

import asyncio
import errno
import fcntl
import os
from contextlib import suppress

from server.cluster.lock_mark import COMMAND
from server.connectors.pipes import LineWriter
from server.core.paths import StateFolder
from store.files import open_regular

#: Seconds between two tries to take the lock if the wake-up pipe of its holder is not open.
RETRY_SECONDS = 0.05

#: Seconds for which a command waits for another one, which may have the lock for a moment.
MOMENT_SECONDS = 1.0


class LeaderLock:
    """The lock on a state folder, as one front or one command uses it. It ends with the process."""

    def __init__(self, folder: StateFolder, *, is_command: bool = False) -> None:
        """is_command: others that find the lock taken see that no front has it."""
        self._folder = folder
        self._mark = COMMAND if is_command else b""
        self._is_taken = False
        self._lock = open_regular(folder.lock, os.O_RDWR | os.O_CREAT)

    def take(self) -> bool:
        """Tries to take the lock. Returns whether this front leads now, or this command works."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self._is_taken = True
        self._write(self._mark)  # over that of a command which was killed
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
        if self._is_taken:
            self._write(b"")
        os.close(self._lock)

    def _write(self, mark: bytes) -> None:
        """A full disk keeps nobody from working: a command without its mark is taken for a front."""
        with suppress(OSError):
            os.ftruncate(self._lock, 0)
            os.pwrite(self._lock, mark, 0)

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
