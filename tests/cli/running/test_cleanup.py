"""`motte cleanup` next to a running gateway."""

import shutil

from server.connectors.credentials import is_linked
from server.connectors.supervisor_client import SupervisorClient
from server.core.clock import SystemClock
from store.sqlite.store import open_store
from tests.cli.running.conftest import RunCommand
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import Phones


async def test_it_deletes_what_is_no_longer_needed_and_keeps_what_is_paired(
    motte: Motte, phones: Phones, command: RunCommand
) -> None:
    await motte.connect("paired")
    await motte.connect("stopped", "15550000001")
    await motte.tell("stopped", "stop")
    await motte.connect("left", "15550000002")
    await motte.tell("left", "logout")
    await motte.create("waiting")
    await motte.create("resting")
    await motte.tell("resting", "stop")

    await motte.connect("failed", "15550000003")
    await phones.misbehave(streamErrorOnLogin="conflict")
    await phones.drop("15550000003")
    await motte.until("failed", "failed")
    await phones.misbehave()
    await motte.connect("unread", "15550000004")
    await phones.write("Are you open?", to="15550000004")
    await eventually(lambda: has_messages(motte, "unread"))
    await phones.unlink("15550000004")
    await motte.until("logged_out", "unread")

    assert (await command("cleanup", "--yes")).exit_code == 0
    assert (await motte.look("left"))["status"] == "logged_out"
    assert (await motte.look("waiting"))["status"] == "qr_waiting"

    result = await command("cleanup", "--yes", "--older-than", "0m")
    assert result.exit_code == 0, result.output
    assert "Removed 3 sessions." in result.stdout
    assert (await motte.get("left")).status == 404
    listed = (await motte.ask("GET", "/sessions")).body["items"]
    assert {item["id"]: item["status"] for item in listed} == {
        "paired": "connected",
        "stopped": "stopped",
        "failed": "failed",
        "unread": "logged_out",
    }
    assert [message["text"] for message in await motte.messages("unread")] == ["Are you open?"]
    assert set(await motte.programs()) == {"paired"}
    assert (await motte.tell("failed", "restart"))["status"] == "connected"
    await motte.tell("stopped", "start")
    await motte.until("connected", "stopped")
    assert (await phones.counts())[0] == 7


async def test_a_process_a_folder_and_a_log_without_a_session_go(motte: Motte, command: RunCommand) -> None:
    motte.folder.session("orphan").path.mkdir()
    supervisor = SupervisorClient(motte.folder.supervisor_socket)
    await supervisor.start("orphan")
    await supervisor.close()
    await motte.pid("orphan")

    result = await command("cleanup", "--yes")
    assert result.exit_code == 0, result.output
    assert "orphan" not in await motte.programs()
    assert not motte.folder.session("orphan").path.exists()
    assert not list(motte.folder.logs.glob("connector-orphan*"))


async def test_credentials_of_a_session_that_the_database_does_not_know_stay_until_they_are_asked_for(
    motte: Motte, command: RunCommand
) -> None:
    await motte.connect()
    await motte.tell("shop", "stop")
    async with open_store(motte.folder.database, boot_id=SystemClock().boot_id) as store:
        await store.sessions.delete("shop", token=None)
    folder = motte.folder.session("shop").path
    result = await command("cleanup", "--yes", "--older-than", "0m")
    assert "holds the credentials of an account" in result.stderr
    assert is_linked(folder)
    assert (await command("cleanup", "--yes", "--linked-orphans")).exit_code == 0
    (kept,) = motte.folder.trash.iterdir()
    assert is_linked(kept)
    shutil.rmtree(kept)


async def has_messages(motte: Motte, session_id: str) -> bool:
    return bool(await motte.messages(session_id))
