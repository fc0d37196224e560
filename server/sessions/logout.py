"""How Motte leaves an account: it asks WhatsApp to forget the device."""

import asyncio
import logging

from server.connectors.pool import ConnectorPool
from server.core.errors import SupervisorUnavailable
from server.core.log_events import log_event
from server.protocol import reasons
from server.protocol.commands import Logout
from server.protocol.events import Ended, LoggedOut, Snapshot
from server.sessions.subscriptions import Subscriptions
from store.records import Reason

log = logging.getLogger(__name__)

#: Why a session is logged out where the phone may go on listing the device. Connectors say the same.
UNCONFIRMED = reasons.reason("asked-unconfirmed")

#: Seconds that WhatsApp has to hear of it.
LOGOUT_TIMEOUT_SECONDS = 5.0
#: Seconds more that the connector has to wipe its credentials and say so.
END_TIMEOUT_SECONDS = 1.0


class LogoutSender:
    """Logs a session's device out, for whoever holds the session."""

    def __init__(self, *, connectors: ConnectorPool, subscriptions: Subscriptions) -> None:
        self._connectors = connectors
        self._subscriptions = subscriptions

    async def say(self, session_id: str) -> bool:
        """Whether the connector wiped its credentials. WhatsApp may not have heard of it all the same."""
        try:
            async with asyncio.timeout(LOGOUT_TIMEOUT_SECONDS + END_TIMEOUT_SECONDS):
                reason = await self._answered(session_id)
        except (TimeoutError, SupervisorUnavailable):
            reason = None
        if reason is None or reason.code == UNCONFIRMED.code:
            log_event(log.warning, "not_logged_out", session=session_id)
        return reason is not None

    async def _answered(self, session_id: str) -> Reason | None:
        """What the connector says of the end; None: it cannot say anything."""
        with self._subscriptions.listen(session_id) as subscription:
            await self._connectors.wake(session_id)
            await self._tell(session_id)
            async for change in subscription:
                match change.event:
                    case LoggedOut(reason=reason):
                        return reason
                    case Snapshot():  # it was started, as after a scan, and has not heard of it
                        await self._tell(session_id)
                    case Ended(state="FATAL"):  # it has nothing to say goodbye with
                        return None
        raise AssertionError("news never end")

    async def _tell(self, session_id: str) -> None:
        """Where it does not listen yet, or no longer, its next start is told."""
        if self._connectors.is_answered(session_id):
            await self._connectors.send(session_id, Logout())
