"""Credentials that are gone, and a state folder that cannot be written: what callers are told."""

import asyncio
import shutil
import time

import pytest

from server.core.errors import from_os_error
from server.protocol.events.process import Ended
from tests.api.conftest import Front
from tests.support.connector import FakeConnector
from tests.support.time import until


async def connected(front: Front) -> FakeConnector:
    """A paired session's connector, open."""
    await front.create()
    first = front.connector()
    first.scan()
    first.restart()
    await front.until("connected")
    return front.connector()


async def test_a_paired_session_that_lost_its_credentials_fails_and_registers_nothing(front: Front) -> None:
    await connected(front)
    before = front.whatsapp.registrations
    del front.whatsapp.paired["shop"]
    front.supervisor.crash("shop")
    await front.supervisor.start("shop")
    failed = await front.until("failed")
    assert failed["statusReason"]["code"] == "credentials-lost"
    assert (failed["phoneNumber"], failed["qrCode"]) == ("15551234567", None)
    assert (await front.read())["status"] == "failed"
    assert front.whatsapp.registrations == before


@pytest.mark.parametrize("verb", ["start", "restart"])
async def test_a_failed_session_that_gets_its_credentials_back_connects_when_it_is_tried_again(
    front: Front, verb: str
) -> None:
    await connected(front)
    number = front.whatsapp.paired.pop("shop")
    front.supervisor.crash("shop")
    await front.supervisor.start("shop")
    await front.until("failed")
    front.whatsapp.paired["shop"] = number
    answer = await front.ask(verb)
    assert (answer["status"], answer["statusReason"]) == ("connected", None)


@pytest.mark.parametrize("verb", ["start", "restart"])
async def test_another_try_without_credentials_fails_again_and_says_what_to_do(
    front: Front, verb: str
) -> None:
    await connected(front)
    del front.whatsapp.paired["shop"]
    front.supervisor.crash("shop")
    await front.supervisor.start("shop")
    await front.until("failed")
    problem = await front.refused(verb)
    assert (problem["status"], problem["code"], problem["retryable"]) == (409, "conflicting-state", False)
    assert '{"forget": true}' in problem["detail"]
    assert problem["session"]["statusReason"]["code"] == "credentials-lost"
    assert problem["session"]["phoneNumber"] == "15551234567"
    assert front.whatsapp.registrations == 1
    forgotten = await front.ask("restart", forget=True)
    assert (forgotten["status"], forgotten["phoneNumber"]) == ("qr_waiting", None)


async def test_a_delete_of_a_session_that_lost_its_credentials_waits_for_no_goodbye(front: Front) -> None:
    await connected(front)
    del front.whatsapp.paired["shop"]
    front.supervisor.crash("shop")
    await front.supervisor.start("shop")
    await front.until("failed")
    begun = time.monotonic()
    assert (await front.client.delete("/sessions/shop")).status == 204
    assert time.monotonic() - begun < 3  # it would be 6


async def test_a_delete_where_the_connector_never_comes_up_waits_for_no_goodbye(front: Front) -> None:
    await connected(front)
    front.whatsapp.slow = True
    front.supervisor.crash("shop")
    begun = time.monotonic()
    deleting = asyncio.create_task(front.client.delete("/sessions/shop"))
    await until(lambda: "shop" in front.supervisor.connectors)
    front.supervisor.connectors["shop"].say(Ended(state="FATAL", exit=79))
    assert (await deleting).status == 204
    assert time.monotonic() - begun < 3  # it would be 6


async def test_a_session_folder_that_cannot_be_made_is_an_unavailable_store_and_no_bug(front: Front) -> None:
    shutil.rmtree(front.folder.sessions, ignore_errors=True)
    front.folder.sessions.touch()
    response = await front.client.post("/sessions", json={"id": "shop"})
    problem = await response.json()
    assert (response.status, problem["code"]) == (503, "store-unavailable")
    assert (problem["session"]["id"], response.headers["Location"]) == ("shop", "/sessions/shop")
    assert response.headers["Retry-After"] == "5"
    front.folder.sessions.unlink()
    assert (await front.read())["qrCode"] is not None


def test_an_error_that_the_host_is_not_to_blame_for_stays_a_bug() -> None:
    assert from_os_error(OSError(None, "no number")) is None
