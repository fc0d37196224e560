"""Limit for clients that do not read their responses."""

import asyncio

#: Seconds in which a client must read a part of the bytes that wait for it. Without a limit, a response stays
#: in memory for ever.
READ_TIMEOUT_SECONDS = 30.0

#: Bytes that a client must read in that time. The last bytes of a slow download are enough, a trickle is not.
MIN_READ_BYTES = 16 * 1024


class ReaderTimer:
    """Ends a connection whose client reads too little.

    Runs while its write buffer is full, and while anything is in it after the connection was closed: asyncio
    keeps it open until the client has read everything.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Gives the client time to read from what waits for it now."""
        waiting = self._transport.get_write_buffer_size()
        self._handle = self._loop.call_later(READ_TIMEOUT_SECONDS, self._overdue, waiting)

    def start_if_closing(self) -> None:
        """Gives the client time to read the last bytes of a connection that was closed."""
        if self._handle is None and self._transport.is_closing() and self._has_unread():
            self.start()

    def is_running(self) -> bool:
        """Whether the connection waits for its client to read."""
        return self._handle is not None

    def cut_off(self) -> None:
        """Ends the connection if the client has not read everything."""
        if self._has_unread():
            self._transport.abort()

    def stop(self) -> None:
        """The client has read, or is gone."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _has_unread(self) -> bool:
        return self._transport.get_write_buffer_size() > 0

    def _overdue(self, before: int) -> None:
        """before: bytes in the buffer when the timer started. A client that is only slow gets more time."""
        self._handle = None
        if before - self._transport.get_write_buffer_size() >= MIN_READ_BYTES:
            self.start()
        else:
            self._transport.abort()
