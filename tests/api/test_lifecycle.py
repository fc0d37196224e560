"""Start, stop, log out: the status says what is allowed, and all may be asked twice."""

import asyncio

import pytest

from server.core.errors import SupervisorUnavailable
from store.records.reason import Reason
from tests.api.conftest import Front


async def test_a_stopped_session_rests_and_a_read_does_not_wake_it(front: Front) -> None:
    await front.create()
    for _ in range(2):
        assert (await front.ask("stop"))["status"] == "stopped"
    assert (await front.read())["status"] == "stopped"
    assert front.supervisor.connectors == {}


@pytest.mark.parametrize("verb", ["stop", "restart"])
async def test_where_supervisord_stops_nothing_the_code_lives_on(
    front: Front, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    created = await front.create()

    async def refuse(session_id: str) -> bool:
        raise SupervisorUnavailable

    monkeypatch.setattr(front.supervisor, "stop", refuse)
    assert (await front.client.post(f"/sessions/shop/{verb}")).status == 503
    assert (await front.read(params={"refresh": "false"}))["qrCode"] == created["qrCode"]


async def test_a_stopped_session_that_is_started_answers_with_a_fresh_code(front: Front) -> None:
    await front.create()
    await front.ask("stop")
    started = await front.ask("start")
    assert (started["status"], started["qrCode"]) == (
        "qr_waiting",
        "https://wa.me/settings/linked_devices#shop-2-1",
    )
    assert await front.ask("start") == started


async def test_a_paired_session_comes_back_from_a_stop_without_a_scan(front: Front) -> None:
    await front.pair()
    assert (await front.ask("stop"))["status"] == "stopped"
    assert (await front.ask("start"))["status"] == "disconnected"
    assert (await front.until("connected"))["phoneNumber"] == "15551234567"


async def test_a_refused_start_of_a_logged_out_session_says_what_begins_a_new_pairing(front: Front) -> None:
    await front.pair()
    await front.ask("logout")
    problem = await front.refused("start")
    assert problem["detail"] == "cannot start while logged_out; a restart begins a new pairing"


async def test_a_logout_unlinks_the_device_and_may_be_asked_twice(front: Front) -> None:
    await front.pair()
    for _ in range(2):
        answer = await front.ask("logout")
        assert (answer["status"], answer["statusReason"]["code"]) == ("logged_out", "asked")
    assert front.whatsapp.paired == {}


@pytest.mark.parametrize("is_deleted", [False, True])
async def test_the_log_says_that_whatsapp_did_not_confirm_the_end(
    front: Front, caplog: pytest.LogCaptureFixture, is_deleted: bool
) -> None:
    await front.pair()
    front.whatsapp.hears_logouts = False
    if is_deleted:
        assert (await front.client.delete("/sessions/shop")).status == 204
    else:
        assert (await front.ask("logout"))["statusReason"]["code"] == "asked-unconfirmed"
    assert "session=shop event=not_logged_out" in caplog.messages


async def test_a_logout_that_the_connector_does_not_answer_leaves_no_credentials(front: Front) -> None:
    await front.pair()
    (front.folder.session("shop").path / "connector.db").write_text("credentials")
    front.connector().deaf = True
    asking = asyncio.create_task(front.ask("logout"))
    await front.said("logout")
    front.time.advance(7)
    session = await asking
    assert (session["status"], session["statusReason"]["code"]) == ("logged_out", "asked-unconfirmed")
    assert not (front.folder.session("shop").path / "connector.db").exists()


@pytest.mark.parametrize(
    ("status", "verb"),
    [
        ("qr_waiting", "logout"),
        ("stopped", "logout"),
        ("failed", "logout"),
        ("logged_out", "start"),
        ("logged_out", "stop"),
    ],
)
async def test_what_the_status_forbids_is_a_conflict_that_names_it(
    front: Front, status: str, verb: str
) -> None:
    await front.pair() if status == "logged_out" else await front.create()
    match status:
        case "stopped":
            await front.ask("stop")
        case "failed":
            front.connector().drop("passkey-required")
            await front.until("failed")
        case "logged_out":
            await front.ask("logout")
    response = await front.client.post(f"/sessions/shop/{verb}")
    problem = await response.json()
    assert (response.status, problem["code"]) == (409, "conflicting-state")
    assert status in problem["detail"]
    assert problem["session"]["status"] == status


async def test_the_log_names_what_moved_a_session_in_the_words_of_the_protocol(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await front.pair()
    assert "session=shop event=opened from=pairing to=connected" in caplog.messages


async def test_a_connector_that_was_stopped_by_hand_makes_its_session_stopped(front: Front) -> None:
    await front.create()
    front.supervisor.stop_by_hand("shop")
    assert (await front.until("stopped"))["qrCode"] is None


async def test_a_paired_connector_that_ends_for_no_reason_is_started_again(front: Front) -> None:
    await front.pair()
    front.connector().quit()
    await front.until("disconnected")
    front.time.advance(1.1)
    await front.until("connected")
    assert front.whatsapp.logins == 2


async def test_a_start_that_whatsapp_refuses_says_why(front: Front) -> None:
    await front.create()
    await front.ask("stop")
    front.whatsapp.refusal = Reason("whatsapp-unreachable", "refused")
    response = await front.client.post("/sessions/shop/start")
    assert (response.status, (await response.json())["code"]) == (502, "whatsapp-unreachable")


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "logout"])
async def test_a_session_that_is_not_there_cannot_be_asked_for_anything(front: Front, verb: str) -> None:
    response = await front.client.post(f"/sessions/nobody/{verb}")
    assert (response.status, (await response.json())["code"]) == (404, "session-not-found")
