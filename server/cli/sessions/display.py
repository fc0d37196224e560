"""Displays of a session that is followed: a drawing, lines of text, lines of JSON."""

import json
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Protocol

from server.cli.common.client import Client, Refused
from server.cli.common.output import note, say
from server.cli.common.screen import Screen
from server.cli.sessions.follow import follow_with_ticks
from server.cli.sessions.qr import NotDrawn, drawing, expiry, seconds_left, terminal
from server.protocol.reasons import PAIRING_CODE_AWAITED

#: Interval of the count-down.
COUNTDOWN_SECONDS = 1.0

#: Errors of a request for a scan link after the code was scanned. The new status follows soon.
SCANNED_ALREADY = ("already-connected", "conflicting-state")

#: What is shown while there is no code, by status.
WAITING_TEXTS = {
    "starting": "Waiting for the first code …",
    "qr_waiting": "Waiting for the next code …",
    "pairing": "Scanned. Connecting …",
    "disconnected": "The link is down. Reconnecting …",
}

#: What is shown while only a pairing code is left, which another QR code would end.
PAIRING_CODE_TEXT = "Type the pairing code on the phone. The next QR code comes once that has expired …"


class Show(Protocol):
    """Display of a session that is followed. Sessions are the API's documents."""

    async def show(self, session: Any, *, is_new: bool) -> None:
        """Called after each change, and once a second."""

    def end(self) -> None:
        """Called at the end."""


class JsonLines:
    """Prints the whole session as one line after each change."""

    async def show(self, session: Any, *, is_new: bool) -> None:
        if is_new:
            say(json.dumps(session))

    def end(self) -> None:
        """A line is written once: nothing is left to be put away."""


class TextLines:
    """Prints each code as one line, and everything else on standard error."""

    async def show(self, session: Any, *, is_new: bool) -> None:
        if not is_new:
            return
        if session["qrCode"] is not None:
            say(session["qrCode"])
        else:
            note(_waiting_text(session) or connected(session))

    def end(self) -> None:
        """A line is written once: nothing is left to be put away."""


class Drawing:
    """Draws each code in the place of the last one, above a count-down. An expired code is erased."""

    def __init__(
        self, screen: Screen, link: Callable[[str], Awaitable[Any]], now: Callable[[], datetime]
    ) -> None:
        """link: returns a scan link of the session with this id; may raise Refused."""
        self._screen = screen
        self._link = link
        self._now = now
        #: Size of the terminal for which a link was shown because no code can be drawn.
        self._link_size: os.terminal_size | None = None
        #: When that link expires.
        self._link_until = datetime.min.replace(tzinfo=UTC)

    async def show(self, session: Any, *, is_new: bool) -> None:
        """Raises NotDrawn if the code cannot be drawn and no link can be made."""
        now = self._now()
        if seconds_left(session, now):
            self._screen.show([*await self._drawn(session), expiry(session, now)])
        elif (text := _waiting_text(session)) is not None:
            self._screen.show([text])
        elif is_new:
            self._screen.clear()
            say(connected(session))

    def end(self) -> None:
        self._screen.clear()

    async def _drawn(self, session: Any) -> list[str]:
        """Returns the lines of the code; no lines if they do not fit."""
        try:
            return drawing(session, self._screen.size).splitlines()
        except NotDrawn as reason:
            if self._link_size != self._screen.size or self._link_until <= self._now():
                await self._show_link(session, reason)
            return []

    async def _show_link(self, session: Any, reason: NotDrawn) -> None:
        """Prints the link on a line of its own, which is not redrawn, so that it can be copied."""
        try:
            link = await self._link(session["id"])
        except Refused as refused:
            if refused.code in SCANNED_ALREADY:
                return
            raise reason from None
        self._link_size, self._link_until = self._screen.size, datetime.fromisoformat(link["expiresAt"])
        self._screen.clear()
        say(reason.with_link(link["url"]))


def _waiting_text(session: Any) -> str | None:
    """Returns what is shown while there is no code; None if nothing is waited for."""
    reason = session["statusReason"]
    if reason is not None and reason["code"] == PAIRING_CODE_AWAITED:
        return PAIRING_CODE_TEXT
    return WAITING_TEXTS.get(session["status"])


def connected(session: Any) -> str:
    """Returns the sentence for a connected session."""
    return f"{session['id']}: connected as {session['phoneNumber']}"


async def show_until_connected(api: Client, session_id: str, output: str) -> None:
    """Shows the codes of a session until it is connected. output: `table` or `json`.

    Raises NothingToScan, NotDrawn, Refused, Unreachable.
    """
    show = _show(api, output)
    try:
        async with aclosing(follow_with_ticks(api, session_id, every=COUNTDOWN_SECONDS)) as sessions:
            async for session, is_new in sessions:
                await show.show(session, is_new=is_new)
    finally:
        show.end()


def _show(api: Client, output: str) -> Show:
    if output == "json":
        return JsonLines()
    if (size := terminal()) is None:
        return TextLines()

    async def link(session_id: str) -> Any:
        return await api.ask("POST", f"/sessions/{session_id}/scan-link")

    return Drawing(Screen(sys.stdout, lambda: terminal() or size), link, lambda: datetime.now(UTC))
