"""Logins of browsers: a cookie replaces the API key, which the browser does not keep."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from server.core.clock import Clock
from store.ports import LoginStore
from store.records import Key

#: The name of the cookie.
COOKIE = "motte_login"

#: Seconds that a login lasts, used or not: a working day with its breaks.
LIFETIME_SECONDS = 12 * 3600

#: The header also contains cookies of other programs on the same host, and not all of those are well-formed.
_IN_HEADER = re.compile(rf"(?:^|;)\s*{COOKIE}=([A-Za-z0-9_-]{{43}})\s*(?:;|$)")


class Login(NamedTuple):
    """A browser's login."""

    #: The value of the cookie: 256 random bits.
    token: str
    #: Milliseconds since 1970.
    expires_at: int


class LoginCookies:
    """Begins and ends logins, and finds their keys. A login is valid at every front of the host."""

    def __init__(self, store: LoginStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def begin(self, key_sha256: str) -> Login:
        """Returns a new login with the key of this digest. It ends when the key is revoked."""
        now = self._clock.wall()
        login = Login(secrets.token_urlsafe(32), now + LIFETIME_SECONDS * 1000)
        await self._store.add(
            _digest(login.token), key_sha256=key_sha256, now=now, expires_at=login.expires_at
        )
        return login

    async def key(self, token: str) -> Key | None:
        """Returns the key of the login; None if the login has ended or the key was revoked."""
        return await self._store.key(_digest(token), self._clock.wall())

    async def end(self, token: str) -> None:
        """Ends the login: its token, and every copy of it, stops working."""
        await self._store.delete(_digest(token))


def token_in(headers: Mapping[str, str]) -> str | None:
    """Returns the token of the request's cookie; None if it has none."""
    match = _IN_HEADER.search(headers.get("Cookie", ""))
    return match[1] if match else None


def _digest(token: str) -> str:
    """SHA-256 is enough for a random token."""
    return hashlib.sha256(token.encode()).hexdigest()
