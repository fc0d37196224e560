"""When each key was last used."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from server.core.clock import Clock
from server.core.log_events import log_event
from server.core.tasks import beside
from store.errors import StoreError
from store.ports import KeyStore
from store.records import Key

log = logging.getLogger(__name__)

#: Seconds between two writes: no request waits for the disk because of this.
WRITE_SECONDS = 60.0


class Usage:
    """Remembers the keys that were used, and writes them down now and then."""

    def __init__(self, record: KeyStore, clock: Clock) -> None:
        self._record = record
        self._clock = clock
        #: Name and `created_at` of a key -> milliseconds since 1970.
        self._used: dict[tuple[str, int], int] = {}

    def note(self, key: Key) -> None:
        """The key was used just now."""
        self._used[key.name, key.created_at] = self._clock.wall()

    async def write(self) -> None:
        """Write down what was noted. What cannot be written is forgotten: it is not worth an error."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            await self._record.note_use(used)
        except StoreError as error:
            log_event(log.warning, "usage_not_written", error=error)

    async def run(self) -> None:
        """Write it down once a minute."""
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            await self.write()


@asynccontextmanager
async def noting(record: KeyStore, clock: Clock) -> AsyncGenerator[Usage]:
    """The use of keys, written down until the block ends and once more then."""
    usage = Usage(record, clock)
    try:
        async with beside("usage", usage.run):
            yield usage
    finally:
        await usage.write()
