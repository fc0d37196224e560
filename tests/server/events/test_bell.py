"""The bell."""

import asyncio

from server.events.bell import EventBell


async def test_everybody_who_waits_is_woken() -> None:
    bell = EventBell()
    waiting = [asyncio.ensure_future(bell.wait(0)) for _ in range(3)]
    await asyncio.sleep(0)

    bell.ring()

    assert await asyncio.gather(*waiting) == [1, 1, 1]


async def test_a_ring_before_the_wait_is_not_missed() -> None:
    bell = EventBell()
    seen = bell.count
    bell.ring()

    assert await asyncio.wait_for(bell.wait(seen), 1) == 1
