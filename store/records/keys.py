"""The record of an API key."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key. Its text is stored nowhere, only its SHA-256."""

    name: str
    #: What it may do.
    scopes: tuple[str, ...]
    #: Ids of the sessions that it is bound to, which need not exist. None: it reaches every session.
    sessions: tuple[str, ...] | None = None
    #: Milliseconds since 1970.
    created_at: int
    #: Milliseconds since 1970, a minute late at most; None: not used yet.
    last_used_at: int | None = None
    #: The number of the newest event when it was made. Callers never see it.
    first_event: int = 0

    def may_see(self, session_id: str) -> bool:
        """Whether the session exists as far as this key is concerned."""
        return self.sessions is None or session_id in self.sessions
