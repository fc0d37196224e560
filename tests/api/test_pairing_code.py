"""Codes to type on the phone."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from server.core.settings.model import Settings
from server.domain.phone_numbers import RULE
from server.protocol.events.base import Event
from server.protocol.events.codes import PairingCodeAwaited, PairingCodeRefused, PairingCodeWithdrawn
from server.protocol.events.process import Ended, Up
from server.sessions.pairing_codes import LIMITED_SECONDS
from server.sessions.refresh import FAILURE_PAUSE_SECONDS
from store.records.reason import Reason
from tests.api.conftest import Front, opened
from tests.api.stranger import link, view
from tests.api.test_two_fronts import another
from tests.api.test_wait import seen, waiting
from tests.support.stream import following
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime, until

NUMBER = "15551234567"
OTHER = "15557654321"

#: Seconds that nobody turns, for an answer that nothing holds up.
PROMPT = 5.0


async def ask(front: Front, number: str = NUMBER, *, status: int = 200) -> dict[str, Any]:
    response = await front.client.post("/sessions/shop/pairing-code", json={"phoneNumber": number})
    document = dict(await response.json())
    assert response.status == status, document
    return document


async def awaited(front: Front, seconds: float = 160) -> dict[str, Any]:
    """The session once its QR codes are used up, and only its pairing code is left. seconds: until then."""
    await heard(front, PairingCodeAwaited, lambda: front.time.advance(seconds))
    return await front.read(params={"refresh": "false"})


async def heard(front: Front, kind: type[Event], act: Callable[[], None]) -> None:
    """Return once the front has taken in an event of this kind, which follows from the act."""
    with front.owner.subscriptions.subscribe("shop") as subscription:
        act()
        async with asyncio.timeout(PROMPT):
            async for change in subscription:
                if isinstance(change.event, kind):
                    return


async def asked_in_vain(front: Front, number: str = NUMBER, *, status: int) -> asyncio.Task[dict[str, Any]]:
    """A request whose answer the connector owes, and does not give."""
    connector = front.connector()
    connector.deaf = True
    known = len(connector.commands)
    asking = asyncio.create_task(ask(front, number, status=status))
    await until(lambda: len(connector.commands) > known)
    return asking


def refuse(front: Front, code: str, *, deaf: bool = False) -> None:
    """The connector refuses the request that it owes an answer; deaf: it owes one to the next, too."""
    connector = front.connector()
    request = connector.commands[-1]["request"]
    connector.deaf = deaf
    connector.say(
        PairingCodeRefused(
            epoch=connector.epoch, request=request, reason=Reason(code, "as the test wants it")
        )
    )


async def test_a_pairing_code_comes_with_its_expiry(front: Front) -> None:
    await front.create()
    assert await ask(front) == {
        "phoneNumber": NUMBER,
        "code": "CODE0001",
        "expiresAt": "2026-05-25T12:03:30.000Z",
    }


async def test_a_hundred_requests_for_one_number_get_one_code(front: Front) -> None:
    await front.create()
    codes = await asyncio.gather(*(ask(front) for _ in range(100)))
    assert {code["code"] for code in codes} == {"CODE0001"}
    assert (await ask(front))["code"] == "CODE0001"


async def test_another_number_gets_another_code(front: Front) -> None:
    await front.create()
    assert (await ask(front))["code"] != (await ask(front, OTHER))["code"]


async def test_a_pairing_code_wakes_a_session_that_is_asleep(front: Front) -> None:
    await front.create()
    await ask(front)
    await awaited(front)
    front.connector().end_socket()
    await front.asleep()
    assert (await ask(front))["code"] == "CODE0001"
    assert front.whatsapp.registrations == 2


async def test_a_pairing_code_that_never_comes_is_a_time_out(front: Front) -> None:
    await front.create()
    front.connector().deaf = True
    asking = asyncio.create_task(ask(front, status=504))
    await front.said("pair_by_code")
    front.time.advance(16)
    assert (await asking)["code"] == "qr-timeout"


async def test_a_pairing_code_about_to_expire_is_not_answered_again(front: Front) -> None:
    await front.create()
    await ask(front)
    await awaited(front)
    front.time.advance(48.5)
    assert (await ask(front))["code"] == "CODE0001"
    assert front.whatsapp.registrations == 2


async def test_a_pairing_code_of_a_socket_that_is_gone_is_not_answered_again(front: Front) -> None:
    await front.create()
    await ask(front)
    front.supervisor.connectors.pop("shop").end()
    await front.closed()
    await ask(front)
    assert front.whatsapp.registrations == 2


async def test_a_pairing_code_is_forgotten_once_another_number_was_asked_for(front: Front) -> None:
    await front.create()
    await ask(front)
    asking = await asked_in_vain(front, OTHER, status=502)
    refuse(front, "no-pairing-code")
    assert (await asking)["code"] == "whatsapp-unreachable"
    assert (await ask(front))["code"] == "CODE0002"


@pytest.mark.parametrize("code", ["connection-lost", "no-codes"])
async def test_a_pairing_code_that_a_dying_socket_refused_is_asked_for_again(front: Front, code: str) -> None:
    await front.create()
    asking = await asked_in_vain(front, status=200)
    refuse(front, code)
    assert (await asking)["code"] == "CODE0001"


async def test_a_pairing_code_that_whatsapp_limits_is_not_asked_for_again_for_a_minute(front: Front) -> None:
    await front.create()
    asking = await asked_in_vain(front, status=502)
    refuse(front, "whatsapp-rate-limited")
    assert (await asking)["code"] == "whatsapp-refused"
    known = len(front.connector().commands)
    assert (await ask(front, status=502))["code"] == "whatsapp-refused"
    assert len(front.connector().commands) == known
    front.time.advance(LIMITED_SECONDS)
    assert (await ask(front))["code"] == "CODE0001"


async def test_a_pairing_code_is_given_up_once_two_sockets_closed_before_it_came(front: Front) -> None:
    await front.create()
    front.whatsapp.gives_pairing_codes = False
    asking = asyncio.create_task(ask(front, status=502))
    await front.said("pair_by_code")
    front.connector().drop()
    second = await front.restarted()
    await front.said("pair_by_code")
    second.drop()
    assert (await asking)["code"] == "whatsapp-unreachable"
    assert front.whatsapp.registrations == 2


async def test_a_stop_answers_who_waits_for_a_pairing_code_at_once(front: Front) -> None:
    await front.create()
    asking = await asked_in_vain(front, status=409)
    await front.ask("stop")
    async with asyncio.timeout(PROMPT):
        problem = await asking
    assert (problem["code"], problem["session"]["status"]) == ("conflicting-state", "stopped")


async def test_a_session_that_is_made_again_gets_a_pairing_code_of_its_own(front: Front) -> None:
    await front.create()
    commands = front.connector().commands
    asking = await asked_in_vain(front, status=404)
    known = len(commands)
    refuse(front, "connection-lost", deaf=True)
    await until(lambda: len(commands) > known)
    refuse(front, "connection-lost")
    assert (await front.client.delete("/sessions/shop")).status == 204
    await front.create()
    front.time.advance(FAILURE_PAUSE_SECONDS)
    assert (await asking)["code"] == "session-not-found"
    assert (await ask(front))["code"] == "CODE0001"


async def test_a_session_that_connects_while_a_code_is_refreshed_gets_no_pairing_code(front: Front) -> None:
    await front.create()
    front.time.advance(59)
    asking = asyncio.create_task(ask(front, status=409))
    await front.flying()
    front.connector().scan()
    front.connector().restart()
    assert (await asking)["code"] == "already-connected"


async def test_a_session_that_is_scanned_while_a_pairing_code_is_asked_for_names_its_status(
    front: Front,
) -> None:
    await front.create()
    asking = await asked_in_vain(front, status=409)
    front.connector().scan()
    refuse(front, "already-paired")
    problem = await asking
    assert (problem["code"], problem["session"]["status"]) == ("conflicting-state", "pairing")


async def test_a_connector_that_ends_before_it_hears_the_request_is_woken_again(front: Front) -> None:
    await front.create()
    connector = front.connector()
    connector.deaf = True
    connector.say(Up(epoch=connector.epoch))
    await until(lambda: not front.owner.connectors.is_answered("shop"))
    asking = asyncio.create_task(ask(front))
    await front.watched()
    connector.quit()
    await asking
    assert front.whatsapp.registrations == 2


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
        assert (await reader.until("session.qr"))["qrCode"] is not None
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


async def test_a_connected_session_needs_no_pairing_code(front: Front) -> None:
    await front.create()
    front.connector().scan()
    await front.until("pairing")
    assert (await ask(front, status=409))["code"] == "conflicting-state"
    front.connector().restart()
    await front.until("connected")
    assert (await ask(front, status=409))["code"] == "already-connected"


@pytest.mark.parametrize("number", ["0123456789", "123456", "1" * 16, "", "one"])
async def test_a_number_that_is_none_is_refused(front: Front, number: str) -> None:
    await front.create()
    problem = await ask(front, number, status=400)
    assert problem["errors"] == [{"pointer": "/phoneNumber", "detail": RULE}]


async def test_a_number_is_taken_as_people_write_it(front: Front) -> None:
    await front.create()
    assert (await ask(front, "+1 (555) 123-4567"))["phoneNumber"] == NUMBER
