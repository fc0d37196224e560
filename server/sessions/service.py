"""Sessions as callers know them: looked up, made, refreshed, removed."""

import asyncio
import logging
from collections.abc import Generator
from contextlib import contextmanager

from server.connectors.pool import ConnectorPool
from server.core.clock import Clock
from server.core.errors import (
    ConflictingState,
    MotteError,
    NoSuchSession,
    SessionExists,
    StoreOutOfOrder,
    of_the_host,
)
from server.core.log_events import log_event
from server.domain.session_fields import SessionFields
from server.domain.states import PAIRED, UNPAIRED
from server.sessions.logout import LogoutSender
from server.sessions.refresh import Refresh
from server.sessions.state_machine import StateMachine
from store.errors import SessionExists as RowExists
from store.errors import StoreError
from store.ports import SessionStore
from store.records import Session, Status

log = logging.getLogger(__name__)

#: Seconds that a create has for its code, however long it waited for a delete of the same id.
LEAST_QR_TIMEOUT_SECONDS = 1.0


def promised(session: Session) -> Session:
    """A new session with its code, or paired. Raises ConflictingState: it was stopped or failed before."""
    if session.status in UNPAIRED | PAIRED:
        return session
    raise ConflictingState(f"the new session became {session.status} before its first code", session=session)


def exists(session_id: str) -> SessionExists:
    """What whoever wants a new session of this id is told."""
    return SessionExists(f"there is a session {session_id} already", session_id=session_id)


@contextmanager
def _kept(session: Session) -> Generator[None]:
    """Whatever goes wrong, the caller learns that the session is there: its id may be of our making."""
    try:
        yield
    except NoSuchSession:
        raise
    except MotteError as error:
        raise error.of_kept(session) from error
    except (OSError, StoreError) as error:
        known = of_the_host(error) if isinstance(error, OSError) else StoreOutOfOrder()
        if known is None:
            raise
        log_event(log.error, "not_made", session=session.id, error=error)
        raise known.of_kept(session) from error


class Sessions:
    """Every session of this host."""

    def __init__(
        self,
        *,
        record: SessionStore,
        connectors: ConnectorPool,
        state_machine: StateMachine,
        refresh: Refresh,
        logout_sender: LogoutSender,
        clock: Clock,
    ) -> None:
        self._record = record
        self._connectors = connectors
        self._state_machine = state_machine
        self._refresh = refresh
        self._logout_sender = logout_sender
        self._clock = clock

    async def create(
        self, session_id: str, *, fields: SessionFields, within: float, is_awaited: bool = True
    ) -> Session:
        """A new session with its first code, or, where that is not awaited, without. within: seconds.

        Where there is no code the session stays, the error names it, and a read tries again. Raises
        SessionExists, StoreOutOfOrder, Overloaded, and what `promised` and Refresh.fresh raise.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        async with self._connectors.hold(session_id):
            if await self._record.get(session_id) is not None:
                raise exists(session_id)
            # Before the row is there: a kill in between would have it find what a killed delete has left.
            # A leftover may hold an account's credentials, if the database is older than the folders.
            await self._connectors.set_aside(session_id)
            session = await self._add(session_id, fields)
            with _kept(session):
                await self._connectors.make(session_id)
                session = await self._explained(session)
        within = max(deadline - loop.time(), LEAST_QR_TIMEOUT_SECONDS)
        with _kept(session):
            if not is_awaited:
                self._refresh.begin(session, within=within)
                return session
            return promised(await self._refresh.fresh(session, within=within))

    async def fresh(self, session_id: str, *, within: float) -> Session:
        """The session with a code that can be scanned, refreshed first if it has expired. within: seconds.

        Raises NoSuchSession and what Refresh.fresh raises.
        """
        return await self._refresh.fresh(await self._record.require(session_id), within=within)

    async def delete(self, session_id: str) -> None:
        """Log out where paired, stop the connector, forget everything. Raises NoSuchSession."""
        async with self._connectors.hold(session_id):
            session = await self._record.require(session_id)
            if session.status is not Status.LOGGED_OUT and await self._is_known(session):
                await self._logout_sender.say(session_id)
            await self._connectors.rest(session_id)
            await self._connectors.forget(session_id)
            await self._state_machine.forget(session_id)
            await self._connectors.erase(session_id)
            await self._refresh.forget(session_id)

    async def _explained(self, session: Session) -> Session:
        """A new session that must wait before it registers says so from the beginning."""
        reason = self._refresh.cools_down(session.id)
        if reason is None:
            return session
        return await self._state_machine.explain(session.id, reason) or session

    async def _is_known(self, session: Session) -> bool:
        """Whether an account knows the session's device, as far as the record says, or the credentials do."""
        return session.phone_number is not None or await self._connectors.are_linked(session.id)

    async def _add(self, session_id: str, fields: SessionFields) -> Session:
        now = self._clock.wall()
        session = Session(id=session_id, status=Status.STARTING, created_at=now, updated_at=now)
        session = fields.of(session)
        try:
            await self._state_machine.add(session)
        except RowExists:
            raise exists(session_id) from None
        return session
