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
        line = super().formatMessage(record)
        return f"{line} request={current()}" if current() else line


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
        return msgspec.json.encode(shown).decode()


def _members(record: logging.LogRecord) -> dict[str, Any]:
    if not isinstance(record.msg, LogEvent):
        return {"message": record.getMessage()}
    return {
        name: value if type(value) in (bool, int, float) else str(value)
        for name, value in record.msg.members.items()
    }
