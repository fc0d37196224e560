"""Removes NUL characters from texts that come in: PostgreSQL cannot store them."""

import re

#: How JSON writes the character, after any number of backslashes that are escaped themselves.
_ESCAPED = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def without_nul(json: bytes) -> bytes:
    """Returns the same JSON, without the NUL characters in its texts."""
    return _ESCAPED.sub(rb"\1", json) if rb"\u0000" in json else json
