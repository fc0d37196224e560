"""The part of a terminal that is written again and again in the same place."""

import os
from collections.abc import Callable
from typing import TextIO

UP = "\x1b[{}A"
#: All behind the cursor, and all on the screen.
ERASE_BEHIND = "\x1b[J"
ERASE_ALL = "\x1b[H\x1b[2J"


class Screen:
    """Some lines at the cursor; the cursor stays behind the last one."""

    def __init__(self, out: TextIO, size: Callable[[], os.terminal_size]) -> None:
        self._out = out
        self._size = size
        self._shown: list[str] = []
        self._shown_in = size()

    @property
    def size(self) -> os.terminal_size:
        """As it is now: a person may enlarge it."""
        return self._size()

    def show(self, lines: list[str]) -> None:
        """These in the place of those that were shown.

        Where only the last line is new, only that is written: a camera would see the others flicker. It is
        cut off where it is too long; the others must have room.
        """
        *above, last = lines
        lines = [*above, last[: self.size.columns - 1]]
        if self._shown[:-1] == above and self._shown and self._shown_in == self.size:
            self._write("\r" + lines[-1] + ERASE_BEHIND)
        else:
            self._write(self._start() + "\n".join(lines))
        self._shown, self._shown_in = lines, self.size

    def clear(self) -> None:
        """Leave nothing; the cursor is where it was before."""
        if self._shown:
            self._write(self._start())
            self._shown = []

    def _start(self) -> str:
        """Back to the beginning of what is shown. In another size lines have been folded: all goes then."""
        if not self._shown:
            return ""
        if self._shown_in != self.size:
            return ERASE_ALL
        up = len(self._shown) - 1
        return "\r" + (UP.format(up) if up else "") + ERASE_BEHIND

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
