"""What callers can ask for, whichever front they ask."""

from collections.abc import Set
from typing import Protocol

from server.core.errors import MotteError
from server.domain.session_fields import SessionFields
from server.sessions.pairing_codes import PairingCode
from store.records import Session


class SessionService(Protocol):
    """One front owns the pipes and does the work (leader.py); any other has it done (visitor.py).

    Every method raises NoSuchSession, and what the work itself raises.
    """

    async def create(self, session_id: str, *, fields: SessionFields, is_awaited: bool) -> Session:
        """A new session, with its first code where that is awaited. Raises SessionExists."""

    async def fresh(self, session_id: str) -> Session:
        """The session with a code that can be scanned, refreshed first if it has expired."""

    async def newer(self, session_id: str, *, than: Set[str], wait: float) -> Session:
        """The session once it is newer than these versions; as it is after `wait` seconds."""

    async def update(self, session_id: str, fields: SessionFields) -> Session:
        """Change what callers set on a session."""

    async def delete(self, session_id: str) -> None:
        """Log out where paired, stop the connector, forget everything."""

    async def start(self, session_id: str) -> Session:
        """Wake a session that was stopped; try one again that failed."""

    async def stop(self, session_id: str) -> Session:
        """Let a session rest until it is started."""

    async def restart(self, session_id: str, *, forget: bool = False) -> Session:
        """End the connector and start it; without linked credentials, begin a pairing.

        forget: discard the linked credentials first.
        """

    async def log_out(self, session_id: str) -> Session:
        """Make the account forget this device."""

    async def pairing_code(self, session_id: str, phone_number: str) -> PairingCode:
        """A code to type on the phone."""

    async def close(self, error: MotteError) -> None:
        """End every wait with this error, and those to come."""
