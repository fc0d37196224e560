"""Log lines of the front: one event a line, as `key=value` pairs that a formatter can also show as JSON."""

from collections.abc import Callable
from typing import Any


class LogEvent:
    """What one log line says. As text: `session=shop event=not_taken error=…`."""

    __slots__ = ("members",)

    def __init__(self, name: str, session: str | None, fields: dict[str, object]) -> None:
        about = {} if session is None else {"session": session}
        #: In the order in which they are shown: the session first.
        self.members: dict[str, object] = {**about, "event": name, **fields}

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.members.items())


def log_event(log: Callable[..., Any], name: str, *, session: str | None = None, **fields: object) -> None:
    """Writes a log line: `log_event(log.warning, "not_killed", session=session_id, error=error.code)`.

    log: a method of a logger, which decides the level. name: in snake case; docs/reference/logs.md lists all.
    fields: never a QR code, a key, a credential or the text of a message. A name that is a word of Python
    ends with an underscore, which is not shown: `from_`.
    """
    shown = {field.removesuffix("_"): value for field, value in fields.items()}
    log(LogEvent(name, session, shown), stacklevel=2)
