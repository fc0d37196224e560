"""No test waits for ever, and the one that would says what it waited for."""

import asyncio
import threading
from functools import partial

import pytest

from tests.support.time import TurnedTime, patience
from tests.support.time_limit import time_limit


async def never() -> None:
    await asyncio.Event().wait()


def test_a_test_that_waits_for_ever_fails_with_the_calls_of_its_tasks() -> None:
    async def test() -> None:
        await asyncio.gather(never(), asyncio.sleep(60))

    limited = pytest.raises(pytest.fail.Exception, match=r"longer than 0.1 s(.|\n)* in never, .* in wait")
    with limited, time_limit(0.1):
        asyncio.run(test())


@pytest.mark.parametrize("wait", [threading.Event().wait, partial(threading.Event().wait, 60)])
def test_a_wait_without_an_event_loop_ends_too(wait: partial[bool]) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"longer than 0.1 s"), time_limit(0.1):
        wait()


def test_a_limit_within_another_leaves_that_one() -> None:
    def two_parts() -> None:
        with time_limit(60):
            pass
        threading.Event().wait()

    with pytest.raises(pytest.fail.Exception, match=r"longer than 0.2 s"), time_limit(0.2):
        two_parts()


async def test_patience_ends_after_seconds_that_nobody_turns() -> None:
    time = TurnedTime(asyncio.get_running_loop())
    steps = []

    async def turn() -> None:
        time.advance(3600)
        await asyncio.sleep(0.05)
        steps.append("after the turn")
        await never()

    with pytest.raises(AssertionError, match=r"waited 0 s in vain for something"):
        async with patience("something", within=0.1):
            await turn()
    assert steps == ["after the turn"]


async def test_patience_hides_no_timeout_of_others() -> None:
    with pytest.raises(TimeoutError, match="theirs"):
        async with patience("something"):
            raise TimeoutError("theirs")
