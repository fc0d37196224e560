"""Spans in which no front is there to answer, because it was killed."""

import asyncio
from time import monotonic, time

import aiohttp

from tests.soak.tally import Tally
from tests.support.eventually import LOOK_AGAIN
from tests.support.motte import Motte

#: Seconds that a front has to come back. supervisord waits longer each time for one that dies as it starts.
BACK_WITHIN = 30.0


class Absence:
    """Knows whether a request had to go without an answer."""

    def __init__(self, motte: Motte, tally: Tally) -> None:
        self._motte = motte
        self._tally = tally
        self._is_away = asyncio.Event()
        self._is_back = asyncio.Event()
        self._is_back.set()
        #: Spans in which it was away, from the first kill until it answered: seconds since 1970.
        self.spans: list[tuple[float, float]] = []
        self._kills = 0
        self._begun_at = 0.0
        #: Monotonic.
        self._last_ended = float("-inf")

    def begin(self) -> None:
        """Called right before the front is killed."""
        self._kills += 1
        if not self._is_away.is_set():
            self._begun_at = time()
        self._is_back.clear()
        self._is_away.set()

    def excuses(self, begun: float) -> bool:
        """Whether the front was away at some time since then. begun: monotonic."""
        return self._is_away.is_set() or self._last_ended >= begun

    def within(self, begun: float, ended: float) -> float:
        """The seconds of a span in which the front was away. begun, ended: seconds since 1970."""
        return sum(max(0.0, min(ended, back) - max(begun, away)) for away, back in self.spans)

    async def over(self) -> None:
        """Return once the front answers."""
        await self._is_back.wait()

    async def watch(self) -> None:
        """For ever: notice when it is back, and tell where that takes too long."""
        while True:
            await self._is_away.wait()
            begun = monotonic()
            is_told = False
            while not await self._has_come_back():
                if monotonic() - begun > BACK_WITHIN and not is_told:
                    self._tally.find("front away", f"for {BACK_WITHIN:g} s after kill {self._kills}")
                    is_told = True
                await asyncio.sleep(LOOK_AGAIN)
            self._tally.time("front away", monotonic() - begun)

    async def _has_come_back(self) -> bool:
        kills = self._kills
        try:
            answer = await self._motte.ask("GET", "/healthz")
        except aiohttp.ClientError:
            return False
        if answer.status != 200 or kills != self._kills:
            return False
        self._last_ended = monotonic()
        self.spans.append((self._begun_at, time()))
        self._is_away.clear()
        self._is_back.set()
        return True
