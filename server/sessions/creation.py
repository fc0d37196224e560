"""What a create promises to its caller, in a front that does the work and in one that requests it."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

from server.core.errors import (
    ConflictingState,
    MotteError,
    NoSuchSession,
    SessionExists,
    StoreOutOfOrder,
    from_os_error,
)
from server.core.log_events import log_event
from server.domain.states import PAIRED, UNPAIRED
from store.errors import StoreError
from store.records.sessions import Session

log = logging.getLogger(__name__)


def promised(session: Session) -> Session:
    """Returns a new session that has a code or is paired.

    Raises ConflictingState if it was stopped or failed before it had one.
    """
    if session.status in UNPAIRED | PAIRED:
        return session
    raise ConflictingState(f"the new session became {session.status} before its first code", session=session)


def exists(session_id: str) -> SessionExists:
    """The error of a create whose id is taken."""
    return SessionExists(f"there is a session {session_id} already", session_id=session_id)


@contextmanager
def kept(session: Session) -> Generator[None]:
    """Names the session in every error of the block: the row is there, and its id may be of our making."""
    try:
        yield
    except NoSuchSession:
        raise
    except MotteError as error:
        raise error.for_kept_session(session) from error
    except (OSError, StoreError) as error:
        known = from_os_error(error) if isinstance(error, OSError) else StoreOutOfOrder()
        if known is None:
            raise
        log_event(log.error, "not_made", session=session.id, error=error)
        raise known.for_kept_session(session) from error
