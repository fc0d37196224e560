"""Credentials that are gone, and a state folder that cannot be written: what callers are told."""

import asyncio
import shutil
import time

from server.errors import of_the_host
from server.events import Ended
from tests.fakes.connector import FakeConnector
from tests.fakes.time import until
from tests.http.conftest import Front


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


async def test_a_failed_session_that_gets_its_credentials_back_connects_after_stop_and_start(
    front: Front,
) -> None:
    await connected(front)
    number = front.whatsapp.paired.pop("shop")
    front.supervisor.crash("shop")
    await front.supervisor.start("shop")
    await front.until("failed")
    front.whatsapp.paired["shop"] = number
    await front.ask("stop")
    await front.ask("start")
    assert (await front.until("connected"))["statusReason"] is None


async def test_a_restart_of_a_session_that_lost_its_credentials_begins_a_new_pairing(front: Front) -> None:
    await connected(front)
    del front.whatsapp.paired["shop"]
    front.supervisor.crash("shop")
    await front.supervisor.start("shop")
    await front.until("failed")
    assert (await front.ask("restart"))["qrCode"] is not None


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
    connector = await connected(front)
    front.whatsapp.slow = True
    front.supervisor.crash("shop")
    begun = time.monotonic()
    deleting = asyncio.create_task(front.client.delete("/sessions/shop"))
    await until(lambda: "shop" in front.supervisor.connectors)
    connector.say(Ended(state="FATAL", exit=79))
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
    assert of_the_host(OSError(None, "no number")) is None
