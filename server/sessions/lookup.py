"""The session of an id, or the error that there is none."""

from server.core.errors import NoSuchSession
from store.records import Session
from store.sqlite.sessions import SessionStore


async def require_session(record: SessionStore, session_id: str) -> Session:
    """The session as it stands. Raises NoSuchSession."""
    session = await record.get(session_id)
    if session is None:
        raise NoSuchSession(f"there is no session {session_id}")
    return session
