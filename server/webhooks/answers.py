"""Answers of webhooks: what their heads say, and the end of their bodies."""

import asyncio
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime

from aiohttp import ClientResponse

from server.core.http_client import FAILURES
from server.webhooks.schedule import MAX_RETRY_AFTER_SECONDS, Attempt

#: Bytes of an answer's body that are read. Its content is ignored: only a connection whose answer was read to
#: the end can be used again.
MAX_ANSWER_BYTES = 64 * 1024

#: Seconds that the body of an answer may take: the delivery is done already.
DRAIN_SECONDS = 1.0


def attempt_of(response: ClientResponse, seconds: float) -> Attempt:
    """Returns what the answer says. Its text is in no log: it may contain what the caller must not see."""
    status = response.status
    if 200 <= status < 300:
        return Attempt(status=status, seconds=seconds)
    error = f"HTTP {status}"
    if 300 <= status < 400:
        error += ": Motte follows no redirect"
    return Attempt(
        status=status,
        error=error,
        retry_after=_retry_after(response.headers.get("Retry-After")),
        seconds=seconds,
    )


def _retry_after(text: str | None) -> float | None:
    """Returns the seconds of the header, an hour at most. None if there is no valid one."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        seconds = float(text[:10])
    else:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


async def drain(response: ClientResponse) -> None:
    """Reads a short answer to its end, so that its connection can be used again; closes any other."""
    with suppress(*FAILURES, ValueError):
        async with asyncio.timeout(DRAIN_SECONDS):
            left = MAX_ANSWER_BYTES
            while left > 0 and (part := await response.content.read(left)):
                left -= len(part)
    response.close() if not response.content.at_eof() else response.release()
