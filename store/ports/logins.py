"""The port of browsers that are logged in."""

from typing import Protocol

from store.records.keys import Key


class LoginStore(Protocol):
    """Browsers that are logged in with an API key, by the SHA-256 of what they show instead of it.

    A login ends with its key. The boot clock decides when it is over; after a reboot wall time does, and a
    login that would last longer than any can is over too: the wall clock was set back.

    wall: now, milliseconds since 1970. boot: now, boot clock, seconds. ttl: seconds that each login lasts.
    """

    async def add(self, sha256_hex: str, *, key_sha256: str, wall: int, boot: float, ttl: float) -> None:
        """Keeps a login, and forgets those whose time is over.

        If the key was revoked meanwhile, there is no login.
        """

    async def key(self, sha256_hex: str, *, wall: int, boot: float, ttl: float) -> Key | None:
        """The key behind a login that is not over."""

    async def delete(self, sha256_hex: str) -> None:
        """Ends a login, if there is such a one."""
