"""Many paired sessions on one Motte."""

import asyncio

from tests.support.eventually import eventually
from tests.support.motte import Motte

#: How many are being paired at once: it costs each a core.
AT_ONCE = 2

#: Seconds for all of them, far more than they take.
WITHIN = 900.0

#: Sessions of one page, the most that there may be.
PAGE = 200


class Crowd:
    """Sessions that are connected, or will be."""

    def __init__(self, motte: Motte, size: int) -> None:
        self._motte = motte
        self.ids = [f"session-{number:03}" for number in range(size)]

    async def pair(self) -> None:
        """Have a phone of its own scan each session's code."""
        places = asyncio.Semaphore(AT_ONCE)

        async def pair(number: int, session_id: str) -> None:
            async with places:
                await self._motte.connect(session_id, f"1555{number:07}")

        await asyncio.gather(*(pair(number, session_id) for number, session_id in enumerate(self.ids)))

    async def connected(self, *, since: str) -> None:
        """Return once all have connected. since: a moment as the API writes it; before was another start."""

        async def are_connected() -> bool:
            listed = (await self._motte.ask("GET", "/sessions", params={"limit": str(PAGE)})).body["items"]
            moments = {session["id"]: session["connectedAt"] for session in listed if is_open(session)}
            return all(moments.get(session_id, "") > since for session_id in self.ids)

        await eventually(are_connected, within=WITHIN, every=0.2)


def is_open(session: dict[str, object]) -> bool:
    return session["status"] == "connected"
