"""A person at a terminal, who runs `motte` and sees what it writes."""

import asyncio
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from tests.support.terminal import Terminal

#: Seconds; a busy machine starts programs slowly.
PATIENCE = 60


class Seat:
    """One program on a terminal of its own."""

    def __init__(self, master: int, slave: int, columns: int, lines: int) -> None:
        self.screen = Terminal(columns, lines)
        self._master = master
        self._slave = slave
        self._written = asyncio.Event()
        self.resize(columns, lines)

    @property
    def text(self) -> str:
        return self.screen.text

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(columns, lines)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def press(self, key: bytes) -> None:
        os.write(self._master, key)

    async def until(self, seen: Callable[[], bool]) -> None:
        """Return once the person has seen it."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not seen():
                    self._written.clear()
                    await self._written.wait()
        except TimeoutError:
            raise AssertionError(f"the terminal shows:\n{self.text}") from None

    async def shows(self, text: str) -> None:
        await self.until(lambda: text in self.text)

    async def shows_code(self, code: str) -> None:
        await self.until(lambda: whole(self.screen) == code)

    def read(self) -> None:
        """Called when something was written."""
        with suppress(BlockingIOError, OSError):
            self.screen.feed(os.read(self._master, 65536))
        self._written.set()


def whole(screen: Terminal) -> str | None:
    """The code on the screen; None while it is being drawn."""
    try:
        return screen.code()
    except (ValueError, IndexError):
        return None


@asynccontextmanager
async def seated(
    *arguments: str, columns: int = 120, lines: int = 60, environ: Mapping[str, str] | None = None
) -> AsyncGenerator[tuple[Seat, asyncio.subprocess.Process]]:
    """`motte ARGUMENTS` on a terminal; ended with the block."""
    master, slave = pty.openpty()
    os.set_blocking(master, False)
    seat = Seat(master, slave, columns, lines)
    loop = asyncio.get_running_loop()
    loop.add_reader(master, seat.read)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "server", *arguments),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, **(environ or {})},
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    try:
        yield seat, process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        loop.remove_reader(master)
        os.close(slave)
        os.close(master)


async def ended(seat: Seat, process: asyncio.subprocess.Process) -> int:
    """How the program ended, once the person has seen all that it wrote."""
    async with asyncio.timeout(PATIENCE):
        code = await process.wait()
    seat.read()
    return code


def _take_terminal() -> None:
    """Makes Ctrl-C end the program, even if the process that runs the tests ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
