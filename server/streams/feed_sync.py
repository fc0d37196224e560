"""Changes that another front wrote, added to the feed of this one."""

from server.streams.feed import Feed
from store.ports import Store

#: Seconds after the last follower has gone within which the store is asked no more.
WAIT_SECONDS = 1.0


class FeedSync:
    """Keeps the feed of a front that does not own the pipes up to date."""

    def __init__(self, store: Store, feed: Feed) -> None:
        self._store = store
        self._feed = feed

    async def run(self) -> None:
        """Runs for ever. What changed while nobody followed is added when somebody does again."""
        while True:
            await self._feed.is_followed.wait()
            seen = None
            while self._feed.is_followed.is_set():
                newest = await self._store.wait_for_change(seen, within=WAIT_SECONDS)
                if newest != seen:
                    seen = newest
                    self._feed.see_all(await self._store.sessions.all())
