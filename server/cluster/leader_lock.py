"""Which front owns the pipes of a state folder: a pipe has one reader and one writer."""

import asyncio
import errno
import fcntl
import os

from server.connectors.pipes import LineWriter
from server.core.paths import StateFolder

#: Seconds between two looks at a lock whose holder has not opened its door yet, or is just going.
RETRY_SECONDS = 0.05


class LeaderLock:
    """The lock of one front. It ends with the process, however that ends."""

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder
        self._lock = os.open(folder.lock, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self) -> bool:
        """Whether this front owns the pipes now."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    async def wait(self) -> None:
        """Return once this front owns the pipes: the owner holds its door open as long as it lives."""
        while not self.take():
            await self._owner_gone()

    def close(self) -> None:
        """Let go."""
        os.close(self._lock)

    async def _owner_gone(self) -> None:
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
