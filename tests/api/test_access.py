"""What a request leaves behind: an id that caller, answer and log share, and a line."""

import asyncio
import logging
import uuid
from contextlib import AsyncExitStack
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from server.api.access_log import UNAUTHENTICATED_LINES_PER_MINUTE
from server.api.http_server import UNREADABLE_LINES_PER_MINUTE
from server.core.settings.model import AccessLog, Settings
from server.observability.logs import Json, Text
from tests.api.conftest import ADMIN_KEY, Front, opened
from tests.api.problem_documents import problem
from tests.api.stranger import link, view
from tests.support.stream import following
from tests.support.time import TurnedTime, until


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The access log."""
    return [record.getMessage() for record in caplog.records if record.name == "server.api.access_log"]


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


async def test_an_answer_has_the_id_that_the_request_brought(front: Front) -> None:
    response = await front.get("/sessions", headers={"X-Request-Id": "req-1:2/3"})
    assert response.headers["X-Request-Id"] == "req-1:2/3"


async def test_a_request_without_an_id_is_given_one_and_no_two_the_same(front: Front) -> None:
    ids = {(await front.get(path)).headers["X-Request-Id"] for path in ("/sessions", "/healthz", "/nothing")}
    assert {uuid.UUID(one).version for one in ids} == {4}
    assert len(ids) == 3


@pytest.mark.parametrize("given", ["two words", "x" * 129, 'say="hello"', "schlüssel", "a;b", ""])
async def test_an_id_that_could_disturb_a_log_is_replaced(front: Front, given: str) -> None:
    response = await front.get("/sessions", headers={"X-Request-Id": given})
    assert uuid.UUID(response.headers["X-Request-Id"])


async def test_a_problem_names_the_request_as_its_instance(front: Front) -> None:
    response = await front.get("/sessions/nobody")
    document = await problem(response, 404, "session-not-found")
    assert document["instance"] == uuid.UUID(response.headers["X-Request-Id"]).urn


async def test_an_id_of_the_caller_s_that_is_no_uuid_leaves_the_instance_a_uuid(front: Front) -> None:
    response = await front.get("/sessions/nobody", headers={"X-Request-Id": "mine"})
    document = await problem(response, 404, "session-not-found")
    assert response.headers["X-Request-Id"] == "mine"
    assert uuid.UUID(document["instance"])


async def test_a_change_leaves_a_line_with_all_that_it_was_but_its_words(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    await front.create("shop")
    await front.client.post("/sessions/shop/stop?colour=red")
    assert lines(caplog) == [
        "event=request method=POST route=/sessions status=201 ms=0 key=admin",
        "session=shop event=request method=POST route=/sessions/{id}/stop status=200 ms=0 key=admin",
    ]


async def test_a_request_with_a_link_names_the_session_of_the_link(
    front: Front, stranger: TestClient[Any, Any], caplog: pytest.LogCaptureFixture
) -> None:
    front.whole.settings = replace(front.whole.settings, access_log=AccessLog.ALL)
    await front.create("shop")
    path = await link(front, expiresIn=30)
    caplog.clear()
    for part in ("", "/qr.svg"):
        await stranger.get(path + part)
    async with following(stranger, f"{path}/events") as reader:
        await view(reader)
        front.time.advance(31)
        assert await reader.ended()
    await stranger.get(path)
    await stranger.get(f"{path}x")
    await until(lambda: len(lines(caplog)) == 5)
    assert [
        (line.partition("event=")[0], line.split("route=")[1].split(" ms=")[0]) for line in lines(caplog)
    ] == [
        ("session=shop ", "/scan/{token} status=200"),
        ("session=shop ", "/scan/{token}/qr.svg status=200"),
        ("session=shop ", "/scan/{token}/events status=200"),
        ("session=shop ", "/scan/{token} status=410"),
        ("", "/scan/{token} status=403"),
    ]


async def test_a_stream_that_ends_with_its_key_leaves_a_line(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    await front.create("shop")
    bot = await front.key("bot", "sessions:read")
    async with following(front.client, "/sessions/shop/events", headers=bot) as reader:
        await reader.next()
        assert await front.whole.store.keys.delete("bot")
        front.time.advance(16)
        assert await reader.ended()
    told = [record.getMessage() for record in caplog.records if "stream_ended" in record.getMessage()]
    assert told == ["session=shop event=stream_ended error=Unauthorized"]


async def test_streams_that_end_with_motte_leave_no_line(
    front: Front, stranger: TestClient[Any, Any], caplog: pytest.LogCaptureFixture
) -> None:
    await front.create("shop")
    async with AsyncExitStack() as readers:
        for client, path in (
            (front.client, "/events"),
            (front.client, "/sessions/shop/events"),
            (stranger, f"{await link(front)}/events"),
        ):
            reader = await readers.enter_async_context(following(client, path))
            await reader.next()
            readers.push_async_callback(reader.ended)
        await front.whole.stop_waiting()
    assert not [record for record in caplog.records if "stream_ended" in record.getMessage()]


async def test_a_read_that_succeeds_leaves_no_line_and_one_that_fails_does(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    await front.get("/sessions")
    await front.get("/sessions/nobody")
    async with front.stranger() as stranger:
        await stranger.get("/sessions")
    assert lines(caplog) == [
        "session=nobody event=request method=GET route=/sessions/{id} status=404 ms=0 "
        "error=session-not-found key=admin",
        "event=request method=GET route=/sessions status=401 ms=0 error=unauthorized",
    ]


@pytest.mark.parametrize(
    ("wanted", "number"), [(AccessLog.ALL, 3), (AccessLog.CHANGES, 2), (AccessLog.NONE, 0)]
)
async def test_how_much_is_logged_is_a_setting(
    settings: Settings,
    time: TurnedTime,
    caplog: pytest.LogCaptureFixture,
    wanted: AccessLog,
    number: int,
) -> None:
    async with opened(replace(settings, access_log=wanted), time) as front:
        await front.create()
        await front.read()
        await front.get("/nothing")
    assert len(lines(caplog)) == number


async def test_no_line_holds_a_query_a_body_a_key_or_what_only_looks_like_an_id(
    settings: Settings, time: TurnedTime, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(replace(settings, access_log=AccessLog.ALL), time) as front:
        await front.client.post("/sessions", json={"id": "shop", "name": "Secret"})
        for path in (
            "/sessions?cursor=Secret",
            "/sessions/Secret%0Alevel=ERROR",
            "/Secret",
            "/?apikey=Secret",
        ):
            await front.get(path, headers={"User-Agent": "Secret"})
        await front.client.post("/sessions/shop/pairing-code", json={"phoneNumber": "15551234567"})
    assert len(lines(caplog)) == 6
    for secret in ("Secret", "15551234567", ADMIN_KEY):
        assert secret not in "\n".join(lines(caplog))


@pytest.mark.parametrize("path", ["/sessions", "/nothing"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_strangers_cannot_wash_the_log_away(
    front: Front, caplog: pytest.LogCaptureFixture, path: str, headers: dict[str, str]
) -> None:
    async with front.stranger() as stranger:
        for _ in range(UNAUTHENTICATED_LINES_PER_MINUTE + 7):
            (await stranger.get(path, headers=headers)).close()
        assert len(lines(caplog)) == UNAUTHENTICATED_LINES_PER_MINUTE
        await front.get("/sessions/nobody")
        assert lines(caplog)[-1].startswith("session=nobody")
        front.time.advance(61)
        await stranger.get(path, headers=headers)
    assert "event=lines_omitted of=request count=7" in caplog.messages
    assert len(lines(caplog)) == UNAUTHENTICATED_LINES_PER_MINUTE + 2


async def test_what_is_no_http_cannot_wash_the_log_away(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    async def babble() -> None:
        reader, writer = await asyncio.open_connection(front.client.host, front.client.port)
        writer.write(b"no HTTP at all\r\n\r\n")
        await reader.read()
        writer.close()

    for _ in range(UNREADABLE_LINES_PER_MINUTE + 3):
        await babble()
    assert sum("event=unreadable_request" in line for line in caplog.messages) == UNREADABLE_LINES_PER_MINUTE
    front.time.advance(61)
    await babble()
    assert "event=lines_omitted of=unreadable_request count=3" in caplog.messages


@pytest.mark.parametrize("formatter", [Text(), Json()])
async def test_every_line_that_a_request_causes_names_it(
    front: Front, caplog: pytest.LogCaptureFixture, formatter: logging.Formatter
) -> None:
    caplog.handler.setFormatter(formatter)
    await front.client.post("/sessions", json={"id": "shop"}, headers={"X-Request-Id": "req-7"})
    await front.client.post("/sessions/shop/stop", headers={"X-Request-Id": "req-8"})
    stopped = [line for line in caplog.text.splitlines() if "req-8" in line]
    assert any("stop_asked" in line for line in stopped)
    assert any("/sessions/{id}/stop" in line for line in stopped)
    assert not any("req-7" in line for line in stopped)


async def test_what_a_connector_says_is_not_said_on_behalf_of_the_request_that_woke_it(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(Text())
    await front.client.post("/sessions", json={"id": "shop"}, headers={"X-Request-Id": "req-7"})
    front.connector().scan()
    await front.until("pairing")
    (line,) = [line for line in caplog.text.splitlines() if "event=paired" in line]
    assert "req-7" not in line


async def test_what_comes_on_the_same_connection_later_does_not_bear_an_old_id(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(Text())
    reader, writer = await asyncio.open_connection(front.client.host, front.client.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: motte\r\nX-Request-Id: req-9\r\n\r\n")
    await reader.readuntil(b"}\n")
    writer.write(b"no HTTP at all\r\n\r\n")
    await reader.read()
    writer.close()
    (line,) = [line for line in caplog.text.splitlines() if "event=unreadable_request" in line]
    assert "req-9" not in line


async def test_a_request_that_aiohttp_cannot_even_begin_is_answered_all_the_same(front: Front) -> None:
    response = await front.client.post("/sessions", headers={"Expect": "the-unexpected"})
    await problem(response, 400, "bad-request")


async def test_the_line_of_a_failed_request_has_the_code_of_its_error(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    await front.get("/sessions/nobody")
    await front.client.post("/sessions", data=b"{")
    await front.create()
    logged = lines(caplog)
    assert " status=404 " in logged[0]
    assert " error=session-not-found" in logged[0]
    assert " error=malformed-json" in logged[1]
    assert " status=201 " in logged[2]
    assert "error=" not in logged[2]


async def test_the_first_line_of_a_front_has_its_version(
    settings: Settings, time: TurnedTime, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(settings, time):
        pass
    assert f"event=owning version={version('motte')}" in caplog.text
