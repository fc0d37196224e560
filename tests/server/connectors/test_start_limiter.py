"""Where connectors load."""

import asyncio
import os

from server.connectors.start_limiter import StartLimiter, cores
from server.core import caller


def test_there_is_a_place_for_each_core_that_may_be_used_and_not_for_each_that_there_is() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert cores() == len(allowed)


class Starts:
    """Sessions that callers start, and those that were admitted, in their order."""

    def __init__(self, number: int) -> None:
        self.limiter = StartLimiter(number)
        self.admitted = ""

    async def begin(self, session_id: str, who: str) -> asyncio.Task[None]:
        async def start() -> None:
            caller.set_current(who)
            await self.limiter.take(session_id)
            self.admitted += session_id

        task = asyncio.create_task(start())
        await asyncio.sleep(0)
        return task

    async def leave(self, session_ids: str) -> None:
        for session_id in session_ids:
            self.limiter.leave(session_id)
            await asyncio.sleep(0)


async def test_as_many_load_at_once_as_there_are_places() -> None:
    starts = Starts(2)
    for session_id in "abc":
        await starts.begin(session_id, "key bot")
    assert (starts.admitted, starts.limiter.loading(), starts.limiter.waiting()) == ("ab", 2, 1)
    await starts.leave("b")
    assert (starts.admitted, starts.limiter.waiting()) == ("abc", 0)


async def test_the_fifty_sessions_of_one_key_delay_the_one_of_another_by_one_start() -> None:
    starts = Starts(1)
    many = [chr(ord("A") + number) for number in range(50)]
    for session_id in many:
        await starts.begin(session_id, "key bot")
    await starts.begin("x", "key shop")
    await starts.leave("AB")
    assert starts.admitted == "ABx"


async def test_a_caller_that_joins_another_ones_start_gives_it_its_own_turn() -> None:
    starts = Starts(1)
    for session_id in "abcd":
        await starts.begin(session_id, "key bot")
    caller.set_current("key shop")
    starts.limiter.join("d")
    starts.limiter.join("unknown")
    await starts.leave("ab")
    assert starts.admitted == "abd"


async def test_a_start_that_is_cancelled_leaves_its_place_to_the_next() -> None:
    starts = Starts(1)
    await starts.begin("a", "key bot")
    waiting = await starts.begin("b", "key bot")
    admitted = await starts.begin("c", "key bot")
    await starts.begin("d", "key bot")
    waiting.cancel()
    starts.limiter.leave("a")  # before the cancelled one has run
    admitted.cancel()
    await asyncio.gather(waiting, admitted, return_exceptions=True)
    await asyncio.sleep(0)
    assert starts.admitted == "ad"
    assert (starts.limiter.loading(), starts.limiter.waiting()) == (1, 0)
