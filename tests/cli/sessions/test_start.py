"""`motte sessions start`: one session, or all that have failed."""

import json

import pytest

from tests.cli.sessions.api import FakeApi
from tests.cli.sessions.conftest import Motte


def test_start_all_tries_every_session_that_failed(motte: Motte, api: FakeApi) -> None:
    result = motte("start", "--all")
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["ID", "STATUS", "ERROR"],
        ["first", "qr_waiting", "-"],
        ["second", "qr_waiting", "-"],
    ]
    assert sorted(api.asked) == [
        "GET /sessions?limit=200&status=failed",
        "GET /sessions?limit=200&status=failed&cursor=more",
        "POST /sessions/first/start",
        "POST /sessions/second/start",
    ]


def test_start_all_can_be_of_one_reason(motte: Motte, api: FakeApi) -> None:
    api.reasons = {"first": "connection-replaced", "second": "account-banned"}
    result = motte("start", "--all", "--reason", "account-banned", "--output", "json")
    assert json.loads(result.stdout) == {"items": [{"id": "second", "status": "qr_waiting", "error": None}]}
    result = motte("start", "--all", "--reason", "credentials-lost")
    assert (result.exit_code, result.stdout) == (0, "No session has failed with credentials-lost.\n")
    assert not [asked for asked in api.asked if "first" in asked]


def test_start_all_goes_on_after_a_refusal_and_ends_with_1(motte: Motte, api: FakeApi) -> None:
    api.status, api.answer = 409, {"code": "conflicting-state", "detail": "it failed again"}
    result = motte("start", "--all")
    assert result.exit_code == 1
    assert result.stdout.count("conflicting-state: it failed again") == 2
    assert "2 of 2 could not be started" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [(), ("shop", "--all"), ("shop", "--reason", "account-banned"), ("--all", "--reason", "bad-weather")],
)
def test_start_wants_one_session_or_all(motte: Motte, api: FakeApi, arguments: tuple[str, ...]) -> None:
    assert motte("start", *arguments).exit_code == 2
    assert api.asked == []
