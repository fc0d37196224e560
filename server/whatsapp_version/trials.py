"""Which link tries a new version before the others do: one at a time, for a short while."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from server.core.log_events import log_event
from server.whatsapp_version.revisions import version_of
from server.whatsapp_version.schedule import Pace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trial:
    """One session and the version that its next link announces."""

    session_id: str
    revision: int
    #: On the event loop's clock.
    until: float


class Trials:
    """The trial that is under way, if there is one."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self.current: Trial | None = None
        #: No trial begins before, unless it is urgent; on the event loop's clock.
        self._not_before = 0.0
        #: When each session began its last trial, on the event loop's clock.
        self._tried_at: dict[str, float] = {}

    def is_of(self, session_id: str) -> bool:
        """Whether this session is the one that tries."""
        return self.current is not None and self.current.session_id == session_id

    def begin(self, session_id: str, revision: int, *, pause: float = 0.0, is_urgent: bool) -> bool:
        """Whether this session tries the version from now on.

        pause: seconds until it opens its link. is_urgent: there is no accepted version.
        """
        now = asyncio.get_running_loop().time()
        if self.current is not None or (now < self._not_before and not is_urgent):
            return False
        self.current = Trial(session_id, revision, now + pause + self._pace.trial)
        self._tried_at[session_id] = now
        log_event(log.info, "whatsapp_version_tried", session=session_id, version=version_of(revision))
        return True

    def end(self) -> None:
        """It is known whether WhatsApp accepts the version, or the session opens no link."""
        self.current = None

    def end_overdue(self) -> str | None:
        """The session whose link has shown nothing in its time, so that another may try; None: none."""
        now = asyncio.get_running_loop().time()
        if self.current is None or now < self.current.until:
            return None
        session_id, self.current = self.current.session_id, None
        self._not_before = now + self._pace.after_open_trial
        log_event(log.warning, "whatsapp_version_trial_open", session=session_id)
        return session_id

    def next_of(self, session_ids: Iterable[str]) -> str | None:
        """The one of these whose last trial was the longest ago; None if there are none."""
        return min(session_ids, key=lambda session_id: self._tried_at.get(session_id, -inf), default=None)
