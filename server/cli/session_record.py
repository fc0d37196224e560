"""Sessions as the record has them, while no gateway runs."""

from dataclasses import replace
from typing import Any

import msgspec

from server.cli.client import Refused
from server.cli.record import opened
from server.clock import SystemClock
from server.documents import session_document
from server.expiry import Expiry
from server.folders import StateFolder
from store.records import Session, Status
from store.sessions import Sessions

#: The status of a refusal, as the API gives it.
NOT_FOUND = 404


async def recorded_sessions(folder: StateFolder, status: str | None) -> Any:
    """What GET /sessions would say, as one page. Raises NoRecord."""
    async with opened(folder) as database:
        found = await Sessions(database).all()
    wanted = [session for session in found if status is None or session.status is Status(status)]
    return {"items": [_as_json(session) for session in wanted], "nextCursor": None}


async def recorded_session(folder: StateFolder, session_id: str) -> Any:
    """What GET /sessions/{id}?refresh=false would say. Raises NoRecord, Refused."""
    async with opened(folder) as database:
        session = await Sessions(database).get(session_id)
    if session is None:
        problem = {"code": "session-not-found", "detail": f"there is no session {session_id}"}
        raise Refused(NOT_FOUND, problem)
    return _as_json(session)


def _as_json(session: Session) -> dict[str, Any]:
    """Its code died with the socket, whatever the clock says."""
    document: dict[str, Any] = msgspec.to_builtins(
        session_document(replace(session, qr=None), Expiry(SystemClock(), min_validity=0))
    )
    return document
