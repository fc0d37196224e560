"""Background tasks whose failures are logged, and work that is awaited in special ways."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from server.core.log_events import log_event

log = logging.getLogger(__name__)

#: Delay between a failure and the next try.
RESTART_DELAY_SECONDS = 1.0


@asynccontextmanager
async def in_background(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> AsyncGenerator[None]:
    """Runs the work in the background of the block, again after each failure. Cancels it after the block."""
    task = asyncio.create_task(_keep(name, work), name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def repeatedly(work: Callable[[], Awaitable[None]], *, every: float) -> None:
    """Does the work now, and again each time so many seconds after it was done. Raises what it raises."""
    while True:
        await work()
        await asyncio.sleep(every)


async def until_one_ends(*works: Awaitable[object]) -> None:
    """Runs all works until one of them ends, then cancels the others. Raises what the ended one raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def in_thread(work: Callable[[], None]) -> None:
    """Runs the work in a thread. Returns only once it has ended, even if this is cancelled meanwhile."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.gather(running, return_exceptions=True)
        raise


async def _keep(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    while True:
        try:
            await work()
        except Exception:
            log_event(log.exception, "background_failed", work=name)
            await asyncio.sleep(RESTART_DELAY_SECONDS)
        else:
            return
