"""The one way to change a session: a transaction of its owner, which is published once it is committed."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from server.core.clock import Clock
from server.core.errors import NoSuchSession, no_such_session
from server.core.log_events import log_event
from server.domain.client_requests import apply_request
from server.domain.session_fields import SessionFields
from server.domain.states import UNPAIRED, Happening
from server.domain.transitions import Now, is_stale
from server.events.types import is_seen, session_deleted, session_status
from server.observability.metrics import Metrics
from server.outbound.endings import end_account
from server.protocol.events.lines import AnyEvent
from server.sessions.event_handlers import handle
from server.sessions.subscriptions import Change, Subscriptions
from store.errors import NotOwner
from store.ports.store import Result, Store
from store.ports.unit_of_work import UnitOfWork
from store.records.reason import Reason
from store.records.sessions import Session

log = logging.getLogger(__name__)

#: The node whose sessions this front owns: the one host.
NODE = "local"

#: The cause of a change of what callers set.
UPDATED = "updated"

#: A token that no session has.
NO_TOKEN = -1


#: Returns the session after a change, from the one before; None: nothing changes. It may write other data.
Move = Callable[[UnitOfWork, Session], Session | None]


@dataclass(frozen=True, slots=True)
class Committed:
    """What a transaction has changed, with what caused it."""

    session_id: str
    #: None: the session was created.
    before: Session | None
    #: None: the session was deleted.
    after: Session | None
    #: Names the cause in the log.
    cause: str
    #: What the connector sent, if that is the cause.
    event: AnyEvent | None = None


class StateMachine:
    """Changes the sessions that this front owns.

    Every method raises NotOwner, and writes nothing, if another front has taken the session over.
    """

    def __init__(
        self,
        *,
        store: Store,
        subscriptions: Subscriptions,
        clock: Clock,
        metrics: Metrics,
        on_lost: Callable[[str], None] = lambda session_id: None,
    ) -> None:
        """on_lost: called with the id of a session that another front has taken over."""
        self._store = store
        self._subscriptions = subscriptions
        self._clock = clock
        self._metrics = metrics
        self._on_lost = on_lost
        #: Of the sessions that this front owns, by their ids.
        self._tokens: dict[str, int] = {}

    async def take_over(self) -> None:
        """Becomes the owner of every session. Late writes of an earlier owner change nothing after that."""
        self._tokens = await self._store.sessions.take_over(NODE)

    async def add(self, session: Session, *, most: int | None = None) -> None:
        """Writes a new session. Raises SessionExists, TooManySessions, of the store.

        most: sessions that there may be, this one included.
        """
        # Shielded: a session whose creation was cancelled half-way would have no owner.
        await asyncio.shield(asyncio.ensure_future(self._add(session, most)))

    async def apply(self, session_id: str, event: AnyEvent) -> Session | None:
        """Takes in what a connector sent. The session after it; None if the event is stale, or it is deleted.

        Raises StoreError; the connector then sends it again.
        """
        return (await self.apply_all(session_id, [event]))[0]

    async def apply_all(self, session_id: str, events: Sequence[AnyEvent]) -> list[Session | None]:
        """Takes in what a connector sent, all in one transaction. For each event what `apply` returns.

        Raises StoreError, and has taken in nothing then.
        """
        now = self.now()

        def take_in(event: AnyEvent) -> Move:
            return lambda unit, session: (
                None if is_stale(session, event) else handle(unit, session, event, now)
            )

        moves = await self._write_all(session_id, [take_in(event) for event in events])
        for moved, event in zip(moves, events, strict=True):
            if moved is not None:
                self._publish(Committed(session_id, *moved, str(event.__struct_config__.tag), event))
        return [moved and moved[1] for moved in moves]

    async def ask(self, session_id: str, happening: Happening) -> Session:
        """Does to a session what a caller asks. Raises NoSuchSession, ConflictingState."""
        now = self.now()
        moved = await self._write(session_id, lambda _, session: apply_request(session, happening, now))
        if moved is None:
            raise NoSuchSession
        self._publish(Committed(session_id, *moved, happening))
        return moved[1]

    async def update(self, session_id: str, fields: SessionFields) -> Session:
        """Changes what callers set. The session after it. Raises NoSuchSession."""
        now = self.now()
        moved = await self._write(session_id, lambda _, session: _with(fields, session, now))
        if moved is None:
            raise no_such_session(session_id)
        if moved[0] != moved[1]:
            self._publish(Committed(session_id, *moved, UPDATED))
        return moved[1]

    async def explain(self, session_id: str, reason: Reason) -> Session | None:
        """Says why a session that is not paired has no code, unless it says something already."""
        moved = await self._write(session_id, lambda _, session: _explained(session, reason))
        if moved is None:
            return None
        if moved[0] != moved[1]:
            self._publish(Committed(session_id, *moved, "explained"))
        return moved[1]

    async def rewrite(self, session_id: str, fn: Callable[[Session], Session]) -> None:
        """Changes a session without publishing it: what an earlier front left is put right."""
        await self._write(session_id, lambda _, session: fn(session))

    async def within(self, session_id: str, work: Callable[[UnitOfWork], Result]) -> Result:
        """Returns what the work returns. It writes what belongs to the session, and not the session."""
        with self._losing(session_id):
            token = self._tokens.get(session_id, NO_TOKEN)
            return await self._store.transact(session_id, work, token=token)

    async def forget(self, session_id: str) -> None:
        """Deletes the session."""
        token = self._tokens.get(session_id, NO_TOKEN)
        with self._losing(session_id):
            event = session_deleted(session_id, self._clock.wall())
            await self._store.sessions.delete(session_id, token=token, event=event)
        self._tokens.pop(session_id, None)
        self._publish(Committed(session_id, None, None, "deleted"))

    async def _add(self, session: Session, most: int | None) -> None:
        event = session_status(session, session.created_at)
        self._tokens[session.id] = await self._store.sessions.add(session, most=most, event=event)
        self._publish(Committed(session.id, None, session, "created"))

    async def _write(self, session_id: str, move: Move) -> tuple[Session, Session] | None:
        """Returns the session before and after the move; None without one, or if the move returns None."""
        return (await self._write_all(session_id, [move]))[0]

    async def _write_all(
        self, session_id: str, moves: Sequence[Move]
    ) -> list[tuple[Session, Session] | None]:
        """The same for several moves in one transaction."""
        now = self.now()

        def work(unit: UnitOfWork) -> list[tuple[Session, Session] | None]:
            return [self._move(unit, move, now) for move in moves]

        with self._losing(session_id):
            token = self._tokens.get(session_id, NO_TOKEN)
            return await self._store.transact(session_id, work, token=token)

    def _move(self, unit: UnitOfWork, move: Move, now: Now) -> tuple[Session, Session] | None:
        before = unit.session
        after = None if before is None else move(unit, before)
        if before is None or after is None:
            return None
        end_account(unit, before, after, now)
        unit.put(after)
        if is_seen(before, after):
            unit.add_event(session_status(after, self._clock.wall()))
        return before, after

    @contextmanager
    def _losing(self, session_id: str) -> Iterator[None]:
        """Lets go of a session that another front has taken over."""
        try:
            yield
        except NotOwner:
            self._tokens.pop(session_id, None)
            log_event(log.error, "not_owner", session=session_id)
            self._on_lost(session_id)
            raise

    def _publish(self, committed: Committed) -> None:
        """Publishes what is committed, here alone: to the log, the metrics, subscribers and streams."""
        session_id, before, after = committed.session_id, committed.before, committed.after
        if after is None:
            log_event(log.info, "deleted", session=session_id)
        elif before is None:
            log_event(log.info, "created", session=session_id)
        elif before.status is not after.status:
            log_event(log.info, committed.cause, session=session_id, from_=before.status, to=after.status)
        elif committed.cause == UPDATED:
            log_event(log.info, "updated", session=session_id)
        if before is not None and committed.event is not None:
            self._metrics.heard(before, committed.event)
        self._subscriptions.publish(session_id, Change(session=after, event=committed.event))

    def now(self) -> Now:
        """Returns the time for what is written now."""
        return Now(wall=self._clock.wall(), boot=self._clock.boot(), boot_id=self._clock.boot_id)


def _with(fields: SessionFields, session: Session, now: Now) -> Session:
    changed = fields.of(session)
    return session if changed == session else replace(changed, updated_at=now.wall)


def _explained(session: Session, reason: Reason) -> Session:
    is_unexplained = session.status in UNPAIRED and session.reason is None
    return replace(session, reason=reason) if is_unexplained else session
