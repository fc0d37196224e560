"""What a connector holds after many messages in both directions."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bench.message_counts import counting, until
from bench.rows import Row, Samples
from bench.stage import Stage, opened

MEMORY: dict[str, Any] = {"unit": "MiB", "direction": "at-most"}

ROWS = (
    Row(
        name="memory-used",
        what="PSS of an open connector, of 21, that has received 10,000 messages and sent 1,000",
        goal=40,
        **MEMORY,
    ),
    Row(name="memory-unused", what="the same connector before its first message", goal=None, **MEMORY),
)

BUDGET = 60

#: Messages of each direction, and people that write them and get them.
IN, OUT, CONTACTS = 10_000, 1_000, 20

#: How many of these have a message under way at the same time.
AT_ONCE = 8

OWN = "15550000001"
PEOPLE = [f"491510000{number:04}" for number in range(CONTACTS)]

#: Seconds of rest before memory is read: a connector gives memory back once it is quiet.
REST = 5.0

#: Other connectors, which show codes: what processes share is divided among them.
OTHERS = 20


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    async with opened(MOTTE_SEND_RATE="0", MOTTE_NEW_CHAT_RATE="0") as stage:
        await stage.motte.connect("shop", OWN)
        await asyncio.gather(*(stage.motte.create(f"other-{number}") for number in range(OTHERS)))
        await stage.rests()
        samples.add("memory-unused", *await stage.memory("shop"))
        with counting(stage) as counts:
            await _each(
                IN, lambda number: stage.phones.write("text", phone=PEOPLE[number % CONTACTS], to=OWN)
            )
            await until(lambda: counts.received() == IN)
            await _each(OUT, lambda number: _post(stage, PEOPLE[number % CONTACTS]))
            await until(lambda: counts.unsent() == 0)
        await stage.rests()
        await asyncio.sleep(REST)
        samples.add("memory-used", *await stage.memory("shop"))


async def _each(number: int, act: Callable[[int], Awaitable[None]]) -> None:
    """Does it for each number below this one, a few at a time and in order."""
    left = iter(range(number))

    async def work() -> None:
        for index in left:
            await act(index)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def _post(stage: Stage, contact: str) -> None:
    answer = await stage.motte.ask("POST", "/sessions/shop/messages", json={"to": contact, "text": "text"})
    assert answer.status == 201, answer.body
