"""A code at a terminal, while time passes."""

import io
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.cli.common.client import Refused
from server.cli.common.screen import Screen
from server.cli.sessions.display import Drawing
from server.cli.sessions.qr import TooSmall
from tests.cli.sessions.api import CODE, session
from tests.cli.sessions.test_codes import CONNECTED, LINK, SECOND
from tests.support.terminal import Terminal

#: A minute before the code of the count-down dies.
NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_small_terminal_without_a_link_is_exit_code_6() -> None:
    async def link(_: str) -> Any:
        raise Refused(403, {"code": "forbidden"})

    show = Drawing(Screen(io.StringIO(), lambda: os.terminal_size((90, 20))), link, lambda: NOW)
    with pytest.raises(TooSmall) as told:
        await show.show(session(), is_new=True)
    assert told.value.exit_code == 6


async def test_a_link_is_made_once_and_another_one_when_it_has_expired(
    capsys: pytest.CaptureFixture[str],
) -> None:
    time = NOW
    made: list[datetime] = []

    async def link(_: str) -> Any:
        made.append(time)
        expires_at = (time + timedelta(seconds=600)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"url": LINK, "expiresAt": expires_at}

    show = Drawing(Screen(io.StringIO(), lambda: os.terminal_size((90, 20))), link, lambda: time)
    await show.show(session(), is_new=True)
    await show.show(session(), is_new=False)
    time += timedelta(seconds=599)
    await show.show(session(qrCode=SECOND), is_new=True)
    assert capsys.readouterr().out.count(LINK) == 1
    time += timedelta(seconds=1)
    for _ in range(2):
        await show.show(session(qrCode=SECOND), is_new=False)
    assert made == [NOW, NOW + timedelta(seconds=600)]
    assert capsys.readouterr().out.count(LINK) == 1


@pytest.mark.parametrize("code", ["already-connected", "conflicting-state"])
async def test_a_session_that_was_scanned_before_its_link_was_made_is_followed_on(
    capsys: pytest.CaptureFixture[str], code: str
) -> None:
    async def link(_: str) -> Any:
        raise Refused(409, {"code": code})

    show = Drawing(Screen(io.StringIO(), lambda: os.terminal_size((90, 20))), link, lambda: NOW)
    await show.show(session(), is_new=True)
    await show.show(session("shop", **CONNECTED), is_new=True)
    assert capsys.readouterr().out == "shop: connected as 15551234567\n"


async def test_the_seconds_are_counted_down_and_an_expired_code_is_erased() -> None:
    time = NOW
    out = io.StringIO()
    show = Drawing(Screen(out, lambda: os.terminal_size((120, 60))), no_link, lambda: time)
    shown = session(qrExpiresAt="2026-01-01T00:01:00.000Z")

    async def seen(*, is_new: bool = False) -> Terminal:
        await show.show(shown, is_new=is_new)
        terminal = Terminal(120, 60)
        terminal.feed(out.getvalue().replace("\n", "\r\n").encode())
        return terminal

    assert "within 60 seconds" in (await seen(is_new=True)).text
    drawn = out.tell()
    time += timedelta(seconds=1)
    terminal = await seen()
    assert "within 59 seconds" in terminal.text
    assert "within 60 seconds" not in terminal.text
    assert terminal.code() == CODE
    assert "█" not in out.getvalue()[drawn:], "the code itself is not written again"
    time += timedelta(seconds=59)
    assert (await seen()).text == "Waiting for the next code …"


async def test_while_only_a_pairing_code_is_left_the_terminal_says_to_type_it() -> None:
    out = io.StringIO()
    show = Drawing(Screen(out, lambda: os.terminal_size((120, 60))), no_link, lambda: NOW)
    reason = {"code": "pairing-code-awaited", "detail": "a pairing code can still be typed"}
    await show.show(session(qrCode=None, qrExpiresAt=None, statusReason=reason), is_new=True)
    terminal = Terminal(120, 60)
    terminal.feed(out.getvalue().encode())
    assert terminal.text.startswith("Type the pairing code on the phone.")


async def test_a_code_with_a_new_secret_replaces_the_last_one_at_once() -> None:
    out = io.StringIO()
    show = Drawing(Screen(out, lambda: os.terminal_size((120, 60))), no_link, lambda: NOW)
    for code in (CODE, SECOND):
        await show.show(session(qrCode=code, qrExpiresAt="2026-01-01T00:01:00.000Z"), is_new=True)
    terminal = Terminal(120, 60)
    terminal.feed(out.getvalue().replace("\n", "\r\n").encode())
    assert terminal.code() == SECOND
    assert "within 60 seconds" in terminal.text


async def no_link(_: str) -> Any:
    raise AssertionError("there is room")
