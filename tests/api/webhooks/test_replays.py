"""Replays: events are delivered again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import Front
from tests.api.webhooks.calls import deliveries, happen, make, refused
from tests.support.consumer import Consumer
from tests.support.eventually import eventually


async def test_events_after_a_cursor_are_delivered_again(front: Front, good: Consumer) -> None:
    made = await make(front, good.url, types=["message.received"])
    await front.create()
    for number in (1, 2, 3):
        await happen(front, data=str(number))
    first, *others = await good.until(3)

    async def all_are_written() -> bool:
        return len(await deliveries(front, made["id"])) == 3

    await eventually(all_are_written)
    body = {"after": first.event["cursor"]}
    assert (await front.client.post(f"/webhooks/{made['id']}/replay", json=body)).status == 202
    again = (await good.until(5))[3:]

    assert [(one.id, one.body) for one in again] == [(one.id, one.body) for one in others]


async def test_events_since_a_moment_are_delivered_again(front: Front, good: Consumer) -> None:
    made = await make(front, good.url, types=["message.received"])
    await front.create()
    await happen(front, data="1")
    front.time.advance(60)
    for number in (2, 3):
        await happen(front, data=str(number))
    _, *others = await good.until(3)
    path, since = f"/webhooks/{made['id']}/replay", others[0].event["timestamp"]

    async def all_are_written() -> bool:
        return len(await deliveries(front, made["id"])) == 3

    await eventually(all_are_written)
    later = datetime.fromisoformat(since) + timedelta(milliseconds=1)
    assert (await front.client.post(path, json={"since": later.isoformat()})).status == 202
    assert (await front.client.post(path, json={"since": since})).status == 202
    again = (await good.until(5))[3:]

    assert [(one.id, one.body) for one in again] == [(one.id, one.body) for one in others]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"dead": False},
        {"dead": True, "after": "x"},
        {"after": 1},
        {"since": "2026-05-25T12:00:00Z", "dead": True},
        {"since": "2026-05-25T12:00:00"},
        {"since": "yesterday"},
        {"since": 1},
        {"since": "0001-01-01T00:00:00+23:59:60"},
    ],
)
async def test_a_replay_names_one_of_them(front: Front, body: dict[str, Any]) -> None:
    made = await make(front)

    assert (await refused(front, "POST", f"/webhooks/{made['id']}/replay", json=body))[0] == 400


async def test_a_cursor_of_another_log_has_expired_and_other_text_is_no_cursor(front: Front) -> None:
    webhook = f"/webhooks/{(await make(front))['id']}"

    async def answers(cursor: str) -> set[tuple[int, str]]:
        replay = await refused(front, "POST", f"{webhook}/replay", json={"after": cursor})
        listed = await refused(
            front, "GET", f"{webhook}/deliveries", params={"state": "dead", "after": cursor}
        )
        return {replay[:2], listed[:2]}

    assert await answers("rjXRtWOaiDfpeGiBTwU1UQ") == {(410, "cursor-expired")}
    for cursor in ("x", "", "ä" * 22, "A" * 21, "A" * 23, "WzEsMTc3OTcxMDQwMDAwMF0"):
        assert await answers(cursor) == {(400, "bad-cursor")}


async def test_a_bad_cursor_names_all_that_a_caller_may_hold(front: Front) -> None:
    webhook = f"/webhooks/{(await make(front))['id']}"

    _, _, detail = await refused(front, "POST", f"{webhook}/replay", json={"after": "x"})

    for source in ("`nextCursor`", "`cursor` of an event", "`id:` of a stream"):
        assert source in detail
