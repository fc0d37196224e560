"""The last lines of a connector's log."""

import errno
import os
import re
from pathlib import Path

import msgspec

from server.core.paths import StateFolder
from store.files import WrongKind, open_regular

#: Lines at most.
MAX_LINES = 500
#: Bytes that are read from the end of each file.
MAX_BYTES = 65_536
#: Characters of a line. A longer one is cut.
MAX_CHARACTERS = 1000

#: Text of a line that nobody formatted, such as Node's own, is not shown if it may hold a secret: a long run
#: without spaces, a number as long as a phone's, or an address (as in connector/process/logger.js).
SUSPECT = re.compile(r"\S{33,}|\d{7,}|@")
WITHHELD = "(withheld)"
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def log_tail(folder: StateFolder, session_id: str, *, lines: int) -> list[str]:
    """Returns up to `lines` last lines, the oldest first; none if the connector has written none.

    session_id: of an existing session. Reads the rotated file too. Raises OSError.
    """
    file = folder.logs / f"connector-{session_id}.log"
    found = [line for path in (file.with_suffix(".log.1"), file) for line in _last_lines(path)]
    return [_shown(line, session_id) for line in found[-lines:]]


def _last_lines(path: Path) -> list[str]:
    """The complete lines in the last MAX_BYTES; none if it is no regular file."""
    try:
        descriptor = open_regular(path, os.O_RDONLY | os.O_NOFOLLOW)
    except WrongKind:
        return []
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return []
        raise
    with os.fdopen(descriptor, "rb") as file:
        begin = max(os.fstat(descriptor).st_size - MAX_BYTES, 0)
        file.seek(begin)
        text = file.read(MAX_BYTES).decode(errors="replace")
    lines = text.split("\n")[:-1]
    return lines[1:] if begin else lines


def _shown(line: str, session_id: str) -> str:
    if not _is_event(line, session_id) and SUSPECT.search(line):
        return WITHHELD
    return CONTROL_CHARACTERS.sub("\ufffd", line[:MAX_CHARACTERS])


def _is_event(line: str, session_id: str) -> bool:
    """Whether the connector of this session wrote the line through its logger."""
    if line.startswith(f"session={session_id} "):
        return True
    try:
        members = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return False
    return isinstance(members, dict) and members.get("session") == session_id
