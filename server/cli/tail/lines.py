"""An event of the log as a line for people."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from server.cli.common.direction import direction
from server.cli.common.output import COLUMN_GAP, in_one_line
from server.cli.sessions.events import status_words


def as_line(event: Any) -> str:
    """Returns the time, the session, the type and what happened. Nothing in it controls a terminal.

    event: its envelope, whose type this version may not know.
    """
    moment = datetime.fromisoformat(event["timestamp"]).astimezone()
    words = WORDS.get(event["type"], _nothing)(event["data"])
    cells = (f"{moment:%Y-%m-%d %H:%M:%S}", event["sessionId"] or "-", event["type"], words)
    return COLUMN_GAP.join(in_one_line(cell) for cell in cells if cell)


def _nothing(_: Any) -> str:
    return ""


def _restriction(data: Any) -> str:
    if data["state"] == "ok":
        return "ok"
    return f"{data['state']} ({data['code']}) until {data['until']}"


def _message(data: Any) -> str:
    """Returns who wrote what where."""
    what = data["text"] or data["emoji"] or f"({data['kind']})"
    return f"{direction(data)}: {what}"


def _message_status(data: Any) -> str:
    """Returns how far which message is, and why it failed."""
    reason = data["statusReason"]
    why = f" ({reason['code']}: {reason['detail']})" if reason else ""
    return f"{data['id']} {direction(data)}: {data['status']}{why}"


def _call(data: Any) -> str:
    kind = "video" if data["isVideo"] else "voice"
    return f"{kind} call from {data['number'] or data['from']}"


def _link(data: Any) -> str:
    return f"{data['lid']} is {data['number']}"


#: What is said of the data of each type.
WORDS: dict[str, Callable[[Any], str]] = {
    "session.status": status_words,
    "session.restricted": _restriction,
    "message.received": _message,
    "message.reaction": _message,
    "message.edited": _message,
    "message.revoked": _message,
    "message.status": _message_status,
    "call.received": _call,
    "contact.linked": _link,
}
