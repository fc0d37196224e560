"""`motte serve` as the first process of a container: nobody above it reaps, and the kernel guards it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from server.cli.sandbox.gateway import processes_of
from server.cli.serve.endpoints import control_url
from tests.deploy.namespaces import UNSHARE, has_namespaces
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import Phones
from tests.support.serve import STOP_WITHIN, Serve

pytestmark = has_namespaces


class FirstProcess(Serve):
    """A `motte serve --sandbox` that is process 1, as far as it can see."""

    def command(self) -> list[str]:
        return [*UNSHARE, "--pid", "--mount-proc", "--fork", "--kill-child", *super().command()]

    @property
    def pid(self) -> int:
        """supervisord's, as it is seen from here: the one child of `unshare`."""
        unshare = super().pid
        return int(Path(f"/proc/{unshare}/task/{unshare}/children").read_text())

    def exit_code(self) -> int:
        """How it ended; `unshare` ends in the same way."""
        assert self._process is not None
        return self._process.wait(STOP_WITHIN)


@pytest.fixture
def first() -> Generator[FirstProcess]:
    serve = FirstProcess({"MOTTE_WARM_SPARES": "0"}, "--sandbox", "--sandbox-listen", "127.0.0.1:0")
    yield serve
    serve.stop()
    serve.remove()


@pytest.fixture
async def motte(first: FirstProcess) -> AsyncGenerator[Motte]:
    first.start()
    await eventually(lambda: announces_a_sandbox(first))
    async with Phones(control_url(first.folder)) as phones, Motte.opened(first, phones) as motte:
        yield motte


async def test_a_session_pairs_and_all_ends_in_time_with_a_good_exit_code(
    motte: Motte, first: FirstProcess
) -> None:
    await motte.connect()
    assert seen_from_inside(first.pid) == 1
    assert len(processes_of(first.folder)) == 5  # supervisord, front, connector, sandbox; and `unshare`
    os.kill(first.pid, signal.SIGTERM)
    assert await asyncio.to_thread(first.exit_code) == 0
    assert processes_of(first.folder) == []


async def test_what_others_leave_behind_is_reaped(first: FirstProcess) -> None:
    first.start()
    await eventually(lambda: says(first, "supervisord started"))
    inside = ["nsenter", "--target", str(first.pid), *FOLLOWED, "sh", "-c", "sleep 0.1 &"]
    orphan = await asyncio.create_subprocess_exec(*inside, stdout=asyncio.subprocess.DEVNULL)
    assert await orphan.wait() == 0
    await eventually(lambda: says(first, "reaped unknown pid"))


async def test_a_stop_that_comes_before_supervisord_listens_is_not_lost(first: FirstProcess) -> None:
    """The kernel drops a signal for which its first process has no handler."""
    first.start()
    await eventually(lambda: keeps_term(first))
    os.kill(first.pid, signal.SIGTERM)
    assert await asyncio.to_thread(first.exit_code) == 0


#: Namespaces into which `nsenter` follows.
FOLLOWED = ["--pid", *(() if os.geteuid() == 0 else ("--user",))]


async def announces_a_sandbox(serve: Serve) -> bool:
    return serve.folder.sandbox.exists()


async def says(serve: Serve, text: str) -> bool:
    return text in serve.logs()


async def keeps_term(first: FirstProcess) -> bool:
    """Whether TERM would wait. `unshare` blocks it too, and lets it go before its child is ours."""
    try:
        return is_python(first.pid) and bool(blocked(first.pid) & 1 << (signal.SIGTERM - 1))
    except (OSError, ValueError):  # there is no child yet
        return False


def is_python(pid: int) -> bool:
    return Path(f"/proc/{pid}/cmdline").read_bytes().startswith(os.fsencode(sys.executable))


def blocked(pid: int) -> int:
    """The signals that a process blocks, a bit each."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("SigBlk:")[2].split()[0], 16)


def seen_from_inside(pid: int) -> int:
    """The number that a process has for itself."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("NSpid:")[2].partition("\n")[0].split()[-1])
