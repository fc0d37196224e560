"""A failed session is tried again by a start or a restart, with the credentials that are there."""

import asyncio

import pytest

from store.records.reason import Reason
from tests.api.conftest import Front
from tests.support.credentials import leave_credentials
from tests.support.time import until


async def failed(front: Front) -> None:
    """A session that an account knows, and whose link another process has taken over."""
    await front.pair()
    front.connector().drop("connection-replaced")
    await front.until("failed")


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


async def test_a_logged_out_session_whose_credentials_were_put_back_is_tried_with_them(front: Front) -> None:
    await front.pair()
    await front.ask("logout")
    leave_credentials(front.folder.session("shop").path, linked=True)
    front.whatsapp.paired["shop"] = "15557654321"
    assert (await front.refused("start"))["code"] == "conflicting-state"
    answer = await front.ask("restart")
    assert (answer["status"], answer["phoneNumber"]) == ("connected", "15557654321")
