"""Reads that are answered from memory: they say the same as all others, and are never late."""

import asyncio
from collections import Counter
from dataclasses import replace
from functools import partial

import pytest

from server.api import rendered_sessions
from server.core.addresses import parse_origins
from server.core.settings.model import Settings
from tests.api.conftest import Front, opened, supervisor_of
from tests.api.crossings import count_crossings, without_looks
from tests.api.live_reads.conftest import LONG, assert_both_ways, seen
from tests.api.problem_documents import problem
from tests.api.scrape import value
from tests.support.time import TurnedTime


async def test_a_read_of_what_was_read_before_crosses_to_no_thread(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.create()
    await front.read()
    crossings = count_crossings(monkeypatch)
    for _ in range(10):
        await front.read()
    assert without_looks(crossings) == {}


async def test_a_session_with_a_code_and_one_without_are_shown_as_by_the_long_way(
    front: Front, short: Counter[bool]
) -> None:
    await front.create()
    await assert_both_ways(front, short)
    await front.client.patch("/sessions/shop", json={"name": "Größe", "proxy": "http://a:b@10.0.0.1:1"})
    await front.read()
    await assert_both_ways(front, short)
    await front.scan()
    await assert_both_ways(front, short)


async def test_what_is_shown_follows_a_step_of_the_wall_clock(front: Front, short: Counter[bool]) -> None:
    await front.create()
    before = await front.read()
    front.time.clock.step_wall(3600)
    await assert_both_ways(front, short)
    assert (await front.read())["qrExpiresAt"] != before["qrExpiresAt"]


@pytest.mark.parametrize("origins", [None, "https://app.example"])
async def test_a_response_varies_by_origin_if_pages_may_use_the_api(
    settings: Settings, time: TurnedTime, short: Counter[bool], origins: str | None
) -> None:
    cors = None if origins is None else parse_origins(origins)
    async with opened(replace(settings, cors_origins=cors), time) as front:
        await front.create()
        await assert_both_ways(front, short)
        assert (await seen(front))[1].get("Vary") == (origins and "Origin")
        page = await front.get("/sessions/shop", headers={"Origin": "https://app.example"})
        assert page.headers.get("Access-Control-Allow-Origin") == origins


async def test_the_id_of_a_request_comes_back_or_is_a_new_one(front: Front, short: Counter[bool]) -> None:
    await front.create()
    await front.read()
    short.clear()
    own = [(await front.get("/sessions/shop")).headers["X-Request-Id"] for _ in range(2)]
    assert len({*own}) == 2
    odd = await front.get("/sessions/shop", headers={"X-Request-Id": "a b"})
    assert odd.headers["X-Request-Id"] != "a b"
    assert short == {True: 3}


@pytest.mark.parametrize(
    "headers", [{"Prefer": "wait=0"}, {"If-None-Match": "x"}, {"Connection": "close"}, {"Upgrade": "x"}]
)
async def test_what_asks_for_more_takes_the_long_way(
    front: Front, short: Counter[bool], headers: dict[str, str]
) -> None:
    await front.create()
    await front.read()
    short.clear()
    for path, method in (("/sessions/shop", "GET"), ("/sessions/shop?refresh=false", "GET")):
        assert (await front.client.request(method, path, headers=headers)).status == 200
    assert (await front.client.head("/sessions/shop")).status == 200
    assert (await front.get("/sessions/shop", data=b"body")).status == 200
    assert short == {False: 4}


async def test_a_code_is_shown_until_the_exact_moment_at_which_it_is_too_old(
    front: Front, short: Counter[bool], time: TurnedTime
) -> None:
    created = await front.create()
    code = (await front.row()).qr
    assert code is not None
    await front.read()
    last = code.expires_at - front.whole.settings.qr_min_validity
    time.advance(last - time.clock.boot())
    assert time.clock.boot() == last
    short.clear()
    assert (await front.read())["qrCode"] == created["qrCode"]
    assert short == {True: 1}
    time.advance(0.001)
    reading = asyncio.create_task(front.read())
    await front.flying()
    time.advance(5)
    assert (await reading)["qrCode"] not in (None, created["qrCode"])
    assert short == {True: 1, False: 1}


async def test_a_read_that_waits_for_its_code_gets_what_the_next_ones_get(
    front: Front, short: Counter[bool], time: TurnedTime
) -> None:
    await front.create()
    code = (await front.row()).qr
    assert code is not None
    time.advance(code.expires_at - front.whole.settings.qr_min_validity + 0.001 - time.clock.boot())
    short.clear()
    reading = asyncio.create_task(seen(front))
    await front.flying()
    time.advance(5)
    waited = await reading
    assert short == {False: 1}
    assert waited == await seen(front) == await seen(front, LONG)
    name, labels = "motte_http_request_seconds_count", {"method": "GET", "route": "/sessions/{id}"}
    assert await value(front, name, **labels, status="200") == 3


async def test_a_code_whose_socket_is_closed_is_not_shown_though_no_row_says_so(
    front: Front, short: Counter[bool]
) -> None:
    created = await front.create()
    await front.read()
    session = await front.row()
    front.whole.expiry.mark_closed("shop", session.epoch)
    front.connector().drop()
    assert (await front.read())["qrCode"] not in (None, created["qrCode"])


async def test_a_restriction_ends_by_itself(front: Front, time: TurnedTime) -> None:
    await front.create()
    restricted = partial(replace, restriction="restricted", restricted_until=time.clock.wall() + 1000)
    await front.owner.state_machine.rewrite("shop", restricted)
    for _ in range(2):
        assert (await front.read())["sending"]["state"] == "restricted"
    time.advance(1)
    assert (await front.read())["sending"] == {"state": "ok", "until": None}


async def test_both_fronts_show_each_change_at_once(
    settings: Settings, time: TurnedTime, short: Counter[bool]
) -> None:
    programs = supervisor_of(settings, time)
    async with opened(settings, time, programs) as owner, opened(settings, time, programs) as follower:
        await owner.create()
        for number in range(5):
            for front in (owner, follower):
                response = await front.client.patch("/sessions/shop", json={"name": f"{number}"})
                assert response.status == 200
                for other in (owner, follower):
                    for _ in range(2):
                        assert (await other.read())["name"] == f"{number}"
        assert short[True] >= 20, "the second read of each change is from memory"
        await owner.client.delete("/sessions/shop")
        for front in (owner, follower):
            await problem(await front.get("/sessions/shop"), 404, "session-not-found")
    await programs.close()


async def test_reads_from_memory_are_measured(front: Front, short: Counter[bool]) -> None:
    await front.create()
    for _ in range(3):
        await front.read()
    assert short[True] >= 2
    name = "motte_http_request_seconds_count"
    assert await value(front, name, method="GET", route="/sessions/{id}", status="200") == 3


async def test_a_session_that_waits_to_be_started_is_moved_forward_by_each_read(front: Front) -> None:
    await front.create()
    await front.read()
    memory = front.whole.store.memory()
    assert front.whole.service.ready("shop", memory) is not None
    front.owner.start_queue.add(["shop"])
    assert front.whole.service.ready("shop", memory) is None


async def test_of_many_responses_the_oldest_are_made_again(
    front: Front, short: Counter[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered_sessions, "MAX_RENDERED", 2)
    created = {session_id: await front.create(session_id) for session_id in ("a", "b", "c")}
    for _ in range(3):
        for session_id, session in created.items():
            assert await front.read(session_id) == session
    assert short[True] >= 6
