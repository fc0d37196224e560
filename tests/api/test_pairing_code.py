"""Codes to type on the phone."""

import asyncio

import pytest

from server.domain.phone_numbers import RULE, advice
from server.protocol.events.process import Up
from server.sessions.pairing_codes import LIMITED_SECONDS
from server.sessions.refresh import FAILURE_PAUSE_SECONDS
from tests.api.conftest import Front
from tests.api.pairing_codes import NUMBER, OTHER, PROMPT, ask, asked_in_vain, awaited, refuse
from tests.support.time import until


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
    assert problem["errors"] == [{"pointer": "/phoneNumber", "detail": RULE + advice(number)}]


async def test_a_number_is_taken_as_people_write_it(front: Front) -> None:
    await front.create()
    assert (await ask(front, "+1 (555) 123-4567"))["phoneNumber"] == NUMBER
