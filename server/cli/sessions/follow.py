"""A session's codes, one after the other, until its account is linked."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from server.cli.common.client import Client
from server.cli.sandbox.command import no_code

#: Seconds that one request waits for news; well within the patience of the client.
WAIT = 30

#: Statuses from which a session becomes `connected` by itself, once its code was scanned.
ON_THE_WAY = ("starting", "qr_waiting", "pairing", "disconnected")


async def follow(api: Client, session_id: str) -> AsyncGenerator[Any]:
    """The session as it stands, then each time that there is news; the last one is connected.

    Raises NothingToScan where it cannot become connected without a person, Refused, Unreachable.
    """
    path = f"/sessions/{session_id}"
    session, seen = await api.version(f"{path}?refresh=false")
    while True:
        if session is not None:
            yield session
            if session["status"] == "connected":
                return
            if session["status"] not in ON_THE_WAY:
                raise no_code(session)
        session, seen = await api.newer(path, than=seen, wait=WAIT)


async def follow_with_ticks(
    api: Client, session_id: str, *, every: float
) -> AsyncGenerator[tuple[Any, bool]]:
    """The same, each with whether it is news; where it is not, `every` seconds have passed without any."""
    session = None
    async with aclosing(follow(api, session_id)) as subscription:
        coming = asyncio.ensure_future(anext(subscription, None))
        try:
            while True:
                await asyncio.wait({coming}, timeout=every)
                if is_news := coming.done():
                    session = coming.result()
                    if session is None:
                        return
                    coming = asyncio.ensure_future(anext(subscription, None))
                if session is not None:
                    yield session, is_news
        finally:
            coming.cancel()
            await asyncio.wait({coming})
