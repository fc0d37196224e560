"""More messages at once than a session gets in a day, and readers that ask meanwhile."""

import asyncio
import sys
from time import perf_counter

from tests.support.motte import Motte
from tests.support.phones import Phones

COUNT = 2_000

#: Seconds within which all of them are there, and one read is answered.
ALL_WITHIN = 300.0
ANSWERED_WITHIN = 1.0


async def poll(motte: Motte, count: int) -> list[str]:
    """The texts of the first messages, as a program reads them that asks again and again."""
    texts: list[str] = []
    params = {"limit": "200"}
    while len(texts) < count:
        page = (await motte.ask("GET", "/sessions/shop/messages", params=params)).session()
        texts += [message["text"] for message in page["items"]]
        params["after"] = page["nextCursor"]
        await asyncio.sleep(0.02)
    return texts


async def read_on(motte: Motte, waits: list[float]) -> None:
    """Look at a session until cancelled, and note the seconds that each look took."""
    while True:
        begun = perf_counter()
        await motte.look("other")
        waits.append(perf_counter() - begun)
        await asyncio.sleep(0.01)


async def test_a_crowd_of_messages_is_taken_in_while_readers_are_answered(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await motte.create("other")
    await motte.tell("shop", "stop")
    wanted = [f"text {n}" for n in range(COUNT)]
    for text in wanted:
        await phones.write(text)
    waits: list[float] = []
    await motte.tell("shop", "start")
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(read_on(motte, waits))
        await poll(motte, 1)
        begun = perf_counter()
        async with asyncio.timeout(ALL_WITHIN):
            texts = await poll(motte, COUNT)
        span = perf_counter() - begun
        reading.cancel()
    assert texts == wanted
    sys.stdout.write(
        f"{COUNT} messages in {span:.1f} s, {COUNT / span:.0f} a second; meanwhile {len(waits)} reads, "
        f"the slowest {max(waits) * 1000:.0f} ms\n"
    )
    assert max(waits) < ANSWERED_WITHIN
