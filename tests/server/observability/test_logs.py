"""Log lines: for people as key=value, for programs as JSON."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from server.core.log_events import LogEvent, log_event
from server.observability.logs import Json, Text
from server.observability.request_id import begin, end

MOMENT = 1_779_710_400.25

QUOTED = 'two words, a "quote" and\na line'


@contextmanager
def during(request_id: str) -> Iterator[None]:
    begun = begin(request_id)
    yield
    end(begun)


def record(message: object, *arguments: Any, exc_info: Any = None) -> logging.LogRecord:
    made = logging.LogRecord(
        "server.sessions.state_machine", logging.INFO, "x.py", 1, message, arguments, exc_info
    )
    made.created, made.msecs = MOMENT, 250.0
    return made


def as_json(message: object, *arguments: Any) -> dict[str, Any]:
    shown = json.loads(Json().format(record(message, *arguments)))
    return {name: shown[name] for name in shown if name not in ("time", "level", "logger")}


def test_a_line_for_people_says_when_how_bad_and_what() -> None:
    line = Text().format(record(LogEvent("Opened", "shop", {})))
    assert line == "2026-05-25T12:00:00.250Z level=INFO session=shop event=Opened"


def test_a_line_for_people_names_the_request_on_whose_behalf_it_is() -> None:
    with during("req-7"):
        assert Text().format(record(LogEvent("owning", None, {}))).endswith("event=owning request=req-7")


def test_the_request_stands_on_the_line_itself_and_not_behind_a_traceback() -> None:
    with during("req-7"):
        first, *rest = Text().format(record(LogEvent("bug", None, {}), exc_info=_raised())).splitlines()
    assert first.endswith("event=bug request=req-7")
    assert "ZeroDivisionError" in rest[-1]


def test_a_line_for_programs_is_one_object() -> None:
    with during("req-7"):
        line = Json().format(record(LogEvent("request", "shop", {"status": 200})))
    assert json.loads(line) == {
        "time": "2026-05-25T12:00:00.250Z",
        "level": "INFO",
        "logger": "server.sessions.state_machine",
        "session": "shop",
        "event": "request",
        "status": 200,
        "request": "req-7",
    }


@pytest.mark.parametrize(
    ("value", "text", "member"),
    [
        (
            'two words, a "quote" and\na line',
            'two words, a "quote" and\\u000aa line',
            'two words, a "quote" and\na line',
        ),
        (7, "7", 7),
        (True, "True", True),
        (OSError(28, "full"), "[Errno 28] full", "[Errno 28] full"),
        (None, "None", "None"),
        ("50%", "50%", "50%"),
    ],
)
def test_the_fields_of_an_event_are_pairs_for_people_and_members_for_programs(
    value: object, text: str, member: object
) -> None:
    event = LogEvent("x", None, {"a": value})
    assert Text().format(record(event)).endswith(f" event=x a={text}")
    assert as_json(event) == {"event": "x", "a": member}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("Task %r was destroyed", 7), "Task 7 was destroyed"),
        (("x=1 and more",), "x=1 and more"),
        (("share=50%%",), "share=50%%"),
        ((OSError("an object"),), "an object"),
        (("a=%(a)s", {"a": 1}), "a=1"),
    ],
)
def test_a_line_of_a_library_is_a_message(line: tuple[Any, ...], message: str) -> None:
    assert as_json(*line) == {"message": message}


def test_an_event_says_its_session_first_and_where_it_was_logged(caplog: pytest.LogCaptureFixture) -> None:
    log_event(logging.getLogger("x").warning, "moved", session="shop", from_="a", to="b")
    (logged,) = caplog.records
    assert logged.getMessage() == "session=shop event=moved from=a to=b"
    assert logged.filename == "test_logs.py"


def test_a_traceback_is_a_member_and_breaks_no_line() -> None:
    line = Json().format(record(LogEvent("bug", None, {}), exc_info=_raised()))
    assert "\n" not in line
    assert "ZeroDivisionError" in json.loads(line)["exception"]


def _raised() -> Any:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        return sys.exc_info()


#: Erases a screen, colours it, turns the direction of text around, ends a line.
HOSTILE = "a\x1b[2Jb\x9b31mc\u202ed\u2028e\x7ff\U000e0001g\nlevel=ERROR event=forged"


def test_no_text_of_others_controls_the_terminal_of_a_person_who_reads_a_log() -> None:
    line = Text().format(record(LogEvent("link_ended", "shop", {"detail": HOSTILE})))
    assert line.isprintable()
    assert r"a\u001b[2Jb\u009b31mc\u202ed" in line


def test_a_traceback_keeps_its_lines_and_no_control_character() -> None:
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        told = Text().format(record(LogEvent("bug", None, {}), exc_info=sys.exc_info()))
    assert len(told.splitlines()) > 3
    assert all(line.isprintable() for line in told.split("\n"))


def test_a_program_reads_the_very_text_from_a_line_without_control_characters() -> None:
    line = Json().format(record(LogEvent("link_ended", "shop", {"detail": HOSTILE})))
    assert line.isprintable()
    assert json.loads(line)["detail"] == HOSTILE
