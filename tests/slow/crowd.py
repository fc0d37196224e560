"""Many callers who read the same session at the same moment."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from statistics import median
from time import time
from typing import Any, NamedTuple

import aiohttp

from tests.support.moments import moment
from tests.support.serve import API_KEY

#: Seconds from a code to the last of the answers that carry it.
AT_ONCE = 0.25


class Arrival(NamedTuple):
    """An answer, and when its last byte was here."""

    status: int
    session: dict[str, Any]
    #: Seconds since 1970.
    at: float


class Crowd:
    """Callers of one front, each with a connection of its own that is open before it asks."""

    def __init__(self, http: aiohttp.ClientSession, url: str, size: int) -> None:
        self._http = http
        self._url = url
        self._size = size

    @classmethod
    @asynccontextmanager
    async def of(cls, size: int, url: str) -> AsyncGenerator["Crowd"]:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=600)
        headers = {"Authorization": f"Bearer {API_KEY}"}
        async with aiohttp.ClientSession(connector=connector, headers=headers) as http:
            yield cls(http, url, size)

    async def connect(self) -> None:
        """Open the connections; those that were left open are used again."""
        await asyncio.gather(*(self._ask("/healthz") for _ in range(self._size)))

    async def read(self, session_id: str = "shop") -> list[Arrival]:
        """All at once."""
        return await asyncio.gather(*(self._ask(f"/sessions/{session_id}") for _ in range(self._size)))

    async def _ask(self, path: str) -> Arrival:
        async with self._http.get(self._url + path) as answer:
            body = await answer.json()
            return Arrival(answer.status, body, time())


def the_one_code(arrivals: Sequence[Arrival]) -> str:
    """What all of them got."""
    assert {arrival.status for arrival in arrivals} == {200}
    (code,) = {arrival.session["qrCode"] for arrival in arrivals}
    assert code is not None
    return str(code)


def lateness(arrivals: Sequence[Arrival], *, lifetime: float) -> float:
    """Seconds from the moment at which the code was given to the arrival of the last answer.

    lifetime: the code's, in seconds. Its expiry less that is when it was given, on this host's wall clock.
    """
    given_at = moment(arrivals[0].session["qrExpiresAt"]) - lifetime
    return max(arrival.at for arrival in arrivals) - given_at


def told(what: str, spans: Sequence[float]) -> str:
    """The figures in a line. spans: seconds."""
    return f"{what}: median {median(spans) * 1000:.0f} ms, longest {max(spans) * 1000:.0f} ms\n"
