"""Warm spares under a real supervisord."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest

from server.connectors.supervisor_client import Program
from server.core.paths import is_session_id
from tests.supervisor_plugin.conftest import NewRig
from tests.supervisor_plugin.rig import Rig, gone
from tests.supervisor_plugin.sessions import TEST_TIMEOUT_SECONDS, Session


@pytest.fixture
def new_spare_rig(new_rig: NewRig) -> NewRig:
    """As new_rig, with one spare."""

    def new(**options: str) -> Rig:
        rig = new_rig(**options)
        rig.environment["MOTTE_WARM_SPARES"] = "1"
        return rig

    return new


@pytest.fixture
async def rig(new_spare_rig: NewRig) -> Rig:
    return await new_spare_rig().start()


async def spare(rig: Rig, *, other_than: int = 0) -> Program:
    """The spare, once it is warm. other_than: a pid."""
    async with asyncio.timeout(TEST_TIMEOUT_SECONDS):
        while True:
            for program in await rig.supervisor.spares():
                is_warm = (rig.folder.spare(program.id).path / "warm").exists()
                if is_warm and program.pid not in (None, other_than):
                    return program
            await asyncio.sleep(0.02)


async def given(rig: Rig, session_id: str) -> tuple[Session, Program]:
    """A new session, and its process once it has opened the pipes."""
    session = rig.session(session_id)
    program = await rig.supervisor.start(session_id)
    session.reopen()
    await session.events.next(event="up")
    return session, program


def folders(rig: Rig) -> list[str]:
    return sorted(path.name for path in rig.folder.spares.iterdir())


def arguments(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


async def test_a_spare_is_a_program_of_supervisord_and_no_connector(rig: Rig) -> None:
    waiting = await spare(rig)
    assert waiting.id == "_spare-1"
    assert not is_session_id(waiting.id)
    assert "connector:_spare-1" in await rig.ctl("status")
    assert await rig.supervisor.list() == []
    assert folders(rig) == ["_spare-1"]


async def test_a_new_session_gets_the_spare_which_takes_its_name(rig: Rig) -> None:
    waiting = await spare(rig)
    session, program = await given(rig, "shop")
    assert (program.id, program.pid) == ("shop", waiting.pid)
    assert [program.id for program in await rig.supervisor.list()] == ["shop"]
    assert "connector:shop" in await rig.ctl("status")
    assert "_spare-1" not in await rig.ctl("status")
    await rig.logged("connector-shop.log", "session=shop event=started")
    session.order("log more")
    await rig.logged("connector-shop.log", "more")
    assert (rig.folder.logs / "spares.log").read_bytes() == b""


async def test_a_spare_that_was_given_away_is_followed_by_another(rig: Rig) -> None:
    first = await spare(rig)
    _, shop = await given(rig, "shop")
    second = await spare(rig)
    assert second.id == "_spare-2"
    _, other = await given(rig, "other")
    assert (shop.pid, other.pid) == (first.pid, second.pid)
    assert arguments(second.pid or 0)[-2] == "--spare"


async def test_a_session_that_got_a_spare_is_started_again_as_itself(rig: Rig) -> None:
    await spare(rig)
    session, program = await given(rig, "shop")
    assert program.pid
    os.kill(program.pid, signal.SIGKILL)
    assert (await session.events.next(event="ended"))["signal"] == signal.SIGKILL
    pid = (await session.events.next(event="up"))["pid"]
    assert arguments(pid)[-2] == "shop"
    [listed] = await rig.supervisor.list()
    assert (listed.id, listed.pid, listed.restarts) == ("shop", pid, 1)


async def test_a_session_that_got_a_spare_stops_like_any_other(rig: Rig) -> None:
    waiting = await spare(rig)
    session, _ = await given(rig, "shop")
    assert await rig.supervisor.stop("shop")
    assert (await session.events.next(event="ended"))["state"] == "STOPPED"
    await gone(waiting.pid or 0)
    assert await rig.supervisor.list() == []


async def test_a_session_whose_connector_has_run_gets_no_spare(rig: Rig) -> None:
    waiting = await spare(rig)
    session = rig.session("shop")
    (session.folder.path / "connector.db").touch()
    program = await rig.supervisor.start("shop")
    await session.events.next(event="up")
    assert program.pid != waiting.pid
    assert [one.pid for one in await rig.supervisor.spares()] == [waiting.pid]


async def test_a_spare_that_is_not_warm_yet_is_not_given_away(rig: Rig) -> None:
    waiting = await spare(rig)
    (rig.folder.spare(waiting.id).path / "warm").unlink()
    session = await rig.started("shop")
    assert (await rig.supervisor.list())[0].pid != waiting.pid
    assert session.folder.events.is_fifo()


async def test_a_spare_whose_folder_could_not_be_moved_is_for_the_next_session(rig: Rig) -> None:
    waiting = await spare(rig)
    in_the_way = rig.folder.spares / f"{waiting.id}.old"
    (in_the_way / "full").mkdir(parents=True)
    session = await rig.started("shop")
    assert await session.ask("say done")
    assert [one.pid for one in await rig.supervisor.spares()] == [waiting.pid]
    shutil.rmtree(in_the_way)
    _, program = await given(rig, "other")
    assert program.pid == waiting.pid


async def test_a_session_starts_when_its_spare_was_killed_in_the_same_moment(rig: Rig) -> None:
    waiting = await spare(rig)
    os.kill(waiting.pid or 0, signal.SIGSTOP)  # it does not read its session's name before it is killed
    session = rig.session("shop")
    starting = asyncio.create_task(rig.supervisor.start("shop"))
    await asyncio.sleep(0)
    os.kill(waiting.pid or 0, signal.SIGKILL)
    await starting
    session.reopen()
    up = await session.events.next(event="up")
    assert up["pid"] != waiting.pid
    assert arguments(up["pid"])[-2] == "shop"
    assert [program.id for program in await rig.supervisor.list()] == ["shop"]


async def test_a_spare_that_is_killed_comes_back_and_nobody_is_told(rig: Rig) -> None:
    waiting = await spare(rig)
    os.kill(waiting.pid or 0, signal.SIGKILL)
    await spare(rig, other_than=waiting.pid or 0)
    assert (await rig.supervisor.total()).restarts == 0
    assert await rig.supervisor.tallies() == {}


async def test_a_spare_that_a_person_stopped_is_not_replaced(rig: Rig) -> None:
    await spare(rig)
    await rig.ctl("stop", "connector:_spare-1")
    session = rig.session("shop")
    await rig.supervisor.start("shop")
    await session.events.next(event="up")
    await asyncio.sleep(0)
    assert [(one.id, one.state) for one in await rig.supervisor.spares()] == [("_spare-1", "STOPPED")]
    await rig.ctl("start", "connector:_spare-1")
    _, program = await given(rig, "other")
    assert program.id == "other"


async def test_spares_are_given_up_at_request(rig: Rig) -> None:
    waiting = await spare(rig)
    assert await rig.supervisor.give_up_spares() == 1
    await gone(waiting.pid or 0)
    assert folders(rig) == []
    assert await rig.supervisor.give_up_spares() == 0


async def test_there_is_no_spare_without_memory_for_it(new_spare_rig: NewRig) -> None:
    rig = new_spare_rig()
    rig.environment["MOTTE_MIN_FREE_MEMORY"] = "100000000"
    await rig.start()
    session = await rig.started("shop")
    session.order("sleep 1.2")  # a look comes each second
    await session.ask("say done")
    assert await rig.supervisor.spares() == []


async def test_folders_that_killed_spares_left_are_removed(new_spare_rig: NewRig) -> None:
    rig = new_spare_rig()
    left = rig.folder.spare("_spare-7").path
    left.mkdir(parents=True)
    (left / "events.fifo").touch()
    await rig.start()
    await spare(rig)
    assert folders(rig) == ["_spare-1"]


async def test_a_stop_of_supervisord_ends_spares_and_leaves_nothing(rig: Rig) -> None:
    await spare(rig)
    await rig.stop()  # asserts that no process is left
    assert folders(rig) == []


async def test_a_kill_of_supervisord_ends_its_spares(rig: Rig) -> None:
    waiting = await spare(rig)
    running = list(rig.running())
    assert waiting.pid in running
    rig.process.kill()
    for pid in running:
        await gone(pid)
