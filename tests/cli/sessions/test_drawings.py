"""`motte sessions qr`: a code as it is drawn."""

import os

import pytest

from server.cli.sessions.qr import TooSmall, drawing
from tests.cli.sessions.api import CODE, FakeApi, session
from tests.cli.sessions.conftest import Motte


def test_a_code_is_drawn_with_its_expiry(motte: Motte) -> None:
    result = motte("qr", "shop")
    assert result.exit_code == 0
    assert "▄" in result.stdout
    assert "Scan it within" in result.stdout
    assert CODE not in result.output


def test_a_session_without_a_code_is_4(motte: Motte, api: FakeApi) -> None:
    api.answer = session(status="connected", qrCode=None, qrExpiresAt=None)
    result = motte("qr", "shop")
    assert result.exit_code == 4
    assert "shop shows no code: it is connected" in result.stderr


@pytest.mark.parametrize("size", [(40, 100), (200, 20)])
def test_for_a_terminal_that_is_too_small_the_necessary_size_is_shown(size: tuple[int, int]) -> None:
    with pytest.raises(TooSmall, match=r"needs a terminal of \d+ columns and \d+ lines") as told:
        drawing(session(), os.terminal_size(size))
    assert told.value.exit_code == 6


def test_a_code_needs_about_60_columns_and_35_lines() -> None:
    drawn = drawing(session(), os.terminal_size((200, 100))).splitlines()
    assert 55 <= len(drawn[0]) <= 65
    assert 30 <= len(drawn) + 2 <= 35


def test_a_large_terminal_shows_the_whole_code() -> None:
    assert drawing(session(), os.terminal_size((200, 100)))
