"""The last lines of a connector's log."""

import os
from pathlib import Path

import pytest

from server.connectors.log_tail import MAX_BYTES, MAX_CHARACTERS, WITHHELD, log_tail
from server.core.paths import StateFolder

STARTED = "session=shop epoch=1 level=info event=started"


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    (tmp_path / "logs").mkdir()
    return StateFolder(tmp_path)


def log(folder: StateFolder, session_id: str = "shop", end: str = "") -> Path:
    return folder.logs / f"connector-{session_id}.log{end}"


def test_the_last_lines_come_oldest_first(folder: StateFolder) -> None:
    log(folder).write_text("".join(f"session=shop n={number}\n" for number in range(5)))
    assert log_tail(folder, "shop", lines=2) == ["session=shop n=3", "session=shop n=4"]


def test_lines_of_the_rotated_file_come_before(folder: StateFolder) -> None:
    log(folder, end=".1").write_text("session=shop n=1\n")
    log(folder).write_text("session=shop n=2\n")
    assert log_tail(folder, "shop", lines=9) == ["session=shop n=1", "session=shop n=2"]


def test_a_session_without_a_log_has_no_lines(folder: StateFolder) -> None:
    log(folder, "shop2").write_text("session=shop2 n=1\n")
    assert log_tail(folder, "shop", lines=9) == []


def test_a_line_that_is_not_written_yet_is_left_out(folder: StateFolder) -> None:
    log(folder).write_text(f"{STARTED}\nsession=shop epo")
    assert log_tail(folder, "shop", lines=9) == [STARTED]


@pytest.mark.parametrize(("beyond", "kept"), [(0, 2), (1, 1)])
def test_only_the_end_of_a_file_is_read(folder: StateFolder, beyond: int, kept: int) -> None:
    first = "session=shop " + "." * 100 + "\n"
    rest = "session=shop " + "x" * (MAX_BYTES + beyond - len(first) - 14) + "\n"
    log(folder).write_text(first + rest)
    assert log(folder).stat().st_size == MAX_BYTES + beyond
    assert len(log_tail(folder, "shop", lines=9)) == kept


@pytest.mark.parametrize(("characters", "kept"), [(MAX_CHARACTERS, MAX_CHARACTERS), (1001, 1000)])
def test_a_long_line_is_cut(folder: StateFolder, characters: int, kept: int) -> None:
    log(folder).write_text(f"{'session=shop '.ljust(characters, 'x')}\n")
    assert [len(line) for line in log_tail(folder, "shop", lines=9)] == [kept]


@pytest.mark.parametrize(
    "line",
    [
        "Error: AbCdEfGhIjKlMnOpQrStUvWxYz0123456789=",
        "at 15551234567",
        "to someone@example.org",
        f"session=other {'x' * 40}",
        f'{{"session": "other", "key": "{"x" * 40}"}}',
        f'["session", "shop", "{"x" * 40}"]',
    ],
)
def test_what_nobody_formatted_and_may_hold_a_secret_is_withheld(folder: StateFolder, line: str) -> None:
    log(folder).write_text(f"{line}\n{STARTED}\n")
    assert log_tail(folder, "shop", lines=9) == [WITHHELD, STARTED]


@pytest.mark.parametrize(
    "line",
    [
        "FATAL ERROR: Reached heap limit Allocation failed",
        f"session=shop level=info event=phase detail={'x' * 40}",
        f'{{"session":"shop","event":"phase","detail":"{"x" * 40}"}}',
    ],
)
def test_events_and_plain_words_are_shown(folder: StateFolder, line: str) -> None:
    log(folder).write_text(f"{line}\n")
    assert log_tail(folder, "shop", lines=9) == [line]


def test_control_characters_do_not_reach_a_terminal(folder: StateFolder) -> None:
    log(folder).write_text("session=shop \x1b[31m \x9b31m \x85\n")
    assert log_tail(folder, "shop", lines=9) == ["session=shop \ufffd[31m \ufffd31m \ufffd"]


def test_only_a_regular_file_is_read(folder: StateFolder, tmp_path: Path) -> None:
    os.mkfifo(log(folder))
    secret = tmp_path / "admin.key"
    secret.write_text("motte_secret\n")
    assert log_tail(folder, "shop", lines=9) == []
    log(folder).unlink()
    log(folder).symlink_to(secret)
    assert log_tail(folder, "shop", lines=9) == []
