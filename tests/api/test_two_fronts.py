"""Two fronts on one state folder: one owns the pipes, the other has it do the work."""

import asyncio
import errno
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from server.cluster.follower import Follower
from server.connectors.supervisor_client import Program
from server.sessions.service import Sessions
from store.errors import SchemaTooOld, StoreUnavailable
from store.records.reason import Reason
from tests.api.conftest import Front
from tests.api.second_front import Second, another
from tests.support.newer_schema import SCHEMA, become_as_before, become_newer, schema_of
from tests.support.time import until


@pytest.fixture
async def second(front: Front) -> AsyncGenerator[Second]:
    async with another(front) as second:
        assert isinstance(second.whole.service, Follower)
        yield second


async def test_the_second_front_shows_what_the_first_one_recorded(front: Front, second: Second) -> None:
    created = await front.create()
    assert await second.read() == created
    assert len((await (await second.client.get("/sessions")).json())["items"]) == 1


async def test_five_hundred_reads_at_each_of_two_fronts_cause_one_refresh(
    front: Front, second: Second
) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    readers = [front.read() for _ in range(500)] + [second.read() for _ in range(500)]
    sessions = await asyncio.gather(*readers)
    assert len({session["qrCode"] for session in sessions}) == 1
    assert front.whatsapp.registrations == 2


async def test_a_create_at_the_second_front_answers_with_the_code(front: Front, second: Second) -> None:
    response = await second.client.post("/sessions", json={"id": "shop"})
    assert response.status == 201
    assert (await response.json())["qrCode"] == (await front.read())["qrCode"]
    response = await second.client.post("/sessions", json={"id": "shop"})
    assert (response.status, (await response.json())["code"]) == (409, "session-exists")


async def test_a_create_that_waits_when_the_second_front_stops_is_told_of_its_session(
    front: Front, second: Second
) -> None:
    front.whatsapp.silent = True
    creating = asyncio.create_task(second.client.post("/sessions"))
    await until(lambda: len(front.supervisor.connectors) == 1)
    await second.whole.stop_waiting()
    response = await creating
    problem = await response.json()
    assert (response.status, problem["code"]) == (503, "shutting-down")
    assert [problem["session"]["id"]] == list(front.supervisor.connectors)


async def test_the_second_front_tells_the_same_error(front: Front, second: Second) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    front.whatsapp.refusal = Reason("whatsapp-unreachable", "refused")
    for response in await asyncio.gather(front.get("/sessions/shop"), second.client.get("/sessions/shop")):
        problem = await response.json()
        assert (response.status, problem["code"]) == (502, "whatsapp-unreachable")
        assert problem["session"]["id"] == "shop"


