"""How a session is shown while it is followed: drawn in place, as lines of text, as lines of JSON."""

import json
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Protocol

import click

from server.cli.common.client import Client, Refused
from server.cli.common.output import note
from server.cli.common.screen import Screen
from server.cli.sessions.follow import follow_with_ticks
from server.cli.sessions.qr import TooSmall, drawing, expiry, seconds_left, terminal
from server.protocol.reasons import PAIRING_CODE_AWAITED

#: Seconds between two looks at the clock, for the count-down.
TICK = 1.0

#: Refusals of a link to a session that needs none any more: it was scanned, and news of that is on its way.
MOVED_ON = ("already-connected", "conflicting-state")

#: What a person is told while there is no code to show.
MEANWHILE = {
    "starting": "Waiting for the first code …",
    "qr_waiting": "Waiting for the next code …",
    "pairing": "Scanned. Connecting …",
    "disconnected": "The link is down. Reconnecting …",
}

#: The same while only a pairing code is left, which another QR code would end.
TYPE_IT = "Type the pairing code on the phone. The next QR code comes once that has expired …"


class Show(Protocol):
    """What becomes of a session that is followed, as the API gives it."""

    async def show(self, session: Any, *, is_news: bool) -> None:
        """Called with each news, and each second."""

    def end(self) -> None:
        """There will be nothing more to show."""


class JsonLines:
    """Each news as a line, whole."""

    async def show(self, session: Any, *, is_news: bool) -> None:
        if is_news:
            click.echo(json.dumps(session, ensure_ascii=False))

    def end(self) -> None:
        """A line is written once: nothing is left to be put away."""


class TextLines:
    """Each code as a line; what else there is to say is no code, and is a note."""

    async def show(self, session: Any, *, is_news: bool) -> None:
        if not is_news:
            return
        if session["qrCode"] is not None:
            click.echo(session["qrCode"])
        else:
            note(_meanwhile(session) or connected(session))

    def end(self) -> None:
        """A line is written once: nothing is left to be put away."""


class Drawing:
    """Each code in the place of the last one, over a count-down; a dead code is never left standing."""

    def __init__(
        self, screen: Screen, link: Callable[[str], Awaitable[Any]], now: Callable[[], datetime]
    ) -> None:
        """link: a scan link to the session of this id, as the API gives it; may raise Refused."""
        self._screen = screen
        self._link = link
        self._now = now
        #: The size that was too small, and was told of.
        self._told: os.terminal_size | None = None
        #: When the link that was told of dies.
        self._told_until = datetime.min.replace(tzinfo=UTC)

    async def show(self, session: Any, *, is_news: bool) -> None:
        """Raises TooSmall where the code has no room and no link can be made."""
        now = self._now()
        if seconds_left(session, now):
            self._screen.show([*await self._drawn(session), expiry(session, now)])
        elif (said := _meanwhile(session)) is not None:
            self._screen.show([said])
        elif is_news:
            self._screen.clear()
            click.echo(connected(session))

    def end(self) -> None:
        self._screen.clear()

    async def _drawn(self, session: Any) -> list[str]:
        """The lines of the code; none where they have no room."""
        try:
            return drawing(session, self._screen.size).splitlines()
        except TooSmall as small:
            if self._told != self._screen.size or self._told_until <= self._now():
                await self._tell_of_link(session, small)
            return []

    async def _tell_of_link(self, session: Any, small: TooSmall) -> None:
        """The link stands on a line of its own that is not written again: it is there to be copied."""
        try:
            link = await self._link(session["id"])
        except Refused as refused:
            if refused.code in MOVED_ON:
                return
            raise small from None
        self._told, self._told_until = self._screen.size, datetime.fromisoformat(link["expiresAt"])
        self._screen.clear()
        said = f"{small.message[0].upper()}{small.message[1:]}."
        click.echo(f"{said}\nOr open this link, on anything with a larger screen:\n{link['url']}")


def _meanwhile(session: Any) -> str | None:
    """What is said while there is no code to show; None: nothing is waited for any more."""
    reason = session["statusReason"]
    if reason is not None and reason["code"] == PAIRING_CODE_AWAITED:
        return TYPE_IT
    return MEANWHILE.get(session["status"])


def connected(session: Any) -> str:
    """That it has come to its end, for a person."""
    return f"{session['id']}: connected as {session['phoneNumber']}"


async def show_until_connected(api: Client, session_id: str, output: str) -> None:
    """Show the codes of a session until it is connected. output: `table` or `json`.

    Raises NothingToScan, TooSmall, Refused, Unreachable.
    """
    show = _show(api, output)
    try:
        async with aclosing(follow_with_ticks(api, session_id, every=TICK)) as sessions:
            async for session, is_news in sessions:
                await show.show(session, is_news=is_news)
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
