"""`motte sessions` against the real API."""

import asyncio
import json
import re
import shutil
from pathlib import Path

import aiohttp
import pytest

from server.connectors.credentials import is_linked
from tests.cli.running.conftest import RunCommand
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones
from tests.support.shell import WITHIN, printed, started


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


async def test_somebody_else_links_an_account_by_a_link_or_a_code(
    motte: Motte, phones: Phones, command: RunCommand
) -> None:
    await motte.create("shop")
    link = (await command("sessions", "scan-link", "shop", "--expires-in", "60")).stdout.strip()
    async with aiohttp.ClientSession() as browser, browser.get(link) as page:
        assert page.status == 200
    made = json.loads((await command("sessions", "scan-link", "shop", "--output", "json")).stdout)
    assert set(made) == {"url", "expiresAt"}
    for outside in ("29", "86401", "soon"):
        assert (await command("sessions", "scan-link", "shop", "--expires-in", outside)).exit_code == 2

    code = await command("sessions", "pairing-code", "shop", f"+{ANN[0]} {ANN[1:4]} {ANN[4:7]}-{ANN[7:]}")
    assert re.fullmatch(r"[A-Z0-9]{8}\n", code.stdout)
    assert f"+{ANN}" in code.stderr
    assert (await command("sessions", "pairing-code", "shop", "0")).exit_code == 1
    renamed = await command("sessions", "rename", "shop", "The shop", "--output", "json")
    assert json.loads(renamed.stdout)["name"] == "The shop"


async def test_the_events_of_a_session_are_printed_until_it_is_deleted(motte: Motte, tmp_path: Path) -> None:
    await motte.create("shop")
    command = ("motte", "sessions", "events", "shop", "--output", "json")
    program = await started(motte.serve, tmp_path, *command)
    assert program.stdout
    async with asyncio.timeout(WITHIN):
        first = json.loads(await program.stdout.readline())
        assert (first["type"], first["data"]["status"]) == ("session.status", "qr_waiting")
        await motte.delete("shop")
        *_, last = (await printed(program)).splitlines()
    assert json.loads(last)["type"] == "session.deleted"


async def test_a_session_is_used_from_elsewhere_through_its_url(
    motte: Motte, command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOTTE_STATE")
    monkeypatch.setenv("MOTTE_URL", str(motte.serve.url()))
    created = await command("sessions", "create", "shop", "--output", "json")
    assert json.loads(created.stdout)["status"] == "qr_waiting"
    assert "shop" in (await command("sessions", "list")).stdout
    assert (await command("sessions", "delete", "shop", "--yes")).exit_code == 0
    assert (await motte.get("shop")).status == 404


async def test_a_new_key_counts_at_once_and_a_revoked_one_no_more(motte: Motte, command: RunCommand) -> None:
    text = (await command("keys", "create", "reader", "--scope", "sessions:read")).stdout.strip()
    headers = {"Authorization": f"Bearer {text}"}
    assert (await motte.ask("GET", "/sessions", headers=headers)).status == 200
    (await motte.ask("POST", "/sessions", json={}, headers=headers)).problem(403, "forbidden")
    assert (await command("keys", "revoke", "reader", "--yes")).exit_code == 0
    (await motte.ask("GET", "/sessions", headers=headers)).problem(401, "unauthorized")
