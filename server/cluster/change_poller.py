"""Changes that another process wrote, published to those who wait here."""

from server.sessions.subscriptions import Change, Subscriptions
from store.ports import Store

#: Seconds after the last listener has gone within which the store is asked no more.
WAIT_SECONDS = 1.0


class ChangePoller:
    """Turns changes of the store into changes that listeners hear."""

    def __init__(self, store: Store, subscriptions: Subscriptions) -> None:
        self._store = store
        self._subscriptions = subscriptions

    async def run(self) -> None:
        """Publishes for ever, while anybody listens."""
        while True:
            await self._subscriptions.is_in_use.wait()
            seen = None
            while self._subscriptions.is_in_use.is_set():
                newest = await self._store.wait_for_change(seen, within=WAIT_SECONDS)
                if newest != seen:
                    seen = newest
                    await self._tell_all()

    async def _tell_all(self) -> None:
        for session_id in self._subscriptions.session_ids():
            session = await self._store.sessions.get(session_id)
            self._subscriptions.publish(session_id, Change(session=session, event=None))