async def test_the_second_front_tells_that_the_first_one_has_no_file_descriptors_left(
    front: Front, second: Second, monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()

    async def no_more(session_id: str) -> Program:
        raise OSError(errno.EMFILE, f"too many open files for {session_id}")

    monkeypatch.setattr(front.supervisor, "start", no_more)
    response = await second.client.get("/sessions/shop")
    assert (response.status, (await response.json())["code"]) == (503, "overloaded")


@pytest.mark.parametrize(("verb", "status"), [("stop", "stopped"), ("restart", "qr_waiting")])
async def test_what_the_second_front_is_asked_the_first_one_does(
    front: Front, second: Second, verb: str, status: str
) -> None:
    await front.create()
    response = await second.client.post(f"/sessions/shop/{verb}")
    assert (response.status, (await response.json())["status"]) == (200, status)


async def test_the_second_front_passes_on_that_the_account_is_to_be_forgotten(
    front: Front, second: Second
) -> None:
    await front.pair()
    response = await second.client.post("/sessions/shop/restart", json={"forget": True})
    document = await response.json()
    assert (response.status, document["status"], document["phoneNumber"]) == (200, "qr_waiting", None)
    assert len(list(front.folder.trash.iterdir())) == 1


async def test_the_second_front_tells_that_another_try_failed(front: Front, second: Second) -> None:
    await front.pair()
    front.connector().drop("connection-replaced")
    await front.until("failed")
    front.whatsapp.login_refusal = Reason("account-banned", "")
    for verb in ("start", "restart"):
        response = await second.client.post(f"/sessions/shop/{verb}")
        problem = await response.json()
        assert (response.status, problem["code"]) == (409, "conflicting-state")
        assert problem["detail"].startswith("it was tried again, and is failed")
        assert problem["session"]["statusReason"]["code"] == "account-banned"


async def test_a_delete_at_the_second_front_deletes(front: Front, second: Second) -> None:
    await front.create()
    assert (await second.client.delete("/sessions/shop")).status == 204
    assert (await front.get("/sessions/shop")).status == 404


async def test_a_pairing_code_from_the_second_front_is_the_one_of_the_first(
    front: Front, second: Second
) -> None:
    await front.create()
    codes = []
    for client in (front.client, second.client):
        response = await client.post("/sessions/shop/pairing-code", json={"phoneNumber": "15551234567"})
        codes.append(await response.json())
    assert codes[0] == codes[1]


async def test_a_wait_at_the_second_front_is_answered_when_the_phone_scanned(
    front: Front, second: Second
) -> None:
    await front.create()
    tag = (await second.client.get("/sessions/shop")).headers["ETag"]
    headers = {"If-None-Match": tag, "Prefer": "wait=30"}
    waiting = asyncio.create_task(second.client.get("/sessions/shop", headers=headers))
    await until(lambda: second.whole.follower.subscriptions.is_awaited("shop"))
    front.connector().scan()
    assert (await (await waiting).json())["status"] == "pairing"


async def test_when_the_owner_goes_the_second_front_takes_over(front: Front) -> None:
    created = await front.create()
    async with another(front) as second:
        await front.stop()
        await until(lambda: isinstance(second.whole.service, Sessions))
        assert (await second.read())["qrCode"] == created["qrCode"]
        assert front.whatsapp.registrations == 1


async def test_a_newer_front_changes_no_schema_beneath_an_older_one_and_follows_it(
    front: Front, tmp_path: Path
) -> None:
    created = await front.create()
    become_newer(tmp_path)
    try:
        with pytest.raises(SchemaTooOld):
            async with another(front):
                pass
        assert schema_of(front.folder.database) == SCHEMA
        await front.stop()
        async with another(front) as newer:
            assert isinstance(newer.whole.service, Sessions)
            assert (await newer.read())["qrCode"] == created["qrCode"]
        assert schema_of(front.folder.database) == SCHEMA + 1
    finally:
        become_as_before()


async def test_a_stream_at_the_second_front_hears_of_a_delete_that_the_owner_made_last(front: Front) -> None:
    await front.create("shop")
    async with another(front) as second:
        feed = second.whole.feed
        await front.client.delete("/sessions/shop")
        assert feed.last == 0, "nobody follows, so nothing was read"
        await front.stop()
        await until(lambda: isinstance(second.whole.service, Sessions))
        assert [(entry.kind, entry.session_id) for entry in feed.since(0)] == [("session.deleted", "shop")]


async def test_a_request_that_cannot_be_deleted_does_not_spoil_its_answer(
    front: Front, second: Second, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(second.whole.store.requests, "delete", refuse)
    response = await second.client.post("/sessions", json={"id": "shop"})
    assert response.status == 201
    assert "event=queued_request_not_deleted" in caplog.text


async def test_an_owner_that_dies_during_a_refresh_is_taken_over_and_the_read_answered(front: Front) -> None:
    await front.create()
    front.whatsapp.silent = True
    front.time.advance(161)
    await front.asleep()
    async with another(front) as second:
        reading = asyncio.create_task(second.read())
        await front.restarted()
        front.whatsapp.silent = False
        await front.stop()
        await until(lambda: isinstance(second.whole.service, Sessions))
        front.connector().begin()
        assert (await reading)["qrCode"] is not None


async def test_a_lease_of_a_dead_process_delays_a_refresh_until_it_runs_out(front: Front) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    leases = front.leases()
    now = front.time.clock.boot()
    assert await leases.take("shop", owner="dead", now=now, ttl=3) is not None
    reading = asyncio.create_task(front.read())
    await front.flying()
    assert front.supervisor.starts["shop"] == 1
    front.time.advance(3.1)
    assert (await reading)["qrCode"] is not None
