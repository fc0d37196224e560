"""What another front does to the sessions, seen in the record and added to the feed of this one."""

import asyncio

from server.streams.feed import Feed
from store.sqlite.database import Database
from store.sqlite.sessions import SessionStore

#: Seconds. SQLite wakes nobody across processes, so its version is asked for, while somebody follows.
POLL_SECONDS = 0.05


class FeedSync:
    """The eyes of a front that does not own the pipes."""

    def __init__(self, database: Database, record: SessionStore, feed: Feed) -> None:
        self._database = database
        self._record = record
        self._feed = feed

    async def run(self) -> None:
        """For ever. What changed while nobody followed is added when somebody does again."""
        while True:
            await self._feed.is_followed.wait()
            seen = None
            while self._feed.is_followed.is_set():
                version = await self._database.version()
                if version != seen:
                    seen = version
                    self._feed.see_all(await self._record.all())
                await asyncio.sleep(POLL_SECONDS)
