"""Browsers that are logged in: they show a cookie instead of an API key, and never keep the key."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from server.core.clock import Clock
from store.ports import LoginStore
from store.records import Key

#: What the cookie is called.
COOKIE = "motte_login"

#: Seconds that a login lasts, used or not: a working day with its breaks.
LIFETIME = 12 * 3600

#: Other programs of the same host put cookies into the same header, and not all of them by the rules.
_IN_HEADER = re.compile(rf"(?:^|;)\s*{COOKIE}=([A-Za-z0-9_-]{{43}})\s*(?:;|$)")


class Login(NamedTuple):
    """A browser's login."""

    #: What the browser keeps: 256 random bits.
    token: str
    #: Milliseconds since 1970.
    expires_at: int


class LoginCookies:
    """Begins logins, finds the keys behind them, ends them; at every front of the host alike."""

    def __init__(self, record: LoginStore, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    async def begin(self, key_sha256: str) -> Login:
        """A login with the key of that digest; it is dead at once where the key has been revoked."""
        now = self._clock.wall()
        login = Login(secrets.token_urlsafe(32), now + LIFETIME * 1000)
        await self._record.add(
            _digest(login.token), key_sha256=key_sha256, now=now, expires_at=login.expires_at
        )
        return login

    async def key(self, token: str) -> Key | None:
        """The key behind the login; None: it is over, or the key was revoked."""
        return await self._record.key(_digest(token), self._clock.wall())

    async def end(self, token: str) -> None:
        """Make the token worthless, whoever has a copy."""
        await self._record.delete(_digest(token))


def token_in(headers: Mapping[str, str]) -> str | None:
    """What the request's cookie says."""
    match = _IN_HEADER.search(headers.get("Cookie", ""))
    return match[1] if match else None


def _digest(token: str) -> str:
    """SHA-256 is enough for what is random."""
    return hashlib.sha256(token.encode()).hexdigest()
