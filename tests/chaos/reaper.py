"""Kills whatever runs, by `kill -9`, in a random order and at random moments."""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from time import monotonic
from typing import TypeVar

from server.cli.sandbox.gateway import processes_of
from tests.chaos.absence import Absence
from tests.chaos.frames import Frames
from tests.chaos.processes import connectors, deliverers, front, spares
from tests.soak.tally import Tally
from tests.support.eventually import eventually
from tests.support.motte import Motte

Thing = TypeVar("Thing")

#: One kill in so many hits supervisord, one hits the front, and one what delivers to webhooks, if there are
#: any. The others hit connectors.
SUPERVISORD_EVERY = 10
FRONT_EVERY = 3
DELIVERER_EVERY = 5

#: One kill in so many comes at the heels of the one before, whatever starts then. Seconds.
AT_ONCE_EVERY = 4
AT_ONCE = (0.0, 0.2)

#: One kill of a connector in so many comes with kills of all warm spares.
SPARE_EVERY = 4

#: One kill in so many comes with cut connections.
CUT_EVERY = 4

#: Kills of one connector in the life of a supervisord. It gives up one that dies five times within minutes.
ENOUGH = 3

#: Seconds in which nothing may be left of a supervisord that was killed, and in which there is one to kill.
GONE_WITHIN = 3.0
THERE_WITHIN = 20.0

#: Seconds after which a supervisord that has ended is started again, as systemd would.
STARTS_AGAIN_AFTER = 0.1


async def nothing() -> None:
    """What nobody waits for."""


