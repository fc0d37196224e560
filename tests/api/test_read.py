"""Reading a session: the code in the answer can always be scanned."""

import asyncio
from typing import Any

from store.records.reason import Reason
from tests.api.conftest import Front
from tests.api.test_slow_clients import until_idle
from tests.support.connector import FakeConnector
from tests.support.time import until


async def test_a_read_after_55_seconds_gives_the_same_code(front: Front) -> None:
    created = await front.create()
    front.time.advance(55)
    read = await front.read()
    assert (read["qrCode"], read["qrExpiresAt"]) == (created["qrCode"], created["qrExpiresAt"])


async def test_a_read_after_65_seconds_gives_another_code_that_expires_later(front: Front) -> None:
    created = await front.create()
    front.time.advance(65)
    read = await front.read()
    assert read["qrCode"] != created["qrCode"]
    assert read["qrExpiresAt"] == "2026-05-25T12:01:20.000Z" > created["qrExpiresAt"]
    assert front.whatsapp.registrations == 1


async def test_a_code_with_less_than_two_seconds_left_counts_as_expired(front: Front) -> None:
    created = await front.create()
    front.time.advance(58.5)
    reading = asyncio.create_task(front.read())
    await front.flying()
    front.time.advance(1.5)
    assert (await reading)["qrCode"] != created["qrCode"]
    assert front.whatsapp.registrations == 1


async def test_a_read_after_the_last_code_opens_a_new_socket(front: Front) -> None:
    await front.create()
    front.time.advance(161)
    read = await front.read()
    assert read["qrCode"] == "https://wa.me/settings/linked_devices#shop-2-1"
    assert front.whatsapp.registrations == 2


async def test_a_thousand_reads_of_an_expired_code_cause_one_refresh(front: Front) -> None:
    await front.create()
    front.time.advance(161)
    sessions = await asyncio.gather(*(front.read() for _ in range(1000)))
    assert len({session["qrCode"] for session in sessions}) == 1
    assert front.whatsapp.registrations == 2


async def test_a_read_that_only_looks_wakes_nobody(front: Front) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    read = await front.read(params={"refresh": "false"})
    assert (read["status"], read["qrCode"], read["qrExpiresAt"]) == ("qr_waiting", None, None)
    assert front.whatsapp.registrations == 1


async def test_a_list_wakes_nobody_and_shows_no_code_that_expired(front: Front) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    response = await front.get("/sessions")
    assert [item["qrCode"] for item in (await response.json())["items"]] == [None]
    assert front.whatsapp.registrations == 1


async def test_a_code_dies_with_its_socket_whatever_the_clock_says(front: Front) -> None:
    created = await front.create()
    front.connector().drop()
    await front.asleep()
    read = await front.read(params={"refresh": "false"})
    assert read["qrCode"] is None
    assert (await front.read())["qrCode"] not in (None, created["qrCode"])


async def waiting_for_a_code(front: Front) -> tuple[asyncio.Task[dict[str, Any]], FakeConnector]:
    """A read of an expired code, and the connector that was started for it: WhatsApp gives no code yet."""
    await front.create()
    front.whatsapp.silent = True
    front.time.advance(161)
    reading = asyncio.create_task(front.read())
    return reading, await front.restarted()


async def test_a_session_that_connects_during_a_refresh_is_answered_as_connected(front: Front) -> None:
    reading, connector = await waiting_for_a_code(front)
    connector.scan()
    connector.restart()
    read = await reading
    assert (read["status"], read["qrCode"], read["phoneNumber"]) == ("connected", None, "15551234567")


async def test_a_session_that_is_still_pairing_when_time_is_up_is_answered_as_pairing(front: Front) -> None:
    reading, connector = await waiting_for_a_code(front)
    connector.scan()
    await front.until("pairing")
    front.time.advance(16)
    assert (await reading)["status"] == "pairing"
    assert front.connector() is connector


