"""Start, stop, restart, log out: the status says what is allowed, and all may be asked twice."""

import asyncio
from typing import Any

import pytest

from server.connectors.credentials import is_linked
from server.core.errors import SupervisorUnavailable
from store.records.reason import Reason
from store.sqlite.leases import SqliteLeaseStore
from tests.api.conftest import Front
from tests.support.credentials import leave_credentials
from tests.support.time import until


async def test_a_stopped_session_rests_and_a_read_does_not_wake_it(front: Front) -> None:
    await front.create()
    for _ in range(2):
        assert (await front.ask("stop"))["status"] == "stopped"
    assert (await front.read())["status"] == "stopped"
    assert front.supervisor.connectors == {}


async def failed(front: Front) -> None:
    """A session that an account knows, and whose link another process has taken over."""
    await front.pair()
    front.connector().drop("connection-replaced")
    await front.until("failed")


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


@pytest.mark.parametrize("verb", ["start", "restart"])
async def test_a_failed_session_is_tried_again_with_the_credentials_that_are_there(
    front: Front, verb: str
) -> None:
    await failed(front)
    answer = await front.ask(verb)
    assert (answer["status"], answer["phoneNumber"]) == ("connected", "15551234567")
    assert (front.whatsapp.registrations, front.whatsapp.logins) == (1, 2)


@pytest.mark.parametrize("verb", ["start", "restart"])
async def test_a_failed_session_that_fails_again_is_a_conflict_that_says_why(front: Front, verb: str) -> None:
    await failed(front)
    front.whatsapp.login_refusal = Reason("account-banned", "")
    problem = await front.refused(verb)
    assert (problem["status"], problem["code"]) == (409, "conflicting-state")
    assert problem["detail"] == "it was tried again, and is failed: as the test wants it"
    assert problem["session"]["statusReason"]["code"] == "account-banned"
    front.whatsapp.login_refusal = None
    assert (await front.ask(verb))["status"] == "connected"


async def test_another_try_that_does_not_reach_whatsapp_is_answered_with_the_reason(front: Front) -> None:
    await failed(front)
    front.whatsapp.login_refusal = Reason("whatsapp-unreachable", "")
    answer = await front.ask("start")
    assert (answer["status"], answer["statusReason"]["code"]) == ("disconnected", "whatsapp-unreachable")


async def test_another_try_whose_connector_says_nothing_is_answered_when_its_time_is_up(front: Front) -> None:
    await failed(front)
    front.whatsapp.slow = True
    asking = asyncio.create_task(front.ask("restart"))
    await until(lambda: "shop" in front.supervisor.connectors)
    front.time.advance(30)
    assert (await asking)["status"] == "disconnected"


async def test_fifty_starts_of_a_failed_session_at_once_make_one_try(front: Front) -> None:
    await failed(front)
    answers = await asyncio.gather(*(front.ask("start") for _ in range(50)))
    assert {answer["status"] for answer in answers} == {"connected"}
    assert front.whatsapp.logins == 2


async def test_a_restart_without_an_account_registers_again_in_the_folder_that_is_there(front: Front) -> None:
    await front.create()
    front.connector().drop("passkey-required")
    await front.until("failed")
    answer = await front.ask("restart")
    assert (answer["status"], answer["phoneNumber"]) == ("qr_waiting", None)


async def test_a_refused_start_of_a_logged_out_session_says_what_begins_a_new_pairing(front: Front) -> None:
    await front.pair()
    await front.ask("logout")
    problem = await front.refused("start")
    assert problem["detail"] == "cannot start while logged_out; a restart begins a new pairing"


async def test_a_logged_out_session_whose_credentials_were_put_back_is_tried_with_them(front: Front) -> None:
    await front.pair()
    await front.ask("logout")
    leave_credentials(front.folder.session("shop").path, linked=True)
    front.whatsapp.paired["shop"] = "15557654321"
    assert (await front.refused("start"))["code"] == "conflicting-state"
    answer = await front.ask("restart")
    assert (answer["status"], answer["phoneNumber"]) == ("connected", "15557654321")


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
