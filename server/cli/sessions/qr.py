"""Drawing of a session's code in the terminal."""

import os
import sys
from datetime import UTC, datetime
from typing import Any

import click

from server.cli.common.streams import can_show, encoding
from server.cli.sandbox.command import no_code
from server.web import qr_images as qr_images

#: Lines below a drawing: its expiry, and the prompt.
LINES_BELOW_CODE = 2


class NotDrawn(click.ClickException):
    """The code cannot be drawn here. A scan link can be opened elsewhere."""

    exit_code = 6

    #: Where to open the link.
    elsewhere = "in a browser"

    def with_link(self, url: str) -> str:
        """Returns what to do instead, with a scan link on a line of its own."""
        sentence = f"{self.message[0].upper()}{self.message[1:]}."
        return f"{sentence}\nOr open this link {self.elsewhere}:\n{url}"


class TooSmall(NotDrawn):
    """The terminal is too small: a code that is cut off or wrapped cannot be scanned."""

    elsewhere = "on a device with a larger screen"


class NoBlocks(NotDrawn):
    """The output's encoding lacks the blocks of which a code is drawn."""


def drawing(session: Any, room: os.terminal_size | None) -> str:
    """Returns the drawing of a session's code. room: the terminal's size; None if the output is no terminal.

    Raises NothingToScan, TooSmall, NoBlocks.
    """
    if session["qrCode"] is None:
        raise no_code(session)
    drawn = qr_images.text(session["qrCode"])
    if not can_show(drawn):
        raise NoBlocks(
            f"the code is drawn with blocks, which {encoding()} does not have: "
            "use UTF-8 (LC_ALL=C.UTF-8, and no PYTHONIOENCODING)"
        )
    lines = drawn.splitlines()
    width, height = max(map(len, lines)), len(lines) + LINES_BELOW_CODE
    if room is not None and (room.columns < width or room.lines < height):
        raise TooSmall(
            f"the code needs a terminal of {width} columns and {height} lines, "
            f"this one has {room.columns} and {room.lines}: enlarge it, or use a smaller font"
        )
    return drawn


def expiry(session: Any, now: datetime | None = None) -> str:
    """Returns a sentence about how long the code can be scanned."""
    until = datetime.fromisoformat(session["qrExpiresAt"])
    left = seconds_left(session, now or datetime.now(UTC))
    return f"Scan it within {left:.0f} seconds, until {until.astimezone():%H:%M:%S}."


def seconds_left(session: Any, now: datetime) -> float:
    """Returns how long the code can still be scanned; 0 if it has expired or there is no code."""
    if session["qrExpiresAt"] is None:
        return 0
    return max((datetime.fromisoformat(session["qrExpiresAt"]) - now).total_seconds(), 0)


def terminal() -> os.terminal_size | None:
    """Returns the terminal's size; None if the output is no terminal."""
    try:
        return os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        return None
