"""Decides with which version of WhatsApp Web each link is opened, and tells connectors when that changes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from server.core.clock import Clock
from server.core.log_events import log_event
from server.domain.states import UNPAIRED
from server.protocol.events import AnyEvent, Closed, Ended, LoggedOut, Opened, QrIssued, Snapshot
from server.whatsapp_version.cache import InUse
from server.whatsapp_version.look_ups import LookUps
from server.whatsapp_version.metrics import VersionMetrics
from server.whatsapp_version.next_logins import NextLogins
from server.whatsapp_version.policy import Policy
from server.whatsapp_version.revisions import revision_of, version_of
from server.whatsapp_version.schedule import Pace
from server.whatsapp_version.state import VersionState
from server.whatsapp_version.trials import Trials
from store.errors import StoreError
from store.records import Session, Status

log = logging.getLogger(__name__)

#: The reason of a link that WhatsApp answered 405 to.
REJECTED = "version-rejected"

#: A session with one of these opens a link soon after its connector was told with which version.
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
        self._attached = attached
        self._tell = tell
        self._changed = changed
        self._pace = pace
        self._state = VersionState(policy, file, clock, metrics)
        #: The version that was worth a try last, by this front or the one before.
        self._hope = self._state.last_used
        self._trials = Trials(pace)
        self._next_logins = NextLogins(pace)
        #: The connectors that must be told what their next link announces, in this order.
        self._untold: dict[str, None] = {}
        self._news = asyncio.Event()
        self._look_ups = LookUps(
            lambda: ask(policy.site or ""),
            pace,
            metrics,
            is_urgent=lambda: self._state.is_refused,
            begun=self._note_look_up,
            found=self._take_announced,
        )

    @property
    def is_busy(self) -> bool:
        """Whether a look-up or a trial is under way, or a connector is still to be told."""
        return self._look_ups.is_asking or self._trials.current is not None or bool(self._untold)

    def version_for(self, session: Session) -> str:
        """What the session's next link announces. Called when its connector is about to be told so."""
        if self._state.fixed is not None:
            return self._state.fixed
        if session.status in OPENING:
            self._begin_trial(session.id)
        return version_of(self._revision_of(session.id))

    def in_use(self) -> InUse:
        """What links are opened with now."""
        return self._state.in_use()

    def has_another(self, session: Session, version: str | None) -> bool:
        """Whether a link of this session that was refused with this version is worth another try at once."""
        return self._state.is_looked_up and self.version_for(session) != version

    def note(self, session_id: str, event: AnyEvent) -> None:
        """Takes in what a connector says of versions, and of its next link."""
        match event:
            case QrIssued() | Opened():
                self._next_logins.forget(session_id)
                self._note_acceptance(session_id, event.version)
            case Closed(retry_in=pause) if event.reason.code == REJECTED:
                if pause is not None:
                    self._next_logins.note(session_id, pause, is_waiting=True)
                self._note_refusal(session_id, event.version)
            case Closed(retry_in=pause) if pause is not None:
                self._next_logins.note(session_id, pause, is_waiting=False)
                self._offer_trial(session_id, pause)
            case Closed() | LoggedOut():
                self._next_logins.forget(session_id)
                self._abandon_trial(session_id)
            case Ended(state=state):
                self._next_logins.forget(session_id)
                if state != "BACKOFF":  # it is started again
                    self._abandon_trial(session_id)
            case Snapshot(phase="reconnecting", reason=reason) if reason and reason.code == REJECTED:
                self._next_logins.note_waiting(session_id)
            case _:
                return
        self._news.set()

    async def run(self) -> None:
        """Writes the file, and tells connectors, whenever something changes."""
        while True:
            self._news.clear()
            if (session_id := self._trials.end_overdue()) is not None:
                self._put_back(session_id)
            self._prepare_logins()
            self._begin_waiting_trial()
            await self._state.save()
            await self._raise_hope()
            await self._tell_all()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._wakes_at()):
                    await self._news.wait()

    async def look_up_regularly(self) -> None:
        """Asks the site again and again. Ends at once if there is none."""
        if self._state.is_looked_up:
            await self._look_ups.run(self._state.seconds_since_look_up())

    def _wakes_at(self) -> float | None:
        """When a trial is overdue or a session logs in; None if neither is known."""
        trial = self._trials.current
        moments = (trial.until if trial else None, self._next_logins.first_due_at())
        return min((moment for moment in moments if moment is not None), default=None)

    def _note_acceptance(self, session_id: str, version: str | None) -> None:
        is_changed = self._state.accept(version)
        if self._trials.is_of(session_id) and (revision := revision_of(version)) is not None:
            if self._revision_of(session_id) != revision:  # it had opened before it was told
                self._tell_first(session_id)
            self._trials.end()
        if is_changed:  # all follow
            self._trials.end()
            self._untold = dict.fromkeys([*self._next_logins.waiting(), *self._attached()])

    def _note_refusal(self, session_id: str, version: str | None) -> None:
        self._look_ups.want()
        self._state.refuse(session_id, version)
        revision = revision_of(version)
        if revision is None or not self._state.is_looked_up:
            return
        if self._trials.is_of(session_id) and self._revision_of(session_id) == revision:
            self._trials.end()
        if revision != self._state.rollout.current:
            self._put_back(session_id)

    def _prepare_logins(self) -> None:
        """While the version in use is refused, each session's own next login announces another one.

        If all were refused, it announces the one that was accepted last.
        """
        for session_id in self._next_logins.take_due():
            if self._state.is_refused:
                self._begin_trial(session_id)
                self._tell_first(session_id)

    def _offer_trial(self, session_id: str, pause: float) -> None:
        """A link is about to be opened again after `pause` seconds."""
        if pause > self._pace.trial:  # it would keep the others waiting
            self._abandon_trial(session_id)
        elif self._begin_trial(session_id, pause=pause):
            self._tell_first(session_id)

    def _begin_trial(self, session_id: str, *, pause: float = 0.0) -> bool:
        """Whether this session tries the next version from now on."""
        candidate = self._state.candidate
        if candidate is None:
            return False
        begins = self._trials.begin(session_id, candidate, pause=pause, is_urgent=self._state.is_refused)
        if begins:
            self._news.set()
        return begins

    def _begin_waiting_trial(self) -> None:
        session_id = self._trials.next_of(self._next_logins.waiting())
        if session_id is not None and self._begin_trial(session_id):
            self._tell_first(session_id)

    def _abandon_trial(self, session_id: str) -> None:
        """This session opens no link soon: if it was to try a version, another one may."""
        if self._trials.is_of(session_id):
            self._trials.end()
            self._put_back(session_id)

    def _put_back(self, session_id: str) -> None:
        """This session's next link announces the accepted version, if there is one."""
        if not self._state.is_refused:
            self._tell_first(session_id)

    def _revision_of(self, session_id: str) -> int:
        trial = self._trials.current
        return trial.revision if trial and trial.session_id == session_id else self._state.common

    def _tell_first(self, session_id: str) -> None:
        self._untold = {session_id: None} | self._untold
        self._news.set()

    async def _tell_all(self) -> None:
        while self._untold:
            session_id = next(iter(self._untold))
            del self._untold[session_id]
            if not self._tell(session_id, version_of(self._revision_of(session_id))):
                self._next_logins.forget(session_id)
                if self._trials.is_of(session_id):
                    self._trials.end()
                    self._begin_waiting_trial()
            await asyncio.sleep(self._pace.between_connectors)

    async def _raise_hope(self) -> None:
        """Sessions whose registration was refused for its version need wait no longer."""
        hope = self._state.hopeful()
        if hope is None or hope == self._hope:
            return
        self._hope = hope
        try:
            await self._changed()
        except StoreError as error:
            log_event(log.error, "cool_downs_not_forgotten", error=error)

    def _note_look_up(self) -> None:
        self._state.note_look_up()
        self._news.set()

    def _take_announced(self, revision: int) -> None:
        if self._state.take_announced(revision):
            self._news.set()
