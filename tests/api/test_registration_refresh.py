"""A code whose secret WhatsApp has retired: every way to see it shows the new one, until the same moment."""

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from server.cluster.follower import Follower
from server.core.settings.model import Settings
from tests.api.conftest import Front, opened
from tests.api.scrape import value
from tests.api.second_front import another
from tests.api.stranger import link, view
from tests.api.test_scan_page import code_in
from tests.api.test_wait import PROMPT, seen, waiting
from tests.support.scanner import read_png, read_svg, read_text
from tests.support.stream import following
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime, until

#: Seconds after its code came at which the session's secret is retired.
LATER = 25.5


async def renewed(front: Front) -> dict[str, Any]:
    """The session, once its code carries another secret."""
    before = await front.read()
    front.time.advance(LATER)
    with front.owner.subscriptions.subscribe("shop") as subscription:
        front.connector().renew()
        await subscription.next()
    after = await front.read()
    assert after["qrCode"] == f"{before['qrCode']}-renewed"
    return after


async def test_a_read_gives_the_new_text_and_the_same_expiry(front: Front) -> None:
    before = await front.create()
    after = await renewed(front)
    assert after == {**before, "qrCode": after["qrCode"], "updatedAt": after["updatedAt"]}
    assert after["qrExpiresAt"] == before["qrExpiresAt"]
    assert front.whatsapp.registrations == 1


async def test_the_expiry_stays_though_the_wall_clock_was_slewed(front: Front) -> None:
    before = await front.create()
    front.time.clock.step_wall(0.3)
    assert (await renewed(front))["qrExpiresAt"] == before["qrExpiresAt"]


async def test_a_wait_is_answered_with_the_new_text(front: Front) -> None:
    await front.create()
    tag = await seen(front)
    task = waiting(front, tag)
    await front.watched()
    front.connector().renew()
    async with asyncio.timeout(PROMPT):
        response = await task
    assert response.status == 200
    assert response.headers["ETag"] != tag
    assert (await response.json())["qrCode"].endswith("-renewed")


@pytest.mark.parametrize("path", ["/sessions/shop/events", "/events"])
async def test_a_stream_tells_of_the_new_text(front: Front, path: str) -> None:
    before = await front.create()
    async with following(front.client, path) as reader:
        await reader.placed()
        after = await renewed(front)
        event, document = await reader.next()
        assert (event, document) == ("session.qr", after)
        assert document["qrExpiresAt"] == before["qrExpiresAt"]


async def test_the_page_of_a_link_shows_the_new_text(front: Front, stranger: TestClient[Any, Any]) -> None:
    before = await front.create()
    path = await link(front)
    async with following(stranger, f"{path}/events") as reader:
        assert code_in(await view(reader)) == before["qrCode"]
        after = await renewed(front)
        shown = await view(reader)
        assert code_in(shown) == after["qrCode"]
        assert shown["secondsLeft"] == pytest.approx(60 - LATER, abs=0.2)
    picture = await stranger.get(f"{path}/qr.svg")
    assert read_svg(await picture.text()) == after["qrCode"]


async def test_pictures_show_the_new_text_and_have_another_tag(front: Front) -> None:
    await front.create()
    before = await front.get("/sessions/shop/qr?format=svg")
    code = (await renewed(front))["qrCode"]
    after = await front.get("/sessions/shop/qr?format=svg")
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.headers["Expires"] == before.headers["Expires"]
    assert read_svg(await after.text()) == code
    assert read_png(await (await front.get("/sessions/shop/qr?format=png")).read()) == code
    assert read_text((await (await front.get("/sessions/shop/qr?format=text")).text()).strip("\n")) == code
    assert (await (await front.get("/sessions/shop/qr?format=json")).json())["qrCode"] == code


async def test_a_list_shows_the_new_text(front: Front) -> None:
    await front.create()
    after = await renewed(front)
    assert (await (await front.get("/sessions")).json())["items"] == [after]


async def test_a_second_front_shows_the_new_text_to_readers_waiters_and_followers(front: Front) -> None:
    await front.create()
    async with another(front) as second:
        tag = (await second.client.get("/sessions/shop")).headers["ETag"]
        headers = {"If-None-Match": tag, "Prefer": "wait=30"}
        wait = asyncio.create_task(second.client.get("/sessions/shop", headers=headers))
        async with following(second.client, "/sessions/shop/events") as reader:
            await reader.placed()
            assert isinstance(second.whole.service, Follower)
            subscriptions = second.whole.service.subscriptions
            await until(lambda: subscriptions.is_awaited("shop"))
            after = await renewed(front)
            assert await reader.until("session.qr") == after
        assert await (await wait).json() == after
        assert await second.read() == after


async def test_a_front_that_starts_later_shows_the_new_text(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as front:
        await front.create()
        after = await renewed(front)
    async with opened(settings, time, supervisor) as front:
        assert (await front.read())["qrCode"] == after["qrCode"]
    assert supervisor.whatsapp.registrations == 1


async def test_refreshes_are_counted_apart_from_codes(front: Front) -> None:
    await front.create()
    codes = await value(front, "motte_pipe_lag_seconds_count")
    await renewed(front)
    assert await value(front, "motte_registration_refreshes_total") == 1
    assert await value(front, "motte_pipe_lag_seconds_count") == codes


async def test_a_code_that_a_typed_pairing_code_has_changed_is_counted_as_neither(front: Front) -> None:
    await front.create()
    codes = await value(front, "motte_pipe_lag_seconds_count")
    with front.owner.subscriptions.subscribe("shop") as subscription:
        front.connector().renew(is_refresh=False)
        await subscription.next()
    assert (await front.read())["qrCode"].endswith("-renewed")
    assert await value(front, "motte_registration_refreshes_total") == 0
    assert await value(front, "motte_pipe_lag_seconds_count") == codes
