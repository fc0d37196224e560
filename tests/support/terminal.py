"""What a person sees of a program that writes to a terminal."""

import codecs
import re

from tests.support.scanner import HALF_BLOCKS, read_text

#: Those escapes that Motte writes, or a letter; an escape that is not whole matches nothing.
TOKEN = re.compile(r"\x1b\[(?P<count>\d*)(?P<escape>[AHJ])|(?P<letter>[^\x1b])")


class Terminal:
    """A grid of letters with a cursor. It refuses sequences that it does not know."""

    def __init__(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self._rows = [""]
        self._row = self._column = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._rest = ""

    @property
    def text(self) -> str:
        """All that stands on it."""
        return "\n".join(row.rstrip() for row in self._rows).strip("\n")

    def code(self) -> str | None:
        """The text of the one code on it, as a camera reads it. None if no code is shown."""
        drawn = [row for row in self.text.splitlines() if set(row) & (set(HALF_BLOCKS) - {" "})]
        return read_text("\n".join(drawn)) if drawn else None

    def resize(self, columns: int, lines: int) -> None:
        """What stood on it is folded somehow."""
        self.columns, self.lines = columns, lines

    def feed(self, written: bytes) -> None:
        text = self._rest + self._decoder.decode(written)
        end = 0
        for token in TOKEN.finditer(text):
            assert token.start() == end, f"it writes {text[end : token.start()]!r}"
            end = token.end()
            if token["escape"]:
                self._escape(token["escape"], token["count"])
            else:
                self._letter(token["letter"])
        self._rest = text[end:]

    def _escape(self, kind: str, count: str) -> None:
        match kind, count:
            case "A", _:
                self._row = max(self._row - int(count or 1), 0)
            case "H", "":
                self._row = self._column = 0
            case "J", "":
                self._rows = [*self._rows[: self._row], self._rows[self._row][: self._column]]
            case "J", "2":
                self._rows = [""] * (self._row + 1)
            case _:
                raise AssertionError(f"it writes {count}{kind}")

    def _letter(self, letter: str) -> None:
        if letter == "\r":
            self._column = 0
        elif letter == "\n":
            self._down()
        else:
            if self._column == self.columns:
                self._column = 0
                self._down()
            row = self._rows[self._row].ljust(self._column)
            self._rows[self._row] = row[: self._column] + letter + row[self._column + 1 :]
            self._column += 1

    def _down(self) -> None:
        self._row += 1
        if self._row == len(self._rows):
            self._rows.append("")
        if len(self._rows) > self.lines:
            del self._rows[0]
            self._row -= 1
