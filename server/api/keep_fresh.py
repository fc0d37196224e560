"""Keeps the codes of a session fresh while a stream follows it."""

import asyncio
from collections.abc import AsyncGenerator

from server.api.prefer_header import MAX_WAIT_SECONDS
from server.assembly import Gateway
from server.core.errors import MotteError, NoSuchSession, ShuttingDown
from server.sessions.long_poll import version

#: Seconds between two tries for a session that needs a person.
RETRY_SECONDS = 15.0

#: Seconds after which a session is tried at the latest: its cool-down may have ended early.
MAX_RETRY_SECONDS = 60.0


async def problems(gateway: Gateway, session_id: str) -> AsyncGenerator[MotteError]:
    """Waits for changes of the session like repeated reads with `Prefer: wait`, until it is deleted.

    Yields the reason each time there is no code, and tries again. Raises ShuttingDown.
    """
    seen: frozenset[str] = frozenset()
    while True:
        try:
            session = await gateway.service.newer(session_id, than=seen, wait=MAX_WAIT_SECONDS)
            seen = frozenset({version(session, gateway.expiry)})
        except NoSuchSession:
            return
        except ShuttingDown:
            raise
        except MotteError as error:
            yield error
            await asyncio.sleep(min(error.retry_after or RETRY_SECONDS, MAX_RETRY_SECONDS))
