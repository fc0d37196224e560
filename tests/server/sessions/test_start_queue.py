"""In which order sessions are started."""

import asyncio

import pytest

from server.core import caller
from server.sessions.start_queue import StartQueue


async def taken(queue: StartQueue, number: int) -> str:
    return "".join([await queue.take() for _ in range(number)])


async def test_without_a_request_each_is_started_in_its_turn_and_once() -> None:
    queue = StartQueue()
    queue.add("abc")
    queue.add("cad")
    assert await taken(queue, 4) == "abcd"


async def test_a_session_that_is_requested_comes_next_the_earlier_before_the_later() -> None:
    queue = StartQueue()
    queue.add("abcdef")
    assert await queue.take() == "a"
    for session_id in "ede":
        queue.request(session_id)
    assert await taken(queue, 5) == "edbcf"


async def test_callers_take_turns_at_requested_sessions() -> None:
    queue = StartQueue()
    queue.add("abcdef")
    for session_id in "bcd":
        queue.request(session_id)
    caller.set_current("key other")
    queue.request("f")
    assert await taken(queue, 6) == "bfcdae"


async def test_a_request_is_remembered_when_others_are_added_or_discarded() -> None:
    queue = StartQueue()
    queue.add("abcd")
    queue.request("d")
    queue.request("b")
    queue.discard("d")
    queue.add("bde")
    assert await taken(queue, 5) == "bacde"


async def test_a_request_starts_no_session_that_does_not_wait() -> None:
    queue = StartQueue()
    queue.request("a")
    queue.add("b")
    assert await queue.take() == "b"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await queue.take()


async def test_a_session_that_is_added_to_an_empty_queue_is_taken_at_once() -> None:
    queue = StartQueue()
    taking = asyncio.create_task(queue.take())
    await asyncio.sleep(0)
    queue.add("a")
    assert await taking == "a"
