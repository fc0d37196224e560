"""How `motte tail` ends while it waits for events."""

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Callable

from server.cli.serve.launch import ROOT
from tests.cli.tail.conftest import WITHIN
from tests.cli.tail.event_log import FakeLog, event
from tests.support.interrupts import heed_interrupts


async def test_it_ends_with_the_program_that_reads_it_though_nothing_happens(api: FakeLog, url: str) -> None:
    api.events = [event(1)]
    code, output = await _ended(api, url, _stop_reading)
    assert (code, output) == (141, "")


async def test_ctrl_c_ends_it_silently(api: FakeLog, url: str) -> None:
    code, output = await _ended(api, url, lambda program: program.send_signal(signal.SIGINT))
    assert (code, output) == (130, "")


def _stop_reading(program: Process) -> None:
    """Ends the end of the pipe that reads, as `head` does when it ends."""
    program._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]


async def _ended(api: FakeLog, url: str, end: Callable[[Process], None]) -> tuple[int, str]:
    """Runs it, and ends it once it waits for an event. Returns what it said on standard error."""
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "tail", "--url", url),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=heed_interrupts,
    )
    assert program.stderr
    async with asyncio.timeout(WITHIN):
        await api.waits.wait()
        end(program)
        told = await program.stderr.read()
        return await program.wait(), told.decode()
