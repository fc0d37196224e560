"""Waiting for what tells nobody when it happens: a process that ends, a file that appears."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Thing = TypeVar("Thing")

#: Seconds between two looks.
LOOK_AGAIN = 0.02

#: Seconds. Far more than anything here takes on a busy machine; a test that waits so long has failed.
PATIENCE = 20.0


async def eventually(
    look: Callable[[], Awaitable[Thing | None]], *, within: float = PATIENCE, every: float = LOOK_AGAIN
) -> Thing:
    """What `look` gives, once that is true. within, every: seconds. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(every)
