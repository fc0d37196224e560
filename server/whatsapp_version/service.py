"""Decides with which version of WhatsApp Web each link is opened, and tells connectors when that changes."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from server.clock import Clock
from server.events import AnyEvent, Closed, Ended, LoggedOut, Opened, QrIssued, Snapshot
from server.states import UNPAIRED
from server.version_metrics import VersionMetrics
from server.whatsapp_version import cache
from server.whatsapp_version.cache import InUse, Known, Source
from server.whatsapp_version.look_up import LookUpFailed
from server.whatsapp_version.policy import Policy, built_at
from server.whatsapp_version.revisions import is_believable, newest_believable, revision_of, version_of
from server.whatsapp_version.schedule import Pace
from store.errors import StoreError
from store.records import Session, Status

log = logging.getLogger(__name__)

#: The reason of a link that WhatsApp answered 405 to.
REJECTED = "version-rejected"

#: A session that stands so opens a link soon after its connector was told with which version.
OPENING = UNPAIRED | {Status.PAIRING, Status.DISCONNECTED}


@dataclass(frozen=True, slots=True)
class Trial:
    """One link that tries a version before the others do."""

    session_id: str
    revision: int
    #: On the event loop's clock.
    until: float


class VersionService:
    """The versions of one front that owns the pipes. Both loops below run until the front ends.

    Events change what is known at once; the loop `run` writes it to the disk and tells connectors.
    """

    def __init__(
        self,
        policy: Policy,
        file: Path,
        clock: Clock,
        metrics: VersionMetrics,
        *,
        attached: Callable[[], list[str]],
        tell: Callable[[str, str], bool],
        changed: Callable[[], Awaitable[None]],
        ask: Callable[[str], Awaitable[int]],
        pace: Pace,
    ) -> None:
        """file: where it is kept what is known.

        attached: the sessions whose connectors can be told something. tell: tells one of them which version
        its next link announces; whether it was there. changed: awaited when refused links are worth another
        try, because there is a version that was not refused. ask: raises LookUpFailed.
        """
        self._policy = policy
        self._file = file
        self._clock = clock
        self._metrics = metrics
        self._attached = attached
        self._tell = tell
        self._changed = changed
        self._ask = ask
        self._pace = pace
        self._known = self._loaded()
        self._saved: Known | None = None
        self._rollout = self._known.rollout()
        #: Whether a version that is not looked up is refused.
        self._is_fixed_refused = False
        #: The version that was worth a try last, by this front or the one before.
        self._hope = (self._known.in_use or self.in_use()).version
        self._trial: Trial | None = None
        #: No trial begins before; on the event loop's clock.
        self._no_trial_before = 0.0
        #: Paired sessions whose last link was refused, and that wait for a version.
        self._waiting: dict[str, None] = {}
        #: How often each session has tried a version for the others.
        self._trials: Counter[str] = Counter()
        #: Who is to be told what its next link is opened with, in this order.
        self._untold: dict[str, None] = {}
        self._news = asyncio.Event()
        self._wish = asyncio.Event()
        #: Whether a look-up is wanted before its usual time.
        self._is_wanted = True
        self._failures = 0
        #: Whether the site is being asked now.
        self.is_asking = False
        #: When the site was asked last, on the event loop's clock; None: not by this front.
        self._asked_at: float | None = None

    def version_for(self, session: Session) -> str:
        """What the session's next link announces. Called when its connector is about to be told so."""
        if self._policy.site is None:
            return self._policy.version
        candidate = self._rollout.candidate
        if candidate is None:
            return version_of(self._rollout.current)
        if session.status in OPENING:
            self._begin_trial(session.id)
        if self._rollout.is_refused:  # nothing is lost with another one
            return version_of(candidate)
        return version_of(self._revision_of(session.id))

    def in_use(self) -> InUse:
        """What links are opened with now."""
        if self._policy.site is None:
            return self._policy.in_use(is_refused=self._is_fixed_refused)
        current = self._rollout.current
        return InUse(
            version=version_of(current),
            source=Source.BUILT_IN if current == self._rollout.built_in else Source.ANNOUNCED,
            built_at=self._known.current_seen_at or built_at(current),
            is_refused=self._rollout.is_refused,
        )

    def has_another(self, session: Session, version: str | None) -> bool:
        """Whether a link of this session that was refused with this version is worth another try at once."""
        return self._policy.site is not None and self.version_for(session) != version

    def note(self, session_id: str, event: AnyEvent) -> None:
        """Take in what a connector says; of versions, and of who waits for one."""
        match event:
            case QrIssued() | Opened():
                self._waiting.pop(session_id, None)
                self._note_acceptance(session_id, event.version)
            case Closed() if event.reason.code == REJECTED:
                if event.retry_in is not None:
                    self._waiting[session_id] = None
                self._note_refusal(session_id, event.version)
            case Closed(retry_in=pause) if pause is not None:
                self._waiting.pop(session_id, None)
                self._offer_trial(session_id, pause)
            case Closed() | LoggedOut():
                self._waiting.pop(session_id, None)
                self._abandon_trial(session_id)
            case Ended(state=state):
                self._waiting.pop(session_id, None)
                if state != "BACKOFF":  # it is started again
                    self._abandon_trial(session_id)
            case Snapshot(phase="reconnecting", reason=reason) if reason and reason.code == REJECTED:
                self._waiting[session_id] = None
            case _:
                return
        self._news.set()

    async def run(self) -> None:
        """Keep the file, and tell connectors, whenever something changes."""
        while True:
            self._news.clear()
            self._end_overdue_trial()
            self._begin_waiting_trial()
            await self._save()
            await self._raise_hope()
            await self._tell_all()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._next_turn()):
                    await self._news.wait()

    async def look_up_regularly(self) -> None:
        """Ask the site at the start, every few hours, and soon after a refusal. Ends if there is no site."""
        if self._policy.site is None:
            return
        self._remember_last_look_up()
        while True:
            await self._due()
            await self._look_up(self._policy.site)
            self._news.set()

    # Events

    def _note_acceptance(self, session_id: str, version: str | None) -> None:
        if self._policy.site is None:
            if version == self._policy.version:
                self._is_fixed_refused = False
            return
        revision = revision_of(version)
        if revision is None:
            return
        before = self._rollout
        self._rollout = before.after_acceptance(revision)
        if self._trial is not None and self._trial.session_id == session_id:
            if self._trial.revision != revision:  # it had opened before it was told
                self._tell_first(session_id)
            self._trial = None
        if self._rollout.current != before.current:
            self._note_change(before.current)

    def _note_change(self, before: int) -> None:
        current = self._rollout.current
        is_announced = current == self._rollout.announced
        seen_at = self._known.announced_at if is_announced else None
        self._known = msgspec.structs.replace(self._known, current_seen_at=seen_at)
        log.info(
            "event=whatsapp_version_changed from=%s to=%s source=%s",
            version_of(before),
            version_of(current),
            self.in_use().source,
        )
        self._trial = None
        self._untold = dict.fromkeys([*self._waiting, *self._attached()])

    def _note_refusal(self, session_id: str, version: str | None) -> None:
        self._want_look_up()
        if self._policy.site is None:
            self._is_fixed_refused = self._is_fixed_refused or version == self._policy.version
            return
        revision = revision_of(version)
        if revision is None:
            return
        before = self._rollout
        self._rollout = before.after_refusal(revision)
        if self._rollout.refused != before.refused:
            log.warning("session=%s event=whatsapp_version_refused version=%s", session_id, version)
        if (
            self._trial is not None
            and self._trial.session_id == session_id
            and self._trial.revision == revision
        ):
            self._trial = None
        if not self._rollout.is_refused and revision != self._rollout.current:
            self._tell_first(session_id)  # back to the version that is accepted

    def _offer_trial(self, session_id: str, pause: float) -> None:
        """A link is about to be opened again after `pause` seconds."""
        if pause > self._pace.trial:  # it would keep the others waiting
            self._abandon_trial(session_id)
        elif self._begin_trial(session_id, pause=pause):
            self._tell_first(session_id)

    # Trials

    def _begin_trial(self, session_id: str, *, pause: float = 0.0) -> bool:
        """Whether this session tries the next version from now on."""
        candidate = self._rollout.candidate if self._policy.site is not None else None
        now = asyncio.get_running_loop().time()
        if candidate is None or self._trial is not None:
            return False
        if now < self._no_trial_before and not self._rollout.is_refused:
            return False
        self._trial = Trial(session_id, candidate, now + pause + self._pace.trial)
        self._trials[session_id] += 1
        log.info("session=%s event=whatsapp_version_tried version=%s", session_id, version_of(candidate))
        self._news.set()
        return True

    def _begin_waiting_trial(self) -> None:
        """Of the sessions that wait for a version, the one that has tried the fewest goes first."""
        if self._waiting:
            session_id = min(self._waiting, key=lambda waiting: self._trials[waiting])
            if self._begin_trial(session_id):
                self._tell_first(session_id)

    def _abandon_trial(self, session_id: str) -> None:
        """This session opens no link soon: if it was to try a version, another one may."""
        if self._trial is None or self._trial.session_id != session_id:
            return
        self._trial = None
        if not self._rollout.is_refused:
            self._tell_first(session_id)

    def _end_overdue_trial(self) -> None:
        """A link that shows nothing keeps no other from trying."""
        now = asyncio.get_running_loop().time()
        if self._trial is None or now < self._trial.until:
            return
        log.warning("session=%s event=whatsapp_version_trial_open", self._trial.session_id)
        self._no_trial_before = now + self._pace.after_open_trial
        session_id, self._trial = self._trial.session_id, None
        if not self._rollout.is_refused:
            self._tell_first(session_id)

    # Telling and keeping

    def _tell_first(self, session_id: str) -> None:
        self._untold = {session_id: None} | self._untold
        self._news.set()

    async def _tell_all(self) -> None:
        while self._untold:
            session_id = next(iter(self._untold))
            del self._untold[session_id]
            if not self._tell(session_id, version_of(self._revision_of(session_id))):
                self._waiting.pop(session_id, None)
                if self._trial is not None and self._trial.session_id == session_id:
                    self._trial = None
                    self._begin_waiting_trial()
            await asyncio.sleep(self._pace.between_connectors)

    async def _raise_hope(self) -> None:
        hope = self._worth_a_try()
        if hope is None or hope == self._hope:
            return
        self._hope = hope
        try:
            await self._changed()
        except StoreError as error:
            log.error("event=cool_downs_not_forgotten error=%s", error)

    def _worth_a_try(self) -> str | None:
        """The version that is accepted, or that may be; None: all are refused."""
        if self._policy.site is None:
            return self._policy.version
        revision = self._rollout.candidate if self._rollout.is_refused else self._rollout.current
        return None if revision is None else version_of(revision)

    def _revision_of(self, session_id: str) -> int:
        trial = self._trial
        return (
            trial.revision if trial is not None and trial.session_id == session_id else self._rollout.current
        )

    def _next_turn(self) -> float | None:
        """When something falls due by itself, on the event loop's clock."""
        return None if self._trial is None else self._trial.until

    def _loaded(self) -> Known:
        """What the last front knew, unless it asked another site."""
        try:
            known = cache.load(self._file)
        except OSError as error:
            log.error("event=whatsapp_version_not_read error=%s", error.strerror)
            return Known(site=self._policy.site)
        if self._policy.site is None or known.site == self._policy.site:
            return known
        return Known(site=self._policy.site)

    async def _save(self) -> None:
        """The file is for the next front: if it cannot be written, this one goes on."""
        known = self._known_now()
        if known == self._saved:
            return
        try:
            await asyncio.to_thread(cache.save, self._file, known)
        except OSError as error:
            log.error("event=whatsapp_version_not_written error=%s", error.strerror)
        self._saved = known

    def _known_now(self) -> Known:
        if self._policy.site is None:
            return msgspec.structs.replace(self._known, in_use=self.in_use())
        return msgspec.structs.replace(
            self._known,
            in_use=self.in_use(),
            announced=self._rollout.announced,
            accepted=self._rollout.accepted,
            refused=self._rollout.refused,
            current=self._rollout.current,
        )

    # Look-ups

    def _want_look_up(self) -> None:
        self._is_wanted = True
        self._wish.set()

    def _remember_last_look_up(self) -> None:
        """A front that starts again and again asks no more often than one that runs."""
        if self._known.asked_at is None:
            return
        past = (self._clock.wall() - self._known.asked_at) / 1000
        if 0 <= past < self._pace.least:
            self._asked_at = asyncio.get_running_loop().time() - past

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
        is_wanted = self._is_wanted or self._rollout.is_refused
        pause = self._pace.pause(self._failures, is_wanted=is_wanted)
        return self._asked_at + pause - asyncio.get_running_loop().time()

    async def _look_up(self, site: str) -> None:
        self._asked_at = asyncio.get_running_loop().time()
        self._is_wanted = False
        self._known = msgspec.structs.replace(self._known, asked_at=self._clock.wall())
        self._news.set()  # on the disk at once: a front that is killed meanwhile does not ask again
        self.is_asking = True
        try:
            revision = await self._ask(site)
        except LookUpFailed as error:
            self._failures += 1
            self._metrics.looked_up("failed")
            log.warning("event=whatsapp_version_not_looked_up error=%s", error)
            return
        finally:
            self.is_asking = False
        self._failures = 0
        self._take_announced(revision)

    def _take_announced(self, revision: int) -> None:
        """A number that cannot be right changes nothing."""
        if revision in (self._rollout.announced, self._rollout.built_in):
            self._metrics.looked_up("unchanged")
            return
        now = self._clock.wall()
        if not is_believable(revision, now):
            self._metrics.looked_up("not_believed")
            log.warning(
                "event=whatsapp_version_not_believed version=%s above=%s most=%s",
                version_of(revision),
                version_of(self._rollout.built_in),
                version_of(newest_believable(now)),
            )
            return
        self._metrics.looked_up("new")
        log.info("event=whatsapp_version_announced version=%s", version_of(revision))
        self._rollout = self._rollout.after_look_up(revision)
        self._known = msgspec.structs.replace(self._known, announced_at=now)
