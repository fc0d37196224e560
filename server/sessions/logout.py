"""Asks WhatsApp to forget the device of a session."""

import asyncio
import logging

from server.core.errors import SupervisorUnavailable
from server.core.log_events import log_event
from server.protocol import reasons
from server.protocol.commands import Logout
from server.protocol.events.link import LoggedOut, Snapshot
from server.protocol.events.process import Ended
from server.sessions.parts import SessionParts
from store.records.reason import Reason

log = logging.getLogger(__name__)

#: Why a session is logged out if the phone may go on listing the device. Connectors say the same.
UNCONFIRMED = reasons.reason("asked-unconfirmed")

#: Seconds in which the connector has to send the logout to WhatsApp.
LOGOUT_TIMEOUT_SECONDS = 5.0
#: Seconds more in which the connector has to wipe its credentials and say so.
END_TIMEOUT_SECONDS = 1.0


async def log_out_device(parts: SessionParts, session_id: str) -> bool:
    """Logs the device of a held session out. Returns whether the connector wiped its credentials.

    WhatsApp may not have heard of it all the same; a warning is logged then.
    """
    try:
        async with asyncio.timeout(LOGOUT_TIMEOUT_SECONDS + END_TIMEOUT_SECONDS):
            reason = await _end_reason(parts, session_id)
    except (TimeoutError, SupervisorUnavailable):
        reason = None
    if reason is None or reason.code == UNCONFIRMED.code:
        log_event(log.warning, "not_logged_out", session=session_id)
    return reason is not None


async def _end_reason(parts: SessionParts, session_id: str) -> Reason | None:
    """What the connector says of the logout; None if it cannot say anything."""
    with parts.subscriptions.subscribe(session_id) as subscription:
        await parts.connectors.wake(session_id)
        await _send_logout(parts, session_id)
        async for change in subscription:
            match change.event:
                case LoggedOut(reason=reason):
                    return reason
                case Snapshot():  # it was started again, as after a scan, and does not know of the logout
                    await _send_logout(parts, session_id)
                case Ended(state="FATAL"):
                    return None
    raise AssertionError("a subscription has no end")


async def _send_logout(parts: SessionParts, session_id: str) -> None:
    """Sends the command, unless the connector does not answer: its next snapshot brings us here again."""
    if parts.connectors.is_answered(session_id):
        await parts.connectors.send(session_id, Logout())
