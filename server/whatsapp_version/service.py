"""Decides which version of WhatsApp Web each link announces, and updates the connectors."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from server.core.clock import Clock
from server.core.log_events import log_event
from server.domain.states import UNPAIRED
from server.protocol.events.codes import QrIssued
from server.protocol.events.lines import AnyEvent
from server.protocol.events.link import Closed, LoggedOut, Opened, Snapshot
from server.protocol.events.process import Ended
from server.whatsapp_version.cache import InUse
from server.whatsapp_version.metrics import VersionMetrics
from server.whatsapp_version.next_logins import NextLogins
from server.whatsapp_version.periodic_look_ups import PeriodicLookUps
from server.whatsapp_version.policy import Policy
from server.whatsapp_version.revisions import revision_of, version_of
from server.whatsapp_version.schedule import Pace
from server.whatsapp_version.state import VersionState
from server.whatsapp_version.trials import Trials
from store.errors import StoreError
from store.records.sessions import Session, Status

log = logging.getLogger(__name__)

#: Reason of a link that was closed because WhatsApp answered 405.
REJECTED = "version-rejected"

#: A session in one of these opens a link soon after its connector got the version.
OPENING = UNPAIRED | {Status.PAIRING, Status.DISCONNECTED}


class VersionService:
    """Versions of the leader's links.

    Events change the state at once. The loop `run` saves it and updates the connectors. Both loops run until
    the front ends.
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
        """file: stores the state for the next front.

        attached: returns the sessions whose connectors can be updated. tell: sends a connector the version of
        its next link; returns whether it was reached. changed: awaited when there is a version that was not
        refused, so that refused links can be tried again. ask: asks a site, raises LookUpFailed.
        """
        self._attached = attached
        self._tell = tell
        self._changed = changed
        self._pace = pace
        self._state = VersionState(policy, file, clock, metrics)
        #: The last version that was not refused, of this front or the one before.
        self._usable_version = self._state.last_used
        self._trials = Trials(pace)
        self._next_logins = NextLogins(pace)
        #: Sessions whose connectors need another version, in the order of their updates.
        self._outdated: dict[str, None] = {}
        self._changed_event = asyncio.Event()
        self._look_ups = PeriodicLookUps(
            lambda: ask(policy.site or ""),
            pace,
            metrics,
            is_urgent=lambda: self._state.is_refused,
            begun=self._note_look_up,
            found=self._take_announced,
        )

    @property
    def is_busy(self) -> bool:
        """Whether a look-up or a trial is running, or a connector needs an update."""
        return self._look_ups.is_asking or self._trials.current is not None or bool(self._outdated)

    def version_for(self, session: Session) -> str:
        """Returns the version of the session's next link. Its connector must get it after this call."""
        if self._state.fixed is not None:
            return self._state.fixed
        if session.status in OPENING:
            self._begin_trial(session.id)
        return version_of(self._revision_of(session.id))

    def in_use(self) -> InUse:
        """Returns the version that links announce now."""
        return self._state.in_use()

    def has_another(self, session: Session, version: str | None) -> bool:
        """Whether the session's next link announces another version than this refused one."""
        return self._state.is_looked_up and self.version_for(session) != version

    def note(self, session_id: str, event: AnyEvent) -> None:
        """Handles events about versions and about the next link."""
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
        self._changed_event.set()

    async def run(self) -> None:
        """Saves the state and updates the connectors after each change."""
        while True:
            self._changed_event.clear()
            if (session_id := self._trials.end_overdue()) is not None:
                self._put_back(session_id)
            self._prepare_logins()
            self._begin_waiting_trial()
            await self._state.save()
            await self._report_usable_version()
            await self._update_connectors()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._wakes_at()):
                    await self._changed_event.wait()

    async def look_up_regularly(self) -> None:
        """Runs the look-ups. Returns at once if there is no site."""
        if self._state.is_looked_up:
            await self._look_ups.run(self._state.seconds_since_look_up())

    def _wakes_at(self) -> float | None:
        """Returns when a trial is overdue or a session logs in; None if neither is known."""
        trial = self._trials.current
        moments = (trial.until if trial else None, self._next_logins.first_due_at())
        return min((moment for moment in moments if moment is not None), default=None)

    def _note_acceptance(self, session_id: str, version: str | None) -> None:
        is_changed = self._state.accept(version)
        if self._trials.is_of(session_id) and (revision := revision_of(version)) is not None:
            if self._revision_of(session_id) != revision:  # it had opened before it was told
                self._update_first(session_id)
            self._trials.end()
        if is_changed:  # all connectors get it
            self._trials.end()
            self._outdated = dict.fromkeys([*self._next_logins.waiting(), *self._attached()])

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
        """While the version in use is refused, each session's next login announces another one.

        If all versions were refused, it announces the one that was accepted last.
        """
        for session_id in self._next_logins.take_due():
            if self._state.is_refused:
                self._begin_trial(session_id)
                self._update_first(session_id)

    def _offer_trial(self, session_id: str, pause: float) -> None:
        """Lets a session try the next version, if it opens its link soon. pause: seconds until then."""
        if pause > self._pace.trial:  # it would make the others wait
            self._abandon_trial(session_id)
        elif self._begin_trial(session_id, pause=pause):
            self._update_first(session_id)

    def _begin_trial(self, session_id: str, *, pause: float = 0.0) -> bool:
        """Begins a trial with this session. Returns False if there is nothing to try, or it may not begin."""
        candidate = self._state.candidate
        if candidate is None:
            return False
        begins = self._trials.begin(session_id, candidate, pause=pause, is_urgent=self._state.is_refused)
        if begins:
            self._changed_event.set()
        return begins

    def _begin_waiting_trial(self) -> None:
        session_id = self._trials.next_of(self._next_logins.waiting())
        if session_id is not None and self._begin_trial(session_id):
            self._update_first(session_id)

    def _abandon_trial(self, session_id: str) -> None:
        """Ends the session's trial, because it opens no link soon. Another session may try then."""
        if self._trials.is_of(session_id):
            self._trials.end()
            self._put_back(session_id)

    def _put_back(self, session_id: str) -> None:
        """Gives the session the accepted version again, if there is one."""
        if not self._state.is_refused:
            self._update_first(session_id)

    def _revision_of(self, session_id: str) -> int:
        trial = self._trials.current
        return trial.revision if trial and trial.session_id == session_id else self._state.common

    def _update_first(self, session_id: str) -> None:
        self._outdated = {session_id: None} | self._outdated
        self._changed_event.set()

    async def _update_connectors(self) -> None:
        while self._outdated:
            session_id = next(iter(self._outdated))
            del self._outdated[session_id]
            if not self._tell(session_id, version_of(self._revision_of(session_id))):
                self._next_logins.forget(session_id)
                if self._trials.is_of(session_id):
                    self._trials.end()
                    self._begin_waiting_trial()
            await asyncio.sleep(self._pace.between_connectors)

    async def _report_usable_version(self) -> None:
        """Ends the cool-downs of sessions whose registration was refused because of its version."""
        usable = self._state.usable_version()
        if usable is None or usable == self._usable_version:
            return
        self._usable_version = usable
        try:
            await self._changed()
        except StoreError as error:
            log_event(log.error, "cool_downs_not_forgotten", error=error)

    def _note_look_up(self) -> None:
        self._state.note_look_up()
        self._changed_event.set()

    def _take_announced(self, revision: int) -> None:
        if self._state.take_announced(revision):
            self._changed_event.set()
