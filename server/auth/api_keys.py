"""API keys: finding the key of a request, and checking what it may do."""

from collections.abc import Mapping

from server.auth.failed_auth_limiter import FailedAuthLimiter
from server.auth.key_texts import RANDOM, digest, is_random
from server.auth.key_usage import KeyUsage
from server.auth.login_cookies import LoginCookies, token_in
from server.auth.scopes import Scope as Scope
from server.core.clock import Clock
from server.core.errors import Forbidden, Unauthorized
from store.ports.keys import KeyStore
from store.ports.memory import Memory
from store.records.keys import Key

#: Names of query parameters that may contain any key, without `-` and `_`.
QUERY_NAMES = frozenset({"key", "apikey", "token", "accesstoken"})


class ApiKeys:
    """The API keys of this host."""

    def __init__(self, store: KeyStore, logins: LoginCookies, usage: KeyUsage, clock: Clock) -> None:
        self._store = store
        self._logins = logins
        self._usage = usage
        self._clock = clock
        self._wrong = FailedAuthLimiter()

    async def of_request(self, headers: Mapping[str, str], *, address: str) -> Key:
        """Returns the key that the request carries, else the key of its browser's login.

        Looks it up each time: a revoked key stops working at once.
        address: the address that the connection comes from. Raises Unauthorized, RateLimited.
        """
        text = presented(headers)
        return await (self._of_browser(headers) if text is None else self.of(text, address=address))

    async def of(self, text: str, *, address: str) -> Key:
        """Returns the key with this text. Raises Unauthorized, RateLimited."""
        sha256, is_guessable = digest(text), not is_random(text)
        if is_guessable:
            self._wrong.check(address, sha256, self._clock.boot())
        key = await self._store.find(sha256)
        if key is None:
            self._wrong.count(address, sha256, self._clock.boot())
            raise Unauthorized("Motte does not know this API key: `motte keys list` shows those that exist")
        if is_guessable:
            self._wrong.admit(address, sha256)
        self._usage.note(key)
        return key

    def of_memory(self, text: str, memory: Memory, *, address: str) -> Key | None:
        """Returns the key with this text like `of`, if that needs no look into the store.

        None: `of` has to find out. Nothing was counted then.
        """
        sha256 = digest(text)
        key = memory.key(sha256)
        if key is None or not (is_random(text) or self._wrong.was_right(address, sha256)):
            return None
        self._usage.note(key)
        return key

    async def _of_browser(self, headers: Mapping[str, str]) -> Key:
        """Returns the login's key. An expired login does not count as a wrong key. Raises Unauthorized."""
        token = token_in(headers)
        if token is None:
            raise Unauthorized(_why_no_key(headers))
        key = await self._logins.key(token)
        if key is None:
            raise Unauthorized("the login of this browser has expired: log in again")
        self._usage.note(key)
        return key


def may(key: Key, scope: Scope) -> bool:
    """Whether the key has the scope."""
    return scope in key.scopes or Scope.ADMIN in key.scopes or _includes(key, scope)


def _includes(key: Key, scope: Scope) -> bool:
    """Whether another scope of the key allows the same: keys for sessions could always read messages."""
    return scope is Scope.READ_MESSAGES and Scope.READ in key.scopes


def known_from(key: Key) -> int | None:
    """Returns the number of the newest event when a key that is bound to sessions was made; None: unbound.

    Of a session that was deleted before, such a key reads nothing: the id may belong to somebody else now.
    """
    return None if key.sessions is None else key.first_event


def check_scope(key: Key, scope: Scope) -> None:
    """Checks that the key has the scope. Raises Forbidden."""
    if not may(key, scope):
        raise Forbidden(f"the API key {key.name} lacks the scope {scope}")


def check_proxy_scope(key: Key) -> None:
    """Only administrators set proxies: a proxy makes this host connect to any address. Raises Forbidden."""
    if Scope.ADMIN not in key.scopes:
        raise Forbidden(
            f"the API key {key.name} lacks the scope {Scope.ADMIN}, which a proxy needs: "
            "it makes this host connect to any address"
        )


def refuse_in_query(query: Mapping[str, str]) -> None:
    """Refuses a key in an address: proxies would log it. Raises Unauthorized.

    A key that Motte made is found under each name, and in the name itself.
    """
    for name, value in query.items():
        is_named = name.lower().replace("-", "").replace("_", "") in QUERY_NAMES
        if is_named or RANDOM.search(name) or RANDOM.search(value):
            raise Unauthorized(
                "an API key must not be in an address, because addresses are logged: "
                "send it as `Authorization: Bearer …`, and replace this key"
            )


def presented(headers: Mapping[str, str]) -> str | None:
    """Returns the text of the key from `Authorization: Bearer`, else from headers of other gateways."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("X-Api-Key") or headers.get("apikey") or None


def _why_no_key(headers: Mapping[str, str]) -> str:
    """Says what a request without a key lacks. headers: those from which `presented` returns None."""
    if "Authorization" in headers:
        return (
            "the header Authorization must be `Bearer` and an API key; "
            "if it is needed for something else, send the key as `X-Api-Key`"
        )
    return "the request has no API key: send `Authorization: Bearer` with a key of `motte keys create`"
