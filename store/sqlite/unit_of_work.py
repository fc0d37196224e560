"""A unit of work on SQLite: inside a write transaction, which only one connection has at a time."""

import sqlite3

from store.errors import NotOwner
from store.ports import UnitOfWork
from store.records import Message, NewEvent, Session
from store.sqlite.event_log import SqliteEventLog
from store.sqlite.message_bound import MessageBound
from store.sqlite.messages import add_message
from store.sqlite.session_rows import read_owned, update, write_qr


class SqliteUnitOfWork(UnitOfWork):
    """BEGIN IMMEDIATE locks the whole database; a store with more writers locks the session's row here."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        session_id: str,
        token: int,
        *,
        bound: MessageBound,
        events: SqliteEventLog,
    ) -> None:
        """Raises NotOwner."""
        self._connection = connection
        self._bound = bound
        self._events = events
        self._session_id = session_id
        self._token = token
        self.session = read_owned(connection, session_id, token)

    def put(self, session: Session) -> None:
        before = self.session
        if before is None or before.id != session.id:
            raise ValueError(f"no transaction of the session {session.id}")
        if session != before and not update(self._connection, session, token=self._token):
            raise NotOwner
        if session.qr != before.qr:
            write_qr(self._connection, session)
        self.session = session

    def add_message(self, message: Message) -> None:
        add_message(self._connection, self._session_id, message, self._bound)

    def add_event(self, event: NewEvent) -> None:
        self._events.add(self._connection, self._session_id, event)
