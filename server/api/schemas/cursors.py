"""Cursors: opaque text for a position in a list, or in the event log."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

import msgspec

from server.core.errors import BadCursor
from server.protocol.nul import without_nul
from store.event_cursors import CURSOR_LENGTH

Position = TypeVar("Position")

#: Items on one page.
PAGE_LIMIT = 200

#: What a cursor of the event log looks like, whichever log it is of.
_OF_EVENTS = re.compile(rf"[A-Za-z0-9_-]{{{CURSOR_LENGTH}}}")


def encode_cursor(position: tuple[object, ...]) -> str:
    """Returns the cursor of a position."""
    return urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def decode_cursor(cursor: str, of: type[Position]) -> Position:
    """Returns the position of a cursor. Raises BadCursor."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return msgspec.json.decode(without_nul(urlsafe_b64decode(padded.encode())), type=of)
    except (ValueError, msgspec.DecodeError):
        raise BadCursor from None


def check_event_cursor(cursor: str) -> None:
    """Checks the form of a cursor of the event log. Raises BadCursor."""
    if not _OF_EVENTS.fullmatch(cursor):
        raise BadCursor
