"""Log lines: for people as key=value, for programs as JSON."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from server.observability.logs import Json, Text
from server.observability.request_id import begin, end

MOMENT = 1_779_710_400.25


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
    line = Text().format(record("session=%s event=%s", "shop", "Opened"))
    assert line == "2026-05-25T12:00:00.250Z level=INFO session=shop event=Opened"


def test_a_line_for_people_names_the_request_on_whose_behalf_it_is() -> None:
    with during("req-7"):
        assert Text().format(record("event=owning")).endswith("event=owning request=req-7")


def test_the_request_stands_on_the_line_itself_and_not_behind_a_traceback() -> None:
    with during("req-7"):
        first, *rest = Text().format(record("event=bug", exc_info=_raised())).splitlines()
    assert first.endswith("event=bug request=req-7")
    assert "ZeroDivisionError" in rest[-1]


def test_a_line_for_programs_is_one_object() -> None:
    with during("req-7"):
        line = Json().format(record("session=%s event=request status=%s", "shop", 200))
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
    ("line", "shown"),
    [
        (
            ("event=x error=%s", 'two words, a "quote" and\na line'),
            {"event": "x", "error": 'two words, a "quote" and\na line'},
        ),
        (("event=x bytes=%d", 7), {"event": "x", "bytes": 7}),
        (("event=x error=%s", OSError(28, "full")), {"event": "x", "error": "[Errno 28] full"}),
        (("event=x a=%s", None), {"event": "x", "a": "None"}),
        (("Task %r was destroyed", 7), {"message": "Task 7 was destroyed"}),
        (("x=1 and more",), {"message": "x=1 and more"}),
        (("at=%s:%s", "host", 1), {"message": "at=host:1"}),
        (("share=50%%",), {"message": "share=50%%"}),
        ((OSError("an object"),), {"message": "an object"}),
    ],
)
def test_pairs_become_members_and_anything_else_a_message(
    line: tuple[Any, ...], shown: dict[str, Any]
) -> None:
    assert as_json(*line) == shown


def test_a_line_that_was_given_a_mapping_is_a_message() -> None:
    assert as_json("a=%(a)s", {"a": 1}) == {"message": "a=1"}


def test_a_traceback_is_a_member_and_breaks_no_line() -> None:
    line = Json().format(record("event=bug", exc_info=_raised()))
    assert "\n" not in line
    assert "ZeroDivisionError" in json.loads(line)["exception"]


def _raised() -> Any:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        return sys.exc_info()
