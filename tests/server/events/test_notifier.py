"""The notifier."""

import asyncio

from server.events.notifier import Notifier


async def test_everybody_who_waits_is_woken() -> None:
    notifier = Notifier()
    waiting = [asyncio.ensure_future(notifier.wait(0)) for _ in range(3)]
    await asyncio.sleep(0)

    notifier.notify()

    assert await asyncio.gather(*waiting) == [1, 1, 1]


async def test_a_ring_before_the_wait_is_not_missed() -> None:
    notifier = Notifier()
    seen = notifier.count
    notifier.notify()

    assert await asyncio.wait_for(notifier.wait(seen), 1) == 1
