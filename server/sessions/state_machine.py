"""The one hand that moves a session: it writes the row, logs the move, then tells who waits."""

import logging
from collections.abc import Callable
from dataclasses import replace

from server.core.clock import Clock
from server.core.errors import NoSuchSession
from server.core.log_events import log_event
from server.domain.client_requests import apply_request
from server.domain.session_fields import SessionFields
from server.domain.states import UNPAIRED, Happening
from server.domain.transitions import Now, after, is_stale
from server.observability.metrics import Metrics
from server.protocol.events import AnyEvent, MessageReceived
from server.sessions.subscriptions import Change, Subscriptions
from store.ports import SessionStore
from store.records import Message, Reason, Session

log = logging.getLogger(__name__)


class StateMachine:
    """Every change of a session's status goes through here."""

    def __init__(
        self, *, record: SessionStore, subscriptions: Subscriptions, clock: Clock, metrics: Metrics
    ) -> None:
        self._record = record
        self._subscriptions = subscriptions
        self._clock = clock
        self._metrics = metrics

    async def add(self, session: Session) -> None:
        """Write the row of a new session. Raises SessionExists, of the store."""
        await self._record.add(session)
        log_event(log.info, "created", session=session.id)
        self._subscriptions.tell(session.id, Change(session=session, event=None))

    async def hear(self, session_id: str, event: AnyEvent) -> Session | None:
        """Take in what a connector says; the session after it, None if it moved none.

        Raises StoreError; the connector then says it again.
        """
        message = self._message(event) if isinstance(event, MessageReceived) else None
        moved = await self._record.change(
            session_id, self._by(lambda session, now: after(session, event, now)), message=message
        )
        if moved is None or is_stale(moved[0], event):
            return None
        if message is not None:
            self._metrics.stored(message)
            return None
        self._log(*moved, str(event.__struct_config__.tag))
        self._metrics.heard(moved[0], event)
        self._subscriptions.tell(session_id, Change(session=moved[1], event=event))
        return moved[1]

    async def ask(self, session_id: str, happening: Happening) -> Session:
        """Do to the row what a caller asks. Raises NoSuchSession, ConflictingState."""
        moved = await self._record.change(
            session_id, self._by(lambda session, now: apply_request(session, happening, now))
        )
        if moved is None:
            raise NoSuchSession
        self._log(*moved, happening)
        self._subscriptions.tell(session_id, Change(session=moved[1], event=None))
        return moved[1]

    async def update(self, session_id: str, fields: SessionFields) -> Session:
        """Change what callers set. The session after it. Raises NoSuchSession."""
        moved = await self._record.change(
            session_id, self._by(lambda session, now: _with(fields, session, now))
        )
        if moved is None:
            raise NoSuchSession(f"there is no session {session_id}")
        before, session = moved
        if before != session:
            log_event(log.info, "updated", session=session_id)
            self._subscriptions.tell(session_id, Change(session=session, event=None))
        return session

    async def explain(self, session_id: str, reason: Reason) -> Session | None:
        """Say why a session that is not paired has no code, unless it says something already."""
        changed = await self._record.change(
            session_id,
            lambda session: (
                replace(session, reason=reason)
                if session.status in UNPAIRED and session.reason is None
                else session
            ),
        )
        if changed is None:
            return None
        before, session = changed
        if session != before:
            self._subscriptions.tell(session_id, Change(session=session, event=None))
        return session

    async def forget(self, session_id: str) -> None:
        """Remove the row."""
        await self._record.delete(session_id)
        log_event(log.info, "deleted", session=session_id)
        self._subscriptions.tell(session_id, Change(session=None, event=None))

    async def known(self, session_id: str) -> Session | None:
        """What the record knows of a session."""
        return await self._record.get(session_id)

    def _message(self, event: MessageReceived) -> Message:
        return Message(
            id=event.id,
            chat=event.chat,
            chat_lid=event.chat_lid,
            sender=event.sender,
            sender_lid=event.sender_lid,
            from_me=event.from_me,
            push_name=event.push_name,
            sent_at=event.sent_at,
            received_at=self._clock.wall(),
            kind=event.kind,
            text=event.text,
        )

    def _by(self, move: Callable[[Session, Now], Session]) -> Callable[[Session], Session]:
        now = Now(wall=self._clock.wall(), boot=self._clock.boot(), boot_id=self._clock.boot_id)
        return lambda session: move(session, now)

    def _log(self, before: Session, session: Session, what: str) -> None:
        if before.status is not session.status:
            log_event(log.info, what, session=session.id, from_=before.status, to=session.status)


def _with(fields: SessionFields, session: Session, now: Now) -> Session:
    changed = fields.of(session)
    return session if changed == session else replace(changed, updated_at=now.wall)
