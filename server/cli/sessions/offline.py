"""Sessions from the database, while no gateway runs."""

from collections.abc import Callable
from typing import Any

import click
import msgspec

from server.cli.cleanup.removal import OfflineRemover
from server.cli.common.client import Refused
from server.cli.common.database import check_database_exists, opened
from server.cli.serve.run_state import kept_stopped
from server.connectors.credentials import is_linked
from server.core.paths import StateFolder
from server.documents.session import session_document
from store.ports.store import Store
from store.records.sessions import Session, Status


class NotDeleted(click.ClickException):
    """A part of a session could not be removed."""


#: HTTP status, as the API uses it.
NOT_FOUND = 404


async def stored_sessions(folder: StateFolder, status: str | None) -> Any:
    """Returns what GET /sessions would, as one page. Raises NoDatabase."""
    async with opened(folder) as store:
        found = await store.sessions.all()
    wanted = [session for session in found if status is None or session.status is Status(status)]
    return {"items": [_as_json(session) for session in wanted], "nextCursor": None}


async def stored_session(folder: StateFolder, session_id: str) -> Any:
    """Returns what GET /sessions/{id}?refresh=false would. Raises NoDatabase, Refused."""
    async with opened(folder) as store:
        return _as_json(await _get(store, session_id))


async def delete_stored(folder: StateFolder, session_id: str, *, confirm: Callable[[bool], None]) -> None:
    """Deletes a session without a gateway. A front that starts meanwhile waits.

    confirm: called with whether an account still lists the device; raises an error if the answer is no.
    Raises NoDatabase, Refused, FolderInUse, NotAccessible, NotDeleted.
    """
    check_database_exists(folder)
    with kept_stopped(folder):
        async with opened(folder, is_kept_stopped=True) as store:
            await _get(store, session_id)
            confirm(is_linked(folder.session(session_id).path))
            try:
                await OfflineRemover(folder, store).delete(session_id)
            except OSError as error:
                raise NotDeleted(
                    f"{session_id} is gone from the database, but its folder could not be removed: {error}. "
                    f"Remove it by hand: it is in {folder.sessions}"
                ) from None


async def _get(store: Store, session_id: str) -> Session:
    session = await store.sessions.get(session_id)
    if session is None:
        problem = {"code": "session-not-found", "detail": f"there is no session {session_id}"}
        raise Refused(NOT_FOUND, problem)
    return session


def _as_json(session: Session) -> dict[str, Any]:
    """Leaves out the code, which ended with the socket."""
    document: dict[str, Any] = msgspec.to_builtins(session_document(session, None))
    return document
