"""Log lines to standard error: one event each, as `key=value` or as JSON."""

import functools
import logging
import re
import sys
import time
from typing import Any

import msgspec

from server.core.settings import LogFormat
from server.observability.request_id import current

TEXT = "%(asctime)s.%(msecs)03dZ level=%(levelname)s %(message)s"
SECONDS = "%Y-%m-%dT%H:%M:%S"

#: A line of ours: `session=%s event=not_taken error=%s`.
_PAIRS = re.compile(r"\w+=\S+(?: \w+=\S+)*")
#: What stands for an argument in it, alone.
_PLACE = re.compile(r"%[-+0-9.]*[a-z]")


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
    """An object a line: what is said as `key=value` are its members, what is said otherwise its `message`."""

    def __init__(self) -> None:
        super().__init__()
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        shown: dict[str, Any] = {
            "time": f"{self.formatTime(record, SECONDS)}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            **_said(record),
        }
        if current():
            shown["request"] = current()
        if record.exc_info:
            shown["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(shown).decode()


def _said(record: logging.LogRecord) -> dict[str, Any]:
    template = _template(record.msg) if isinstance(record.msg, str) else None
    arguments = record.args or ()
    if template is None or not isinstance(arguments, tuple):
        return {"message": record.getMessage()}
    rest = iter(arguments)
    return {name: _value(next(rest)) if text.startswith("%") else text for name, text in template}


@functools.lru_cache(maxsize=256)
def _template(text: str) -> tuple[tuple[str, str], ...] | None:
    """The pairs of a line before its arguments are put in; None where it is no line of pairs."""
    if not _PAIRS.fullmatch(text):
        return None
    pairs = [pair.partition("=") for pair in text.split(" ")]
    if any("%" in value and not _PLACE.fullmatch(value) for _, _, value in pairs):
        return None
    return tuple((name, value) for name, _, value in pairs)


def _value(argument: object) -> object:
    """Numbers stay numbers."""
    if isinstance(argument, bool | int | float) and type(argument) in (bool, int, float):
        return argument
    return str(argument)
