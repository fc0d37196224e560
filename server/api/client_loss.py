"""Requests that hold a place for as long as a client likes, and release it once the client is gone."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from aiohttp import web

from server.api.http_protocol import Protocol

Result = TypeVar("Result")


@contextmanager
def noticed_loss(request: web.Request, notice: Callable[[], None]) -> Iterator[None]:
    """Calls `notice` once if the client disconnects before the block ends, or has done so before it.

    aiohttp could cancel every handler instead, but most of them do work that outlives their clients.
    """
    protocol = request.protocol
    if not isinstance(protocol, Protocol):  # aiohttp's own, in tests
        yield
        return
    if protocol.transport is None:
        notice()
    protocol.on_lost = notice
    try:
        yield
    finally:
        protocol.on_lost = None


async def while_connected(
    request: web.Request, seconds: float, wait: Callable[[float], Awaitable[Result]]
) -> Result:
    """Returns what `wait` returns if it may wait for so many seconds; once the client is gone, for none."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as connection:
            with noticed_loss(request, lambda: connection.reschedule(loop.time())):
                return await wait(seconds)
    except TimeoutError:
        if not connection.expired():
            raise
    return await wait(0)
