"""Requests that wait for messages: for one to be sent, or for new ones."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from server.sessions.subscriptions import Change, Subscriptions

Found = TypeVar("Found")


async def first_found(
    subscriptions: Subscriptions,
    session_id: str,
    read: Callable[[], Awaitable[Found]],
    *,
    is_enough: Callable[[Found], bool],
    wait: float,
    concerns: Callable[[Change], bool] = lambda change: True,
) -> Found:
    """Returns what `read` returns once that is enough; after `wait` seconds, what it returns then.

    concerns: whether a change can make it enough. Many may wait while many messages change.
    """
    try:
        async with asyncio.timeout(wait):
            with subscriptions.subscribe(session_id, wants_messages=True) as subscription:
                while True:
                    found = await read()
                    if is_enough(found):
                        return found
                    while not concerns(await subscription.next()):
                        pass
    except TimeoutError:
        return await read()
