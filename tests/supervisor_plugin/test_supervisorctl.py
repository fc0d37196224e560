"""supervisorctl works on connectors as on any program."""

import pytest

from server.core.errors import SupervisorUnavailable
from tests.supervisor_plugin.rig import Rig


async def test_status_and_pid_show_the_connectors(rig: Rig) -> None:
    pid = (await rig.started("shop")) and (await rig.supervisor.start("shop")).pid
    assert (await rig.ctl("pid", "connector:shop")).strip() == str(pid)
    await rig.notices.next(state="RUNNING")
    status = await rig.ctl("status")
    assert [line.split()[0] for line in status.splitlines()] == ["connector:shop", "front", "sandbox"]
    assert f"RUNNING   pid {pid}" in status


async def test_status_shows_the_exit_of_a_connector_that_does_not_run(rig: Rig) -> None:
    shop = await rig.started("shop")
    shop.order(*["exit 3"] * 5)
    await rig.notices.next(state="FATAL")
    assert "exit status 3" in await rig.ctl("status", "connector:shop")


async def test_restart_of_all_connectors_restarts_each(rig: Rig) -> None:
    sessions = [await rig.started("shop"), await rig.started("cafe")]
    await rig.ctl("restart", "connector:*")
    for session in sessions:
        await session.events.next(event="ended")
        await session.events.next(event="up")


async def test_a_connector_stopped_by_hand_stays_listed_and_can_be_started_by_hand(rig: Rig) -> None:
    shop = await rig.started("shop")
    await rig.ctl("stop", "connector:shop")
    [program] = await rig.supervisor.list()
    assert (program.state, program.pid, program.exit) == ("STOPPED", None, 0)
    assert "started" in await rig.ctl("start", "connector:shop")
    await shop.events.next(event="up")


async def test_a_connector_stopped_by_hand_is_started_when_the_front_asks(rig: Rig) -> None:
    shop = await rig.started("shop")
    await rig.ctl("stop", "connector:shop")
    await rig.supervisor.start("shop")
    await shop.events.next(event="up")


async def test_tail_without_a_channel_shows_what_a_connector_logged(rig: Rig) -> None:
    await rig.started("shop")
    await rig.logged("connector-shop.log", "event=started")
    assert (await rig.ctl("tail", "connector:shop")).strip() == "session=shop event=started"


async def test_the_stdout_of_a_connector_is_in_no_log(rig: Rig) -> None:
    shop = await rig.started("shop")
    await shop.ask("print secret")
    await shop.ask("log afterwards")
    assert "secret" not in await rig.logged("connector-shop.log", "afterwards")
    assert "secret" not in (rig.folder.logs / "supervisord.log").read_text()


async def test_update_with_an_unchanged_file_changes_nothing(rig: Rig) -> None:
    await rig.started("shop")
    running = set(rig.running())
    assert await rig.ctl("update") == ""
    assert set(rig.running()) == running


async def test_restart_of_the_front_leaves_the_connectors_running(rig: Rig) -> None:
    await rig.started("shop")
    before = await rig.supervisor.list()
    assert "front: started" in await rig.ctl("restart", "front")
    after = await rig.supervisor.list()
    assert [program.pid for program in after] == [program.pid for program in before]


async def test_a_program_whose_section_has_changed_keeps_our_process_class(rig: Rig) -> None:
    rig.configure("program:front", stopwaitsecs="3")
    assert "front: updated process group" in await rig.ctl("update")
    await rig.shown("front is up")  # on the terminal: stock supervisord writes to the log alone


async def test_reload_starts_everything_again_and_forgets_the_connectors(rig: Rig) -> None:
    shop = await rig.started("shop")
    await rig.ctl("reload")
    await rig.shown("front is up")
    assert await rig.supervisor.list() == []
    await rig.supervisor.start("shop")
    await shop.events.next(event="up")
    shop.order("exit 0")
    await rig.notices.next(state="EXITED")


async def test_a_group_that_is_removed_can_be_added_again(rig: Rig) -> None:
    await rig.ctl("remove", "connector")
    await rig.ctl("restart", "front")
    with pytest.raises(SupervisorUnavailable, match="BAD_NAME: connector"):
        await rig.supervisor.start("shop")
    assert await rig.supervisor.list() == []
    await rig.ctl("add", "connector")
    await rig.started("shop")
