"""Addresses of other gateways: a program that was written for one of them meets a 404 here first."""

#: How their addresses begin. docs/how-to/moving.md has the routes of WAHA, Evolution API, gowa and wuzapi.
_BEGINNINGS = frozenset(
    {
        *("admin", "api", "app", "call", "chat", "chats", "devices", "group", "instance", "label", "message"),
        *("proxy", "send", "session", "settings", "user", "webhook", "websocket", "ws"),
    }
)

HINT = (
    "other gateways have such addresses, and docs/how-to/moving.md in the source of Motte says which ones "
    "Motte has instead"
)


def belongs_to_another(path: str) -> bool:
    """Whether an address is like those of another gateway. path: one that no route of Motte has."""
    return path.lstrip("/").partition("/")[0] in _BEGINNINGS
