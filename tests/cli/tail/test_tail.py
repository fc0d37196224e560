"""`motte tail`: which events it prints, and what happens to it when Motte is away."""

import asyncio
import json

import pytest
from aiohttp import web
from click.testing import CliRunner, Result

from server.cli import main
from tests.cli.tail.conftest import Tail
from tests.cli.tail.event_log import FakeLog, cut_off, event, problem


def lines(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [line.split("  ", 1)[1] for line in result.stdout.splitlines()]


async def test_it_begins_behind_the_newest_event_and_no_text_controls_the_terminal(
    tail: Tail, api: FakeLog
) -> None:
    api.events = [event(1), event(2, text="Hello\nBo\x1b[31m\x9b"), event(3, kind="message.revoked")]
    api.newest = 1
    result = await tail("--limit", "2")
    assert lines(result) == [
        "shop  message.received  from 4915112345678: Hello ⏎ Bo\ufffd[31m\ufffd",
        "shop  message.revoked  from 4915112345678: text 3",
    ]


async def test_as_json_each_line_is_an_event_as_the_api_has_it(tail: Tail, api: FakeLog) -> None:
    api.events = [event(1), event(2, kind="of.tomorrow")]
    result = await tail("--limit", "2", "--output", "json")
    assert [json.loads(line) for line in result.stdout.splitlines()] == api.events


async def test_no_event_is_lost_or_doubled_while_motte_is_away_and_the_wait_is_told_once(
    tail: Tail, api: FakeLog
) -> None:
    api.events = [event(number) for number in range(1, 251)]
    api.failures = [
        None,
        cut_off,
        lambda _: problem(503, "shutting-down", retryable=True),
        lambda _: web.Response(status=502, text="<html>"),
    ]
    result = await tail("--limit", "250", "--output", "json")
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [
        one["id"] for one in api.events
    ]
    assert result.stderr.count("Waiting for Motte: ") == 1
    assert result.stderr.count("Motte responds again.") == 1


async def test_a_motte_that_never_responded_is_3(monkeypatch: pytest.MonkeyPatch, free_port: int) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", "motte_key")
    command = ("tail", "--url", f"http://127.0.0.1:{free_port}")
    result = await asyncio.to_thread(CliRunner().invoke, main, command)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "Waiting" not in result.stderr


async def test_an_error_that_is_not_retryable_ends_it(tail: Tail, api: FakeLog) -> None:
    api.failures = [lambda _: problem(403, "forbidden")]
    result = await tail()
    assert result.exit_code == 1
    assert "forbidden: why" in result.stderr


async def test_a_cursor_that_has_expired_is_1_and_says_what_to_do(tail: Tail, api: FakeLog) -> None:
    api.events, api.oldest = [event(number) for number in range(1, 10)], 5
    result = await tail("--after", "2")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cursor-expired" in result.stderr
    for advice in ("leave --after out", "--since", "motte messages"):
        assert advice in result.stderr


async def test_a_text_that_is_no_cursor_is_refused_by_the_name_of_the_option(
    tail: Tail, api: FakeLog
) -> None:
    api.failures = [lambda _: problem(400, "bad-cursor")]
    result = await tail("--after", "abc")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "bad-cursor: --after must be the `cursor` of an event" in result.stderr


async def test_a_cursor_continues_behind_its_event(tail: Tail, api: FakeLog) -> None:
    api.events = [event(1), event(2), event(3)]
    result = await tail("--after", "1", "--limit", "2", "--output", "json")
    assert [json.loads(line)["cursor"] for line in result.stdout.splitlines()] == ["2", "3"]


async def test_since_passes_over_what_is_older(tail: Tail, api: FakeLog) -> None:
    old, new = event(1), event(2)
    new["timestamp"] = "2999-01-01T00:00:00.000Z"
    api.events, api.newest = [old, new], 2
    for since in ("60", "2998-12-31T23:00:00-01:00"):
        result = await tail("--since", since, "--limit", "1", "--output", "json")
        assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["evt_2"]


async def test_only_the_named_sessions_and_types_are_printed(tail: Tail, api: FakeLog) -> None:
    api.events = [
        event(1, session_id="cafe"),
        event(2, session_id="other"),
        event(3, kind="message.status", status="sent"),
        event(4),
    ]
    result = await tail("shop", "cafe", "--type", "message.received", "--limit", "2")
    assert [line.split()[0] for line in lines(result)] == ["cafe", "shop"]
    assert "types=message.received,session.deleted" in api.pages[0]


async def test_one_session_is_followed_to_its_end_though_its_log_is_gone_with_it(
    tail: Tail, api: FakeLog
) -> None:
    api.events = [event(1), event(2, session_id="cafe"), event(3), event(4, kind="session.deleted")]
    api.gone = {"shop"}
    assert [line.split()[1] for line in lines(await tail("shop"))] == [
        *("message.received", "message.received", "session.deleted")
    ]
    api.gone = set()
    assert len(lines(await tail("shop", "--type", "message.received"))) == 2
    assert api.pages[-1].startswith("/sessions/shop/events")


async def test_several_sessions_are_followed_until_the_last_one_is_deleted(tail: Tail, api: FakeLog) -> None:
    api.events = [
        event(1, kind="session.deleted"),
        event(2, session_id="cafe"),
        event(3, kind="session.deleted", session_id="cafe"),
        event(4, session_id="cafe"),
    ]
    assert len(lines(await tail("shop", "cafe"))) == 3


async def test_a_session_that_does_not_exist_is_1(tail: Tail) -> None:
    result = await tail("shop", "nobody")
    assert result.exit_code == 1
    assert "session-not-found" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--after", "1", "--since", "60"),
        ("--since", "0"),
        ("--since", "172801"),
        ("--since", "yesterday"),
        ("--limit", "0"),
        ("--type", "session.qr"),
        ("shop", "../sessions"),
    ],
)
async def test_wrong_usage_is_2_and_asks_nothing(
    tail: Tail, api: FakeLog, arguments: tuple[str, ...]
) -> None:
    assert (await tail(*arguments)).exit_code == 2
    assert api.pages == []
