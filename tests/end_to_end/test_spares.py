"""Warm spares: a session that gets one is like any other."""

import os
import shutil
import tarfile
from pathlib import Path

from server.cli.backup.backup import make_backup
from server.core.paths import is_session_id
from tests.support.motte import Motte
from tests.support.phones import Phones
from tests.support.spares import warm_spare


def place(pid: int) -> Path:
    """The working directory of a process."""
    return Path(f"/proc/{pid}/cwd").readlink()


async def test_a_new_session_gets_the_spare_pairs_and_is_started_again_as_itself(
    motte: Motte, phones: Phones
) -> None:
    spare = await warm_spare(motte)
    created = await motte.create()
    assert await motte.pid() == spare
    assert place(spare) == motte.folder.session("shop").path
    await phones.scan(created["qrCode"])
    await motte.until("connected")
    connected = await motte.pid(other_than=spare)
    os.kill(connected, 9)
    assert await motte.pid(other_than=connected)
    await motte.until("connected")
    assert (await motte.connector())["restarts"] == 1


async def test_sessions_that_get_spares_have_different_keys(motte: Motte) -> None:
    keys: set[str] = set()
    for number in range(3):
        spare = await warm_spare(motte)
        code = (await motte.create(f"shop-{number}"))["qrCode"]
        assert await motte.pid(f"shop-{number}") == spare
        keys.update(code.split(",")[1:4])
    assert len(keys) == 9


async def test_nothing_takes_a_spare_for_a_session(motte: Motte, tmp_path: Path) -> None:
    await warm_spare(motte)
    await motte.create()
    spare = await warm_spare(motte)
    assert list(await motte.programs()) == ["shop"]
    connectors = (await motte.ask("GET", "/connectors")).body["items"]
    assert [connector["id"] for connector in connectors] == ["shop"]
    assert [path.name for path in motte.folder.sessions.iterdir()] == ["shop"]
    _, metrics = await motte.raw("GET", "/metrics")
    assert b"\nmotte_warm_spares 1.0\n" in metrics
    make_backup(motte.folder, tmp_path / "backup")
    with tarfile.open(tmp_path / "backup") as backup:
        assert not any("spare" in name for name in backup.getnames())
    assert await warm_spare(motte) == spare


async def test_no_session_can_be_called_as_a_spare_is(motte: Motte) -> None:
    assert not is_session_id("_spare-1")
    answer = await motte.post("_spare-1")
    answer.problem(400, "validation-failed")


async def test_a_session_that_forgets_its_account_may_get_a_spare(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    spare = await warm_spare(motte)
    forgotten = await motte.tell("shop", "restart", forget=True)
    assert await motte.pid() == spare
    await phones.scan(forgotten["qrCode"])
    await motte.until("connected")
    shutil.rmtree(motte.folder.trash)  # other tests look for what deleted sessions leave
