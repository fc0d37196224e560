"""`motte cleanup` beside a running gateway."""

from server.supervisor import Supervisor
from tests.cli.running.conftest import Beside
from tests.end_to_end.motte import Motte
from tests.end_to_end.whatsapp import Phones


async def test_it_deletes_what_nobody_needs_and_leaves_what_is_paired(
    motte: Motte, phones: Phones, beside: Beside
) -> None:
    await motte.connect("paired")
    await motte.connect("stopped", "15550000001")
    await motte.tell("stopped", "stop")
    await motte.connect("left", "15550000002")
    await motte.tell("left", "logout")
    await motte.create("waiting")
    await motte.create("resting")
    await motte.tell("resting", "stop")

    assert (await beside("cleanup", "--yes")).exit_code == 0
    assert (await motte.get("left")).status == 404
    assert (await motte.look("waiting"))["status"] == "qr_waiting"

    result = await beside("cleanup", "--yes", "--older-than", "0m")
    assert result.exit_code == 0, result.output
    assert "Removed 2 sessions." in result.stdout
    listed = (await motte.ask("GET", "/sessions")).body["items"]
    assert {item["id"]: item["status"] for item in listed} == {"paired": "connected", "stopped": "stopped"}
    assert set(await motte.programs()) == {"paired"}
    assert {path.name for path in motte.folder.sessions.iterdir()} == {"paired", "stopped"}


async def test_a_process_a_folder_and_a_log_without_a_session_go(motte: Motte, beside: Beside) -> None:
    motte.folder.session("orphan").path.mkdir()
    supervisor = Supervisor(motte.folder.supervisor_socket)
    await supervisor.start("orphan")
    await supervisor.close()
    await motte.pid("orphan")

    result = await beside("cleanup", "--yes")
    assert result.exit_code == 0, result.output
    assert "orphan" not in await motte.programs()
    assert not motte.folder.session("orphan").path.exists()
    assert not list(motte.folder.logs.glob("connector-orphan*"))
