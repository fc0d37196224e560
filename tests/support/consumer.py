"""A consumer of webhooks on loopback, good or bad."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.http_server import http_server
from tests.support.time import patience


@dataclass(frozen=True)
class Delivery:
    """What arrived in one request."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


Answer = Callable[[Delivery], Awaitable[web.StreamResponse]]


def status(number: int, **headers: str) -> Answer:
    """Always the same status."""

    async def answer(_: Delivery) -> web.Response:
        return web.Response(status=number, headers={n.replace("_", "-"): text for n, text in headers.items()})

    return answer


@dataclass
class Consumer:
    """It keeps what arrives, and answers 204 unless a test says otherwise."""

    url: str = ""
    #: Every request, also those that were refused.
    got: list[Delivery] = field(default_factory=list)
    #: Whether `got` keeps them.
    keeps: bool = True
    #: What the next requests are answered, one each; then `answer` answers.
    answers: list[int] = field(default_factory=list)
    answer: Answer = field(default_factory=lambda: status(204))
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        delivery = Delivery({n.lower(): text for n, text in request.headers.items()}, await request.read())
        if self.keeps:
            self.got.append(delivery)
        self._came.set()
        if self.answers:
            return web.Response(status=self.answers.pop(0))
        return await self.answer(delivery)

    async def until(self, number: int) -> list[Delivery]:
        """The first so many requests, once they have come."""
        async with patience(f"{number} requests at the consumer"):
            while len(self.got) < number:
                self._came.clear()
                await self._came.wait()
        return self.got[:number]

    def of(self, session_id: str) -> list[Any]:
        """What the events of one session say, as they arrived."""
        return [one.event["data"] for one in self.got if one.event["sessionId"] == session_id]


@asynccontextmanager
async def consumer(host: str = "127.0.0.1") -> AsyncGenerator[Consumer]:
    """One that listens until the block ends."""
    found = Consumer()
    # Its connections outlive a clock that a test turns.
    async with http_server(found.respond, host=host, keepalive_timeout=10**6) as origin:
        found.url = f"{origin}/hook"
        yield found
