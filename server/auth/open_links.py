"""Whether a link that was sent out still opens its session."""

from server.auth.scan_links import ScanLink
from server.core.clock import Clock
from server.core.errors import LinkExpired, LinkUsed
from store.ports import SessionStore
from store.records import Session


async def admitted(link: ScanLink, record: SessionStore, clock: Clock) -> Session:
    """The session of the link. Raises LinkExpired, LinkUsed."""
    session = await record.get(link.session_id)
    if session is None or not is_of(link, session) or clock.wall() >= link.expires_at:
        raise LinkExpired
    if is_used(link, session):
        raise LinkUsed
    return session


def is_of(link: ScanLink, session: Session) -> bool:
    """Whether it was made for this session, and not for an earlier one of the same id."""
    return (link.session_id, link.created_at) == (session.id, session.created_at)


def is_used(link: ScanLink, session: Session) -> bool:
    """Whether the account was linked since the link was made. A logout does not make the link good again.

    Which came first is not asked: the clock may have been set back in between.
    """
    return session.linked_at != link.linked_at
