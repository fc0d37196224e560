"""Part of a terminal that is redrawn in the same place."""

import os
from collections.abc import Callable
from typing import TextIO

UP = "\x1b[{}A"
#: Erase everything after the cursor, and everything on the screen.
ERASE_BEHIND = "\x1b[J"
ERASE_ALL = "\x1b[H\x1b[2J"


class Screen:
    """Lines at the cursor. The cursor stays at the end of the last line."""

    def __init__(self, out: TextIO, size: Callable[[], os.terminal_size]) -> None:
        self._out = out
        self._size = size
        self._shown: list[str] = []
        self._shown_in = size()

    @property
    def size(self) -> os.terminal_size:
        """Current size: a person may change it."""
        return self._size()

    def show(self, lines: list[str]) -> None:
        """Replaces the shown lines.

        If only the last line is new, only that line is written: a camera would see the others flicker. The
        last line is cut off if it is too long; the caller checks the others.
        """
        *above, last = lines
        lines = [*above, last[: self.size.columns - 1]]
        if self._shown[:-1] == above and self._shown and self._shown_in == self.size:
            self._write("\r" + lines[-1] + ERASE_BEHIND)
        else:
            self._write(self._start() + "\n".join(lines))
        self._shown, self._shown_in = lines, self.size

    def clear(self) -> None:
        """Erases the lines. The cursor returns to where it was before."""
        if self._shown:
            self._write(self._start())
            self._shown = []

    def _start(self) -> str:
        """Moves to the beginning of what is shown. After a change of size, lines are wrapped: erases all."""
        if not self._shown:
            return ""
        if self._shown_in != self.size:
            return ERASE_ALL
        up = len(self._shown) - 1
        return "\r" + (UP.format(up) if up else "") + ERASE_BEHIND

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
