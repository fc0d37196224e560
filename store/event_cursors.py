"""Cursors of the event log: opaque text for a place in it.

Callers see cursors, and a caller that may see one session must not count the events of others by them. So a
cursor is the number of an event under a keyed permutation (Luby and Rackoff 1988: four rounds of a Feistel
network over a keyed hash), after the name of its log.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import blake2s
from secrets import token_hex
from typing import Self

#: Bytes of the name of a log, and of a number.
NAME_BYTES = 8
NUMBER_BYTES = 8
SECRET_BYTES = 16

#: Characters of a cursor.
CURSOR_LENGTH = 22

_ROUNDS = 4
_HALF_BITS = 32


@dataclass(frozen=True, slots=True)
class EventCursors:
    """Makes and reads the cursors of one log."""

    #: Hexadecimal.
    name: str
    #: Hexadecimal.
    secret: str = field(repr=False)

    @classmethod
    def of_another_log(cls) -> Self:
        """Returns those of a log that begins now."""
        return cls(name=token_hex(NAME_BYTES), secret=token_hex(SECRET_BYTES))

    def cursor(self, number: int) -> str:
        """Returns the cursor of the place behind the event with this number; 0: before every event."""
        left, right = divmod(number, 1 << _HALF_BITS)
        for step in range(_ROUNDS):
            left, right = right, left ^ self._mixed(step, right)
        hidden = ((left << _HALF_BITS) | right).to_bytes(NUMBER_BYTES)
        return urlsafe_b64encode(bytes.fromhex(self.name) + hidden).decode().rstrip("=")

    def number(self, cursor: str) -> int | None:
        """Returns the number of a cursor; None if it is not one of this log."""
        try:
            read = urlsafe_b64decode(cursor.encode() + b"==")
        except ValueError:
            return None
        if len(read) != NAME_BYTES + NUMBER_BYTES or read[:NAME_BYTES].hex() != self.name:
            return None
        left, right = divmod(int.from_bytes(read[NAME_BYTES:]), 1 << _HALF_BITS)
        for step in reversed(range(_ROUNDS)):
            left, right = right ^ self._mixed(step, left), left
        return (left << _HALF_BITS) | right

    def _mixed(self, step: int, half: int) -> int:
        """Returns 32 bits that depend on the key, the round and one half of the number."""
        text = bytes([step]) + half.to_bytes(_HALF_BITS // 8)
        return int.from_bytes(
            blake2s(text, key=bytes.fromhex(self.secret), digest_size=_HALF_BITS // 8).digest()
        )
