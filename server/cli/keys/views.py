"""API keys as commands show them: never their text."""

from datetime import UTC, datetime
from typing import Any

from server.core.clock import iso
from store.records import Key

COLUMNS = ("NAME", "SCOPES", "SESSIONS", "CREATED", "LAST USED")

#: What stands for every session; none can have it as its id.
EVERY = "(all)"


def as_json(key: Key) -> dict[str, Any]:
    """What programs read."""
    return {
        "name": key.name,
        "scopes": list(key.scopes),
        "sessions": None if key.sessions is None else list(key.sessions),
        "createdAt": iso(key.created_at),
        "lastUsedAt": None if key.last_used_at is None else iso(key.last_used_at),
    }


def as_row(key: Key) -> tuple[str | None, ...]:
    """A cell for each of COLUMNS."""
    return (
        key.name,
        " ".join(key.scopes),
        EVERY if key.sessions is None else " ".join(key.sessions),
        _moment(key.created_at),
        None if key.last_used_at is None else _moment(key.last_used_at),
    )


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
