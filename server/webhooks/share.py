"""The share of the host's webhooks that one bound key may have, so that it leaves some to the others."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from server.core.errors import WebhooksFull
from server.webhooks.access import maker_of
from store.ports.webhooks import WebhookStore
from store.records.keys import Key

#: Webhooks that a key which is bound to sessions made, or changed last.
MAX_WEBHOOKS_OF_ONE_KEY = 100


class Share:
    """Counts the webhooks of a bound key. Two changes through one front do not count at the same time."""

    def __init__(self, store: WebhookStore) -> None:
        self._store = store
        self._counting = asyncio.Lock()

    @asynccontextmanager
    async def room(self, key: Key, *, changes: str | None = None) -> AsyncGenerator[None]:
        """Has room for one more webhook of the key in the block. Raises WebhooksFull.

        changes: the webhook that the key changes, which makes it one of the key's; None: it makes one.
        """
        if key.sessions is None:
            yield
            return
        async with self._counting:
            own = {webhook.id for webhook in await self._store.all() if webhook.maker == maker_of(key)}
            if changes not in own and len(own) >= MAX_WEBHOOKS_OF_ONE_KEY:
                raise WebhooksFull(
                    f"the API key {key.name} has {len(own)} webhooks: "
                    f"one that is bound to sessions may have {MAX_WEBHOOKS_OF_ONE_KEY}"
                )
            yield
