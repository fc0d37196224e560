"""What should run, held against what runs, whenever a front starts."""

import asyncio
import logging
from dataclasses import replace

from server.connectors import Connectors
from server.errors import MotteError, SupervisorUnavailable
from server.events import Ended
from server.moves import Moves
from server.states import PAIRED
from server.supervisor import Program
from store.sessions import Sessions as Record

log = logging.getLogger(__name__)

#: Seconds until supervisord is asked again, where it does not answer.
ASK_AGAIN = 1.0

#: Seconds after which a connector that has not said a word keeps no other from starting.
SLOW_START = 10.0


async def take_back_codes(record: Record) -> None:
    """Forget every code of an earlier front: a connector that still shows one says so in its snapshot.

    Called before the first request is answered.
    """
    for session in await record.all():
        if session.qr is not None:
            await record.change(session.id, lambda session: replace(session, qr=None))


async def reconcile(record: Record, moves: Moves, connectors: Connectors, *, at_once: int) -> None:
    """Attach to every connector that runs, start those of paired sessions, stop those of nobody.

    at_once: how many may be starting at the same time; loading its modules costs a connector a core.
    """
    running = await _running(connectors)
    known = {session.id for session in await record.all()}
    for session_id in running.keys() - known:
        await _stop(connectors, session_id)
    places = asyncio.Semaphore(at_once)
    async with asyncio.TaskGroup() as tasks:
        for session_id in known:
            if await _should_start(session_id, running.get(session_id), record, moves, connectors):
                tasks.create_task(_start(connectors, session_id, places))


async def _running(connectors: Connectors) -> dict[str, Program]:
    while True:
        try:
            return await connectors.running()
        except SupervisorUnavailable as error:
            log.warning("event=supervisor_unavailable detail=%s", error.detail)
            await asyncio.sleep(ASK_AGAIN)


async def _should_start(
    session_id: str, program: Program | None, record: Record, moves: Moves, connectors: Connectors
) -> bool:
    """Whether the session should have a connector. What is known of its present one is brought up to date."""
    async with connectors.hold(session_id):
        if program is not None:
            await connectors.attach(session_id)
        elif not connectors.is_attached(session_id):  # No request has woken it meanwhile.
            await moves.hear(session_id, Ended(state="EXITED"))
        session = await record.get(session_id)
    return session is not None and session.status in PAIRED


async def _start(connectors: Connectors, session_id: str, places: asyncio.Semaphore) -> None:
    async with places:
        try:
            async with connectors.hold(session_id):
                await connectors.wake(session_id)
            async with asyncio.timeout(SLOW_START):
                await connectors.answers(session_id)
        except TimeoutError:
            log.warning("session=%s event=slow_start", session_id)
        except MotteError as error:
            log.error("session=%s event=not_started error=%s", session_id, error.code)


async def _stop(connectors: Connectors, session_id: str) -> None:
    try:
        await connectors.rest(session_id)
    except MotteError as error:
        log.error("session=%s event=not_stopped error=%s", session_id, error.code)
