"""`motte sessions` against the real API."""

import json
import shutil

from server.connectors.credentials import is_linked
from tests.cli.running.conftest import RunCommand
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones


async def test_a_session_can_be_created_used_and_deleted_with_commands(
    motte: Motte, phones: Phones, command: RunCommand
) -> None:
    async def told(*arguments: str) -> dict[str, str]:
        result = await command("sessions", *arguments, "--output", "json")
        assert result.exit_code == 0, result.output
        return dict(json.loads(result.stdout))

    assert (await told("create", "shop", "--name", "The shop"))["status"] == "qr_waiting"
    assert "▄" in (await command("sessions", "qr", "shop")).stdout
    await phones.scan((await told("qr", "shop"))["qrCode"])
    await motte.until("connected")
    assert (await command("sessions", "qr", "shop")).exit_code == 4
    assert (await told("stop", "shop"))["status"] == "stopped"
    await told("start", "shop")
    await motte.until("connected")
    await told("restart", "shop")
    await motte.until("connected")
    assert "connected" in (await command("sessions", "list")).stdout
    assert (await told("logout", "shop", "--yes"))["status"] == "logged_out"
    assert (await command("sessions", "delete", "shop", "--yes")).stdout == "shop: deleted\n"
    assert (await command("sessions", "show", "shop")).exit_code == 1


async def test_sessions_that_failed_for_one_reason_are_brought_back_with_one_command(
    motte: Motte, phones: Phones, command: RunCommand
) -> None:
    for session_id, phone in (("first", "15550000001"), ("second", "15550000002"), ("lost", "15550000003")):
        await motte.connect(session_id, phone)
    await motte.tell("lost", "stop")
    shutil.rmtree(motte.folder.session("lost").path)
    await motte.tell("lost", "start")
    await motte.until("failed", "lost")
    await phones.misbehave(streamErrorOnLogin="conflict")
    for session_id, phone in (("first", "15550000001"), ("second", "15550000002")):
        await phones.drop(phone)
        await motte.until("failed", session_id)

    result = await command("sessions", "start", "--all", "--reason", "connection-replaced")
    assert result.exit_code == 1
    assert "2 of 2 could not be started" in result.stderr
    await phones.misbehave()
    result = await command(
        "sessions", "start", "--all", "--reason", "connection-replaced", "--output", "json"
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["items"] == [
        {"id": "first", "status": "connected", "error": None},
        {"id": "second", "status": "connected", "error": None},
    ]
    result = await command("sessions", "start", "--all")
    assert result.exit_code == 1
    assert '{"forget": true}' in result.stdout
    assert await phones.counts() == (3, 9)


async def test_a_link_is_discarded_on_the_command_line_only_after_its_number_was_named(
    motte: Motte, phones: Phones, command: RunCommand
) -> None:
    await motte.connect()
    refused = await command("sessions", "restart", "shop", "--forget")
    assert refused.exit_code == 1
    assert f"+{ANN}" in refused.stderr
    assert (await motte.look())["status"] == "connected"
    assert (await command("sessions", "restart", "shop", "--forget", "--yes")).exit_code == 0
    assert (await motte.look())["phoneNumber"] is None
    assert [device["phoneNumber"] for device in (await phones.state())["devices"]] == [ANN]
    (kept,) = motte.folder.trash.iterdir()
    assert is_linked(kept)
    shutil.rmtree(kept)


async def test_a_new_key_counts_at_once_and_a_revoked_one_no_more(motte: Motte, command: RunCommand) -> None:
    text = (await command("keys", "create", "reader", "--scope", "sessions:read")).stdout.strip()
    headers = {"Authorization": f"Bearer {text}"}
    assert (await motte.ask("GET", "/sessions", headers=headers)).status == 200
    (await motte.ask("POST", "/sessions", json={}, headers=headers)).problem(403, "forbidden")
    assert (await command("keys", "revoke", "reader", "--yes")).exit_code == 0
    (await motte.ask("GET", "/sessions", headers=headers)).problem(401, "unauthorized")
