"""How everything stops."""

import asyncio
import os
import signal
import time
from configparser import RawConfigParser

import pytest

from tests.supervisor_plugin.conftest import NewRig
from tests.supervisor_plugin.rig import PROJECT, Rig
from tests.supervisor_plugin.sessions import TEST_TIMEOUT_SECONDS


async def test_the_front_stops_first_then_the_connectors_then_the_sandbox(rig: Rig) -> None:
    await rig.started("shop")
    rig.process.terminate()
    await rig.process.communicate()
    log = (rig.folder.logs / "supervisord.log").read_text()
    stopped = [line.split("stopped: ")[1].split()[0] for line in log.splitlines() if "stopped: " in line]
    assert stopped == ["front", "shop", "sandbox"]


async def test_a_process_that_ignores_its_stop_is_killed_in_time(
    new_rig: NewRig,
) -> None:
    rig = new_rig()
    deaf = """/bin/sh -c "trap '' TERM; echo front is up; while read line; do :; done" """
    rig.configure("program:front", command=deaf, stopwaitsecs="1")
    await rig.start()
    shop = await rig.started("shop")
    await shop.ask("ignore")
    began = time.monotonic()
    await rig.stop()
    assert 1.5 < time.monotonic() - began < 2.2


def test_the_sum_of_the_stop_times_is_less_than_ten_seconds() -> None:
    config = RawConfigParser()
    config.read(PROJECT / "supervisord.conf")
    sections = ("program:front", "rpcinterface:motte", "program:sandbox")
    assert sum(float(config[section]["stopwaitsecs"]) for section in sections) < 10


async def test_a_shutdown_does_not_wait_for_an_empty_group(new_rig: NewRig) -> None:
    """Stock supervisord goes on to the next group when something happens, or its second is over."""
    rig = new_rig()
    hushed = """/bin/sh -c "echo front is up; exec sleep 1000 >/dev/null 2>&1" """
    rig.configure("program:sandbox", command=hushed)
    rig.configure("program:front", command=hushed)
    await rig.start()
    began = time.monotonic()
    await rig.stop()
    assert time.monotonic() - began < 0.8


async def test_two_simultaneous_signals_are_both_handled_at_once(rig: Rig) -> None:
    """Stock supervisord takes the second when its next second is over."""
    for number in (signal.SIGSTOP, signal.SIGUSR2, signal.SIGTERM, signal.SIGCONT):
        rig.process.send_signal(number)
    began = time.monotonic()
    await rig.process.communicate()
    assert time.monotonic() - began < 0.8


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_requested_stop_ends_with_two_calm_lines_and_success(rig: Rig, number: int) -> None:
    await rig.started("shop")
    rig.process.send_signal(number)
    shown, _ = await rig.process.communicate()
    last = shown.decode().splitlines()[-2:]
    assert last == ["Motte     stopping; accounts stay linked", "Motte     stopped"]
    assert b"WARN" not in shown
    assert rig.process.returncode == 0


async def test_ctrl_c_while_supervisord_loads_is_a_requested_stop_once_it_has_loaded(
    new_rig: NewRig,
) -> None:
    def interrupt() -> None:
        """Leaves the process as `motte serve` does, with a Ctrl-C that came at once."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
        os.kill(os.getpid(), signal.SIGINT)

    rig = new_rig()
    await rig.launch(stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, prepare=interrupt)
    # supervisord also measures Node before it has loaded, which is slow on a busy machine.
    shown, _ = await asyncio.wait_for(rig.process.communicate(), 4 * TEST_TIMEOUT_SECONDS)
    assert b"Traceback" not in shown
    assert shown.decode().splitlines()[-2:] == [
        "Motte     stopping; accounts stay linked",
        "Motte     stopped",
    ]
    assert rig.process.returncode == 0


async def test_everything_stops_if_the_terminal_is_closed(new_rig: NewRig) -> None:
    rig = new_rig()
    screen, terminal = os.openpty()
    await rig.launch(stdout=terminal, stderr=terminal)
    os.close(terminal)
    shown = b""
    while b"front is up" not in shown:
        shown += await asyncio.to_thread(os.read, screen, 4096)
    os.close(screen)
    rig.process.send_signal(signal.SIGHUP)
    await asyncio.wait_for(rig.process.wait(), TEST_TIMEOUT_SECONDS)
    assert "stopped: sandbox" in (rig.folder.logs / "supervisord.log").read_text()
