"""Writes log lines to standard error: one event a line, as `key=value` or as JSON."""

import logging
import sys
import time
from typing import Any

import msgspec

from server.core.log_events import LogEvent
from server.core.settings.model import LogFormat
from server.observability.log_rate_limit import SessionLogFilter
from server.observability.request_id import current

TEXT_FORMAT = "%(asctime)s.%(msecs)03dZ level=%(levelname)s %(message)s"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"


def configure(log_format: LogFormat) -> None:
    """Called once, when the front starts."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if log_format is LogFormat.JSON else Text())
    handler.addFilter(SessionLogFilter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


class Text(logging.Formatter):
    """`2026-05-25T12:00:00.000Z level=INFO session=shop event=created request=…`."""

    def __init__(self) -> None:
        super().__init__(TEXT_FORMAT, TIME_FORMAT)
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is that of logging
        line = escaped(super().formatMessage(record))
        return f"{line} request={current()}" if current() else line

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is that of logging
        return "\n".join(map(escaped, super().formatException(ei).split("\n")))


class Json(logging.Formatter):
    """One JSON object a line: the members of a LogEvent, or the text of another line as `message`."""

    def __init__(self) -> None:
        super().__init__()
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        shown: dict[str, Any] = {
            "time": f"{self.formatTime(record, TIME_FORMAT)}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            **_members(record),
        }
        if current():
            shown["request"] = current()
        if record.exc_info:
            shown["exception"] = self.formatException(record.exc_info)
        return escaped(msgspec.json.encode(shown).decode())


def escaped(line: str) -> str:
    """Returns a line without control characters: others wrote a part of it, and people see it in a terminal.

    Escapes are those of JSON, such as `\\u001b`.
    """
    if line.isprintable():
        return line
    return "".join(letter if letter.isprintable() else _escape(letter) for letter in line)


def _escape(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{int.from_bytes(units[at : at + 2]):04x}" for at in range(0, len(units), 2))


def _members(record: logging.LogRecord) -> dict[str, Any]:
    if not isinstance(record.msg, LogEvent):
        return {"message": record.getMessage()}
    return {
        name: value if type(value) in (bool, int, float) else str(value)
        for name, value in record.msg.members.items()
    }
