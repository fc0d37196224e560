"""Follows a session until it is connected."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from server.cli.common.client import Client
from server.cli.sandbox.command import no_code

#: Time that one request waits for a change; less than the client's timeout.
LONG_POLL_SECONDS = 30

#: Statuses from which a session becomes `connected` once its code is scanned.
ON_THE_WAY = ("starting", "qr_waiting", "pairing", "disconnected")


async def follow(api: Client, session_id: str) -> AsyncGenerator[Any]:
    """Yields the session now and after each change, until it is connected.

    Raises NothingToScan if it cannot become connected without a person, Refused, Unreachable.
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
        session, seen = await api.newer(path, than=seen, wait=LONG_POLL_SECONDS)


async def follow_with_ticks(
    api: Client, session_id: str, *, every: float
) -> AsyncGenerator[tuple[Any, bool]]:
    """Yields the same, with whether it is new. It is yielded again after `every` seconds without a change."""
    session = None
    async with aclosing(follow(api, session_id)) as subscription:
        coming = asyncio.ensure_future(anext(subscription, None))
        try:
            while True:
                await asyncio.wait({coming}, timeout=every)
                if is_new := coming.done():
                    session = coming.result()
                    if session is None:
                        return
                    coming = asyncio.ensure_future(anext(subscription, None))
                if session is not None:
                    yield session, is_new
        finally:
            coming.cancel()
            await asyncio.wait({coming})
