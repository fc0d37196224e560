"""Start, stop, restart, log out and pairing codes, on real parts."""

from functools import partial
from typing import Any

from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones


async def test_a_stopped_session_has_no_connector_and_is_not_woken_by_a_read(motte: Motte) -> None:
    await motte.create()
    assert (await motte.tell("shop", "stop"))["status"] == "stopped"
    assert await motte.programs() == {}
    stopped = await motte.read()
    assert (stopped["status"], stopped["qrCode"]) == ("stopped", None)
    assert await motte.programs() == {}


async def test_a_stopped_session_that_is_started_answers_with_a_code_that_can_be_scanned(
    motte: Motte, phones: Phones
) -> None:
    created = await motte.create()
    await motte.tell("shop", "stop")
    started = await motte.tell("shop", "start")
    assert started["qrCode"] not in (None, created["qrCode"])
    await phones.scan(started["qrCode"])
    await motte.until("connected")


async def test_a_paired_session_comes_back_from_a_stop_without_a_scan(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    await motte.tell("shop", "stop")
    await eventually(partial(is_offline, phones))
    await motte.tell("shop", "start")
    await motte.until("connected")
    assert await phones.counts() == (1, 2)


async def test_a_restart_of_a_waiting_session_answers_with_a_code_of_a_new_socket(
    motte: Motte, phones: Phones
) -> None:
    created = await motte.create()
    restarted = await motte.tell("shop", "restart")
    assert restarted["qrCode"] not in (None, created["qrCode"])
    assert await phones.counts() == (2, 0)
    await phones.scan(restarted["qrCode"])
    await motte.until("connected")


async def test_a_restart_of_a_connected_session_keeps_its_pairing(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    await motte.tell("shop", "restart")
    await motte.until("connected")
    assert await phones.counts() == (1, 2)


async def test_a_logout_unlinks_the_device_and_a_restart_begins_a_new_pairing(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    out = await motte.tell("shop", "logout")
    assert (out["status"], out["statusReason"]["code"]) == ("logged_out", "asked")
    assert (await phones.state())["devices"] == []
    await motte.asleep()
    restarted = await motte.tell("shop", "restart")
    await phones.scan(restarted["qrCode"], "15557654321")
    assert (await motte.until("connected"))["phoneNumber"] == "15557654321"


async def test_a_logout_of_a_session_that_is_not_paired_is_a_conflict_that_names_its_status(
    motte: Motte,
) -> None:
    await motte.create()
    problem = (await motte.ask("POST", "/sessions/shop/logout")).problem(409, "conflicting-state")
    assert "qr_waiting" in problem["detail"]


async def test_a_pairing_code_that_is_typed_on_the_phone_connects_the_session(
    motte: Motte, phones: Phones
) -> None:
    await motte.create()
    code = await pairing_code(motte)
    assert len(code["code"]) == 8
    await phones.type_code(code["code"])
    assert (await motte.until("connected"))["phoneNumber"] == ANN


async def test_a_pairing_code_that_nobody_typed_does_not_disturb_the_next_scan(
    motte: Motte, phones: Phones
) -> None:
    await motte.create()
    await pairing_code(motte)
    await phones.drop()
    await motte.asleep()
    await phones.scan((await motte.read())["qrCode"])
    await motte.until("connected")
    assert await phones.counts() == (2, 1)


async def test_a_pairing_code_of_a_socket_that_is_gone_is_never_answered_again(
    motte: Motte, phones: Phones
) -> None:
    await motte.create()
    await pairing_code(motte)
    await motte.delete()
    await motte.create()
    await phones.type_code((await pairing_code(motte))["code"])
    await motte.until("connected")


async def pairing_code(motte: Motte) -> dict[str, Any]:
    return (await motte.ask("POST", "/sessions/shop/pairing-code", json={"phoneNumber": ANN})).session()


async def is_offline(phones: Phones) -> bool:
    """Whether WhatsApp has seen that the one device is gone: soon after its process has ended."""
    return [device["online"] for device in (await phones.state())["devices"]] == [False]
