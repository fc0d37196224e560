"""Creating a session: it blocks until its first code, or says why no code came."""

import asyncio
from errno import EIO

import pytest

from store.records.reason import Reason
from tests.api.conftest import Front
from tests.api.test_slow_clients import until_idle
from tests.support.credentials import leave_credentials


async def test_a_create_answers_with_the_first_code_and_its_expiry(front: Front) -> None:
    response = await front.client.post("/sessions", json={"id": "shop", "name": "The shop"})
    assert response.status == 201
    assert response.headers["Location"] == "/sessions/shop"
    assert response.headers["Cache-Control"] == "no-store"
    assert await response.json() == {
        "id": "shop",
        "name": "The shop",
        "status": "qr_waiting",
        "statusReason": None,
        "qrCode": "https://wa.me/settings/linked_devices#shop-1-1",
        "qrExpiresAt": "2026-05-25T12:01:00.000Z",
        "phoneNumber": None,
        "pushName": None,
        "createdAt": "2026-05-25T12:00:00.000Z",
        "updatedAt": "2026-05-25T12:00:00.000Z",
        "connectedAt": None,
        "deviceName": "Motte",
        "proxy": None,
        "sending": {"state": "ok", "until": None},
    }


async def test_a_create_without_an_id_makes_one(front: Front) -> None:
    response = await front.client.post("/sessions")
    session = await response.json()
    assert response.status == 201
    assert response.headers["Location"] == f"/sessions/{session['id']}"


async def test_a_second_create_of_an_id_is_told_where_the_first_one_is(front: Front) -> None:
    await front.create("shop")
    response = await front.client.post("/sessions", json={"id": "shop"})
    assert response.status == 409
    document = await response.json()
    assert document["code"] == "session-exists"
    assert document["session"] == await front.read()
    assert response.headers["Location"] == "/sessions/shop"


@pytest.mark.parametrize(
    ("reason", "status", "code", "retry"),
    [
        ("whatsapp-unreachable", 502, "whatsapp-unreachable", "5"),
        ("version-rejected", 502, "version-rejected", "60"),
        ("account-banned", 502, "account-banned", "60"),
        ("whatsapp-rate-limited", 502, "whatsapp-refused", "60"),
        ("passkey-required", 409, "passkey-required", None),
    ],
)
async def test_a_create_that_whatsapp_refuses_says_why_and_keeps_the_session(
    front: Front, reason: str, status: int, code: str, retry: str | None
) -> None:
    front.whatsapp.refusal = Reason(reason, "")
    response = await front.client.post("/sessions", json={"id": "shop"})
    problem = await response.json()
    assert response.status == status
    assert response.content_type == "application/problem+json"
    assert problem["code"] == code
    assert problem["retryable"] is False  # A second create would find the session.
    assert response.headers.get("Retry-After") == retry
    assert response.headers["Location"] == "/sessions/shop"
    assert problem["session"]["id"] == "shop"
    assert (await front.get("/sessions/shop?refresh=false")).status == 200


async def test_a_create_whose_connector_dies_says_so(front: Front) -> None:
    front.whatsapp.silent = True
    creating = asyncio.create_task(front.client.post("/sessions", json={"id": "shop"}))
    await front.started("shop")
    front.supervisor.crash("shop")
    response = await creating
    assert response.status == 502
    assert (await response.json())["code"] == "connector-crashed"


async def test_a_create_that_a_stop_overtakes_is_a_conflict_and_keeps_the_session(front: Front) -> None:
    front.whatsapp.silent = True
    creating = asyncio.create_task(front.client.post("/sessions", json={"id": "shop"}))
    await front.started("shop")
    await front.ask("stop")
    response = await creating
    problem = await response.json()
    assert (response.status, problem["code"]) == (409, "conflicting-state")
    assert (response.headers["Location"], problem["session"]["status"]) == ("/sessions/shop", "stopped")
    front.whatsapp.silent = False
    assert (await front.ask("start"))["qrCode"] is not None


async def test_a_create_that_gets_no_code_in_time_says_so_and_a_read_tries_again(front: Front) -> None:
    front.whatsapp.silent = True
    creating = asyncio.create_task(front.client.post("/sessions", json={"id": "shop"}))
    await front.started("shop")
    front.time.advance(29)
    await until_idle()
    assert not creating.done()
    front.time.advance(2)
    response = await creating
    assert response.status == 504
    assert response.headers["Retry-After"] == "2"
    assert (await response.json())["code"] == "qr-timeout"
    front.whatsapp.silent = False
    assert (await front.read("shop"))["qrCode"] is not None


async def test_a_client_that_gives_up_has_made_its_session_and_reads_it_by_its_id(front: Front) -> None:
    front.whatsapp.silent = True
    impatient = asyncio.create_task(front.client.post("/sessions", json={"id": "shop"}))
    await front.started("shop")
    impatient.cancel()
    again = await front.client.post("/sessions", json={"id": "shop"})
    assert (again.status, (await again.json())["code"]) == (409, "session-exists")
    front.time.advance(31)
    front.whatsapp.silent = False
    assert (await front.read("shop"))["qrCode"] is not None


async def test_a_create_that_is_killed_half_way_adopts_no_folder_that_was_left_behind(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    leftover = front.folder.session("shop").path
    leftover.mkdir(parents=True)
    leave_credentials(leftover, linked=True)

    async def killed(session_id: str) -> None:
        raise OSError(EIO, "the row is there, and nothing more is done")

    with monkeypatch.context() as patched:
        patched.setattr(front.owner.connectors, "attach", killed)
        assert (await front.client.post("/sessions", json={"id": "shop"})).status >= 500
    assert (await front.read())["status"] == "qr_waiting"
    assert not (leftover / "connector.db").exists()


async def test_a_create_never_adopts_a_folder_that_was_left_behind(front: Front) -> None:
    leftover = front.folder.session("shop").path
    leftover.mkdir(parents=True)
    (leftover / "connector.db").write_text("another session's credentials")
    await front.create("shop")
    assert not (leftover / "connector.db").exists()


async def test_a_key_that_may_not_read_sessions_is_not_shown_the_one_that_exists(front: Front) -> None:
    await front.create()
    headers = await front.key("writer", "sessions:write")
    async with front.stranger() as stranger:
        response = await stranger.post("/sessions", json={"id": "shop"}, headers=headers)
        document = await response.json()
    assert (response.status, document["code"]) == (409, "session-exists")
    assert "session" not in document
    assert response.headers["Location"] == "/sessions/shop"
