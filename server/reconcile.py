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


async def take_back_codes(record: Record) -> None:
    """Forget every code of an earlier front: a connector that still shows one says so in its snapshot.

    Called before the first request is answered.
    """
    for session in await record.all():
        if session.qr is not None:
            await record.change(session.id, lambda session: replace(session, qr=None))


async def reconcile(record: Record, moves: Moves, connectors: Connectors) -> None:
    """Attach to every connector that runs, start those of paired sessions, stop those of nobody."""
    running = await _running(connectors)
    known = {session.id for session in await record.all()}
    for session_id in running.keys() - known:
        await _stop(connectors, session_id)
    for session_id in known:
        await _settle(session_id, running.get(session_id), record, moves, connectors)


async def _running(connectors: Connectors) -> dict[str, Program]:
    while True:
        try:
            return await connectors.running()
        except SupervisorUnavailable as error:
            log.warning("event=supervisor_unavailable detail=%s", error.detail)
            await asyncio.sleep(ASK_AGAIN)


async def _settle(
    session_id: str, program: Program | None, record: Record, moves: Moves, connectors: Connectors
) -> None:
    async with connectors.hold(session_id):
        if program is not None:
            await connectors.attach(session_id)
        else:
            await moves.hear(session_id, Ended(state="EXITED"))
        session = await record.get(session_id)
        if session is not None and session.status in PAIRED:
            await _start(connectors, session_id)


async def _start(connectors: Connectors, session_id: str) -> None:
    try:
        await connectors.wake(session_id)
    except MotteError as error:
        log.error("session=%s event=not_started error=%s", session_id, error.code)


async def _stop(connectors: Connectors, session_id: str) -> None:
    try:
        await connectors.rest(session_id)
    except MotteError as error:
        log.error("session=%s event=not_stopped error=%s", session_id, error.code)
