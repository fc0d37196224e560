"""supervisord's side: what an operator sees and does, and what a kill -9 leaves."""

import asyncio
import functools
import os
import signal
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from pathlib import Path

import pytest

from server.cli.sandbox.gateway import processes_of
from server.cli.serve.endpoints import control_url
from server.connectors.supervisor_client import Program
from server.sessions.reconciler import RECONCILE_SECONDS
from tests.end_to_end.test_lifecycle import is_offline
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import Phones
from tests.support.serve import Serve


async def test_the_status_shows_the_front_and_a_program_for_each_session_that_is_awake(
    motte: Motte, phones: Phones
) -> None:
    await asyncio.gather(motte.create("awake"), motte.create("asleep"))
    await motte.tell("asleep", "stop")
    status = (await motte.serve.ctl("status")).output
    programs = {line.split()[0]: line.split()[1] for line in status.splitlines()}
    programs = {name: state for name, state in programs.items() if not name.startswith("connector:_spare-")}
    assert programs.keys() == {"front", "connector:awake"}
    assert set(programs.values()) <= {"STARTING", "RUNNING"}  # the front as well: it may have just begun


async def test_a_restart_of_the_front_keeps_connectors_links_and_codes(motte: Motte, phones: Phones) -> None:
    await motte.connect("paired")
    created = await motte.create("waiting")
    before = await motte.programs()
    assert (await motte.serve.ctl("restart", "front")).exit == 0
    await motte.ready()
    assert (await motte.until("connected", "paired"))["connectedAt"] is not None
    assert (await motte.read("waiting"))["qrCode"] == created["qrCode"]
    assert pids(await motte.programs()) == pids(before)
    assert await phones.counts() == (2, 1)


async def test_a_front_that_is_killed_comes_back_and_misses_nothing(motte: Motte, phones: Phones) -> None:
    created = await motte.create()
    connector = await motte.pid()
    os.kill(await front_pid(motte), 9)
    await phones.scan(created["qrCode"])
    await motte.ready()
    connected = await motte.until("connected")
    assert connected["phoneNumber"] is not None
    assert await motte.pid() != connector  # the restart after a scan
    assert await phones.counts() == (1, 1)


async def test_a_read_that_waits_when_the_front_restarts_is_told_so(motte: Motte, phones: Phones) -> None:
    await motte.create()
    await phones.misbehave(noRefs=True)
    await phones.drop()
    await motte.without_a_code()
    read = await motte.waiting()
    await motte.serve.ctl("restart", "front")
    (await read).problem(503, "shutting-down")
    await phones.misbehave()
    await phones.drop()
    await motte.ready()
    assert (await motte.read())["qrCode"] is not None


async def test_a_connector_that_an_operator_stops_makes_its_session_stopped_until_it_is_started(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await motte.serve.ctl("stop", "connector:shop")
    await motte.until("stopped")
    await eventually(functools.partial(is_offline, phones))
    await phones.misbehave(refuse=True)
    await motte.serve.ctl("start", "connector:shop")
    await motte.until("disconnected")
    await phones.misbehave()
    await motte.until("connected")
    assert await phones.counts() == (1, 2)


async def test_a_connector_that_an_operator_stops_while_the_front_is_away_stays_stopped(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await motte.serve.ctl("stop", "front", "connector:shop")
    await motte.serve.ctl("start", "front")
    await motte.ready()
    await motte.until("stopped")
    assert (await motte.programs())["shop"].state == "STOPPED"
    assert await phones.counts() == (1, 1)


async def test_a_stop_by_hand_whose_notice_was_dropped_is_seen_within_half_a_minute(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    front, events = await front_pid(motte), motte.folder.session("shop").events
    os.kill(front, signal.SIGSTOP)
    try:
        fill(events)  # nothing more fits, and supervisord waits for nobody
        assert (await motte.serve.ctl("stop", "connector:shop")).exit == 0
    finally:
        os.kill(front, signal.SIGCONT)
    stopped = functools.partial(has_status, motte, "stopped")
    assert not await stopped()
    await eventually(stopped, within=RECONCILE_SECONDS + 5)
    assert (await motte.programs())["shop"].state == "STOPPED"
    assert (await motte.tell("shop", "start"))["status"] in ("disconnected", "connected")
    await motte.until("connected")


async def test_an_operator_may_restart_every_connector_at_once(motte: Motte, phones: Phones) -> None:
    owners = {"shop": "15551230001", "cafe": "15551230002"}
    await asyncio.gather(*(motte.connect(session_id, phone) for session_id, phone in owners.items()))
    await motte.serve.ctl("restart", "connector:*")
    await asyncio.gather(*(motte.until("connected", session_id) for session_id in owners))
    assert await phones.counts() == (2, 4)


@pytest.fixture
def alone() -> Generator[Serve]:
    """A `motte serve --sandbox`."""
    serve = Serve({"MOTTE_WARM_SPARES": "0"}, "--sandbox", "--sandbox-listen", "127.0.0.1:0")
    yield serve
    serve.stop()
    serve.remove()


@pytest.fixture
async def whole(alone: Serve) -> AsyncGenerator[Motte]:
    """Its caller, once its sandbox listens too."""
    alone.start()
    await eventually(lambda: announces_a_sandbox(alone))
    async with Phones(control_url(alone.folder)) as phones, Motte.opened(alone, phones) as motte:
        yield motte
    await eventually(lambda: announces_a_sandbox(alone))  # one that was started again is elsewhere
    async with Phones(control_url(alone.folder)) as phones:
        assert (await phones.state())["unknownQueries"] == []


async def test_a_supervisord_that_is_killed_takes_everything_with_it_and_a_start_mends_all(
    whole: Motte,
) -> None:
    await whole.connect()
    processes = processes_of(whole.folder)
    assert len(processes) == 4  # supervisord, front, connector, sandbox
    whole.serve.kill()
    await eventually(lambda: is_empty(whole))
    await whole.ready()
    assert (await whole.until("connected"))["phoneNumber"] is not None


async def announces_a_sandbox(serve: Serve) -> bool:
    return serve.folder.sandbox.exists()


async def is_empty(motte: Motte) -> bool:
    return processes_of(motte.folder) == []


def pids(programs: dict[str, Program]) -> dict[str, int | None]:
    return {session_id: program.pid for session_id, program in programs.items()}


async def front_pid(motte: Motte) -> int:
    return int((await motte.serve.ctl("pid", "front")).output)


def fill(pipe: Path) -> None:
    """Write blank lines, which are nothing to read, until not one more byte fits."""
    writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    try:
        for size in (4096, 1):
            with suppress(BlockingIOError):
                while True:
                    os.write(writer, b"\n" * size)
    finally:
        os.close(writer)


async def has_status(motte: Motte, status: str) -> bool:
    return bool((await motte.look())["status"] == status)
