"""Relays connections to the simulated WhatsApp, and notes when what passes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from time import CLOCK_BOOTTIME, clock_gettime
from urllib.parse import urlsplit


class Tap:
    """Listens in the place of WhatsApp, on the loopback."""

    def __init__(self) -> None:
        #: URL of the simulated WhatsApp, which must be known before the first connection.
        self.target = ""
        #: For each connection, the moments at which it was opened and at which its direction has changed:
        #: the first bytes from the connector, the first from WhatsApp, and so on. Boot clock, seconds.
        self.connections: list[list[float]] = []

        self._relays: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> AsyncGenerator[tuple["Tap", str]]:
        """Yields a tap and its URL."""
        tap = cls()
        server = await asyncio.start_server(tap._relay, "127.0.0.1", 0)
        async with server:
            yield tap, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws/chat"
        for relay in tap._relays:
            relay.cancel()
        await asyncio.gather(*tap._relays, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay = asyncio.current_task()
        assert relay is not None
        self._relays.add(relay)
        moments = [now()]
        self.connections.append(moments)
        target = urlsplit(self.target)
        far_reader, far_writer = await asyncio.open_connection(target.hostname, target.port)

        async def forward(source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, is_out: bool) -> None:
            while piece := await source.read(2**16):
                if is_out == bool(len(moments) % 2):  # the other side sent the last bytes
                    moments.append(now())
                sink.write(piece)
            sink.close()

        try:
            with suppress(ConnectionError):
                await asyncio.gather(
                    forward(reader, far_writer, is_out=True), forward(far_reader, writer, is_out=False)
                )
        finally:
            for end in (writer, far_writer):
                end.close()
                with suppress(ConnectionError):
                    await end.wait_closed()


def now() -> float:
    """Returns the boot clock, in seconds."""
    return clock_gettime(CLOCK_BOOTTIME)
