"""State of the versions: which one is in use, which one is tried, and what is saved."""

import asyncio
import logging
from pathlib import Path

import msgspec

from server.core.clock import Clock
from server.core.log_events import log_event
from server.whatsapp_version import cache
from server.whatsapp_version.cache import InUse, Known, Source
from server.whatsapp_version.metrics import VersionMetrics
from server.whatsapp_version.policy import Policy, built_at
from server.whatsapp_version.revisions import is_believable, newest_believable, revision_of, version_of

log = logging.getLogger(__name__)


class VersionState:
    """The rollout of one front, or its fixed version, with the file that the next front reads."""

    def __init__(self, policy: Policy, file: Path, clock: Clock, metrics: VersionMetrics) -> None:
        self._policy = policy
        self._file = file
        self._clock = clock
        self._metrics = metrics
        self._known = self._loaded()
        self._saved: Known | None = None
        self.rollout = self._known.rollout()
        #: Whether a version that is not looked up is refused.
        self._is_fixed_refused = False
        #: The version that was in use when the last front ended, or is now.
        self.last_used = (self._known.in_use or self.in_use()).version

    @property
    def is_looked_up(self) -> bool:
        """Whether the version may change while the front runs."""
        return self._policy.site is not None

    @property
    def is_refused(self) -> bool:
        """Whether WhatsApp refuses the version in use, and Motte may find another one."""
        return self.is_looked_up and self.rollout.is_refused

    @property
    def candidate(self) -> int | None:
        """The revision that a link is to try next; None if there is nothing to try."""
        return self.rollout.candidate if self.is_looked_up else None

    @property
    def common(self) -> int:
        """The revision of every link that is not a trial.

        While the one in use is refused, that is the candidate: nothing is lost with another one.
        """
        rollout = self.rollout
        return (rollout.candidate if rollout.is_refused else None) or rollout.current

    @property
    def fixed(self) -> str | None:
        """The version, if it is not looked up."""
        return None if self.is_looked_up else self._policy.version

    def in_use(self) -> InUse:
        """Returns the version that links announce now."""
        if not self.is_looked_up:
            return self._policy.in_use(is_refused=self._is_fixed_refused)
        current = self.rollout.current
        return InUse(
            version=version_of(current),
            source=Source.BUILT_IN if current == self.rollout.built_in else Source.ANNOUNCED,
            built_at=self._known.current_seen_at or built_at(current),
            is_refused=self.rollout.is_refused,
        )

    def usable_version(self) -> str | None:
        """Returns the version that is accepted or may be accepted; None if all are refused."""
        if not self.is_looked_up:
            return self._policy.version
        revision = self.rollout.candidate if self.rollout.is_refused else self.rollout.current
        return None if revision is None else version_of(revision)

    def accept(self, version: str | None) -> bool:
        """Notes that a link with this version opened or got codes. Returns whether the version changed."""
        if not self.is_looked_up:
            self._is_fixed_refused = self._is_fixed_refused and version != self._policy.version
            return False
        revision = revision_of(version)
        if revision is None:
            return False
        before = self.rollout.current
        self.rollout = self.rollout.after_acceptance(revision)
        if self.rollout.current == before:
            return False
        is_announced = self.rollout.current == self.rollout.announced
        seen_at = self._known.announced_at if is_announced else None
        self._known = msgspec.structs.replace(self._known, current_seen_at=seen_at)
        log_event(
            log.info,
            "whatsapp_version_changed",
            from_=version_of(before),
            to=version_of(self.rollout.current),
            source=self.in_use().source,
        )
        return True

    def refuse(self, session_id: str, version: str | None) -> None:
        """Notes that WhatsApp answered 405 to a link of this session with this version."""
        if not self.is_looked_up:
            self._is_fixed_refused = self._is_fixed_refused or version == self._policy.version
            return
        revision = revision_of(version)
        if revision is None:
            return
        before = self.rollout
        self.rollout = before.after_refusal(revision)
        if self.rollout.refused != before.refused:
            log_event(log.warning, "whatsapp_version_refused", session=session_id, version=version)

    def seconds_since_look_up(self) -> float | None:
        """Returns the seconds since a front asked the site; None if no front did."""
        asked_at = self._known.asked_at
        return None if asked_at is None else (self._clock.wall() - asked_at) / 1000

    def note_look_up(self) -> None:
        """Notes the beginning of a look-up: a front that is killed during it must not ask again at once."""
        self._known = msgspec.structs.replace(self._known, asked_at=self._clock.wall())

    def take_announced(self, revision: int) -> bool:
        """Notes a revision of the site. Returns whether it is new. An implausible one changes nothing."""
        now = self._clock.wall()
        if revision == (self.rollout.announced or self.rollout.built_in):
            self._metrics.looked_up("unchanged")
            return False
        if revision != self.rollout.built_in and not is_believable(revision, now):
            self._metrics.looked_up("not_believed")
            log_event(
                log.warning,
                "whatsapp_version_not_believed",
                version=version_of(revision),
                above=version_of(self.rollout.built_in),
                most=version_of(newest_believable(now)),
            )
            return False
        self._metrics.looked_up("new")
        log_event(log.info, "whatsapp_version_announced", version=version_of(revision))
        self.rollout = self.rollout.after_look_up(revision)
        self._known = msgspec.structs.replace(self._known, announced_at=now)
        return True

    async def save(self) -> None:
        """Writes the file for the next front. If that fails, this front goes on."""
        known = self._known_now()
        if known == self._saved:
            return
        try:
            await asyncio.to_thread(cache.save, self._file, known)
        except OSError as error:
            log_event(log.error, "whatsapp_version_not_written", error=error.strerror)
        self._saved = known

    def _known_now(self) -> Known:
        if not self.is_looked_up:
            return msgspec.structs.replace(self._known, in_use=self.in_use())
        return msgspec.structs.replace(
            self._known,
            in_use=self.in_use(),
            announced=self.rollout.announced,
            accepted=self.rollout.accepted,
            refused=self.rollout.refused,
            current=self.rollout.current,
        )

    def _loaded(self) -> Known:
        """Loads the last front's state, unless that front asked another site."""
        try:
            known = cache.load(
                self._file, damaged=lambda why: log_event(log.error, "whatsapp_version_not_read", error=why)
            )
        except OSError as error:
            log_event(log.error, "whatsapp_version_not_read", error=error.strerror)
            return Known(site=self._policy.site)
        if not self.is_looked_up or known.site == self._policy.site:
            return known
        return Known(site=self._policy.site)
