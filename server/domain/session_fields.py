"""Fields of a session that clients set, when they create it and later."""

from dataclasses import replace

import msgspec
from msgspec import UNSET, UnsetType

from store.records.sessions import Session


class SessionFields(msgspec.Struct, frozen=True, kw_only=True):
    """New values. UNSET keeps the old value; None removes it."""

    name: str | UnsetType | None = UNSET
    device_name: str | UnsetType | None = UNSET
    #: A URL, which may hold a password.
    proxy: str | UnsetType | None = UNSET

    def of(self, session: Session) -> Session:
        """Returns the session with these values."""
        return replace(
            session,
            **{name: value for name, value in msgspec.structs.asdict(self).items() if value is not UNSET},
        )

    def __repr__(self) -> str:
        """Omits the proxy: its password must not be logged."""
        return f"SessionFields(name={self.name!r}, device_name={self.device_name!r})"
