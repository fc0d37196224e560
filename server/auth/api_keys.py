"""Who asks, and what their API key lets them do."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from enum import StrEnum

from server.auth.failed_auth_limiter import FailedAuthLimiter
from server.auth.key_usage import Usage
from server.auth.login_cookies import LoginCookies, token_in
from server.core.clock import Clock
from server.core.errors import Forbidden, Unauthorized
from store.ports import KeyStore
from store.records import Key

#: What callers name a key in a query, without `-` and `_`.
IN_QUERIES = frozenset({"apikey", "token", "accesstoken"})


class Scope(StrEnum):
    """What a key may do."""

    READ = "sessions:read"  # look at sessions, their codes and the messages they received
    WRITE = "sessions:write"  # make, change and remove sessions
    MESSAGES = "messages:write"  # send messages
    ADMIN = "admin"  # everything


def new_key() -> str:
    """256 random bits, told from other secrets by their first letters."""
    return "motte_" + secrets.token_urlsafe(32)


def digest(key: str) -> str:
    """What the record holds of a key. SHA-256 is enough for one that is random.

    A header may hold any bytes; aiohttp keeps those that are no UTF-8 as surrogates.
    """
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()


class ApiKeys:
    """The API keys of this host."""

    def __init__(self, record: KeyStore, logins: LoginCookies, usage: Usage, clock: Clock) -> None:
        self._record = record
        self._logins = logins
        self._usage = usage
        self._clock = clock
        self._wrong = FailedAuthLimiter()

    async def of_request(self, headers: Mapping[str, str], *, address: str) -> Key:
        """The key that the request carries, or else the one that its browser is logged in with.

        It is looked up each time: a revoked one is worthless at once.
        address: where the connection comes from. Raises Unauthorized, RateLimited.
        """
        text = presented(headers)
        return await (self._of_browser(headers) if text is None else self.of(text, address=address))

    async def of(self, text: str, *, address: str) -> Key:
        """The key with this text. Raises Unauthorized, RateLimited."""
        key = await self._record.find(digest(text))
        if key is None:
            self._wrong.count(address, self._clock.boot())
            raise Unauthorized
        self._usage.note(key)
        return key

    async def _of_browser(self, headers: Mapping[str, str]) -> Key:
        """A login that is over is no guess, and not counted as one. Raises Unauthorized."""
        token = token_in(headers)
        if token is None:
            raise Unauthorized
        key = await self._logins.key(token)
        if key is None:
            raise Unauthorized("the login of this browser is over: log in again")
        self._usage.note(key)
        return key


def check_scope(key: Key, scope: Scope) -> None:
    """Whether the key may do this. Raises Forbidden."""
    if scope not in key.scopes and Scope.ADMIN not in key.scopes:
        raise Forbidden(f"the API key {key.name} lacks the scope {scope}")


def check_proxy_scope(key: Key) -> None:
    """Only administrators set proxies: a proxy makes this host connect to any address. Raises Forbidden."""
    if Scope.ADMIN not in key.scopes:
        raise Forbidden(
            f"the API key {key.name} lacks the scope {Scope.ADMIN}, which a proxy needs: "
            "it makes this host connect to any address"
        )


def refuse_in_query(names: Iterable[str]) -> None:
    """A key in an address ends up in the logs of every proxy on its way. Raises Unauthorized."""
    for name in names:
        if name.lower().replace("-", "").replace("_", "") in IN_QUERIES:
            raise Unauthorized(
                "an API key must not stand in an address, where logs keep it: "
                "send it as `Authorization: Bearer …`, and replace this one"
            )


def presented(headers: Mapping[str, str]) -> str | None:
    """The text of the key: `Authorization: Bearer` first, then the habits of other gateways' users."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("X-Api-Key") or headers.get("apikey") or None
