"""`motte tail`, against a stand-in for the API."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner, Result
from pytest_aiohttp.plugin import AiohttpServer

from server.cli import main
from server.cli.serve.launch import ROOT
from server.cli.tail import log_reader
from server.cli.tail.lines import as_line
from tests.cli.sessions.api import session
from tests.support.interrupts import heed_interrupts
from tests.support.motte_api import api_of_a_motte

#: Seconds that a process gets.
WITHIN = 20


def event(
    number: int, kind: str = "message.received", session_id: str = "shop", **data: Any
) -> dict[str, Any]:
    return {
        "id": f"evt_{number}",
        "type": kind,
        "timestamp": f"2026-05-25T12:00:00.{number:03}Z",
        "sessionId": session_id,
        "cursor": str(number),
        "version": 1,
        "data": {**message(text=f"text {number}"), **data},
    }


def message(**other: Any) -> dict[str, Any]:
    return {
        "id": "3EB0AA",
        "chat": "4915112345678@s.whatsapp.net",
        "number": "4915112345678",
        "fromMe": False,
        "kind": "text",
        "text": "Hello\nBo\x1b[31m",
        "emoji": None,
        "statusReason": None,
        **other,
    }


class FakeLog:
    """The events with the numbers from 1 on. A request that finds none waits until the test ends."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        #: What the next pages are instead; None: what they are.
        self.failures: list[Callable[[web.Request], web.StreamResponse] | None] = []
        self.pages: list[str] = []
        #: The number of the newest event at the beginning of a stream.
        self.newest = 0
        self.oldest = 1
        self.gone: set[str] = set()
        self.waits = asyncio.Event()
        self._is_over = asyncio.Event()

    def app(self) -> web.Application:
        app = api_of_a_motte()
        app.router.add_get("/events", self._respond)
        app.router.add_get("/sessions/{id}/events", self._respond)
        app.on_shutdown.append(self._end)
        return app

    async def _end(self, _: web.Application) -> None:
        self._is_over.set()

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        session_id = request.match_info.get("id")
        if request.headers.get("Accept") != "application/json":
            return await self._stream(request)
        if request.query["limit"] != "1":
            self.pages.append(str(request.rel_url))
            if self.failures and (failure := self.failures.pop(0)) is not None:
                return failure(request)
        if session_id == "nobody" or (session_id in self.gone and request.query["limit"] != "1"):
            return problem(404, "session-not-found")
        after = int(request.query.get("after", self.oldest - 1))
        if after < self.oldest - 1:
            return problem(410, "cursor-expired")
        types = [kind for kind in request.query.get("types", "").split(",") if kind]
        found = [
            one
            for one in self.events[after : after + int(request.query["limit"])]
            if session_id in (None, one["sessionId"]) and (not types or one["type"] in types)
        ]
        if not found and after >= len(self.events) and request.headers.get("Prefer", "wait=0") != "wait=0":
            self.waits.set()
            await self._is_over.wait()
        reached = found[-1]["cursor"] if found else str(len(self.events))
        return web.json_response({"items": found, "nextCursor": reached})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        reset = 'event: stream.reset\ndata: {"id": "evt_x", "data": {}}'
        await response.write(f"retry: 2000\n\n{reset}\n\nid: {self.newest}\n\n".encode())
        with suppress(ConnectionResetError):
            await self._is_over.wait()
        return response


def problem(status: int, code: str, *, retryable: bool = False) -> web.Response:
    document = {"code": code, "detail": "why", "retryable": retryable}
    return web.json_response(document, status=status, content_type="application/problem+json")


def cut_off(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


Tail = Callable[..., Any]


@pytest.fixture
def api() -> FakeLog:
    return FakeLog()


@pytest.fixture
async def url(api: FakeLog, aiohttp_server: AiohttpServer, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MOTTE_API_KEY", "motte_key")
    monkeypatch.setattr(log_reader, "RETRY_SECONDS", 0.01)
    server: TestServer = await aiohttp_server(api.app())
    return str(server.make_url("")).rstrip("/")


@pytest.fixture
def tail(url: str) -> Tail:
    """Run `motte tail ARGUMENTS`, which must end by itself."""

    async def tail(*arguments: str) -> Result:
        async with asyncio.timeout(WITHIN):
            return await asyncio.to_thread(CliRunner().invoke, main, ("tail", *arguments, "--url", url))

    return tail


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


async def test_it_ends_with_the_program_that_reads_it_though_nothing_happens(api: FakeLog, url: str) -> None:
    api.events = [event(1)]
    code, output = await _ended(api, url, _stop_reading)
    assert (code, output) == (141, "")


async def test_ctrl_c_ends_it_silently(api: FakeLog, url: str) -> None:
    code, output = await _ended(api, url, lambda program: program.send_signal(signal.SIGINT))
    assert (code, output) == (130, "")


def _stop_reading(program: Process) -> None:
    """Ends the end of the pipe that reads, as `head` does when it ends."""
    program._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]


async def _ended(api: FakeLog, url: str, end: Callable[[Process], None]) -> tuple[int, str]:
    """Runs it, and ends it once it waits for an event. Returns what it said on standard error."""
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "tail", "--url", url),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=heed_interrupts,
    )
    assert program.stderr
    async with asyncio.timeout(WITHIN):
        await api.waits.wait()
        end(program)
        told = await program.stderr.read()
        return await program.wait(), told.decode()


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        (
            "session.status",
            session(status="connected", qrExpiresAt=None, phoneNumber="155"),
            "connected as 155",
        ),
        ("session.deleted", {"id": "shop"}, ""),
        ("session.restricted", {"state": "ok", "code": None, "until": None}, "ok"),
        (
            "session.restricted",
            {"state": "restricted", "code": "new-chat-limit", "until": "2026-01-01T00:00:00.000Z"},
            "restricted (new-chat-limit) until 2026-01-01T00:00:00.000Z",
        ),
        ("message.received", message(text=None, kind="image"), "from 4915112345678: (image)"),
        ("message.reaction", message(text=None, emoji="👍", fromMe=True), "to 4915112345678: 👍"),
        (
            "message.received",
            message(chat="1@g.us", number=None, sender=None, senderLid="2@lid", text="x"),
            "from 2@lid in 1@g.us: x",
        ),
        (
            "message.status",
            message(status="failed", statusReason={"code": "rejected", "detail": "No\r"}, fromMe=True),
            "3EB0AA to 4915112345678: failed (rejected: No\ufffd)",
        ),
        ("call.received", {"isVideo": True, "number": None, "from": "2@lid"}, "video call from 2@lid"),
        ("contact.linked", {"lid": "2@lid", "number": "155"}, "2@lid is 155"),
        ("of.tomorrow", {}, ""),
    ],
)
def test_a_line_says_what_happened(kind: str, data: Any, words: str) -> None:
    line = as_line({**event(1), "type": kind, "data": data})
    assert line.split("  ")[2:] == [kind, *([words] if words else [])]
