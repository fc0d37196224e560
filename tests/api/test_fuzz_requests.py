"""Anything at all, sent to every route: no bug, a problem document of the docs, nothing left behind."""

import asyncio
import json
import re
from collections.abc import Generator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.api.route import Route
from server.api.routes import ROUTES
from server.core.errors import UnsupportedVersion, kinds
from tests.api.any_request import BYTES, FRAGMENTS, Request, requests
from tests.api.fuzzing import Sent, Target, profile, target

CODES = {kind.code: kind.status for kind in kinds()}

#: What tells an answer that ends when its reader leaves.
STREAM = b"Content-Type: text/event-stream"

PAGE = b"Content-Type: text/html"


@pytest.fixture(scope="module")
def goal() -> Generator[Target]:
    with target() as goal:
        yield goal


async def _answer(goal: Target, sent: bytes) -> bytes:
    """All that comes back until the front closes the connection; of a stream, how it begins."""
    url = goal.front.client.make_url("/")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    try:
        writer.write(sent)
        await goal.turned(_drained(writer))
        return await goal.turned(_read(reader))
    finally:
        writer.close()


async def _drained(writer: asyncio.StreamWriter) -> None:
    try:
        await writer.drain()
    except ConnectionError:
        return  # It was cut off in the middle of what it sent.


async def _read(reader: asyncio.StreamReader) -> bytes:
    heard = b""
    try:
        while STREAM not in heard and (more := await reader.read(65536)):
            heard += more
    except ConnectionError:
        pass
    return heard


def _check_answer(answer: bytes, *, has_body: bool, is_page: bool = False) -> int | None:
    """Checks that the docs know every status of it. The first status, or None if the connection was closed.

    is_page: people are answered there, with a page of their own.
    """
    answer = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    if not answer:
        return None
    for status in re.findall(rb"HTTP/1\.[01] (\d{3})", answer):
        assert int(status) < 500 or int(status) == UnsupportedVersion.status, answer
    head, _, body = answer.partition(b"\r\n\r\n")
    first = int(head.split()[1])
    if first < 400 or (is_page and PAGE in head):
        return first
    assert b"Content-Type: application/problem+json" in head, answer
    if has_body:
        problem, _ = json.JSONDecoder().raw_decode(body.decode())
        assert (problem["status"], CODES[problem["code"]]) == (first, first), problem
        assert problem["detail"]
        assert problem["instance"].startswith("urn:uuid:")
    return first


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_anything_at_a_route_is_answered_in_its_own_words_and_leaves_nothing(
    goal: Target, route: Route
) -> None:
    @profile
    @given(request=requests(route))
    def sent(request: Request) -> None:
        goal.run(_sent(goal, request, is_page=route.path == "/scan/{token}"))

    sent()


async def _sent(goal: Target, request: Request, *, is_page: bool) -> None:
    created = await goal.front.client.post("/sessions", json={"id": "shop"})
    assert created.status in (201, 409), await created.text()  # 409: left by an example that failed.
    answer = await _answer(goal, request.sent)
    _check_answer(answer, has_body=request.method != b"HEAD", is_page=is_page)
    await goal.settle()
    goal.check_log()


@profile
@given(sent=st.lists(FRAGMENTS | BYTES, min_size=1, max_size=12).map(b"".join).map(Sent))
@example(sent=Sent(b"GET /sessions HTTP/1.1\r\n" * 2000))
@example(sent=Sent(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
def test_garbage_at_the_socket_is_a_problem_or_the_end_of_the_connection(goal: Target, sent: bytes) -> None:
    _check_answer(goal.run(_answer(goal, sent)), has_body=not sent.startswith(b"HEAD"))
    assert goal.run(goal.front.get("/healthz")).status == 200
    goal.check_log()
