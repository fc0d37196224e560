"""Everything that the store holds, on one SQLite file."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from store.errors import NoSuchSession
from store.ports.memory import Memory
from store.ports.store import Result, Store
from store.ports.unit_of_work import UnitOfWork
from store.records.events import EventLimits, NewEvent
from store.records.messages import Message, MessageLimits
from store.sqlite.cool_downs import SqliteCoolDownStore
from store.sqlite.database import Database
from store.sqlite.event_log import SqliteEventLog
from store.sqlite.event_rows import begin_another
from store.sqlite.keys import SqliteKeyStore
from store.sqlite.leases import SqliteLeaseStore
from store.sqlite.logins import SqliteLoginStore
from store.sqlite.memory import SqliteMemory
from store.sqlite.message_bound import MessageBound
from store.sqlite.messages import SqliteMessageStore
from store.sqlite.outbox import SqliteOutboxStore
from store.sqlite.outbox_bound import OutboxBound
from store.sqlite.request_queue import SqliteRequestQueue
from store.sqlite.restored_outbox import fail_restored, forget_outbox
from store.sqlite.sessions import SqliteSessionStore
from store.sqlite.unit_of_work import SqliteUnitOfWork
from store.sqlite.webhooks import SqliteWebhookStore

#: SQLite wakes no other process, so its version is asked for.
CHANGE_POLL_SECONDS = 0.05


class SqliteStore(Store):
    """The store on an open database."""

    def __init__(
        self,
        database: Database,
        *,
        missing: Callable[[str], Exception] = NoSuchSession,
        bound: MessageBound | None = None,
        on_events: Callable[[Sequence[NewEvent]], None] = lambda events: None,
        on_events_removed: Callable[[str, int], None] = lambda session_id, number: None,
    ) -> None:
        """missing: what `sessions.require` raises, by the id of the session that does not exist.

        on_events: called in the event loop with the events of each commit. on_events_removed: called on the
        writing thread with a session's id and the number of its events that were removed to make room.
        """
        self.database = database
        self._bound = bound or MessageBound(MessageLimits())
        self._waiting = OutboxBound()
        self._memory = SqliteMemory(database)
        self.events = SqliteEventLog(
            database, limits=EventLimits(), on_events=on_events, on_removed=on_events_removed
        )
        self.sessions = SqliteSessionStore(
            database,
            missing,
            self.events,
            self._memory,
            on_deleted=(self._bound.forget, self._waiting.forget),
        )
        self.messages = SqliteMessageStore(database)
        self.outbox = SqliteOutboxStore(database)
        self.leases = SqliteLeaseStore(database)
        self.keys = SqliteKeyStore(database, self._memory)
        self.logins = SqliteLoginStore(database)
        self.cool_downs = SqliteCoolDownStore(database)
        self.requests = SqliteRequestQueue(database)
        self.webhooks = SqliteWebhookStore(database)

    def memory(self) -> Memory:
        self._memory.look()
        return self._memory

    async def transact(
        self, session_id: str, work: Callable[[UnitOfWork], Result], *, token: int | None
    ) -> Result:
        def run(connection: sqlite3.Connection) -> Result:
            unit = SqliteUnitOfWork(
                connection,
                session_id,
                token,
                bound=self._bound,
                waiting=self._waiting,
                events=self.events,
            )
            result = work(unit)
            unit.finish()
            return result

        return await self.database.write(run)

    async def wait_for_change(self, seen: int | None, *, within: float) -> int:
        deadline = asyncio.get_running_loop().time() + within
        while True:
            version = await self.database.version()
            if version != seen or asyncio.get_running_loop().time() >= deadline:
                return version
            await asyncio.sleep(CHANGE_POLL_SECONDS)

    async def check(self) -> None:
        await self.database.check()

    async def forget_transient(
        self, *, resends: bool, now: int, report: Callable[[Message], NewEvent]
    ) -> None:
        def forget(connection: sqlite3.Connection) -> None:
            for table in ("qrs", "leases", "queued_requests", "logins"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  # names of ours
            connection.execute("UPDATE sessions SET is_restored = 1")
            begin_another(connection)  # before events of it are added: they have its cursors
            if not resends:
                for session_id, message in fail_restored(connection, now):
                    self.events.add(connection, session_id, report(message))
                forget_outbox(connection)

        await self.database.write(forget)


@asynccontextmanager
async def open_store(
    path: Path,
    *,
    boot_id: str,
    migrates: bool = True,
    missing: Callable[[str], Exception] = NoSuchSession,
    bound: MessageBound | None = None,
    on_events: Callable[[Sequence[NewEvent]], None] = lambda events: None,
    on_events_removed: Callable[[str, int], None] = lambda session_id, number: None,
) -> AsyncGenerator[SqliteStore]:
    """The store in the file at `path`, until the block ends. It is made or migrated if needed.

    Its folder exists. migrates: False if another schema must be refused (SchemaTooOld).
    Raises SchemaTooNew, SqliteTooOld, StoreUnavailable.
    """
    async with await Database.open(path, boot_id=boot_id, migrates=migrates) as database:
        yield SqliteStore(
            database,
            missing=missing,
            bound=bound,
            on_events=on_events,
            on_events_removed=on_events_removed,
        )
