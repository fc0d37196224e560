"""Logs that cannot be written, and a terminal that is a file on the same full disk."""

import os
import resource
from asyncio.subprocess import PIPE
from contextlib import suppress

from tests.supervisor_plugin.conftest import NewRig
from tests.supervisor_plugin.rig import Rig
from tests.support.eventually import eventually


async def test_a_full_disk_ends_no_process_and_later_lines_are_logged(new_rig: NewRig) -> None:
    rig = await started_where_the_terminal_is_full(new_rig(log_maxbytes="40"))
    shop = await rig.started("shop")
    await rig.logged("connector-shop.log", "started")
    _, most = resource.prlimit(rig.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(rig.process.pid, resource.RLIMIT_FSIZE, (0, most))
    await rig.supervisor.kill("shop")  # which supervisord logs
    await shop.events.next(event="up")
    for _ in range(3):
        await shop.ask("log a-line-that-is-lost")  # with the second it would be rotated
    resource.prlimit(rig.process.pid, resource.RLIMIT_FSIZE, (most, most))
    await shop.ask("log kept")
    await eventually(lambda: has_logged(rig, "kept"))


async def test_a_pipe_in_the_place_of_a_log_does_not_stop_supervisord(rig: Rig) -> None:
    os.mkfifo(rig.folder.logs / "connector-shop.log")
    await rig.started("shop")
    await rig.logged("connector-shop.log", "started")
    assert (rig.folder.logs / "connector-shop.log").is_file()  # a test


async def has_logged(rig: Rig, text: str) -> bool:
    """In the connector's log, or in the one before."""
    said = ""
    for log in rig.folder.logs.glob("connector-shop.log*"):
        with suppress(FileNotFoundError):  # it was rotated just now
            said += log.read_text()
    return text in said


async def started_where_the_terminal_is_full(rig: Rig) -> Rig:
    full = os.open("/dev/full", os.O_WRONLY)
    await rig.launch(stdout=PIPE, stderr=full)
    os.close(full)
    await rig.shown("front is up")
    return rig
