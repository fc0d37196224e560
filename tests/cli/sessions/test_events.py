"""`motte sessions events`, against a stand-in for the API."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientTimeout, web
from click.testing import CliRunner, Result
from pytest_aiohttp.plugin import AiohttpServer

from server.cli import main
from server.cli.common import client
from server.cli.common.client import STREAM_TIMEOUT
from server.cli.common.event_stream import Event
from server.cli.sessions.events import as_line
from tests.cli.sessions.api import CODE, session
from tests.support.motte_api import api_of_a_motte

NOW = datetime(2026, 1, 1, 12, 0, 1, tzinfo=UTC)


def enveloped(name: str, data: Any) -> dict[str, Any]:
    session_id = data.get("id") if name.startswith("session.") else None
    return {"id": "evt_1", "type": name, "sessionId": session_id, "cursor": "2f-1", "data": data}


def event(name: str, data: Any) -> str:
    return f"id: 2f-1\nevent: {name}\ndata: {json.dumps(enveloped(name, data))}\n\n"


WAITING = event("session.status", session())
DELETED = event("session.deleted", {"id": "shop"})
STOPPED = event("stream.stopped", {})


@pytest.fixture
async def follow(aiohttp_server: AiohttpServer, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `motte sessions events ARGUMENTS` on a stream with this text."""
    monkeypatch.setenv("MOTTE_API_KEY", "motte_key")

    async def follow(text: str, *arguments: str) -> Result:
        async def stream(request: web.Request) -> web.Response:
            return web.Response(text=text, content_type="text/event-stream")

        app = api_of_a_motte()
        app.add_routes([web.get("/events", stream), web.get("/sessions/shop/events", stream)])
        url = str((await aiohttp_server(app)).make_url("")).rstrip("/")
        command = ("sessions", "events", *arguments, "--url", url)
        return await asyncio.to_thread(CliRunner().invoke, main, command)

    return follow


async def test_each_event_is_a_line_without_the_code(follow: Any) -> None:
    result = await follow(f"retry: 2000\n\n: \n\n{WAITING}id: 2f-0\n\n{DELETED}", "shop")
    assert result.exit_code == 0
    assert [line.split()[1:] for line in result.stdout.splitlines()] == [
        ["shop", "qr_waiting", "with", "a", "code", "until", "00:00:00"],
        ["shop", "deleted"],
    ]
    assert CODE not in result.output


async def test_each_event_is_a_line_of_json_with_the_session_as_the_api_shows_it(follow: Any) -> None:
    result = await follow(WAITING + DELETED, "shop", "--output", "json")
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        enveloped("session.status", session()),
        enveloped("session.deleted", {"id": "shop"}),
    ]


async def test_a_delete_does_not_end_the_stream_of_all_sessions(follow: Any) -> None:
    result = await follow(DELETED + WAITING + STOPPED)
    assert (result.exit_code, len(result.stdout.splitlines())) == (3, 2)
    assert "Motte has stopped" in result.stderr


async def test_a_stream_that_breaks_off_is_3(follow: Any) -> None:
    result = await follow(WAITING, "shop")
    assert result.exit_code == 3
    assert "was lost" in result.stderr


@pytest.mark.parametrize("data", ["{", "x" * 1_000_000])
async def test_a_line_that_is_no_event_is_1(follow: Any, data: str) -> None:
    result = await follow(f"event: session.status\ndata: {data}\n\n")
    assert result.exit_code == 1
    assert "is not the API of a Motte" in result.stderr


async def test_a_stream_without_a_line_for_so_long_is_lost(
    aiohttp_server: AiohttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert STREAM_TIMEOUT.sock_read == 45
    monkeypatch.setattr(client, "STREAM_TIMEOUT", ClientTimeout(sock_read=0.1))
    monkeypatch.setenv("MOTTE_API_KEY", "motte_key")
    is_over = asyncio.Event()

    async def silent(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await is_over.wait()
        return response

    app = api_of_a_motte()
    app.add_routes([web.get("/events", silent)])
    command = ("sessions", "events", "--url", str((await aiohttp_server(app)).make_url("")))
    result = await asyncio.to_thread(CliRunner().invoke, main, command)
    is_over.set()
    assert result.exit_code == 3
    assert "it took too long" in result.stderr


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        (
            "session.status",
            session(status="connected", qrExpiresAt=None, phoneNumber="15551234567"),
            "shop  connected as 15551234567",
        ),
        (
            "session.status",
            session(status="failed", qrExpiresAt=None, statusReason={"code": "x", "detail": "why"}),
            "shop  failed (x: why)",
        ),
        ("session.problem", {"code": "x", "detail": "no \x1bcode"}, "shop  x: no \ufffdcode"),
        ("session.deleted", {"id": "shop"}, "shop  deleted"),
        (
            "message.received",
            {"kind": "text", "chat": "4915112345678@s.whatsapp.net", "fromMe": False, "text": "private"},
            "shop  message.received text in 4915112345678@s.whatsapp.net",
        ),
        (
            "message.status",
            {"id": "3EB0A1", "chat": "4915112345678@s.whatsapp.net", "number": "4915112345678"}
            | {"status": "sent", "statusReason": None, "text": "private"},
            "shop  message.status 3EB0A1 to 4915112345678 sent",
        ),
        (
            "message.status",
            {"id": "3EB0A1", "chat": "120363041234567890@g.us", "number": None}
            | {"status": "failed", "statusReason": {"code": "x", "detail": "why"}},
            "shop  message.status 3EB0A1 to 120363041234567890@g.us failed (why)",
        ),
        ("contact.linked", {"lid": "909913313250243@lid"}, "shop  contact.linked"),
        ("stream.reset", {}, None),
    ],
)
def test_a_line_says_what_happened_to_which_session(name: str, data: Any, line: str | None) -> None:
    shown = as_line(Event(name, None, enveloped(name, data)), "shop", NOW)
    assert (shown and shown.partition("  ")[2]) == line
