"""What `motte.start` and `motte.list` do."""

import asyncio
import signal

import pytest

from server.core.errors import SupervisorUnavailable
from tests.supervisor_plugin.conftest import StartRig
from tests.supervisor_plugin.rig import Rig

#: Says its pid and sleeps.
TINY = """/bin/sh -c 'echo "{\\"pid\\": $$}" >"$MOTTE_STATE/sessions/$0/events.fifo"; exec sleep 1000'"""


async def test_a_start_runs_the_connector_and_answers_with_its_pid(rig: Rig) -> None:
    shop = rig.session("shop")
    program = await rig.supervisor.start("shop")
    up = await shop.events.next(event="up")
    assert (program.id, program.state, program.pid, program.exit) == ("shop", "STARTING", up["pid"], None)
    assert (await rig.notices.next(id="shop"))["state"] == "STARTING"
    assert (await rig.notices.next(id="shop"))["state"] == "RUNNING"


async def test_a_second_start_changes_nothing(rig: Rig) -> None:
    await rig.started("shop")
    await rig.notices.next(state="RUNNING")
    first = await rig.supervisor.start("shop")
    assert (await rig.supervisor.start("shop")).pid == first.pid
    assert [program.pid for program in await rig.supervisor.list()] == [first.pid]
    assert rig.notices.rest() == []


async def test_fifty_starts_at_once_give_fifty_connectors(start_rig: StartRig) -> None:
    rig = await start_rig(connector_command=TINY)
    sessions = [rig.session(f"shop-{number}") for number in range(50)]
    programs = await asyncio.gather(*(rig.supervisor.start(session.id) for session in sessions))
    pids = [(await session.events.next())["pid"] for session in sessions]
    assert [program.pid for program in programs] == pids
    assert {program.id for program in await rig.supervisor.list()} == {session.id for session in sessions}


async def test_a_start_during_back_off_leaves_the_delay_alone(start_rig: StartRig) -> None:
    rig = await start_rig(first_delay="60")
    shop = await rig.started("shop")
    shop.order("exit 1")
    await rig.notices.next(state="BACKOFF")
    program = await rig.supervisor.start("shop")
    assert (program.state, program.pid, program.exit, program.tries) == ("BACKOFF", None, 1, 1)
    assert program.retry_in is not None
    assert 55 < program.retry_in < 60


async def test_a_start_after_giving_up_tries_again(start_rig: StartRig) -> None:
    rig = await start_rig(tries="1", startsecs="60")
    shop = await rig.started("shop")
    shop.order("exit 1")
    assert (await rig.notices.next(state="FATAL"))["tries"] == 1
    program = await rig.supervisor.start("shop")
    await shop.events.next(event="up")
    assert (program.state, program.tries) == ("STARTING", 0)


async def test_a_start_during_a_stop_starts_the_connector_after_the_stop(rig: Rig) -> None:
    shop = await rig.started("shop")
    await shop.ask("ignore")
    stop = asyncio.create_task(rig.supervisor.stop("shop"))
    first = (await shop.events.next(event="TERM"))["pid"]
    program = await rig.supervisor.start("shop")
    assert await stop
    assert program.pid not in (first, None)
    assert (await shop.events.next(event="up"))["pid"] == program.pid


async def test_a_connector_whose_start_fails_is_tried_again_and_reports_why(rig: Rig) -> None:
    rig.session("shop")
    (rig.root / "connector").rename(rig.root / "gone")
    program = await rig.supervisor.start("shop")
    assert program.state == "STARTING"
    assert (await rig.notices.next(state="BACKOFF"))["exit"] is not None


async def test_a_missing_program_is_named(start_rig: StartRig) -> None:
    rig = await start_rig(connector_command="/no/100%%/node main.js")
    rig.session("shop")
    program = await rig.supervisor.start("shop")
    assert (program.state, program.pid, program.exit, program.tries) == ("BACKOFF", None, None, 1)
    notice = await rig.notices.next(state="BACKOFF")
    assert notice["detail"] == "can't find command '/no/100%/node'"
    assert (await rig.notices.next(state="FATAL"))["tries"] == 5


async def test_an_invalid_session_id_is_refused(rig: Rig) -> None:
    for text in ("", "..", "a/b", "a b", "shop\n", "-shop", "_shop", "ä", "x" * 65):
        with pytest.raises(SupervisorUnavailable, match="not a session id"):
            await rig.supervisor.start(text)
    assert await rig.supervisor.list() == []


async def test_the_list_has_the_exit_of_the_last_process(start_rig: StartRig) -> None:
    rig = await start_rig(first_delay="60")
    for session_id, order in (("shop", "exit 3"), ("cafe", "tear")):
        (await rig.started(session_id)).order(order)
        await rig.notices.next(id=session_id, state="BACKOFF")
    programs = {program.id: program for program in await rig.supervisor.list()}
    assert (programs["shop"].exit, programs["cafe"].exit) == (3, -signal.SIGKILL)
