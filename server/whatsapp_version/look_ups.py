"""Asks WhatsApp's site for its version at the start, every few hours, and soon after a refusal."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from server.core.log_events import log_event
from server.whatsapp_version.look_up import LookUpFailed
from server.whatsapp_version.metrics import VersionMetrics
from server.whatsapp_version.schedule import Pace

log = logging.getLogger(__name__)


class LookUps:
    """One look-up at a time, with pauses that grow while they fail."""

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
        """ask: gives the revision, or raises LookUpFailed. is_urgent: whether the version in use is refused.

        begun: called when the site is being asked. found: called with each revision that it names.
        """
        self._ask = ask
        self._pace = pace
        self._metrics = metrics
        self._is_urgent = is_urgent
        self._begun = begun
        self._found = found
        self._wish = asyncio.Event()
        #: Whether a look-up is wanted before its usual time.
        self._is_wanted = True
        #: In a row.
        self._failures = 0
        #: When the site was asked last, on the event loop's clock; None: not by this front.
        self._asked_at: float | None = None
        #: Whether the site is being asked now.
        self.is_asking = False

    def want(self) -> None:
        """A link was refused: there may be a newer version."""
        self._is_wanted = True
        self._wish.set()

    async def run(self, last: float | None) -> None:
        """For ever. last: seconds since an earlier front asked; None: not known.

        A front that starts again and again asks no more often than one that runs.
        """
        if last is not None and 0 <= last < self._pace.least:
            self._asked_at = asyncio.get_running_loop().time() - last
        while True:
            await self._due()
            await self._look_up()

    async def _due(self) -> None:
        """Return when the site may be asked, and should be."""
        while (pause := self._pause()) > 0:
            self._wish.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wish.wait()

    def _pause(self) -> float:
        """Seconds until the next look-up."""
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
