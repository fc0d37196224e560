"""Reader and writer of a FIFO."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

from server.connectors.read_budget import BYTES_PER_LINE, ReadBudget
from store.files import open_pipe

#: Bytes of the longest line that is read.
LONGEST_LINE = 1 << 20
#: Stands for a longer one, which is dropped. It is no event.
OVERLONG = b"overlong"
#: Lines of one list: what one transaction may hold.
LINES_TOGETHER = 20
#: Bytes that are read from a pipe at once: what a pipe of Linux holds.
PIECE_BYTES = 1 << 16


#: Device and inode of a file.
Identity = tuple[int, int]


class LineReader:
    """Reads lines from a pipe. It is open for writing too, so that it sees no end between two connectors.

    It reads a piece when somebody wants a line, and no further: what was not read waits in the pipe, and who
    wrote it waits with it.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError if there is no such pipe."""
        self._path = path
        self._descriptor = open_pipe(path, os.O_RDWR)
        self._identity = _identity(os.fstat(self._descriptor))
        self._is_closed = False
        #: Bytes after the last newline.
        self._rest = b""
        self._is_overlong = False
        self.budget = ReadBudget()

    def is_in_place(self) -> bool:
        """Whether the path still leads to this pipe: it may have been removed with its folder."""
        try:
            return _identity(self._path.stat()) == self._identity
        except OSError:
            return False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yields lines without their ends, and none that is empty; OVERLONG for a line that is too long."""
        async for lines in self.together():
            for line in lines:
                yield line

    async def together(self) -> AsyncIterator[list[bytes]]:
        """Yields the same lines, in lists of those that came together."""
        while True:
            piece = await self._piece()
            # Also for a piece of one byte: a writer that never pauses would else keep the event loop.
            await self.budget.spend(1 + len(piece) // BYTES_PER_LINE)
            *lines, rest = (self._rest + piece).split(b"\n")
            self._rest = rest if len(rest) <= LONGEST_LINE else b""
            if lines and self._is_overlong:
                self._is_overlong = False
                lines[0] = OVERLONG  # the end of that line
            whole = [line if len(line) <= LONGEST_LINE else OVERLONG for line in lines if line]
            for first in range(0, len(whole), LINES_TOGETHER):
                some = whole[first : first + LINES_TOGETHER]
                yield some
                await self.budget.spend(len(some))
            if len(rest) > LONGEST_LINE:
                self._is_overlong = True  # What comes next is the rest of this line.

    def close(self) -> None:
        """Stops reading. Unread lines are lost when the last process closes the pipe."""
        if not self._is_closed:
            self._is_closed = True
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)

    async def _piece(self) -> bytes:
        loop = asyncio.get_running_loop()
        while True:
            with suppress(BlockingIOError):
                return os.read(self._descriptor, PIECE_BYTES)
            is_readable = loop.create_future()
            loop.add_reader(self._descriptor, _resolve, is_readable)
            try:
                await is_readable
            finally:
                if not self._is_closed:
                    loop.remove_reader(self._descriptor)


class LineWriter(asyncio.BaseProtocol):
    """Writes lines to a pipe while a process reads it."""

    def __init__(self, on_lost: Callable[["LineWriter"], None]) -> None:
        self._on_lost = on_lost
        self._transport: asyncio.WriteTransport | None = None

    @classmethod
    async def open(cls, path: Path, on_lost: Callable[["LineWriter"], None]) -> "LineWriter | None":
        """Returns None if no process reads. `on_lost` is called once, when the reader is gone.

        Write-only: if a pipe is open for both, asyncio takes its own bytes for a lost connection.
        """
        try:
            descriptor = open_pipe(path, os.O_WRONLY)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return None
            raise
        pipe = os.fdopen(descriptor, "wb", buffering=0)
        loop = asyncio.get_running_loop()
        transport, writer = await loop.connect_write_pipe(lambda: cls(on_lost), pipe)
        writer._transport = transport
        return writer

    def write(self, lines: bytes) -> None:
        """Sends a line, or several. They are lost if the reader is gone."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(lines)

    def close(self) -> None:
        """Closes the pipe."""
        if self._transport is not None:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self._on_lost(self)


def _identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
