"""Reader and writer of a FIFO."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Self

#: Bytes of the longest line that is read. A longer one is dropped as torn.
LONGEST_LINE = 1 << 20


def make_fifo(path: Path) -> None:
    """Makes the pipe, readable by its owner alone, unless it exists. Any other file there is removed."""
    if path.is_symlink() or (path.exists() and not path.is_fifo()):
        path.unlink()
    if not path.exists():
        os.mkfifo(path, 0o600)


#: Device and inode of a file.
Identity = tuple[int, int]


class LineReader:
    """Reads lines from a pipe. It is open for writing too, so that it sees no end between two connectors."""

    def __init__(
        self,
        transport: asyncio.ReadTransport,
        stream: asyncio.StreamReader,
        *,
        path: Path,
        identity: Identity,
    ) -> None:
        self._transport = transport
        self._stream = stream
        self._path = path
        self._identity = identity

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Raises OSError if there is no such pipe."""
        stream = asyncio.StreamReader(limit=LONGEST_LINE)
        pipe = os.fdopen(os.open(path, os.O_RDWR | os.O_NONBLOCK), "rb", buffering=0)
        identity = _identity(os.fstat(pipe.fileno()))
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), pipe)
        return cls(transport, stream, path=path, identity=identity)

    def is_in_place(self) -> bool:
        """Whether the path still leads to this pipe: it may have been removed with its folder."""
        try:
            return _identity(self._path.stat()) == self._identity
        except OSError:
            return False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        is_overlong = False
        while True:
            try:
                line = await self._stream.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                await self._stream.readexactly(error.consumed)
                is_overlong = True  # The next line is the rest of this one.
                continue
            except asyncio.IncompleteReadError:
                return
            if line != b"\n" and not is_overlong:
                yield line
            is_overlong = False

    def close(self) -> None:
        """Stops reading. Unread lines are lost when the last process closes the pipe."""
        self._transport.close()


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
            descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return None
            raise
        pipe = os.fdopen(descriptor, "wb", buffering=0)
        loop = asyncio.get_running_loop()
        transport, writer = await loop.connect_write_pipe(lambda: cls(on_lost), pipe)
        writer._transport = transport
        return writer

    def write(self, line: bytes) -> None:
        """Sends one line. It is lost if the reader is gone."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(line)

    def close(self) -> None:
        """Closes the pipe."""
        if self._transport is not None:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self._on_lost(self)


def _identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino
