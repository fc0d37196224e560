"""What goes on during a cool-down, and what waits."""

import asyncio

from server.core.settings.model import Settings
from tests.api.conftest import Front, opened
from tests.api.refusals import LIMITED, REFUSED, assert_refused, post
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime, until


async def test_a_create_that_does_not_wait_says_from_the_beginning_why_there_is_no_code(front: Front) -> None:
    front.whatsapp.refusal = LIMITED
    await post(front)
    response = await post(front, "bar", headers={"Prefer": "respond-async"})
    session = await response.json()
    assert (response.status, session["status"]) == (202, "starting")
    assert session["statusReason"]["code"] == "whatsapp-rate-limited"
    assert front.whatsapp.registrations == 1


async def test_a_wait_for_news_is_answered_at_once(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    await post(front)
    tag = (await front.get("/sessions/shop?refresh=false")).headers["ETag"]
    headers = {"If-None-Match": tag, "Prefer": "wait=60"}
    await assert_refused(await front.get("/sessions/shop", headers=headers), after=60)


async def test_a_pairing_code_needs_a_socket_and_waits_as_well(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    await post(front)
    body = {"phoneNumber": "15551234567"}
    await assert_refused(await front.client.post("/sessions/shop/pairing-code", json=body), after=60)
    assert front.whatsapp.registrations == 2


async def test_a_start_of_a_session_that_is_not_paired_waits_and_may_be_asked_again(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    await post(front)
    await front.ask("stop")
    await assert_refused(await front.client.post("/sessions/shop/start"), after=60)
    front.whatsapp.refusal = None
    front.time.advance(60)
    assert (await front.ask("start"))["qrCode"] is not None


async def test_a_restart_in_a_cool_down_of_the_host_leaves_the_code_that_is_there(front: Front) -> None:
    session = await front.create()
    front.whatsapp.refusal = LIMITED
    await post(front, "bar")
    await assert_refused(await front.client.post("/sessions/shop/restart"), after=60)
    assert (await front.read())["qrCode"] == session["qrCode"]


async def test_a_connector_that_is_started_again_in_a_cool_down_registers_no_device(front: Front) -> None:
    await front.create()
    front.whatsapp.refusal = LIMITED
    await post(front, "bar")
    assert front.whatsapp.registrations == 2
    front.supervisor.crash("shop")
    front.supervisor._restart("shop")
    await front.asleep()
    assert front.whatsapp.registrations == 2
    await assert_refused(await front.get("/sessions/shop"), after=60)
    front.whatsapp.refusal = None
    front.time.advance(60)
    assert (await front.read())["qrCode"] is not None


async def test_a_connector_that_shows_a_code_keeps_it_though_a_front_starts_in_a_cool_down(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as front:
        session = await front.create()
        supervisor.whatsapp.refusal = LIMITED
        await post(front, "bar")
    async with opened(settings, time, supervisor) as front:
        await until(lambda: front.owner.connectors.is_answered("shop"))
        assert (await front.read())["qrCode"] == session["qrCode"]
    assert supervisor.whatsapp.registrations == 2


async def test_a_code_that_follows_on_a_living_socket_is_waited_for_in_a_cool_down(front: Front) -> None:
    await front.create()
    front.whatsapp.refusal = LIMITED
    await post(front, "bar")
    front.time.advance(58.5)
    reading = asyncio.create_task(front.read())
    await front.flying()
    front.time.advance(1.6)
    assert (await reading)["qrCode"].endswith("-2")


async def test_the_next_code_of_a_living_socket_ends_no_cool_down(front: Front) -> None:
    await front.create()
    front.time.advance(50)
    front.whatsapp.refusal = LIMITED
    await post(front, "bar")
    front.time.advance(11)
    assert (await front.read())["qrCode"].endswith("-2")
    await assert_refused(await post(front, "baz"), after=49)
    assert front.whatsapp.registrations == 2


async def test_a_code_that_is_shown_again_with_a_new_secret_ends_no_cool_down(front: Front) -> None:
    await front.create()
    front.time.advance(1)
    front.whatsapp.refusal = LIMITED
    await post(front, "bar")
    front.time.advance(10)
    with front.owner.subscriptions.subscribe("shop") as subscription:
        front.connector().renew()
        await subscription.next()
    await assert_refused(await post(front, "baz"), after=50)


async def test_a_paired_session_logs_in_during_a_cool_down(front: Front) -> None:
    await front.pair()
    front.whatsapp.refusal = LIMITED
    await post(front, "bar")
    await front.ask("restart")
    await front.until("connected")


async def test_a_restart_with_forget_in_a_cool_down_discards_nothing(front: Front) -> None:
    await front.pair()
    front.whatsapp.refusal = LIMITED
    await post(front, "bar")
    asked = front.client.post("/sessions/shop/restart", json={"forget": True})
    assert (await assert_refused(await asked, after=60))["session"]["status"] == "connected"
    assert (await front.read())["status"] == "connected"


async def test_a_deleted_session_takes_its_cool_down_with_it(front: Front) -> None:
    front.whatsapp.refusal = REFUSED
    await post(front)
    assert (await front.client.delete("/sessions/shop")).status == 204
    front.whatsapp.refusal = None
    assert (await post(front)).status == 201
