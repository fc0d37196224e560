"""The port of what was read before, and is still so."""

from typing import Protocol

from store.records.keys import Key
from store.records.sessions import Session


class Memory(Protocol):
    """What was read before and is still so. It counts until something is awaited.

    None: there is no such row, or it must be read.
    """

    def session(self, session_id: str) -> Session | None:
        """The session with its newest code, which may have expired."""

    def key(self, sha256_hex: str) -> Key | None:
        """The key whose text has that digest."""
