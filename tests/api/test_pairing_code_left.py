"""What happens while only a pairing code is left: all QR codes of the socket were shown."""

import asyncio
from dataclasses import replace
from typing import Any

from aiohttp.test_utils import TestClient

from server.core.settings.model import Settings
from server.protocol.events.codes import PairingCodeWithdrawn
from server.protocol.events.process import Ended
from tests.api.conftest import Front, opened
from tests.api.pairing_codes import OTHER, PROMPT, ask, awaited, heard
from tests.api.second_front import another
from tests.api.stranger import link, view
from tests.api.test_wait import seen, waiting
from tests.support.stream import following
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime, until


async def test_a_poll_does_not_end_the_pairing_code_that_somebody_types(front: Front) -> None:
    await front.create()
    await ask(front)
    await awaited(front)
    async with asyncio.timeout(PROMPT):
        sessions = await asyncio.gather(*(front.read() for _ in range(100)))
    shown = {(session["status"], session["qrCode"], session["statusReason"]["code"]) for session in sessions}
    assert shown == {("qr_waiting", None, "pairing-code-awaited")}
    assert "until 2026-05-25T12:03:30.000Z" in sessions[0]["statusReason"]["detail"]
    assert front.whatsapp.registrations == 1
    front.connector().scan()
    await front.until("pairing")


async def test_a_read_that_waits_for_the_code_after_the_last_one_is_told_of_the_pairing_code(
    front: Front,
) -> None:
    await front.create()
    await ask(front)
    front.time.advance(159)
    reading = asyncio.create_task(front.read())
    await front.flying()
    front.time.advance(1)
    async with asyncio.timeout(PROMPT):
        assert (await reading)["statusReason"]["code"] == "pairing-code-awaited"
    assert front.whatsapp.registrations == 1


async def test_a_read_whose_time_out_is_short_does_not_end_the_pairing_code(
    settings: Settings, time: TurnedTime
) -> None:
    # Seconds of room: the event loop's clock goes on by itself, and the code must not end meanwhile.
    async with opened(replace(settings, refresh_timeout=5.0, qr_min_validity=12.0), time) as front:
        await front.create()
        await ask(front)
        time.advance(49)
        reading = asyncio.create_task(front.get("/sessions/shop"))
        await front.flying()
        time.advance(5.1)
        assert (await reading).status == 504
        time.advance(6)
        assert (await front.read())["qrCode"] is not None
        assert (await ask(front))["code"] == "CODE0001"
        assert front.whatsapp.registrations == 1


async def test_who_follows_a_session_gets_a_qr_code_once_the_pairing_code_has_ended(front: Front) -> None:
    await front.create()
    await ask(front)
    async with following(front.client, "/sessions/shop/events") as reader:
        await reader.placed()
        await awaited(front)
        told = await reader.until("session.status")
        assert (told["qrCode"], told["statusReason"]["code"]) == (None, "pairing-code-awaited")
        front.connector().end_socket()
        assert (await reader.until("session.status"))["statusReason"] is None
        while (await reader.until("session.qr"))["qrCode"] is None:
            pass  # The end of the withdrawn code may come first.
    assert front.whatsapp.registrations == 2


async def test_a_wait_for_news_is_told_that_only_the_pairing_code_is_left_and_then_waits_on(
    front: Front,
) -> None:
    await front.create()
    await ask(front)
    front.time.advance(145)
    tag = await seen(front)
    task = waiting(front, tag)
    await front.watched()
    await awaited(front, 15)
    response = await task
    assert (await response.json())["statusReason"]["code"] == "pairing-code-awaited"
    task = waiting(front, response.headers["ETag"], wait=10)
    await front.watched()
    front.time.advance(10.5)
    assert (await task).status == 304
    assert front.whatsapp.registrations == 1


async def test_while_only_a_pairing_code_is_left_there_is_no_picture_and_the_answer_says_why(
    front: Front,
) -> None:
    await front.create()
    await ask(front)
    await awaited(front)
    response = await front.get("/sessions/shop/qr")
    problem = await response.json()
    assert (response.status, problem["code"]) == (409, "conflicting-state")
    assert "a pairing code can still be typed" in problem["detail"]


async def test_the_page_of_a_link_says_that_a_pairing_code_is_typed(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    await ask(front)
    async with following(stranger, f"{await link(front)}/events") as reader:
        assert (await view(reader))["state"] == "code"
        await awaited(front)
        shown = await reader.until("view", title="A pairing code is in use")
        assert (shown["state"], shown["picture"]) == ("typed", None)


async def test_a_pairing_code_is_answered_again_after_the_last_qr_code(front: Front) -> None:
    await front.create()
    code = await ask(front)
    await awaited(front)
    assert await ask(front) == code
    assert front.whatsapp.registrations == 1


async def test_a_pairing_code_is_gone_with_its_socket_before_its_time(front: Front) -> None:
    await front.create()
    code = await ask(front)
    await awaited(front)
    await heard(front, Ended, front.connector().end_socket)
    assert (await front.read(params={"refresh": "false"}))["statusReason"] is None
    assert (await ask(front))["expiresAt"] > code["expiresAt"]
    assert front.whatsapp.registrations == 2


async def test_a_pairing_code_that_whatsapp_withdrew_is_not_answered_again(front: Front) -> None:
    await front.create()
    await ask(front)
    connector = front.connector()
    await heard(
        front, PairingCodeWithdrawn, lambda: connector.say(PairingCodeWithdrawn(epoch=connector.epoch))
    )
    assert (await ask(front))["code"] == "CODE0002"
    assert front.whatsapp.registrations == 1


async def test_another_number_gets_a_socket_of_its_own_after_the_last_qr_code(front: Front) -> None:
    await front.create()
    await ask(front)
    await awaited(front)
    assert (await ask(front, OTHER))["expiresAt"] == "2026-05-25T12:06:10.000Z"
    assert front.whatsapp.registrations == 2
    assert front.whatsapp.most_at_once == 1


async def test_a_restart_shows_qr_codes_again(front: Front) -> None:
    await front.create()
    await ask(front)
    await awaited(front)
    session = await front.ask("restart")
    assert session["qrCode"] is not None
    assert session["statusReason"] is None


async def test_a_connector_that_crashes_takes_its_pairing_code_with_it(front: Front) -> None:
    await front.create()
    await ask(front)
    await awaited(front)
    front.supervisor.crash("shop")
    await until(lambda: not front.owner.connectors.is_answered("shop"))
    assert (await front.read())["qrCode"] is not None
    assert front.whatsapp.registrations == 2


async def test_a_front_that_starts_while_only_a_pairing_code_is_left_leaves_its_socket_open(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as front:
        await front.create()
        await ask(front)
        before = await awaited(front)
    async with opened(settings, time, supervisor) as front:
        await until(lambda: front.owner.connectors.is_answered("shop"))
        assert await front.read() == before
    assert supervisor.whatsapp.registrations == 1


async def test_a_front_that_starts_after_the_connector_has_ended_gets_a_qr_code(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as front:
        await front.create()
        await ask(front)
        await awaited(front)
    supervisor.connectors["shop"].end_socket()
    async with opened(settings, time, supervisor) as front:
        assert (await front.read())["qrCode"] is not None
    assert supervisor.whatsapp.registrations == 2


async def test_a_second_front_polls_as_gently(front: Front) -> None:
    await front.create()
    await ask(front)
    session = await awaited(front)
    async with another(front) as second:
        assert await second.read() == session
    assert front.whatsapp.registrations == 1
