"""Who asks, and what their API key lets them do."""

import hashlib
import secrets
from collections.abc import Mapping
from enum import StrEnum

from server.errors import Forbidden, Unauthorized
from store.keys import Keys as Record
from store.records import Key


class Scope(StrEnum):
    """What a key may do."""

    READ = "sessions:read"  # look at sessions, their codes and messages
    WRITE = "sessions:write"  # make, change and remove sessions
    ADMIN = "admin"  # everything


def new_key() -> str:
    """256 random bits, told from other secrets by their first letters."""
    return "motte_" + secrets.token_urlsafe(32)


def digest(key: str) -> str:
    """What the record holds of a key. SHA-256 is enough for one that is random.

    A header may hold any bytes; aiohttp keeps those that are no UTF-8 as surrogates.
    """
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()


class Keys:
    """The API keys of this host."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def admit(self, headers: Mapping[str, str], scope: Scope) -> Key:
        """The key that the request carries. Raises Unauthorized, Forbidden."""
        text = _presented(headers)
        key = await self._record.find(digest(text)) if text else None
        if key is None:
            raise Unauthorized
        if scope not in key.scopes and Scope.ADMIN not in key.scopes:
            raise Forbidden(f"the API key {key.name} lacks the scope {scope}")
        return key


def _presented(headers: Mapping[str, str]) -> str | None:
    """`Authorization: Bearer` first, then the habits of other gateways' users."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    return headers.get("X-Api-Key") or headers.get("apikey")
