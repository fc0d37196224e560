"""The path of every session: created, scanned, connected, deleted."""

from datetime import UTC, datetime

from tests.support.motte import Motte
from tests.support.phones import ANN, Phones


def seconds_until(moment: str) -> float:
    return (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds()


async def test_a_create_answers_with_a_code_that_a_phone_can_scan_for_a_minute(
    motte: Motte, phones: Phones
) -> None:
    answer = await motte.post()
    session = answer.session(201)
    assert answer.headers["Location"] == "/sessions/shop"
    assert session["status"] == "qr_waiting"
    assert 55 < seconds_until(session["qrExpiresAt"]) <= 60
    await phones.scan(session["qrCode"])


async def test_a_scanned_session_becomes_connected_and_says_whose_it_is(motte: Motte, phones: Phones) -> None:
    created = await motte.create()
    await phones.scan(created["qrCode"])
    seen = await motte.history("connected")
    assert {session["status"] for session in seen} <= {"qr_waiting", "pairing", "connected"}
    connected = seen[-1]
    assert (connected["phoneNumber"], connected["pushName"]) == (ANN, "Ann")
    assert connected["connectedAt"] >= created["createdAt"]
    assert (connected["qrCode"], connected["qrExpiresAt"]) == (None, None)
    assert [device["online"] for device in (await phones.state())["devices"]] == [True]


async def test_an_account_with_a_very_long_name_is_linked_and_its_name_is_cut(
    motte: Motte, phones: Phones
) -> None:
    await phones.scan((await motte.create())["qrCode"], push_name="a" * 60_000)
    assert (await motte.until("connected"))["pushName"] == "a" * 200


async def test_a_scanned_session_is_seen_while_it_is_pairing(motte: Motte, phones: Phones) -> None:
    created = await motte.create()
    await phones.misbehave(hangHandshake=True)
    await phones.scan(created["qrCode"])
    assert (await motte.until("pairing"))["qrCode"] is None
    await phones.misbehave()
    await phones.drop()
    await motte.until("connected")


async def test_a_deleted_session_is_unlinked_from_the_account_and_leaves_nothing(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await motte.delete()
    assert (await phones.state())["devices"] == []
    (await motte.get()).problem(404, "session-not-found")
    assert (await motte.ask("GET", "/sessions")).body["items"] == []
    assert list(motte.folder.sessions.iterdir()) == []
    assert "connector:shop" not in (await motte.serve.ctl("status")).output


async def test_a_session_that_is_deleted_right_after_the_scan_is_unlinked_too(
    motte: Motte, phones: Phones
) -> None:
    for _ in range(2):
        await phones.scan((await motte.create())["qrCode"])
        await motte.delete()
        assert (await phones.state())["devices"] == []
