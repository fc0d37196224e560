"""A reader who goes on waiting, so that the codes of a session are kept fresh."""

import asyncio
from collections.abc import AsyncGenerator

from server.api.prefer_header import LONGEST_WAIT
from server.assembly import Gateway
from server.core.errors import MotteError, NoSuchSession, ShuttingDown
from server.sessions.long_poll import version

#: Seconds until a session that needs a person is looked at again.
RETRY_SECONDS = 15.0

#: Seconds until it is looked whether a cool-down has ended early.
LONGEST_RETRY_SECONDS = 60.0


async def troubles(gateway: Gateway, session_id: str) -> AsyncGenerator[MotteError]:
    """Wait for news of the session for as long as it exists, as `Prefer: wait` does, over and over.

    Gives the reason each time there is no code, and tries again. Raises ShuttingDown.
    """
    seen: frozenset[str] = frozenset()
    while True:
        try:
            session = await gateway.service.newer(session_id, than=seen, wait=LONGEST_WAIT)
            seen = frozenset({version(session, gateway.expiry)})
        except NoSuchSession:
            return
        except ShuttingDown:
            raise
        except MotteError as error:
            yield error
            await asyncio.sleep(min(error.retry_after or RETRY_SECONDS, LONGEST_RETRY_SECONDS))
