"""Sessions whose connectors are stand-ins, seen from the front's ends of their pipes."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from server.core.paths import StateFolder

#: Far longer than anything here takes. A test that waits so long has failed.
TEST_TIMEOUT_SECONDS = 10.0


class Lines:
    """The JSON lines that come up a pipe."""

    def __init__(self, pipe: Path) -> None:
        if not pipe.exists():
            os.mkfifo(pipe, 0o600)
        self._pipe = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        self._torn = b""
        self._lines: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        #: Lines that are no JSON.
        self.garbage: list[bytes] = []
        asyncio.get_running_loop().add_reader(self._pipe, self._read)

    async def next(self, **wanted: Any) -> dict[str, Any]:
        """The next line with these values; lines before it are skipped."""
        async with asyncio.timeout(TEST_TIMEOUT_SECONDS):
            while True:
                line = await self._lines.get()
                if wanted.items() <= line.items():
                    return line

    def rest(self) -> list[dict[str, Any]]:
        """Lines that were received and not read yet."""
        return [self._lines.get_nowait() for _ in range(self._lines.qsize())]

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pipe)
        os.close(self._pipe)

    def _read(self) -> None:
        *lines, self._torn = (self._torn + os.read(self._pipe, 1 << 16)).split(b"\n")
        for line in filter(None, lines):
            try:
                self._lines.put_nowait(json.loads(line))
            except ValueError:
                self.garbage.append(line)


class Session:
    """A session's folder, and the stand-in for its connector, which obeys orders."""

    def __init__(self, folder: StateFolder, session_id: str) -> None:
        self.id = session_id
        self.folder = folder.session(session_id)
        self.folder.path.mkdir(mode=0o700)
        os.mkfifo(self.folder.commands, 0o600)
        self._open()

    def reopen(self) -> None:
        """Opens the pipes that are there now: those of a spare, whose folder has taken the place."""
        self.close()
        self._open()

    def order(self, *orders: str) -> None:
        """Each order is one line. Orders that one process does not read are for the next one."""
        os.write(self._orders, "".join(f"{order}\n" for order in orders).encode())

    async def ask(self, order: str) -> Any:
        """The stand-in's answer to an order."""
        self.order(order)
        return (await self.events.next(event=order.split()[0]))["answer"]

    def close(self) -> None:
        os.close(self._orders)
        self.events.close()

    def _open(self) -> None:
        self._orders = os.open(self.folder.commands, os.O_RDWR)
        self.events = Lines(self.folder.events)
