"""Restarts: they keep a pairing, or forget it."""

import asyncio
from typing import Any

import pytest

from server.connectors.credentials import is_linked
from store.sqlite.leases import SqliteLeaseStore
from tests.api.conftest import Front
from tests.api.test_next_tries import failed
from tests.support.time import until


async def test_a_restart_of_a_waiting_session_gives_a_code_of_a_new_socket(front: Front) -> None:
    created = await front.create()
    assert (await front.ask("restart"))["qrCode"] not in (None, created["qrCode"])
    assert front.whatsapp.registrations == 2


async def test_a_hundred_restarts_and_reads_at_once_open_one_socket(front: Front) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    answers = await asyncio.gather(
        *(front.ask("restart") for _ in range(50)), *(front.read() for _ in range(50))
    )
    assert len({answer["qrCode"] for answer in answers}) == 1
    assert front.whatsapp.registrations == 2


async def test_a_restart_that_comes_while_a_refresh_is_ending_is_done(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    release = SqliteLeaseStore.release
    restarts: list[asyncio.Task[dict[str, Any]]] = []

    async def released_late(leases: SqliteLeaseStore, session_id: str, *, owner: str, token: int) -> None:
        """The refresh has its code and gives its lease back: now the restart comes."""
        if not restarts:
            restarts.append(asyncio.create_task(front.ask("restart")))
            await front.said("hello")
            await asyncio.sleep(0.1)
        await release(leases, session_id, owner=owner, token=token)

    monkeypatch.setattr(SqliteLeaseStore, "release", released_late)
    refreshed = await front.read()
    assert (await restarts[0])["qrCode"] not in (None, refreshed["qrCode"])
    assert front.whatsapp.registrations == 3


async def test_a_restart_of_a_connected_session_keeps_its_pairing(front: Front) -> None:
    await front.pair()
    await front.ask("restart")
    await front.until("connected")
    assert (front.whatsapp.registrations, front.whatsapp.logins) == (1, 2)


async def test_a_restart_of_a_logged_out_session_begins_a_new_pairing(front: Front) -> None:
    await front.pair()
    await front.ask("logout")
    restarted = await front.ask("restart")
    assert (restarted["status"], restarted["phoneNumber"]) == ("qr_waiting", None)
    front.connector().scan("15557654321")
    front.connector().restart()
    assert (await front.until("connected"))["phoneNumber"] == "15557654321"


@pytest.mark.parametrize("status", ["connected", "failed", "stopped", "logged_out", "qr_waiting"])
async def test_a_restart_that_forgets_begins_a_new_pairing_from_every_status(
    front: Front, status: str
) -> None:
    if status == "qr_waiting":
        await front.create()
    elif status == "failed":
        await failed(front)
    else:
        await front.pair()
        verbs = {"stopped": "stop", "logged_out": "logout"}
        if status in verbs:
            await front.ask(verbs[status])
    code = (await front.read())["qrCode"]
    answer = await front.ask("restart", forget=True)
    assert (answer["status"], answer["phoneNumber"], answer["connectedAt"]) == ("qr_waiting", None, None)
    assert answer["qrCode"] not in (None, code)
    kept = sorted(path.name for path in front.folder.trash.glob("*"))
    assert kept == (["shop.20260525T120000Z"] if status in ("connected", "failed", "stopped") else [])
    for name in kept:
        assert is_linked(front.folder.trash / name)
        assert (front.folder.trash / name).stat().st_mode & 0o777 == 0o700
    assert front.folder.trash.exists() is bool(kept)


async def test_what_was_forgotten_twice_in_a_second_is_kept_twice(front: Front) -> None:
    for phone_number in ("15551234567", "15557654321"):
        await (front.ask("restart", forget=True) if "shop" in front.supervisor.starts else front.create())
        await front.scan(phone_number=phone_number)
    await front.ask("restart", forget=True)
    assert sorted(path.name for path in front.folder.trash.iterdir()) == [
        "shop.20260525T120000Z",
        "shop.20260525T120000Z.2",
    ]


@pytest.mark.parametrize(
    ("body", "pointer"), [('{"forget": "yes"}', "/forget"), ('{"forget": null}', "/forget"), ("[]", "")]
)
async def test_a_wish_to_forget_that_breaks_a_rule_changes_nothing(
    front: Front, body: str, pointer: str
) -> None:
    await front.pair()
    response = await front.client.post("/sessions/shop/restart", data=body)
    problem = await response.json()
    assert (response.status, problem["code"]) == (400, "validation-failed")
    assert problem["errors"][0]["pointer"] == pointer
    response = await front.client.post("/sessions/shop/restart", data='{"forgot": true}')
    assert (await response.json())["detail"] == "/forgot is not a field here: the fields are forget"
    response = await front.client.post("/sessions/shop/restart", data="forget")
    assert (response.status, (await response.json())["code"]) == (400, "malformed-json")
    assert (front.whatsapp.logins, (await front.read())["status"]) == (1, "connected")


async def test_a_restart_that_does_not_forget_joins_none_that_does(front: Front) -> None:
    await front.create()
    front.whatsapp.silent = True
    front.time.advance(161)
    await front.asleep()
    reading = asyncio.create_task(front.read())
    await front.restarted()
    forgetting = asyncio.create_task(front.ask("restart", forget=True))
    await until(lambda: front.supervisor.starts["shop"] > 2)
    front.whatsapp.silent = False
    (await front.started()).begin()
    assert (await forgetting)["qrCode"] == (await reading)["qrCode"] is not None
