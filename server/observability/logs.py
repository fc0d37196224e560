"""Log lines to standard error: one event each, as `key=value` or as JSON."""

import logging
import sys
import time
from typing import Any

import msgspec

from server.core.log_events import LogEvent
from server.core.settings import LogFormat
from server.observability.request_id import current

TEXT = "%(asctime)s.%(msecs)03dZ level=%(levelname)s %(message)s"
SECONDS = "%Y-%m-%dT%H:%M:%S"


def configure(log_format: LogFormat) -> None:
    """Called once, when the front starts."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if log_format is LogFormat.JSON else Text())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


class Text(logging.Formatter):
    """`2026-05-25T12:00:00.000Z level=INFO session=shop event=created request=…`."""

    def __init__(self) -> None:
        super().__init__(TEXT, SECONDS)
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging calls it so
        line = super().formatMessage(record)
        return f"{line} request={current()}" if current() else line


class Json(logging.Formatter):
    """An object a line: the members of a LogEvent, or the text of another line as `message`."""

    def __init__(self) -> None:
        super().__init__()
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        shown: dict[str, Any] = {
            "time": f"{self.formatTime(record, SECONDS)}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            **_members(record),
        }
        if current():
            shown["request"] = current()
        if record.exc_info:
            shown["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(shown).decode()


def _members(record: logging.LogRecord) -> dict[str, Any]:
    if not isinstance(record.msg, LogEvent):
        return {"message": record.getMessage()}
    return {name: _value(value) for name, value in record.msg.members.items()}


def _value(value: object) -> object:
    """Numbers stay numbers."""
    if type(value) in (bool, int, float):
        return value
    return str(value)
