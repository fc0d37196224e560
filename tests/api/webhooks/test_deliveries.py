"""Deliveries of webhooks, as callers see them."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from server.core.settings.model import Settings
from tests.api.conftest import Front, opened
from tests.api.webhooks.calls import deliveries, happen, make, refused
from tests.support.consumer import Consumer, consumer, status
from tests.support.eventually import eventually
from tests.support.time import TurnedTime


async def test_an_event_arrives_and_is_in_the_log_of_deliveries(front: Front, good: Consumer) -> None:
    made = await make(front, good.url, types=["message.received"], headers={"X-Own": "1"})
    await front.create()
    await happen(front)
    [delivery] = await good.until(1)

    assert delivery.headers["x-own"] == "1"
    assert delivery.event["sessionId"] == "shop"
    assert delivery.event["data"] == {"n": 1}
    [entry] = await eventually(lambda: deliveries(front, made["id"]))
    assert entry["eventId"] == delivery.id == delivery.event["id"]
    assert (entry["state"], entry["attempt"], entry["status"], entry["error"]) == ("delivered", 1, 204, None)
    assert await deliveries(front, made["id"], state="failed") == []


async def test_a_webhook_shows_nothing_that_waits_of_a_session_that_it_has_no_longer(
    front: Front, good: Consumer
) -> None:
    good.answers = [503]
    made = await make(front, good.url, types=["message.received"])
    await front.create()
    await front.create("cafe")
    await happen(front)
    await eventually(lambda: deliveries(front, made["id"], state="waiting"))
    await front.client.patch(f"/webhooks/{made['id']}", json={"sessions": ["cafe"]})
    assert await deliveries(front, made["id"], state="waiting") == []


async def test_a_webhook_shows_no_tries_and_no_dead_events_of_a_session_that_it_has_no_longer(
    front: Front, good: Consumer
) -> None:
    bound = await front.key("bound", "webhooks", sessions=["cafe"])
    good.answer = status(500)
    made = await make(front, good.url, types=["message.received"], sessions=["shop", "cafe"], giveUpAfter=0)
    await front.create()
    await front.create("cafe")
    await happen(front)
    await happen(front, "cafe")

    async def both() -> bool:
        return len(await deliveries(front, made["id"], state="dead")) == 2

    await eventually(both)
    await front.client.patch(f"/webhooks/{made['id']}", json={"sessions": ["cafe"]})

    for params in ({}, {"state": "dead"}, {"state": "failed"}):
        answer = await front.get(f"/webhooks/{made['id']}/deliveries", params=params, headers=bound)
        assert [one["sessionId"] for one in (await answer.json())["items"]] == ["cafe"]


async def test_a_dead_event_is_listed_and_replayed_with_the_same_bytes(front: Front, good: Consumer) -> None:
    good.answers = [500]
    made = await make(front, good.url, types=["message.received"], giveUpAfter=0)
    await front.create()
    await happen(front)
    [entry] = await eventually(lambda: deliveries(front, made["id"], state="dead"))
    assert (entry["state"], entry["attempt"], entry["error"]) == ("dead", 1, "HTTP 500")

    response = await front.client.post(f"/webhooks/{made['id']}/replay", json={"dead": True})
    assert (response.status, await response.json()) == (202, {"dead": 1})
    first, second = await good.until(2)

    assert (first.id, first.body) == (second.id, second.body)

    async def none_is_left() -> bool:
        return not await deliveries(front, made["id"], state="dead")

    await eventually(none_is_left)


async def test_an_event_that_failed_is_listed_as_waiting_until_it_arrives(
    front: Front, good: Consumer
) -> None:
    made = await make(front, good.url, types=["message.received"])
    good.answers = [503]
    await front.create()
    await happen(front)
    [failed] = await good.until(1)

    [entry] = await eventually(lambda: deliveries(front, made["id"], state="waiting"))
    assert (entry["eventId"], entry["attempt"], entry["error"]) == (failed.id, 1, "HTTP 503")
    assert entry["at"] > failed.event["timestamp"]
    front.time.advance(10)
    await good.until(2)

    async def none_waits() -> bool:
        return not await deliveries(front, made["id"], state="waiting")

    await eventually(none_waits)


async def test_a_test_delivery_says_how_it_went(front: Front, good: Consumer) -> None:
    made = await make(front, good.url)
    good.answers = [418]

    async def test() -> Any:
        return await (await front.client.post(f"/webhooks/{made['id']}/test")).json()

    failed, went = await test(), await test()

    assert (failed["delivered"], failed["status"], failed["error"]) == (False, 418, "HTTP 418")
    assert (went["delivered"], went["status"], went["error"]) == (True, 204, None)
    assert good.got[0].event["type"] == "webhook.test"
    assert good.got[0].event["data"] == {"webhookId": made["id"]}
    assert [one["type"] for one in await deliveries(front, made["id"])] == ["webhook.test"] * 2


async def test_two_tests_of_a_key_wait_for_an_answer_and_eight_of_all_keys(
    front: Front, good: Consumer
) -> None:
    path = f"/webhooks/{(await make(front, good.url))['id']}/test"
    keys = [await front.key(f"hooks {number}", "webhooks") for number in range(5)]
    may_answer = asyncio.Event()

    async def answer(_: object) -> web.Response:
        await may_answer.wait()
        return web.Response(status=204)

    async def test(key: dict[str, str]) -> int:
        return (await front.client.post(path, headers=key)).status

    good.answer = answer
    async with asyncio.TaskGroup() as tasks:
        sent = [tasks.create_task(test(key)) for key in keys[:3] for _ in range(2)]
        await good.until(6)
        of_one_key = await refused(front, "POST", path, headers=keys[0])
        sent += [tasks.create_task(test(keys[3])) for _ in range(2)]
        await good.until(8)
        of_all = await front.client.post(path, headers=keys[4])
        may_answer.set()

    assert of_one_key == (429, "rate-limited", "2 tests of this key wait for their answers already")
    assert (of_all.status, of_all.headers["Retry-After"]) == (429, "5")
    assert [task.result() for task in sent] == [200] * 8
    assert [await test(key) for key in (keys[0], keys[4])] == [200, 200]


async def test_a_disabled_webhook_says_so_and_goes_on_where_it_was(front: Front, good: Consumer) -> None:
    good.answers = [410]
    made = await make(front, good.url, types=["message.received"])
    path = f"/webhooks/{made['id']}"
    await front.create()
    await happen(front)

    async def is_disabled() -> Any:
        found = await (await front.get(path)).json()
        return found if found["status"] == "disabled" else None

    assert (await eventually(is_disabled))["reason"] == "the webhook answered 410 Gone"
    enabled = await (await front.client.patch(path, json={"enabled": True})).json()
    assert (enabled["status"], enabled["reason"]) == ("active", None)
    first, second = await good.until(2)
    assert first.id == second.id


async def test_a_caller_pauses_a_webhook(front: Front, good: Consumer) -> None:
    made = await make(front, good.url, types=["message.received"], enabled=False)
    assert (made["status"], made["reason"]) == ("disabled", "a caller disabled it")
    await front.create()
    await happen(front)
    await front.client.patch(f"/webhooks/{made['id']}", json={"enabled": True})

    await good.until(1)


async def test_a_webhook_of_any_front_is_served_by_the_one_that_leads(
    front: Front, settings: Settings, time: TurnedTime, good: Consumer
) -> None:
    await front.create()
    async with opened(settings, time, front.supervisor) as follower:
        assert not follower.whole.leads.is_set()
        made = await make(follower, good.url, types=["message.received"])
        await happen(front)
        await good.until(1)
        tested = await (await follower.client.post(f"/webhooks/{made['id']}/test")).json()
        assert tested["delivered"]
        await eventually(lambda: deliveries(follower, made["id"], state="delivered"))
        assert (await follower.client.delete(f"/webhooks/{made['id']}")).status == 204

    async def knows_none() -> bool:
        return not await front.whole.store.webhooks.versions()

    await eventually(knows_none)
    assert [one.event["type"] for one in good.got] == ["message.received", "webhook.test"]


async def test_a_code_goes_once_to_the_webhooks_that_name_it_and_is_in_no_log(
    front: Front, good: Consumer, caplog: pytest.LogCaptureFixture
) -> None:
    async with consumer() as other:
        named = await make(front, good.url, types=["session.qr"])
        unnamed = await make(front, other.url)
        other_session = await make(front, other.url, types=["session.qr"], sessions=["office"])
        good.answer = status(500)
        session = await front.create()
        [delivery] = await good.until(1)
        await other.until(1)

    assert delivery.event["type"] == "session.qr"
    assert delivery.event["data"] == session
    assert delivery.event["data"]["qrCode"] is not None
    assert {one.event["type"] for one in other.got} == {"session.status"}
    assert session["qrCode"] not in str([one.body for one in other.got])
    for webhook in (named, unnamed, other_session):
        assert "session.qr" not in str(await deliveries(front, webhook["id"]))
    assert session["qrCode"] not in caplog.text
    assert len(good.got) == 1


async def test_no_log_has_a_secret(front: Front, good: Consumer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    good.answer = status(500)
    made = await make(front, good.url + "?token=s3cret", headers={"X-Key": "hidden"})
    await front.client.post(f"/webhooks/{made['id']}/test")
    rotated = await (await front.client.post(f"/webhooks/{made['id']}/rotate-secret")).json()

    for text in (made["secret"], rotated["secret"], "hidden", "s3cret"):
        assert text not in caplog.text
