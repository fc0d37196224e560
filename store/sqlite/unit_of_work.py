"""A unit of work on SQLite: inside a write transaction, which only one connection has at a time."""

import sqlite3
from collections.abc import Collection
from dataclasses import replace

from store.errors import NotOwner
from store.ports.unit_of_work import UnitOfWork
from store.records.events import NewEvent
from store.records.messages import Message, Via
from store.records.sessions import Session
from store.sqlite.contacts import SqliteContactRows
from store.sqlite.event_log import SqliteEventLog
from store.sqlite.message_bound import MessageBound
from store.sqlite.messages import (
    add_message,
    change_message,
    earlier_place,
    messages_with,
    unread_messages,
)
from store.sqlite.outbox_bound import OutboxBound
from store.sqlite.outbox_rows import SqliteOutboxRows
from store.sqlite.read_marks import SqliteReadMarkRows
from store.sqlite.session_rows import read_owned, update, write_qr


class SqliteUnitOfWork(UnitOfWork):
    """BEGIN IMMEDIATE locks the whole database; a store with more writers locks the session's row here."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        session_id: str,
        token: int | None,
        *,
        bound: MessageBound,
        waiting: OutboxBound,
        events: SqliteEventLog,
    ) -> None:
        """bound, waiting: of what the session stores, and of what waits to be sent. Raises NotOwner."""
        self._connection = connection
        self._bound = bound
        self._events = events
        self._session_id = session_id
        self._token = token
        self.session = self._stored = read_owned(connection, session_id, token)
        self._new_events: list[NewEvent] = []
        self.outbox = SqliteOutboxRows(connection, session_id, messages=bound, waiting=waiting)
        self.contacts = SqliteContactRows(connection, session_id)
        self.read_marks = SqliteReadMarkRows(connection, session_id)

    def put(self, session: Session) -> None:
        before = self.session
        if before is None or before.id != session.id:
            raise ValueError(f"no transaction of the session {session.id}")
        if session == before:
            return
        if self._token is None:
            raise NotOwner
        self.session = session
        if replace(session, have=before.have) != before:
            self._write_session()

    def add_message(self, message: Message) -> None:
        add_message(self._connection, self._session_id, message, self._bound)
        addresses = [message.chat] if message.chat_lid is None else [message.chat, message.chat_lid]
        self.contacts.meet(addresses, has_answered=not message.from_me, at=message.received_at)

    def add_event(self, event: NewEvent) -> None:
        self._new_events.append(event)

    def finish(self) -> None:
        """Writes, once for all work of this unit, what events were acknowledged, and the new ones."""
        self._write_session()
        self._events.add(self._connection, self._session_id, *self._new_events)

    def _write_session(self) -> None:
        """Raises NotOwner."""
        before, after = self._stored, self.session
        if before is None or after is None or self._token is None or after == before:
            return
        if not update(self._connection, before, after, token=self._token):
            raise NotOwner
        if after.qr != before.qr:
            write_qr(self._connection, after)
        self._stored = after

    def own_message(self, message_id: str) -> Message | None:
        found = messages_with(self._connection, self._session_id, message_id, from_me=True)
        return next((message for message in found if message.via is Via.API), None)

    def messages_with(
        self, message_id: str, *, from_me: bool | None = None, of_any_account: bool = False
    ) -> list[Message]:
        after = 0 if of_any_account else earlier_place(self._connection, self._session_id)
        return messages_with(self._connection, self._session_id, message_id, from_me=from_me, after=after)

    def mark_read(self, chats: Collection[str], *, last: int | None, most: int, at: int) -> list[Message]:
        unread = unread_messages(self._connection, self._session_id, chats, last=last, most=most)
        for message in unread:
            self.change_message(replace(message, read_at=at))
            self.read_marks.owe(message)
        return unread

    def change_message(self, message: Message) -> None:
        change_message(self._connection, self._session_id, message)
