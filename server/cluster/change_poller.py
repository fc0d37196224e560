"""What another process wrote, told to who waits here."""

import asyncio

from server.sessions.subscriptions import Change, Subscriptions
from store.sqlite.database import Database
from store.sqlite.sessions import SessionStore

#: Seconds. SQLite wakes nobody across processes, so its version is asked for, while somebody waits.
POLL_SECONDS = 0.05


class ChangePoller:
    """Turns changes of the database into changes that listeners hear."""

    def __init__(self, database: Database, record: SessionStore, subscriptions: Subscriptions) -> None:
        self._database = database
        self._record = record
        self._subscriptions = subscriptions

    async def run(self) -> None:
        """For ever."""
        while True:
            await self._subscriptions.is_listened_to.wait()
            await self._tell_all()
            version = await self._database.version()
            while self._subscriptions.is_listened_to.is_set():
                await asyncio.sleep(POLL_SECONDS)
                newest = await self._database.version()
                if newest != version:
                    version = newest
                    await self._tell_all()

    async def _tell_all(self) -> None:
        for session_id in self._subscriptions.listened_to():
            session = await self._record.get(session_id)
            self._subscriptions.tell(session_id, Change(session=session, event=None))
