"""Changes of what callers set on a session, and what its connector is told about them."""

from server.connectors.pool import ConnectorPool
from server.domain.session_fields import SessionFields
from server.sessions.state_machine import StateMachine
from store.records import Session


class SessionUpdates:
    """Applies updates to sessions."""

    def __init__(self, *, connectors: ConnectorPool, state_machine: StateMachine) -> None:
        self._connectors = connectors
        self._state_machine = state_machine

    async def update(self, session_id: str, fields: SessionFields) -> Session:
        """The session with new fields. Raises NoSuchSession.

        Its next link is opened with what it has now. If a code is shown that was made with a former device
        name or proxy, it dies with its socket.
        """
        session = await self._state_machine.update(session_id, fields)
        self._connectors.set_link(session)
        return session
