"""An account that was linked with one WhatsApp is never taken to another, and nothing is lost."""

import asyncio
import shutil

from server.connectors.credentials import is_linked
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones, Sandbox


async def test_a_motte_with_the_settings_of_another_server_does_not_start_and_loses_nothing(
    mine: Motte,
) -> None:
    await mine.connect()
    await asyncio.to_thread(mine.serve.stop)
    linked_with = mine.serve.settings
    for settings in ({}, {"MOTTE_WHATSAPP_ROOT_KEY": "ab" * 32}):
        mine.serve.settings = {**linked_with, "MOTTE_WHATSAPP_URL": "ws://127.0.0.1:9/", **settings}
        if not settings:
            del mine.serve.settings["MOTTE_WHATSAPP_ROOT_KEY"]
        mine.serve.start()
        assert await asyncio.to_thread(mine.serve.exit_code) == 1
        assert "has sessions that are linked with the sandbox (shop)" in mine.serve.logs()
    mine.serve.settings = linked_with
    await mine.ready()
    assert (await mine.until("connected"))["phoneNumber"] == ANN


async def test_a_session_that_another_server_knows_opens_no_socket_and_connects_when_motte_goes_there(
    mine: Motte,
) -> None:
    await mine.connect()
    await mine.tell("shop", "stop")
    await asyncio.to_thread(mine.serve.stop)
    linked = mine.folder.path / "linked"
    folder = mine.folder.session("shop").path
    folder.rename(linked)

    linked_with = mine.serve.settings
    other = Sandbox("--root-seed", "another")
    mine.serve.settings = {**linked_with, **other.settings}
    await mine.ready()
    shutil.rmtree(folder, ignore_errors=True)
    linked.rename(folder)
    assert (await mine.tell("shop", "start"))["status"] == "disconnected"
    failed = await mine.until("failed")
    assert failed["statusReason"]["code"] == "other-server"
    for verb in ("start", "restart"):
        problem = (await mine.ask("POST", f"/sessions/shop/{verb}")).problem(409, "conflicting-state")
        assert "another server" in problem["detail"]
    async with Phones(other.control_url) as phones:
        assert await phones.counts() == (0, 0)
    await asyncio.to_thread(mine.serve.stop)
    other.stop()
    assert is_linked(folder)

    mine.serve.settings = linked_with
    await mine.ready()
    assert (await mine.until("connected"))["phoneNumber"] == ANN
    assert (await mine.phones.counts())[0] == 1
