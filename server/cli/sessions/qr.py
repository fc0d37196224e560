"""A session's code, drawn in the terminal."""

import os
import sys
from datetime import UTC, datetime
from typing import Any

import click

from server.cli.sandbox.command import no_code
from server.web import qr_images as pictures

#: Lines under a drawing: its expiry, and the prompt.
BELOW = 2


class TooSmall(click.ClickException):
    """A code that is cut off or folded cannot be scanned."""

    exit_code = 6


def drawing(session: Any, room: os.terminal_size | None) -> str:
    """The code of a session, as the API gives it. room: None where nothing is cut off.

    Raises NothingToScan, TooSmall.
    """
    if session["qrCode"] is None:
        raise no_code(session)
    drawn = pictures.text(session["qrCode"])
    lines = drawn.splitlines()
    width, height = max(map(len, lines)), len(lines) + BELOW
    if room is not None and (room.columns < width or room.lines < height):
        raise TooSmall(
            f"the code needs a terminal of {width} columns and {height} lines, "
            f"this one has {room.columns} and {room.lines}: enlarge it, or choose a smaller font"
        )
    return drawn


def expiry(session: Any, now: datetime | None = None) -> str:
    """Until when the code can be scanned, for a person."""
    until = datetime.fromisoformat(session["qrExpiresAt"])
    left = seconds_left(session, now or datetime.now(UTC))
    return f"Scan it within {left:.0f} seconds, until {until.astimezone():%H:%M:%S}."


def seconds_left(session: Any, now: datetime) -> float:
    """How long the code can still be scanned; 0 where it cannot, or where there is none."""
    if session["qrExpiresAt"] is None:
        return 0
    return max((datetime.fromisoformat(session["qrExpiresAt"]) - now).total_seconds(), 0)


def terminal() -> os.terminal_size | None:
    """How large it is; None: the output goes elsewhere."""
    try:
        return os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        return None
