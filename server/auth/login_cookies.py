"""Logins of browsers: a cookie replaces the API key, which the browser does not keep."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import TypedDict

from server.core.clock import Clock
from store.ports.logins import LoginStore
from store.records.keys import Key

#: The name of the cookie.
COOKIE = "motte_login"

#: Seconds that a login lasts, used or not: a working day with its breaks.
LIFETIME_SECONDS = 12 * 3600

#: The header also contains cookies of other programs on the same host, and not all of those are well-formed.
_IN_HEADER = re.compile(rf"(?:^|;)\s*{COOKIE}=([A-Za-z0-9_-]{{43}})\s*(?:;|$)")


class _Now(TypedDict):
    """What LoginStore has to know of the time."""

    wall: int
    boot: float
    ttl: float


class LoginCookies:
    """Begins and ends logins, and finds their keys. A login is valid at every front of the host."""

    def __init__(self, store: LoginStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def begin(self, key_sha256: str) -> str:
        """Returns the token of a new login with the key of this digest: 256 random bits.

        The login ends when the key is revoked.
        """
        token = secrets.token_urlsafe(32)
        await self._store.add(_digest(token), key_sha256=key_sha256, **self._now())
        return token

    async def key(self, token: str) -> Key | None:
        """Returns the key of the login; None if the login has ended or the key was revoked."""
        return await self._store.key(_digest(token), **self._now())

    async def end(self, token: str) -> None:
        """Ends the login: its token, and every copy of it, stops working.

        An unknown token begins no write: anybody may send one.
        """
        if await self.key(token) is not None:
            await self._store.delete(_digest(token))

    def _now(self) -> _Now:
        return {"wall": self._clock.wall(), "boot": self._clock.boot(), "ttl": LIFETIME_SECONDS}


def token_in(headers: Mapping[str, str]) -> str | None:
    """Returns the token of the request's cookie; None if it has none."""
    match = _IN_HEADER.search(headers.get("Cookie", ""))
    return match[1] if match else None


def _digest(token: str) -> str:
    """SHA-256 is enough for a random token."""
    return hashlib.sha256(token.encode()).hexdigest()
