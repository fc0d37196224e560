"""The next login of each paired session without a link, and which of them wait for another version."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from server.whatsapp_version.schedule import Pace


@dataclass(frozen=True, slots=True)
class NextLogin:
    """The next login of one session."""

    #: Shortly before the login, on the event loop's clock. inf if it is not known, or needs no version.
    due_at: float
    #: Whether its last link was refused because of its version. It logs in at once if it gets another one.
    is_waiting: bool


class NextLogins:
    """The next login of each session whose link is closed."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._logins: dict[str, NextLogin] = {}

    def note(self, session_id: str, pause: float, *, is_waiting: bool) -> None:
        """Notes a closed link. The session opens the next one after `pause` seconds."""
        due_at = asyncio.get_running_loop().time() + pause - self._pace.before_login
        self._logins[session_id] = NextLogin(due_at, is_waiting)

    def note_waiting(self, session_id: str) -> None:
        """Notes that the last link was refused because of its version. The next login is not known."""
        known = self._logins.get(session_id)
        self._logins[session_id] = NextLogin(known.due_at if known else inf, is_waiting=True)

    def forget(self, session_id: str) -> None:
        """Notes that the session has a link, or opens no link by itself."""
        self._logins.pop(session_id, None)

    def waiting(self) -> list[str]:
        """Returns the sessions whose last link was refused because of its version."""
        return [session_id for session_id, login in self._logins.items() if login.is_waiting]

    def take_due(self) -> Iterator[str]:
        """Yields each session that logs in within `Pace.before_login` seconds, once."""
        now = asyncio.get_running_loop().time()
        for session_id, login in list(self._logins.items()):
            if login.due_at <= now:
                self._logins[session_id] = NextLogin(inf, login.is_waiting)
                yield session_id

    def first_due_at(self) -> float | None:
        """Returns when `take_due` yields a session next, on the event loop's clock; None if not known."""
        due_at = min((login.due_at for login in self._logins.values()), default=inf)
        return None if due_at == inf else due_at