class Reaper:
    """Kills, counts, and starts supervisord again."""

    def __init__(self, motte: Motte, tally: Tally, absence: Absence, *, random: Random) -> None:
        self._motte = motte
        self._serve = motte.serve
        self._tally = tally
        self._absence = absence
        self._random = random
        #: Held while supervisord is killed and the next one started.
        self._at_supervisord = asyncio.Lock()
        #: Kills of each session's connector that its supervisord remembers.
        self._spent: Counter[str] = Counter()

    async def run(
        self,
        kills: int,
        *,
        pause: float,
        phones: list[str],
        let_go: Callable[[], Awaitable[None]] = nothing,
        frames: Frames | None = None,
        has_webhooks: bool = False,
    ) -> None:
        """So many of them. phones: those whose connections may be cut.

        pause: seconds at most from the moment at which the front answers again to the next kill.
        let_go: called once for each. frames: some connectors die right after a message that has left.
        """
        for kind in self._deck(kills, has_webhooks=has_webhooks):
            await self._wait(pause)
            if frames and kind == "connector" and self._random.random() < frames.share:
                await self.kill_at_message(frames, let_go)
            else:
                await getattr(self, f"kill_{kind}")()
                await let_go()
            if self._random.randrange(CUT_EVERY) == 0:
                await self._cut(self._random.choice([*phones, None]))

    async def kill_front(self) -> None:
        """Kills the front, however young it is. If none runs, kills the next one."""
        pid = await self._there(lambda: front(self._motte.folder))
        if pid is not None:
            self._absence.begin()
            self._kill(pid, "front")

    async def kill_deliverer(self) -> None:
        """Kills what delivers to webhooks, however young it is. If nothing does, kills the next one."""
        found = await self._there(lambda: deliverers(self._motte.folder))
        for pid in found or ():
            self._kill(pid, "deliverer")

    async def kill_connector(self) -> None:
        """Kill one that runs, whatever it is doing; where each has had enough, their supervisord."""
        running = await self._there(lambda: connectors(self._motte.folder))
        if running and all(self._spent[session_id] >= ENOUGH for session_id in running):
            await self.kill_supervisord()
        elif running:
            await self._there(self._kill_any)
        if self._random.randrange(SPARE_EVERY) == 0:
            for pid in spares(self._motte.folder):
                self._kill(pid, "spare")

    async def kill_at_message(self, frames: Frames, let_go: Callable[[], Awaitable[None]]) -> None:
        """The connector dies after a message that `let_go` lets go; where it has had enough, its supervisord.

        If too few messages leave, it is killed as any other.
        """
        folder = self._motte.folder
        if self._spent[frames.session_id] >= ENOUGH:
            await self.kill_supervisord()
            return await let_go()
        pid = await self._there(lambda: frames.target(folder))
        if pid is None:
            return await let_go()
        frames.arm(pid, self._random)
        await let_go()
        if await frames.has_died(folder, pid):
            self._spent[frames.session_id] += 1
            self._tally.count("kills", "connector at a message")
        else:
            self.kill_connector_of(frames.session_id, "connector")
        return None

    def kill_connector_of(self, session_id: str, kind: str) -> bool:
        """Whether there was one, which may be killed once more. kind: what it was doing."""
        pid = connectors(self._motte.folder).get(session_id)
        if pid is None or self._spent[session_id] >= ENOUGH:
            return False
        self._spent[session_id] += 1
        return self._kill(pid, kind)

    async def kill_supervisord(self) -> None:
        """Kill it, start the next, and see all that ran under it gone; one time in two, gone first."""
        before = set(processes_of(self._motte.folder))
        killed_at = monotonic()
        async with self._at_supervisord:
            self._absence.begin()
            self._serve.kill()
            self._tally.count("kills", "supervisord")
            self._spent.clear()
            if self._random.random() < 0.5:
                await self._check_gone(before, killed_at)
            self._serve.start()
        await self._check_gone(before, killed_at)

    async def keep_supervisord(self) -> None:
        """For ever: start it again where it ends by itself, as one may whose address is not free yet."""
        while True:
            await asyncio.sleep(STARTS_AGAIN_AFTER)
            async with self._at_supervisord:
                if not self._serve.is_running:
                    self._tally.count("supervisord", "ended by itself")
                    self._serve.start()

    async def _wait(self, longest: float) -> None:
        if self._random.randrange(AT_ONCE_EVERY) == 0:
            await asyncio.sleep(self._random.uniform(*AT_ONCE))
            return
        pause = self._random.uniform(0.0, longest)
        await self._absence.over()
        await asyncio.sleep(pause)

    def _deck(self, kills: int, *, has_webhooks: bool) -> list[str]:
        """The kinds of all kills, as they come."""
        deck = ["supervisord"] * max(1, kills // SUPERVISORD_EVERY) + ["front"] * max(1, kills // FRONT_EVERY)
        if has_webhooks:
            deck += ["deliverer"] * max(1, kills // DELIVERER_EVERY)
        deck += ["connector"] * (kills - len(deck))
        self._random.shuffle(deck)
        return deck

    def _kill_any(self) -> bool:
        ids = sorted(connectors(self._motte.folder))
        self._random.shuffle(ids)
        return any(self.kill_connector_of(session_id, "connector") for session_id in ids)

    async def _check_gone(self, before: set[int], killed_at: float) -> None:
        """before: what ran under a supervisord that was killed."""

        async def is_gone() -> bool:
            return before.isdisjoint(processes_of(self._motte.folder))

        try:
            await eventually(is_gone, within=GONE_WITHIN)
        except TimeoutError:
            left = before.intersection(processes_of(self._motte.folder))
            self._tally.find("outlives supervisord", f"processes {sorted(left)}")
        self._tally.time("orphans gone", monotonic() - killed_at)

    async def _cut(self, phone: str | None) -> None:
        self._tally.count("links", "cut", await self._motte.phones.drop(phone))

    async def _there(self, look: Callable[[], Thing | None]) -> Thing | None:
        """What `look` finds, once it does; None where it finds nothing in time, which is told."""

        async def found() -> Thing | None:
            return look()

        try:
            return await eventually(found, within=THERE_WITHIN)
        except TimeoutError:
            self._tally.find("nothing to kill", f"within {THERE_WITHIN:g} s; {self._spent}")
            return None

    def _kill(self, pid: int, kind: str) -> bool:
        """Whether it was still there."""
        with suppress(ProcessLookupError):
            os.kill(pid, 9)
            self._tally.count("kills", kind)
            return True
        return False