async def test_a_read_is_told_of_the_scan_though_the_connector_is_killed_right_after_it(front: Front) -> None:
    reading, connector = await waiting_for_a_code(front)
    connector.scan()
    await front.until("pairing")
    front.supervisor.crash("shop")
    await front.supervisor.start("shop")
    assert (await reading)["status"] == "connected"


async def test_a_read_during_a_pairing_disturbs_nothing(front: Front) -> None:
    await front.create()
    connector = front.connector()
    connector.scan()
    await front.until("pairing")
    assert (await front.read())["status"] == "pairing"
    assert front.connector() is connector
    assert front.whatsapp.registrations == 1


async def test_a_socket_that_closes_during_a_refresh_is_opened_again_within_the_time_out(
    front: Front,
) -> None:
    reading, connector = await waiting_for_a_code(front)
    front.whatsapp.silent = False
    connector.drop()
    assert (await reading)["qrCode"] == "https://wa.me/settings/linked_devices#shop-3-1"


async def test_a_read_that_gets_no_code_in_time_closes_the_socket_and_leaves_the_session(
    front: Front,
) -> None:
    await front.create()
    front.whatsapp.silent = True
    front.time.advance(161)
    reading = asyncio.create_task(front.get("/sessions/shop"))
    await front.restarted()
    front.time.advance(14)
    await until_idle()
    assert not reading.done()
    front.time.advance(2)
    response = await reading
    assert (response.status, (await response.json())["code"]) == (504, "qr-timeout")
    await until(lambda: front.supervisor.connectors == {})
    front.whatsapp.silent = False
    assert (await front.read())["qrCode"] is not None


async def test_after_a_failure_a_read_waits_for_the_end_of_the_pause(front: Front) -> None:
    front.whatsapp.refusal = Reason("whatsapp-unreachable", "")
    await front.client.post("/sessions", json={"id": "shop"})
    front.whatsapp.refusal = None
    reading = asyncio.create_task(front.read())
    await front.flying()
    assert front.whatsapp.registrations == 1
    front.time.advance(1)
    assert (await reading)["qrCode"] is not None


async def test_a_client_that_goes_away_cancels_nothing_that_others_wait_for(front: Front) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    impatient = asyncio.create_task(front.read())
    patient = asyncio.create_task(front.read())
    await front.flying()
    impatient.cancel()
    assert (await patient)["qrCode"] is not None
    assert front.whatsapp.registrations == 2


async def test_a_wall_clock_that_is_stepped_back_brings_no_dead_code_to_life(front: Front) -> None:
    created = await front.create()
    front.time.advance(65)
    front.time.clock.step_wall(-3600)
    assert (await front.read())["qrCode"] != created["qrCode"]


async def test_a_read_of_a_session_that_is_deleted_meanwhile_is_not_found(front: Front) -> None:
    await front.create()
    front.whatsapp.silent = True
    front.time.advance(161)
    reading = asyncio.create_task(front.get("/sessions/shop"))
    await front.restarted()
    assert (await front.client.delete("/sessions/shop")).status == 204
    response = await reading
    assert (response.status, (await response.json())["code"]) == (404, "session-not-found")


async def test_a_request_that_waits_when_the_front_stops_is_told_so(front: Front) -> None:
    front.whatsapp.silent = True
    creating = asyncio.create_task(front.client.post("/sessions", json={"id": "shop"}))
    await front.started()
    await front.whole.stop_waiting()
    response = await creating
    problem = await response.json()
    assert (response.status, problem["code"]) == (503, "shutting-down")
    assert (problem["session"]["id"], response.headers["Location"]) == ("shop", "/sessions/shop")
    assert response.headers["Retry-After"] == "5"


async def test_creates_that_wait_when_the_front_stops_are_told_of_their_own_sessions(front: Front) -> None:
    front.whatsapp.silent = True
    creating = [asyncio.create_task(front.client.post("/sessions")) for _ in range(3)]
    await until(lambda: len(front.supervisor.connectors) == 3)
    await front.whole.stop_waiting()
    told = {(await (await create).json())["session"]["id"] for create in creating}
    assert told == set(front.supervisor.connectors)
