"""The packaged supervisord.conf."""

import resource
from asyncio.subprocess import PIPE
from datetime import datetime, timedelta

from tests.supervisor_plugin.conftest import NewRig
from tests.supervisor_plugin.rig import Rig


async def test_the_fronts_log_is_on_the_terminal_and_in_its_file(new_rig: NewRig) -> None:
    rig = new_rig()
    await rig.launch(stdout=PIPE)
    await rig.shown("front is up")
    assert await rig.logged("front.log", "\n") == "front is up\n"


async def test_the_terminal_shows_crashes_and_no_info_lines(rig: Rig) -> None:
    shop = await rig.started("shop")
    shop.order("exit 1")
    line = await rig.shown("")
    assert " WARN session=shop state=BACKOFF exit=1 tries=1 " in line


async def test_the_sandbox_runs_if_it_is_enabled(rig: Rig) -> None:
    shop = await rig.started("shop")
    await shop.ask("say hello")
    assert "'--listen', '127.0.0.1:0'" in await rig.logged("sandbox.log", "\n")


async def test_no_sandbox_runs_if_it_is_disabled(new_rig: NewRig) -> None:
    rig = new_rig()
    rig.environment["MOTTE_SANDBOX"] = "0"
    await rig.start()
    assert "sandbox" not in await rig.ctl("status")


async def test_it_starts_with_a_low_limit_of_open_files_and_raises_it_as_far_as_allowed(
    new_rig: NewRig,
) -> None:
    rig = new_rig()
    await rig.launch(stdout=PIPE)
    resource.prlimit(rig.process.pid, resource.RLIMIT_NOFILE, (1024, 4096))
    await rig.shown("front is up")
    assert resource.prlimit(rig.process.pid, resource.RLIMIT_NOFILE) == (4096, 4096)


async def test_the_programs_are_started_at_once(rig: Rig) -> None:
    """Stock supervisord waits a second before its first turn."""
    log = (rig.folder.logs / "supervisord.log").read_text().splitlines()
    moments = [
        datetime.fromisoformat(line[:23])
        for line in log
        if "supervisord started" in line or "spawned" in line
    ]
    assert len(moments) == 3
    assert moments[-1] - moments[0] < timedelta(seconds=0.5)


async def test_only_its_owner_can_reach_the_socket(rig: Rig) -> None:
    assert rig.folder.supervisor_socket.stat().st_mode & 0o777 == 0o700
