"""How long something takes."""

from collections.abc import Awaitable
from time import perf_counter


async def timed(work: Awaitable[object]) -> float:
    """Returns the milliseconds until it is done."""
    begun = perf_counter()
    await work
    return (perf_counter() - begun) * 1000
