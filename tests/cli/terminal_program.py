"""Runs `motte` in a pseudo-terminal, and reads what a person would see."""

import asyncio
import fcntl
import os
import pty
import struct
import sys
import termios
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.support.eventually import eventually
from tests.support.interrupts import heed_interrupts
from tests.support.terminal import Terminal

#: A busy machine starts programs slowly.
TEST_TIMEOUT_SECONDS = 60


class TerminalProgram:
    """One program in a terminal of its own."""

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
        """Returns once the screen fulfils a condition."""
        try:
            async with asyncio.timeout(TEST_TIMEOUT_SECONDS):
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
        """Called when the program has written something."""
        with suppress(BlockingIOError, OSError):
            self.screen.feed(os.read(self._master, 65536))
        self._written.set()


def whole(screen: Terminal) -> str | None:
    """Returns the code on the screen; None while it is being drawn."""
    try:
        return screen.code()
    except (ValueError, IndexError):
        return None


@asynccontextmanager
async def run_in_terminal(
    *arguments: str, columns: int = 120, lines: int = 60, environ: Mapping[str, str] | None = None
) -> AsyncGenerator[tuple[TerminalProgram, asyncio.subprocess.Process]]:
    """Runs `motte ARGUMENTS` in a terminal during the block."""
    master, slave = pty.openpty()
    os.set_blocking(master, False)
    program = TerminalProgram(master, slave, columns, lines)
    loop = asyncio.get_running_loop()
    loop.add_reader(master, program.read)
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
        yield program, process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        loop.remove_reader(master)
        os.close(slave)
        os.close(master)


async def reads_a_line(process: asyncio.subprocess.Process) -> None:
    """Returns once the program waits for its standard input.

    Python notices a signal that arrives just before that only when the line has come.
    """

    async def reads() -> bool:
        return _system_call_arguments(process.pid)[:1] == ["0x0"]

    await eventually(reads, within=TEST_TIMEOUT_SECONDS)


async def ended(program: TerminalProgram, process: asyncio.subprocess.Process) -> int:
    """Returns the exit code, once everything that the program wrote was read."""
    async with asyncio.timeout(TEST_TIMEOUT_SECONDS):
        code = await process.wait()
    program.read()
    return code


def _system_call_arguments(pid: int) -> list[str]:
    """Returns the arguments of the system call that a process waits for; none while it runs."""
    return Path(f"/proc/{pid}/syscall").read_text().split()[1:]


def _take_terminal() -> None:
    """Makes Ctrl-C end the program."""
    heed_interrupts()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
