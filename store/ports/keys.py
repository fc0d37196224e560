"""The port of API keys."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from store.records.keys import Key


class KeyStore(Protocol):
    """API keys, by the SHA-256 of their text. A name has one key, and a key one name."""

    async def add(
        self,
        name: str,
        sha256_hex: str,
        scopes: Sequence[str],
        now: int,
        *,
        sessions: Sequence[str] | None = None,
    ) -> None:
        """Takes the place of the key of that name.

        scopes, sessions: words without spaces; None: every session. now: milliseconds since 1970.
        """

    async def find(self, sha256_hex: str) -> Key | None:
        """The key whose text has that digest."""

    async def all(self) -> list[Key]:
        """Every key, by name."""

    async def any(self) -> bool:
        """Whether there is a key at all: without one, nobody could ask for the first."""

    async def note_use(self, used: Mapping[tuple[str, int], int]) -> None:
        """Keeps when keys were last used. used: name and `created_at` -> milliseconds since 1970.

        A key that was made again under an old name has not been used.
        """

    async def delete(self, name: str) -> bool:
        """Whether there was one."""
