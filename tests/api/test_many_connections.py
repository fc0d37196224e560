"""More connections than there are file descriptors for."""

import asyncio
from typing import Any

import pytest

from server.api.connection_limit import MIN_CONNECTIONS, ConnectionLimit
from server.streams.stream_limit import StreamLimit
from tests.api.conftest import ADMIN_KEY, Front
from tests.api.test_slow_clients import LAST, MUCH, Line, connected, reading_slowly
from tests.api.test_slow_clients import connections as served
from tests.support.event_readers import JSON
from tests.support.time import until

OK = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
#: A login whose body does not come.
HALF = "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
#: A read that waits for something newer.
WAIT = (
    "GET /sessions/shop HTTP/1.1\r\nHost: a\r\nPrefer: wait=60\r\n"
    f"If-None-Match: {{}}\r\nAuthorization: Bearer {ADMIN_KEY}\r\n\r\n"
)


@pytest.fixture
async def limited(front: Front) -> Front:
    """A front whose descriptors suffice for MIN_CONNECTIONS."""
    runner: Any = front.client.server.runner
    runner.server.limit = ConnectionLimit(0, front.whole.metrics.http, asyncio.get_running_loop().time)
    return front


async def connections(front: Front, stack: Any, number: int = MIN_CONNECTIONS) -> list[Line]:
    return [await stack.enter_async_context(connected(front)) for _ in range(number)]


async def test_a_new_connection_is_served_and_the_oldest_idle_one_is_closed(limited: Front) -> None:
    first, second, *_, last = await connections(limited, limited.stack)
    await first.say(OK)
    assert (await first.heard())[0] == 200
    async with connected(limited) as newest:
        await newest.say(OK)
        assert (await newest.heard())[0] == 200
    assert await second.is_closed()
    for line in (first, last):
        await line.say(OK)
        assert (await line.heard())[0] == 200


async def test_connections_whose_requests_never_end_make_room(limited: Front) -> None:
    halves = await connections(limited, limited.stack)
    for line in halves:
        await line.say(HALF)
    async with connected(limited) as newest:
        await newest.say(OK)
        assert (await newest.heard())[0] == 200
    assert await halves[0].is_closed()


@pytest.mark.parametrize("request_", [MUCH, LAST], ids=["in the middle", "at the end"])
async def test_connections_whose_clients_do_not_read_make_room(limited: Front, request_: bytes) -> None:
    unread = [
        (await limited.stack.enter_async_context(reading_slowly(limited, request_)))[1]
        for _ in range(MIN_CONNECTIONS)
    ]
    async with connected(limited) as newest:
        await newest.say(OK)
        assert (await newest.heard())[0] == 200
    await until(lambda: unread[0] not in served(limited))
    assert unread[-1] in served(limited)


async def test_a_connection_is_told_that_the_host_is_overloaded_if_all_others_wait_for_answers(
    limited: Front,
) -> None:
    await limited.create()
    tag = (await limited.get("/sessions/shop")).headers["ETag"]
    waiting = await connections(limited, limited.stack)  # the idle one of the client makes room
    for line in waiting:
        await line.say(WAIT.format(tag))
    await limited.watched()
    async with connected(limited) as newest:
        status, problem = await newest.heard()
        assert (status, problem["code"], problem["retryable"]) == (503, "overloaded", True)
        assert await newest.is_closed()


async def test_streams_of_one_caller_take_half_of_those_that_may_be_open(front: Front) -> None:
    front.whole.stream_limit = StreamLimit(files=8)
    other = await front.key("other", "sessions:read")
    third = await front.key("third", "sessions:read")
    open_ = [await front.get("/events") for _ in range(2)]
    refused = await front.get("/events")
    assert (refused.status, (await refused.json())["code"]) == (503, "overloaded")
    open_ += [await front.get("/events", headers=other) for _ in range(2)]
    assert [stream.status for stream in open_] == [200] * 4
    refused = await front.get("/events", headers=third)
    assert (refused.status, (await refused.json())["code"]) == (503, "overloaded")
    assert refused.headers["Retry-After"] == "10"
    open_[0].close()
    await until(lambda: front.whole.stream_limit.count() < 4)
    again = await front.get("/events", headers=third)
    assert again.status == 200
    for stream in (*open_, again):
        stream.close()


async def test_waits_of_a_bound_key_count_as_its_streams(front: Front) -> None:
    await front.create()
    bound = await front.key("bound", "sessions:read", "messages:write", sessions=["shop"])
    tag = (await front.get("/sessions/shop", headers=bound)).headers["ETag"]
    cursor = (await (await front.get("/events", headers={**JSON, **bound})).json())["nextCursor"]
    waits = {"Prefer": "wait=60", **bound}
    messages = "/sessions/shop/messages"
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", messages, {"headers": waits}),
        ("GET", "/events", {"headers": {**waits, **JSON}, "params": {"after": cursor}}),
        ("GET", "/sessions/shop", {"headers": {**waits, "If-None-Match": tag}}),
        ("POST", messages, {"headers": waits, "json": {"to": "15550101", "text": "Hello"}}),
    ]
    front.whole.stream_limit = StreamLimit(files=8)

    async def status(method: str, path: str, options: dict[str, Any]) -> int:
        return (await front.client.request(method, path, **options)).status

    held = [asyncio.create_task(status(*request)) for request in requests[:2]]
    await until(lambda: front.whole.stream_limit.count() == 2)
    for method, path, options in (*requests, ("GET", "/events", {"headers": bound})):
        refused = await front.client.request(method, path, **options)
        assert (refused.status, (await refused.json())["code"]) == (503, "overloaded")
    await front.watched()
    await until(front.whole.tail._is_followed.is_set)
    front.time.advance(61)

    assert [await one for one in held] == [200, 200]
    assert front.whole.stream_limit.count() == 0


async def test_waits_of_a_key_for_every_session_are_not_limited(front: Front) -> None:
    await front.create()
    front.whole.stream_limit = StreamLimit(files=0)
    waits = {"Prefer": "wait=0"}
    assert (await front.get("/sessions/shop/messages", headers=waits)).status == 200
    bound = await front.key("bound", "sessions:read", sessions=["shop"])
    assert (await front.get("/sessions/shop/messages", headers={**waits, **bound})).status == 503
