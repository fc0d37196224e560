"""What should run, held against what runs, whenever a front starts."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Set
from dataclasses import replace

from server.connectors.pool import ConnectorPool
from server.connectors.supervisor_client import Program
from server.core.errors import MotteError, SupervisorUnavailable
from server.core.log_events import log_event
from server.domain.states import PAIRED, UNPAIRED
from server.protocol.events import Ended
from server.protocol.reasons import awaits_pairing_code
from server.sessions.start_queue import StartQueue
from server.sessions.state_machine import StateMachine
from store.errors import StoreError
from store.ports import SessionStore
from store.records import Session, Status

log = logging.getLogger(__name__)

#: Why a session failed whose account was linked with another server than the settings name.
OTHER_SERVER = "other-server"

#: Seconds until supervisord is asked again, where it does not answer.
SUPERVISOR_RETRY_SECONDS = 1.0

#: Seconds until a session that could not be brought in order is tried again.
SESSION_RETRY_SECONDS = 5.0


async def take_back_codes(record: SessionStore, state_machine: StateMachine) -> None:
    """Forget every code of an earlier front: a connector that still shows one says so in its snapshot.

    Called before the first request is answered.
    """
    for session in await record.all():
        if session.qr is not None or awaits_pairing_code(session):
            await state_machine.rewrite(session.id, _without_codes)


def _without_codes(session: Session) -> Session:
    reason = None if awaits_pairing_code(session) else session.reason
    return replace(session, qr=None, reason=reason)


async def reconcile(
    record: SessionStore, state_machine: StateMachine, connectors: ConnectorPool, start_queue: StartQueue
) -> None:
    """Attach to every connector that runs, start those of paired sessions, stop those of nobody.

    One after the other, those that callers ask for first: a session that is asked for waits for few others.
    Where one session cannot be brought in order, the others are, and it is tried again.
    """
    running = await _running(connectors)
    pending = {session.id for session in await record.all()}
    for session_id in running.keys() - pending:
        await _stop(connectors, session_id)
    while pending:
        start_queue.line_up(sorted(pending))
        due = await _brought_up_to_date(pending, running, record, state_machine, connectors)
        pending = {session_id for session_id, is_due in due.items() if is_due is None}
        start_queue.line_up(session_id for session_id, is_due in due.items() if is_due)
        for session_id in start_queue:
            if await _tried(session_id, _start(session_id, record, connectors)) is None:
                pending.add(session_id)
        if pending:
            await asyncio.sleep(SESSION_RETRY_SECONDS)


async def _brought_up_to_date(
    pending: Set[str],
    running: Mapping[str, Program],
    record: SessionStore,
    state_machine: StateMachine,
    connectors: ConnectorPool,
) -> dict[str, bool | None]:
    """Whether each is to be started; None: not known yet.

    All of them before the first is started, which takes its time: none shall be called connected meanwhile.
    """
    return {
        session_id: await _tried(
            session_id, _should_start(session_id, running.get(session_id), record, state_machine, connectors)
        )
        for session_id in sorted(pending)
    }


async def _running(connectors: ConnectorPool) -> dict[str, Program]:
    while True:
        try:
            return await connectors.running()
        except SupervisorUnavailable as error:
            log_event(log.warning, "supervisor_unavailable", detail=error.detail)
            await asyncio.sleep(SUPERVISOR_RETRY_SECONDS)


async def _tried(session_id: str, step: Awaitable[bool]) -> bool | None:
    """What the step says; None where it went wrong."""
    try:
        return await step
    except (MotteError, StoreError, OSError) as error:
        log_event(log.error, "not_settled", session=session_id, error=error)
        return None


async def _start(session_id: str, record: SessionStore, connectors: ConnectorPool) -> bool:
    """Start its connector, unless the session was stopped, logged out or deleted before its turn came."""
    async with connectors.hold(session_id):
        session = await record.get(session_id)
        if session is not None and await _is_paired(session, connectors):
            await connectors.wake(session_id)
    return True


async def _is_paired(session: Session, connectors: ConnectorPool) -> bool:
    """As far as the record says, or, of a scan right before everything was killed, the credentials do."""
    if session.status in UNPAIRED:
        return await connectors.are_linked(session.id)
    return session.status in PAIRED or _was_misled(session)


def _was_misled(session: Session) -> bool:
    """Whether the settings led to another server than the account's when it was tried last."""
    code = session.reason.code if session.reason else None
    return session.status is Status.FAILED and code == OTHER_SERVER


async def _should_start(
    session_id: str,
    program: Program | None,
    record: SessionStore,
    state_machine: StateMachine,
    connectors: ConnectorPool,
) -> bool:
    """Whether the session should have a connector. What is known of its present one is brought up to date."""
    async with connectors.hold(session_id):
        session = await record.get(session_id)
        if session is None:
            return False
        if connectors.is_attached(session_id):  # A request has woken it meanwhile.
            return session.status in PAIRED
        match program:
            case None:
                await state_machine.apply(session_id, Ended(state="EXITED"))
                return await _is_paired(session, connectors)
            case Program(state="STOPPED"):  # By hand: what a front has stopped is not listed.
                await state_machine.apply(session_id, Ended(state="STOPPED", by_hand=True))
                await connectors.attach(session_id)  # It may be started by hand, too.
                return False
            case _:
                await connectors.attach(session_id)
                return session.status in PAIRED


async def _stop(connectors: ConnectorPool, session_id: str) -> None:
    try:
        await connectors.rest(session_id)
    except MotteError as error:
        log_event(log.error, "not_stopped", session=session_id, error=error.code)
