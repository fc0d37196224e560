"""API keys as commands print them, without their text."""

from typing import Any

from server.cli.common.moments import ago
from server.core.clock import iso
from store.records.keys import Key

COLUMNS = ("NAME", "SCOPES", "SESSIONS", "CREATED", "LAST USED")

#: Stands for every session. It is no valid session id.
ALL_SESSIONS = "(all)"


def as_json(key: Key) -> dict[str, Any]:
    """Returns the key for programs."""
    return {
        "name": key.name,
        "scopes": list(key.scopes),
        "sessions": None if key.sessions is None else list(key.sessions),
        "createdAt": iso(key.created_at),
        "lastUsedAt": None if key.last_used_at is None else iso(key.last_used_at),
    }


def as_row(key: Key) -> tuple[str | None, ...]:
    """Returns a cell for each of COLUMNS."""
    return (
        key.name,
        " ".join(key.scopes),
        ALL_SESSIONS if key.sessions is None else " ".join(key.sessions),
        ago(iso(key.created_at)),
        None if key.last_used_at is None else ago(iso(key.last_used_at)),
    )
