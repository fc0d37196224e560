"""Long poll: a request waits until the session is newer than the version that its client has."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Set

from server.core.proxies import shown
from server.core.tasks import until_one_ends
from server.domain.expiry import Expiry
from server.sessions.subscriptions import Subscription, Subscriptions
from store.ports.sessions import SessionStore
from store.records.sessions import Session, Status


def version(session: Session, expiry: Expiry) -> str:
    """Returns the version of a session, for an ETag: a digest of all that an answer shows of it.

    A digest: two sessions that had the same id, one after the other, are never taken for each other.
    """
    live = expiry.live(session)
    return f"{_standing(session)}-{_digest(live and live.payload)}"


#: Form of a version.
_VERSION = re.compile(r"[0-9a-f]{10}-[0-9a-f]{10}")


def is_version(text: str) -> bool:
    """Whether a session may have, or have had, this version."""
    return _VERSION.fullmatch(text) is not None


def held(session: Session, versions: Set[str], expiry: Expiry, *, newest: str) -> str | None:
    """Returns the one of these versions that is still the newest; None if the session is newer.

    The end of a code alone is no news: while the next one is on its way, all but the code is compared.
    newest: the version of the session.
    """
    if newest in versions:
        return newest
    if not versions or not expiry.is_due(session):
        return None
    standing, _, _ = newest.partition("-")
    return next((tag for tag in versions if tag.partition("-")[0] == standing), None)


def _standing(session: Session) -> str:
    reason = session.reason.code if session.reason else None
    fields = (session.name, session.device_name, shown(session.proxy), session.restricted_until)
    return _digest((session.id, session.created_at, session.status, reason, fields))


def _digest(seen: object) -> str:
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:10]


#: Returns the session with a code that can be scanned, refreshed first if it has expired.
Fresh = Callable[[Session], Awaitable[Session]]


class LongPoll:
    """Waits for newer versions."""

    def __init__(
        self, *, sessions: SessionStore, subscriptions: Subscriptions, fresh: Fresh, expiry: Expiry
    ) -> None:
        self._sessions = sessions
        self._subscriptions = subscriptions
        self._fresh = fresh
        self._expiry = expiry

    async def newer(self, session_id: str, *, than: Set[str], wait: float) -> Session:
        """Returns the session once it is newer than these versions; as it is after `wait` seconds.

        It counts as a reader: a code that expires meanwhile is refreshed, and its end alone is no news.
        wait: seconds. Raises NoSuchSession and what Refresh.fresh raises.
        """
        try:
            async with asyncio.timeout(wait):
                with self._subscriptions.subscribe(session_id) as subscription:
                    return await self._first_newer(session_id, subscription, than=than)
        except TimeoutError:
            return await self._sessions.require(session_id)

    async def _first_newer(self, session_id: str, subscription: Subscription, *, than: Set[str]) -> Session:
        while True:
            session = await self._sessions.require(session_id)
            if self._expiry.is_due(session):
                await until_one_ends(self._fresh(session), self._scanned(subscription))
            elif version(session, self._expiry) not in than:
                return session
            else:
                await self._something_happens(session, subscription)

    async def _scanned(self, subscription: Subscription) -> None:
        """Returns once the phone has scanned: a refresh goes on until the link is open."""
        async for change in subscription:
            if change.session is not None and change.session.status is Status.PAIRING:
                return

    async def _something_happens(self, session: Session, subscription: Subscription) -> None:
        """Returns with the next change, or when the code expires."""
        live = self._expiry.live(session)
        try:
            async with asyncio.timeout(self._expiry.left(live) if live else None):
                await subscription.next()
        except TimeoutError:
            return
