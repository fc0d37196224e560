"""What callers set on a session: when they create it, and later."""

from dataclasses import replace

import msgspec
from msgspec import UNSET, UnsetType

from store.records import Session


class SessionFields(msgspec.Struct, frozen=True, kw_only=True):
    """New values. UNSET: the session keeps what it has. None: it has none of its own."""

    name: str | UnsetType | None = UNSET
    device_name: str | UnsetType | None = UNSET
    #: A URL, which may hold a password.
    proxy: str | UnsetType | None = UNSET

    def of(self, session: Session) -> Session:
        """The session with these values."""
        return replace(
            session,
            **{name: value for name, value in msgspec.structs.asdict(self).items() if value is not UNSET},
        )

    def __repr__(self) -> str:
        """Leaves the proxy out: its password belongs into no log."""
        return f"SessionFields(name={self.name!r}, device_name={self.device_name!r})"
