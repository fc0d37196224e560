"""A backup of a gateway at work, restored elsewhere."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running.conftest import RunCommand
from tests.support.motte import Motte
from tests.support.newcomer import printed_blocks
from tests.support.phones import Phones, Sandbox
from tests.support.serve import Serve
from tests.support.shell import page, printed, typed


@pytest.fixture
def elsewhere(sandbox: Sandbox) -> Iterator[Serve]:
    """Another host; it has not been started."""
    serve = Serve(sandbox.settings)
    yield serve
    serve.stop()
    serve.remove()


async def test_a_paired_session_moves_as_the_docs_say_and_connects_without_a_scan(
    motte: Motte, phones: Phones, elsewhere: Serve, tmp_path: Path
) -> None:
    paired = await motte.connect()
    [moving] = [block for block in printed_blocks(page("commands.md")) if "motte restore" in block]
    leave, arrive = [line.partition("#")[0].strip() for line in moving.splitlines()]
    await printed(await typed(motte.serve, tmp_path, leave))
    await asyncio.to_thread(motte.serve.stop)

    restore, _, serve = arrive.partition(" && ")
    assert serve == "motte serve"
    await printed(await typed(elsewhere, tmp_path, restore))
    async with Motte.opened(elsewhere, phones) as other:
        session = await other.until("connected")
    assert session["phoneNumber"] == paired["phoneNumber"]
    assert await phones.counts() == (1, 2)  # The second login is that of the copy.
    await asyncio.to_thread(elsewhere.stop)


async def test_a_backup_does_not_disturb_the_link(
    motte: Motte, phones: Phones, command: RunCommand, tmp_path: Path
) -> None:
    await motte.connect()
    pid = await motte.pid()
    for _ in range(3):
        assert (await command("backup", str(tmp_path / "backup.tar"))).exit_code == 0
    assert (await motte.look())["status"] == "connected"
    assert await motte.pid() == pid
    assert await phones.counts() == (1, 1)


async def test_a_restore_over_a_running_gateway_is_refused(
    motte: Motte, command: RunCommand, tmp_path: Path
) -> None:
    file = str(tmp_path / "backup.tar")
    await command("backup", file)
    result = await command("restore", file, "--force")
    assert result.exit_code == 1
    assert "stop it first" in result.stderr
