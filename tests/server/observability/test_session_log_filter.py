"""One session cannot fill the log."""

import logging

import pytest

from server.core.log_events import log_event
from server.observability.log_rate_limit import SESSION_LINES_PER_MINUTE, SessionLogFilter


class Lines(logging.Handler):
    """A log whose clock is turned by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.lines: list[str] = []
        self.addFilter(SessionLogFilter(lambda: self.now))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Lines:
    lines = Lines()
    monkeypatch.setattr(logging.root, "handlers", [lines])
    return lines


def say(times: int, **about: str) -> None:
    for _ in range(times):
        log_event(logging.getLogger("server").warning, "unreadable", **about)


def test_a_session_has_so_many_lines_a_minute_and_others_have_theirs(log: Lines) -> None:
    say(SESSION_LINES_PER_MINUTE + 5, session="shop")
    assert len(log.lines) == SESSION_LINES_PER_MINUTE
    say(1, session="other")
    assert log.lines[-1] == "session=other event=unreadable"


def test_what_was_omitted_is_counted_at_the_next_line_after_the_minute(log: Lines) -> None:
    say(SESSION_LINES_PER_MINUTE + 5, session="shop")
    log.now = 60.0
    say(1, session="shop")
    assert log.lines[-2:] == [
        "session=shop event=session_lines_omitted count=5",
        "session=shop event=unreadable",
    ]


def test_lines_about_no_session_are_all_there(log: Lines) -> None:
    say(SESSION_LINES_PER_MINUTE + 5)
    logging.getLogger("aiohttp").warning("a line of a library")
    assert len(log.lines) == SESSION_LINES_PER_MINUTE + 6
