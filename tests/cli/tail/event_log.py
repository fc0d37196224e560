"""A stand-in for the event log of the API."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import web

from tests.support.motte_api import api_of_a_motte


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
