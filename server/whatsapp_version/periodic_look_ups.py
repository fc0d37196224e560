"""Looks up the version at the start, every few hours, and soon after a refusal."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from server.core.log_events import log_event
from server.whatsapp_version.look_up import LookUpFailed
from server.whatsapp_version.metrics import VersionMetrics
from server.whatsapp_version.schedule import Pace

log = logging.getLogger(__name__)


class PeriodicLookUps:
    """Runs one look-up at a time, with pauses that grow after failures."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[int]],
        pace: Pace,
        metrics: VersionMetrics,
        *,
        is_urgent: Callable[[], bool],
        begun: Callable[[], None],
        found: Callable[[int], None],
    ) -> None:
        """ask: returns the revision, or raises LookUpFailed.

        is_urgent: whether the version in use is refused. begun: called at the beginning of a look-up.
        found: called with each revision.
        """
        self._ask = ask
        self._pace = pace
        self._metrics = metrics
        self._is_urgent = is_urgent
        self._begun = begun
        self._found = found
        self._wanted = asyncio.Event()
        #: Whether a look-up is wanted before its usual time.
        self._is_wanted = True
        #: Failed look-ups in a row.
        self._failures = 0
        #: When this front asked last, on the event loop's clock; None if it did not.
        self._asked_at: float | None = None
        #: Whether the site is being asked now.
        self.is_asking = False

    def want(self) -> None:
        """Requests an early look-up, because a link was refused."""
        self._is_wanted = True
        self._wanted.set()

    async def run(self, last: float | None) -> None:
        """Runs until it is cancelled. last: seconds since an earlier front asked; None if not known.

        A front that is restarted again and again asks no more often than one that runs.
        """
        if last is not None and 0 <= last < self._pace.least:
            self._asked_at = asyncio.get_running_loop().time() - last
        while True:
            await self._due()
            await self._look_up()

    async def _due(self) -> None:
        """Returns when the next look-up is due."""
        while (pause := self._pause()) > 0:
            self._wanted.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wanted.wait()

    def _pause(self) -> float:
        """Returns the seconds until the next look-up."""
        if self._asked_at is None:
            return 0.0
        pause = self._pace.pause(self._failures, is_wanted=self._is_wanted or self._is_urgent())
        return self._asked_at + pause - asyncio.get_running_loop().time()

    async def _look_up(self) -> None:
        self._asked_at = asyncio.get_running_loop().time()
        self._is_wanted = False
        self._begun()
        self.is_asking = True
        try:
            revision = await self._ask()
        except LookUpFailed as error:
            self._failures += 1
            self._metrics.looked_up("failed")
            log_event(log.warning, "whatsapp_version_not_looked_up", error=error)
        else:
            self._failures = 0
            self._found(revision)
        finally:
            self.is_asking = False
