"""Trials: one link at a time tries a new version before the others announce it."""

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
    """The current trial, if there is one."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self.current: Trial | None = None
        #: Earliest beginning of the next trial that is not urgent, on the event loop's clock.
        self._not_before = 0.0
        #: When each session began its last trial, on the event loop's clock.
        self._tried_at: dict[str, float] = {}

    def is_of(self, session_id: str) -> bool:
        """Whether this session runs the current trial."""
        return self.current is not None and self.current.session_id == session_id

    def begin(self, session_id: str, revision: int, *, pause: float = 0.0, is_urgent: bool) -> bool:
        """Begins a trial with this session. Returns False if another trial runs or it is too early.

        pause: seconds until the session opens its link. is_urgent: whether no version is accepted.
        """
        now = asyncio.get_running_loop().time()
        if self.current is not None or (now < self._not_before and not is_urgent):
            return False
        self.current = Trial(session_id, revision, now + pause + self._pace.trial)
        self._tried_at[session_id] = now
        log_event(log.info, "whatsapp_version_tried", session=session_id, version=version_of(revision))
        return True

    def end(self) -> None:
        """Ends the current trial, because it has a result or its session opens no link."""
        self.current = None

    def end_overdue(self) -> str | None:
        """Ends a trial without a result in time. Returns its session, or None."""
        now = asyncio.get_running_loop().time()
        if self.current is None or now < self.current.until:
            return None
        session_id, self.current = self.current.session_id, None
        self._not_before = now + self._pace.after_open_trial
        log_event(log.warning, "whatsapp_version_trial_open", session=session_id)
        return session_id

    def next_of(self, session_ids: Iterable[str]) -> str | None:
        """Returns the session whose last trial was the longest ago; None without sessions."""
        return min(session_ids, key=lambda session_id: self._tried_at.get(session_id, -inf), default=None)
