"""Decides with which version of WhatsApp Web each link is opened, and tells connectors when that changes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from server.core.clock import Clock
from server.core.log_events import log_event
from server.domain.states import UNPAIRED
from server.protocol.events import AnyEvent, Closed, Ended, LoggedOut, Opened, QrIssued, Snapshot
from server.whatsapp_version import cache
from server.whatsapp_version.cache import InUse, Known, Source
from server.whatsapp_version.look_ups import LookUps
from server.whatsapp_version.metrics import VersionMetrics
from server.whatsapp_version.policy import Policy, built_at
from server.whatsapp_version.revisions import is_believable, newest_believable, revision_of, version_of
from server.whatsapp_version.schedule import Pace
from server.whatsapp_version.trials import Trials
from store.errors import StoreError
from store.records import Session, Status

log = logging.getLogger(__name__)

#: The reason of a link that WhatsApp answered 405 to.
REJECTED = "version-rejected"

#: A session that stands so opens a link soon after its connector was told with which version.
OPENING = UNPAIRED | {Status.PAIRING, Status.DISCONNECTED}


class VersionService:
    """The versions of one front that owns the pipes.

    Events change what is known at once; the loop `run` writes it to the disk and tells connectors. Both
    loops run until the front ends.
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
        """file: keeps what is known for the next front.

        attached: the sessions whose connectors can be told something. tell: tells one of them which version
        its next link announces; whether it was there. changed: awaited when refused links are worth another
        try, because there is a version that was not refused. ask: asks a site, raises LookUpFailed.
        """
        self._policy = policy
        self._file = file
        self._clock = clock
        self._metrics = metrics
        self._attached = attached
        self._tell = tell
        self._changed = changed
        self._pace = pace
        self._known = self._loaded()
        self._saved: Known | None = None
        self._rollout = self._known.rollout()
        #: Whether a version that is not looked up is refused.
        self._is_fixed_refused = False
        #: The version that was worth a try last, by this front or the one before.
        self._hope = (self._known.in_use or self.in_use()).version
        self._trials = Trials(pace)
        #: Paired sessions whose last link was refused, and that wait for a version.
        self._waiting: dict[str, None] = {}
        #: Who is to be told what its next link is opened with, in this order.
        self._untold: dict[str, None] = {}
        self._subscription = asyncio.Event()
        self._look_ups = LookUps(
            lambda: ask(policy.site or ""),
            pace,
            metrics,
            is_urgent=lambda: self._rollout.is_refused,
            begun=self._note_look_up,
            found=self._take_announced,
        )

    @property
    def is_busy(self) -> bool:
        """Whether a look-up or a trial is under way, or a connector is still to be told."""
        return self._look_ups.is_asking or self._trials.current is not None or bool(self._untold)

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
        self._subscription.set()

    async def run(self) -> None:
        """Keep the file, and tell connectors, whenever something changes."""
        while True:
            self._subscription.clear()
            if (session_id := self._trials.end_overdue()) is not None:
                self._put_back(session_id)
            self._begin_waiting_trial()
            await self._save()
            await self._raise_hope()
            await self._tell_all()
            trial = self._trials.current
            with suppress(TimeoutError):
                async with asyncio.timeout_at(None if trial is None else trial.until):
                    await self._subscription.wait()

    async def look_up_regularly(self) -> None:
        """Ask the site again and again. Ends at once if there is none."""
        if self._policy.site is not None:
            asked_at = self._known.asked_at
            await self._look_ups.run(None if asked_at is None else (self._clock.wall() - asked_at) / 1000)

    def _note_acceptance(self, session_id: str, version: str | None) -> None:
        if self._policy.site is None:
            self._is_fixed_refused = self._is_fixed_refused and version != self._policy.version
            return
        revision = revision_of(version)
        if revision is None:
            return
        before = self._rollout
        self._rollout = before.after_acceptance(revision)
        if self._trials.is_of(session_id):
            if self._revision_of(session_id) != revision:  # it had opened before it was told
                self._tell_first(session_id)
            self._trials.end()
        if self._rollout.current != before.current:
            self._note_change(before.current)

    def _note_change(self, before: int) -> None:
        """Everybody follows."""
        current = self._rollout.current
        is_announced = current == self._rollout.announced
        seen_at = self._known.announced_at if is_announced else None
        self._known = msgspec.structs.replace(self._known, current_seen_at=seen_at)
        log_event(
            log.info,
            "whatsapp_version_changed",
            from_=version_of(before),
            to=version_of(current),
            source=self.in_use().source,
        )
        self._trials.end()
        self._untold = dict.fromkeys([*self._waiting, *self._attached()])

    def _note_refusal(self, session_id: str, version: str | None) -> None:
        self._look_ups.want()
        if self._policy.site is None:
            self._is_fixed_refused = self._is_fixed_refused or version == self._policy.version
            return
        revision = revision_of(version)
        if revision is None:
            return
        before = self._rollout
        self._rollout = before.after_refusal(revision)
        if self._rollout.refused != before.refused:
            log_event(log.warning, "whatsapp_version_refused", session=session_id, version=version)
        if self._trials.is_of(session_id) and self._revision_of(session_id) == revision:
            self._trials.end()
        if revision != self._rollout.current:
            self._put_back(session_id)

    def _offer_trial(self, session_id: str, pause: float) -> None:
        """A link is about to be opened again after `pause` seconds."""
        if pause > self._pace.trial:  # it would keep the others waiting
            self._abandon_trial(session_id)
        elif self._begin_trial(session_id, pause=pause):
            self._tell_first(session_id)

    def _begin_trial(self, session_id: str, *, pause: float = 0.0) -> bool:
        """Whether this session tries the next version from now on."""
        candidate = self._rollout.candidate if self._policy.site is not None else None
        if candidate is None:
            return False
        begins = self._trials.begin(session_id, candidate, pause=pause, is_urgent=self._rollout.is_refused)
        if begins:
            self._subscription.set()
        return begins

    def _begin_waiting_trial(self) -> None:
        session_id = self._trials.next_of(self._waiting)
        if session_id is not None and self._begin_trial(session_id):
            self._tell_first(session_id)

    def _abandon_trial(self, session_id: str) -> None:
        """This session opens no link soon: if it was to try a version, another one may."""
        if self._trials.is_of(session_id):
            self._trials.end()
            self._put_back(session_id)

    def _put_back(self, session_id: str) -> None:
        """This session's next link announces the accepted version, if there is one."""
        if not self._rollout.is_refused:
            self._tell_first(session_id)

    def _revision_of(self, session_id: str) -> int:
        trial = self._trials.current
        return trial.revision if trial and trial.session_id == session_id else self._rollout.current

    def _tell_first(self, session_id: str) -> None:
        self._untold = {session_id: None} | self._untold
        self._subscription.set()

    async def _tell_all(self) -> None:
        while self._untold:
            session_id = next(iter(self._untold))
            del self._untold[session_id]
            if not self._tell(session_id, version_of(self._revision_of(session_id))):
                self._waiting.pop(session_id, None)
                if self._trials.is_of(session_id):
                    self._trials.end()
                    self._begin_waiting_trial()
            await asyncio.sleep(self._pace.between_connectors)

    async def _raise_hope(self) -> None:
        """Sessions whose registration was refused for its version need wait no longer."""
        hope = self._worth_a_try()
        if hope is None or hope == self._hope:
            return
        self._hope = hope
        try:
            await self._changed()
        except StoreError as error:
            log_event(log.error, "cool_downs_not_forgotten", error=error)

    def _worth_a_try(self) -> str | None:
        """The version that is accepted, or that may be; None: all are refused."""
        if self._policy.site is None:
            return self._policy.version
        revision = self._rollout.candidate if self._rollout.is_refused else self._rollout.current
        return None if revision is None else version_of(revision)

    def _note_look_up(self) -> None:
        """On the disk at once: a front that is killed meanwhile does not ask again."""
        self._known = msgspec.structs.replace(self._known, asked_at=self._clock.wall())
        self._subscription.set()

    def _take_announced(self, revision: int) -> None:
        """A number that cannot be right changes nothing."""
        now = self._clock.wall()
        if revision == (self._rollout.announced or self._rollout.built_in):
            self._metrics.looked_up("unchanged")
        elif revision != self._rollout.built_in and not is_believable(revision, now):
            self._metrics.looked_up("not_believed")
            log_event(
                log.warning,
                "whatsapp_version_not_believed",
                version=version_of(revision),
                above=version_of(self._rollout.built_in),
                most=version_of(newest_believable(now)),
            )
        else:
            self._metrics.looked_up("new")
            log_event(log.info, "whatsapp_version_announced", version=version_of(revision))
            self._rollout = self._rollout.after_look_up(revision)
            self._known = msgspec.structs.replace(self._known, announced_at=now)
            self._subscription.set()

    def _loaded(self) -> Known:
        """What the last front knew, unless it asked another site."""
        try:
            known = cache.load(
                self._file, damaged=lambda why: log_event(log.error, "whatsapp_version_not_read", error=why)
            )
        except OSError as error:
            log_event(log.error, "whatsapp_version_not_read", error=error.strerror)
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
            log_event(log.error, "whatsapp_version_not_written", error=error.strerror)
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
