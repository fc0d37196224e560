"""When paired sessions without a link log in next by themselves, and which of them wait for a version."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from server.whatsapp_version.schedule import Pace


@dataclass(frozen=True, slots=True)
class NextLogin:
    """What one session does next."""

    #: On the event loop's clock: shortly before it logs in. inf if that is not known, or it was told.
    due_at: float
    #: Whether its last link was refused for its version. It logs in at once if it is told of another one.
    is_waiting: bool


class NextLogins:
    """The next login of each session whose link is closed."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._logins: dict[str, NextLogin] = {}

    def note(self, session_id: str, pause: float, *, is_waiting: bool) -> None:
        """The session's link is closed. It opens the next one after `pause` seconds."""
        due_at = asyncio.get_running_loop().time() + pause - self._pace.before_login
        self._logins[session_id] = NextLogin(due_at, is_waiting)

    def note_waiting(self, session_id: str) -> None:
        """The session's last link was refused for its version. When it logs in next is not known."""
        known = self._logins.get(session_id)
        self._logins[session_id] = NextLogin(known.due_at if known else inf, is_waiting=True)

    def forget(self, session_id: str) -> None:
        """The session has a link, or opens none by itself."""
        self._logins.pop(session_id, None)

    def waiting(self) -> list[str]:
        """The sessions whose last link was refused for its version."""
        return [session_id for session_id, login in self._logins.items() if login.is_waiting]

    def take_due(self) -> Iterator[str]:
        """Each session that logs in within `Pace.before_login` seconds, once."""
        now = asyncio.get_running_loop().time()
        for session_id, login in list(self._logins.items()):
            if login.due_at <= now:
                self._logins[session_id] = NextLogin(inf, login.is_waiting)
                yield session_id

    def first_due_at(self) -> float | None:
        """When `take_due` gives a session next, on the event loop's clock; None if that is not known."""
        due_at = min((login.due_at for login in self._logins.values()), default=inf)
        return None if due_at == inf else due_at
