"""The interface of the session service, which handlers use in any front."""

from collections.abc import Set
from typing import Protocol

from server.core.errors import MotteError
from server.domain.session_fields import SessionFields
from server.domain.transitions import Now
from server.protocol.commands import TypingKind
from server.sessions.pairing_codes import PairingCode
from server.sessions.subscriptions import Subscriptions
from store.ports.memory import Memory
from store.records.contacts import Contact
from store.records.sessions import Session


class SessionService(Protocol):
    """The leader does the work (server/sessions/service.py); a follower requests it (follower.py).

    Every method except `create` raises NoSuchSession, and the errors of the work itself.
    """

    async def create(self, session_id: str, *, fields: SessionFields, is_awaited: bool) -> Session:
        """Creates a session; returns it with its first code if that is awaited. Raises SessionExists."""

    def ready(self, session_id: str, memory: Memory) -> Session | None:
        """Returns the session if `fresh` would do nothing but return it, without a look into the store.

        None: `fresh` has to find out.
        """

    async def fresh(self, session_id: str) -> Session:
        """Returns the session with a code that can be scanned, refreshed first if it has expired."""

    async def newer(self, session_id: str, *, than: Set[str], wait: float) -> Session:
        """Returns the session once it is newer than these versions; as it is after `wait` seconds."""

    async def update(self, session_id: str, fields: SessionFields) -> Session:
        """Changes what callers set on a session."""

    async def delete(self, session_id: str) -> None:
        """Logs out if paired, stops the connector, deletes row and folder."""

    async def start(self, session_id: str) -> Session:
        """Starts a session that was stopped; tries one again that failed."""

    async def stop(self, session_id: str) -> Session:
        """Stops a session until it is started."""

    async def restart(self, session_id: str, *, forget: bool = False) -> Session:
        """Stops the connector and starts it; begins a pairing without linked credentials.

        forget: discards the linked credentials first.
        """

    async def log_out(self, session_id: str) -> Session:
        """Makes the account forget this device."""

    async def pairing_code(self, session_id: str, phone_number: str) -> PairingCode:
        """Returns a code to type on the phone."""

    async def mark_read(self, session_id: str, chat: str, up_to: str | None) -> None:
        """Marks what came in a chat as read. up_to: the id of the last message; None: all."""

    async def show_typing(self, session_id: str, chat: str, *, seconds: float, kind: TypingKind) -> None:
        """Shows a chat that somebody types."""

    async def look_up(self, session_id: str, number: str) -> Contact:
        """Returns what WhatsApp says of a number."""

    def wake_dispatcher(self, session_id: str) -> None:
        """The session has something to send, which is stored."""

    def now(self) -> Now:
        """Returns the time for what this front writes now."""

    @property
    def subscriptions(self) -> Subscriptions:
        """Those of requests that wait in this front."""

    async def close(self, error: MotteError) -> None:
        """Ends every wait with this error, and those to come."""
