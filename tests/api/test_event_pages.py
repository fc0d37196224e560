"""The event log in pages of JSON."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from server.api.schemas.cursors import PAGE_LIMIT
from server.core.settings.model import Settings
from server.events.types import PASSING
from server.outbound.status_changes import status_event
from tests.api.conftest import Front, opened, supervisor_of
from tests.api.problem_documents import problem
from tests.api.received import acknowledged, connected
from tests.api.second_front import another
from tests.api.test_event_log import logged
from tests.api.test_missed_events import rename
from tests.support.stream import following
from tests.support.time import TurnedTime, until

JSON = {"Accept": "application/json"}
SHOP = "/sessions/shop/events"


async def page(
    front: Any, path: str = "/events", *, headers: Mapping[str, str] | None = None, **params: Any
) -> dict[str, Any]:
    response = await front.client.get(path, headers={**JSON, **(headers or {})}, params=params)
    assert response.status == 200, await response.text()
    return dict(await response.json())


async def refused(front: Any, path: str = "/events", **params: Any) -> tuple[int, str]:
    """Status and code of the problem."""
    response = await front.client.get(path, headers=JSON, params=params)
    return response.status, (await response.json())["code"]


def kinds(found: dict[str, Any]) -> list[str]:
    return [item["data"].get("status", item["type"]) for item in found["items"]]


async def test_a_page_has_the_events_and_a_cursor_behind_them(front: Front) -> None:
    await front.create()

    first = await page(front, limit=1)
    rest = await page(front, after=first["nextCursor"])
    nothing = await page(front, after=rest["nextCursor"])

    assert (kinds(first), kinds(rest)) == (["starting"], ["qr_waiting"])
    assert first["nextCursor"] == first["items"][-1]["cursor"]
    assert nothing == {"items": [], "nextCursor": rest["nextCursor"]}


async def test_a_page_and_a_stream_and_the_log_show_an_event_in_the_same_words(front: Front) -> None:
    await front.create()
    async with following(front.client, "/events") as reader:
        await reader.placed()
        await rename(front, times=1)
        await reader.until("session.status", name="0")

    found = await page(front)

    assert found["items"][-1] == reader.envelopes[-1]
    assert [(item["type"], item["data"]) for item in found["items"]] == await logged(front)
    response = await front.get("/events", headers=JSON)
    assert json.dumps(reader.envelopes[-1], separators=(",", ":")).encode() in await response.read()


async def test_a_stream_and_a_page_go_on_where_the_other_has_stopped(front: Front) -> None:
    await front.create()
    begin = (await page(front))["nextCursor"]
    await rename(front, times=3)

    async with following(front.client, "/events", headers={"Last-Event-ID": begin}) as reader:
        await reader.until("session.status", name="1")
        place = reader.place
    async with following(front.client, f"/events?after={begin}&types=session.status") as reader:
        assert [(await reader.next())[1]["name"] for _ in range(3)] == ["0", "1", "2"]

    assert [item["data"]["name"] for item in (await page(front, after=place))["items"]] == ["2"]


async def test_a_page_of_one_session_has_its_events_alone(front: Front) -> None:
    await front.create("cafe")
    await front.create("shop")

    found = await page(front, SHOP)

    assert kinds(found) == ["starting", "qr_waiting"]
    assert {item["sessionId"] for item in found["items"]} == {"shop"}
    assert await refused(front, "/sessions/bar/events") == (404, "session-not-found")


async def test_a_page_has_the_types_that_were_asked_for(front: Front) -> None:
    connector = await connected(front)
    connector.receive("Hello, shop")
    await acknowledged(connector)

    for types in ("message.received", "message.received,call.received"):
        assert [item["data"]["text"] for item in (await page(front, types=types))["items"]] == ["Hello, shop"]
    assert (await page(front, types="call.received"))["items"] == []
    assert await refused(front, types="message") == (400, "validation-failed")


@pytest.mark.parametrize("path", ["/events", SHOP])
async def test_a_page_of_types_that_are_in_no_log_is_refused_and_waits_for_none(
    front: Front, path: str
) -> None:
    await front.create()
    for kind in PASSING:
        for types in (kind, f"session.status,{kind}"):
            response = await front.get(path, headers={**JSON, "Prefer": "wait=60"}, params={"types": types})
            document = await problem(response, 400, "validation-failed")
            [error] = document["errors"]
            assert (error["pointer"], f"has {kind}, which is in no log" in error["detail"]) == (
                "?types",
                True,
            )
    async with following(front.client, f"{path}?types=session.qr,session.status") as reader:
        await reader.placed()


async def test_a_key_that_is_bound_to_a_session_gets_its_events_and_can_count_no_others(front: Front) -> None:
    await front.create("cafe")
    await front.create("shop")
    key = await front.key("bot", "messages:read", sessions=["shop"])

    before = await page(front, headers=key)
    cursors = [(await page(front, headers=key, after=before["nextCursor"]))["nextCursor"]]
    for _ in range(3):
        await rename(front, times=2, session_id="cafe")
        cursors.append((await page(front, headers=key, after=before["nextCursor"]))["nextCursor"])
        cursors.append((await page(front, headers=key))["nextCursor"])

    assert {item["sessionId"] for item in before["items"]} == {"shop"}
    assert set(cursors) == {before["nextCursor"]}


async def test_a_key_that_reads_messages_alone_gets_events_without_codes(front: Front) -> None:
    await front.create()
    key = await front.key("bot", "messages:read")
    assert (await page(front, headers=key))["items"]
    async with following(front.client, SHOP, headers=key) as reader:
        assert (await reader.next())[1]["qrCode"] is None
        await reader.placed()
        front.time.advance(60)
        await front.read()
        await rename(front, times=1)
        assert (await reader.next())[0] == "session.status"
    assert (await front.get("/sessions/shop", headers=key)).status == 403


@pytest.mark.parametrize("scope", ["messages:write", "sessions:write"])
async def test_a_key_that_may_read_nothing_gets_no_events(front: Front, scope: str) -> None:
    key = await front.key("bot", scope)
    assert (await front.get("/events", headers={**JSON, **key})).status == 403


async def test_a_page_waits_for_the_next_event(front: Front) -> None:
    await front.create()
    cursor = (await page(front))["nextCursor"]
    waiting = asyncio.ensure_future(
        front.get("/events", headers={**JSON, "Prefer": "wait=20"}, params={"after": cursor})
    )
    await until(front.whole.tail._is_followed.is_set)
    await rename(front, times=1)

    response = await waiting

    assert [item["data"]["name"] for item in (await response.json())["items"]] == ["0"]
    assert response.headers["Preference-Applied"] == "wait=20"


async def test_a_wait_passes_events_over_that_do_not_count(front: Front) -> None:
    await front.create("cafe")
    await front.create("shop")
    cursor = (await page(front, SHOP))["nextCursor"]
    params = {"after": cursor, "types": "session.deleted"}
    waiting = asyncio.ensure_future(front.get(SHOP, headers={**JSON, "Prefer": "wait=20"}, params=params))
    await until(front.whole.tail._is_followed.is_set)
    await rename(front, times=2, session_id="cafe")
    await rename(front, times=2)
    await front.client.delete("/sessions/shop")

    assert [item["type"] for item in (await (await waiting).json())["items"]] == ["session.deleted"]


async def test_a_wait_without_an_event_ends_in_an_empty_page(front: Front) -> None:
    await front.create()
    cursor = (await page(front))["nextCursor"]
    waiting = asyncio.ensure_future(page(front, headers={"Prefer": "wait=5"}, after=cursor))
    await until(front.whole.tail._is_followed.is_set)

    front.time.advance(5)

    assert await waiting == {"items": [], "nextCursor": cursor}


async def test_a_wait_ends_with_the_front(front: Front) -> None:
    await front.create()
    cursor = (await page(front))["nextCursor"]
    waiting = asyncio.ensure_future(
        front.get("/events", headers={**JSON, "Prefer": "wait=20"}, params={"after": cursor})
    )
    await until(front.whole.tail._is_followed.is_set)

    await front.whole.stop_waiting()

    assert (await waiting).status == 503


async def test_a_wait_at_the_second_front_hears_what_the_first_one_does(front: Front) -> None:
    await front.create()
    async with another(front) as second:
        cursor = (await page(second))["nextCursor"]
        waiting = asyncio.ensure_future(page(second, headers={"Prefer": "wait=20"}, after=cursor))
        await until(second.whole.tail._is_followed.is_set)
        await front.ask("stop")
        assert kinds(await waiting) == ["stopped"]


async def test_a_cursor_from_before_a_restore_is_expired(settings: Settings, time: TurnedTime) -> None:
    supervisor = supervisor_of(settings, time)
    async with opened(settings, time, supervisor) as front:
        await front.create()
        cursor = (await page(front))["nextCursor"]
        await front.whole.store.forget_transient(
            resends=False, now=1, report=lambda message: status_event(message, at=1)
        )

        assert await refused(front, after=cursor) == (410, "cursor-expired")
        assert (await front.get("/events", params={"after": cursor})).status == 410
        assert (await page(front))["nextCursor"] != cursor
    await supervisor.close()


async def test_a_cursor_that_is_too_old_is_expired_and_a_reader_without_one_goes_on(front: Front) -> None:
    await front.create()
    old = (await page(front, limit=1))["nextCursor"]
    newest = (await page(front))["nextCursor"]
    await front.whole.store.events.forget(front.time.clock.wall() + 1)

    assert await refused(front, after=old) == (410, "cursor-expired")
    assert await refused(front, SHOP, after=old) == (410, "cursor-expired")
    assert (await page(front, after=newest))["items"] == []
    again = await page(front)
    assert again["items"] == []
    await rename(front, times=1)
    assert len((await page(front, after=again["nextCursor"]))["items"]) == 1


async def test_a_loud_session_takes_no_events_from_the_readers_of_another(front: Front) -> None:
    await front.create("calm")
    await front.create("loud")
    cursor = (await page(front, "/sessions/calm/events", limit=1))["nextCursor"]
    await rename(front, times=5, session_id="loud")
    await front.whole.store.database.write(  # type: ignore[attr-defined]
        lambda connection: connection.execute(
            "UPDATE event_totals SET forgotten = 8 WHERE session_id = 'loud'"
        )
    )
    await front.whole.store.database.write(  # type: ignore[attr-defined]
        lambda connection: connection.execute("UPDATE event_log SET forgotten = 8")
    )

    assert kinds(await page(front, "/sessions/calm/events", after=cursor)) == ["qr_waiting"]
    assert await refused(front, after=cursor) == (410, "cursor-expired")


@pytest.mark.parametrize("cursor", ["", "x", "WzEsMTc3OTcxMDQwMDAwMF0", "ä" * 22, "A" * 21, "A" * 23])
async def test_text_that_is_no_cursor_is_refused(front: Front, cursor: str) -> None:
    assert await refused(front, after=cursor) == (400, "bad-cursor")
    assert (await front.get("/events", params={"after": cursor})).status == 400


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": PAGE_LIMIT + 1}, {"limits": 1}, {"types": ""}])
async def test_a_query_that_breaks_a_rule_is_refused(front: Front, params: dict[str, Any]) -> None:
    assert await refused(front, **params) == (400, "validation-failed")


async def test_a_page_has_as_many_events_as_its_limit(front: Front) -> None:
    await front.create()
    await rename(front, times=PAGE_LIMIT + 1)
    found = await page(front, limit=PAGE_LIMIT)
    assert len(found["items"]) == PAGE_LIMIT
    assert len((await page(front, limit=PAGE_LIMIT, after=found["nextCursor"]))["items"]) == 3
