"""Records when each API key was last used."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from server.core.clock import Clock
from server.core.log_events import log_event
from server.core.tasks import in_background
from store.errors import StoreError
from store.ports.keys import KeyStore
from store.records.keys import Key

log = logging.getLogger(__name__)

#: Seconds between two writes: no request waits for the disk because of this.
WRITE_INTERVAL_SECONDS = 60.0


class KeyUsage:
    """Remembers which keys were used, and writes that to the store once a minute."""

    def __init__(self, store: KeyStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        #: Name and `created_at` of a key -> milliseconds since 1970.
        self._used: dict[tuple[str, int], int] = {}

    def note(self, key: Key) -> None:
        """Notes that the key is used now."""
        self._used[key.name, key.created_at] = self._clock.wall()

    async def write(self) -> None:
        """Writes what was noted. If the store fails, the notes are lost: they are not worth an error."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            await self._store.note_use(used)
        except StoreError as error:
            log_event(log.warning, "usage_not_written", error=error)

    async def run(self) -> None:
        """Writes once a minute, for ever."""
        while True:
            await asyncio.sleep(WRITE_INTERVAL_SECONDS)
            await self.write()


@asynccontextmanager
async def recording_key_usage(store: KeyStore, clock: Clock) -> AsyncGenerator[KeyUsage]:
    """Runs the writes until the block ends, and writes once more then."""
    usage = KeyUsage(store, clock)
    try:
        async with in_background("usage", usage.run):
            yield usage
    finally:
        await usage.write()
