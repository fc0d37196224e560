"""Compares what should run with what runs, every 30 seconds and after ends of processes.

It is level-triggered: it looks at rows and at supervisord's list, and not at what happened in between. So a
notice that was lost (an end, a start, a stop by hand) is made up for by the next comparison.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from server.connectors.mute_processes import MuteProcesses
from server.connectors.supervisor_client import Program
from server.core.errors import MotteError, SupervisorUnavailable
from server.core.log_events import log_event
from server.core.tasks import in_background
from server.domain.states import PAIRED, UNPAIRED
from server.domain.transitions import Now
from server.protocol.reasons import awaits_pairing_code
from server.sessions.missed_ends import has_process, missed_end
from server.sessions.parts import SessionParts
from store.errors import StoreError
from store.records.sessions import Session, Status

log = logging.getLogger(__name__)

#: Seconds between two comparisons.
RECONCILE_SECONDS = 30.0

#: Seconds between the end of a process and the comparison after it, so that one that ends at once makes no
#: hot loop.
RESTART_DELAY_SECONDS = 1.0

#: Seconds until supervisord is asked again if it does not answer.
SUPERVISOR_RETRY_SECONDS = 1.0

#: Seconds until the next comparison if a session could not be brought in order, or somebody works on it.
SESSION_RETRY_SECONDS = 5.0

#: Why a session failed whose account was linked with another server than the settings name.
OTHER_SERVER = "other-server"

#: What may go wrong with one session; the others are brought in order all the same.
TROUBLES = (MotteError, StoreError, OSError)


class Reconciler:
    """Keeps the connectors of paired sessions running, and the rows true to what runs."""

    def __init__(self, parts: SessionParts) -> None:
        self._parts = parts
        self._mute_processes = MuteProcesses(parts.connectors)
        #: Set when something ended: the next comparison comes early.
        self._has_ended = asyncio.Event()
        #: Set once every session was compared once: from then on the queue is worked off.
        self._is_compared = asyncio.Event()
        #: Sessions of an earlier front that are not brought in order yet. Only of these the credentials are
        #: looked at: a scan right before everything was killed is known to the disk alone.
        self._inherited: set[str] = set()

    async def take_over(self) -> None:
        """Becomes the owner of every session, and forgets the codes of an earlier front.

        A connector that still shows one says so in its snapshot. Called once, before the first request is
        answered. Raises StoreError.
        """
        await self._parts.state_machine.take_over()
        rows = await self._parts.sessions.all()
        for session in rows:
            if session.qr is not None or awaits_pairing_code(session):
                await self._parts.state_machine.rewrite(session.id, _without_codes)
        self._inherited = {session.id for session in rows}
        self._parts.start_queue.add(sorted(self._inherited))

    def note_end(self, session_id: str) -> None:
        """A process has ended that supervisord does not start again by itself, or its pipes are gone."""
        self._has_ended.set()

    async def run(self) -> None:
        """Compares and starts for ever."""
        loop = asyncio.get_running_loop()
        regular_at = loop.time()
        async with in_background("starts", self._start_queued):
            while True:
                is_regular = loop.time() >= regular_at
                if is_regular:
                    regular_at = loop.time() + RECONCILE_SECONDS
                retry_at = loop.time() + await self._compare(is_regular=is_regular)
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(min(regular_at, retry_at)):
                        await self._has_ended.wait()
                if self._has_ended.is_set():
                    await asyncio.sleep(RESTART_DELAY_SECONDS)
                    self._has_ended.clear()

    async def _compare(self, *, is_regular: bool) -> float:
        """Brings every session in order; returns the seconds until that must be tried again."""
        try:
            programs = await self._parts.connectors.running()
            rows = {session.id: session for session in await self._parts.sessions.all()}
        except SupervisorUnavailable as error:
            log_event(log.warning, "supervisor_unavailable", detail=error.detail)
            return SUPERVISOR_RETRY_SECONDS
        except StoreError as error:
            log_event(log.error, "not_settled", error=error)
            return SESSION_RETRY_SECONDS
        self._inherited &= rows.keys()
        for session_id in sorted(programs.keys() - rows.keys()):
            await self._stop_orphan(session_id)
        off = [
            session.id
            for session in sorted(rows.values(), key=lambda session: session.id)
            if self._is_off(session, programs.get(session.id))
        ]
        in_order = [await self._settled(session_id, programs) for session_id in off]
        self._is_compared.set()
        if is_regular:
            await self._mute_processes.look(programs)
        return RECONCILE_SECONDS if all(in_order) else SESSION_RETRY_SECONDS

    def _is_off(self, session: Session, program: Program | None) -> bool:
        """Whether anything may be to be done for a session. Costs no I/O: most sessions are in order."""
        connectors = self._parts.connectors
        return not connectors.is_abandoned(session.id) and (
            session.id in self._inherited
            or missed_end(session, program, self._now()) is not None
            or (program is not None and not connectors.is_attached(session.id))
            or (session.status in PAIRED and not (has_process(program) and self._has_pipes(session.id)))
            or (session.status is Status.STOPPED and has_process(program))
        )

    def _has_pipes(self, session_id: str) -> bool:
        """Whether the connector is heard, or its next start will be."""
        connectors = self._parts.connectors
        return connectors.is_answered(session_id) or not connectors.has_no_pipes(session_id)

    async def _settled(self, session_id: str, programs: Mapping[str, Program]) -> bool:
        """Brings one session in order. False if it has to be tried again."""
        if self._parts.connectors.is_held(session_id):
            return False
        try:
            async with self._parts.connectors.hold(session_id):
                is_to_start = await self._settle(session_id, programs.get(session_id))
        except TROUBLES as error:
            self._parts.start_queue.discard(session_id)
            log_event(log.error, "not_settled", session=session_id, error=error)
            return False
        if not is_to_start:
            self._parts.start_queue.discard(session_id)
            self._inherited.discard(session_id)
            return True
        self._parts.start_queue.add([session_id])
        if session_id not in self._inherited:  # It ran until now, and waits for none that never did.
            self._parts.start_queue.request(session_id)
        return True

    async def _settle(self, session_id: str, program: Program | None) -> bool:
        """Makes up for what the row lacks; returns whether the connector is to be started.

        The session is held. program: as it was listed before.
        """
        connectors = self._parts.connectors
        session = await self._parts.sessions.get(session_id)
        if session is None:
            return False
        # The list may be older than what the channel said, or than a stop by the task that held the session.
        if connectors.is_attached(session_id) or missed_end(session, program, self._now()) is not None:
            program = (await connectors.running()).get(session_id)
            session = await self._parts.sessions.get(session_id) or session
        missed = missed_end(session, program, self._now())
        if missed is not None:
            session = await self._parts.state_machine.apply(session_id, missed) or session
        has_pipes = self._has_pipes(session_id)
        if program is not None:  # A stopped one too: it may be started by hand.
            channel = await connectors.attach(session_id)
            if session.status is Status.STOPPED and has_process(program):
                await channel.greet()  # It was started by hand: its snapshot says how it stands.
        if has_process(program) and has_pipes:
            return False
        return await self._should_run(session)

    async def _should_run(self, session: Session) -> bool:
        """As far as the row says, or, of a session of an earlier front, the credentials do."""
        if session.status in PAIRED:
            return True
        if session.id not in self._inherited:
            return False
        if session.status in UNPAIRED:
            return await self._parts.connectors.are_linked(session.id)
        # The settings led to another server than the account's when it was tried last.
        is_misled = session.reason is not None and session.reason.code == OTHER_SERVER
        return session.status is Status.FAILED and is_misled

    async def _start_queued(self) -> None:
        """Starts what waits, one after the other: a session that is requested waits for few others."""
        await self._is_compared.wait()
        while True:
            session_id = await self._parts.start_queue.take()
            try:
                await self._start(session_id)
            except TROUBLES as error:
                log_event(log.error, "not_started", session=session_id, error=error)
                asyncio.get_running_loop().call_later(SESSION_RETRY_SECONDS, self._has_ended.set)

    async def _start(self, session_id: str) -> None:
        """Starts a connector, unless its session was stopped, logged out or deleted while it waited."""
        async with self._parts.connectors.hold(session_id):
            session = await self._parts.sessions.get(session_id)
            if session is None or not await self._should_run(session):
                return
            if session_id not in self._inherited:
                log_event(log.warning, "started_again", session=session_id, status=session.status)
            await self._parts.connectors.wake(session_id)
            self._inherited.discard(session_id)

    async def _stop_orphan(self, session_id: str) -> None:
        """Stops a connector whose session does not exist, unless that was created meanwhile."""
        try:
            async with self._parts.connectors.hold(session_id):
                if await self._parts.sessions.get(session_id) is None:
                    await self._parts.connectors.rest(session_id)
        except TROUBLES as error:
            log_event(log.error, "not_stopped", session=session_id, error=error)

    def _now(self) -> Now:
        clock = self._parts.clock
        return Now(wall=clock.wall(), boot=clock.boot(), boot_id=clock.boot_id)


def _without_codes(session: Session) -> Session:
    reason = None if awaits_pairing_code(session) else session.reason
    return replace(session, qr=None, reason=reason)
