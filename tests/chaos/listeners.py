"""Consumers of events while everything is killed: webhooks, and a program that reads on with a cursor."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from random import Random
from time import time
from typing import NamedTuple

import aiohttp
from aiohttp import web

from tests.chaos.observers import page_of_events
from tests.support.http_server import http_server
from tests.support.motte import Motte

#: Seconds between two pages.
RESTS = (0.0, 1.0)

#: One delivery in so many is refused by a failing consumer, with a status that asks for another one.
FAILS_EVERY = 3

#: Seconds that a slow consumer takes for each delivery.
SLOW = 5.0


class WebhookListener:
    """Keeps every body that a webhook takes, in the order in which they came."""

    def __init__(self, name: str, *, fails_every: int | None = None, takes: float = 0.0) -> None:
        """takes: seconds for each delivery."""
        self.name = name
        self.url = ""
        self.taken: list[bytes] = []
        #: When each of them came: seconds since 1970.
        self.times: list[float] = []
        self._fails_every = fails_every
        self._takes = takes
        self._deliveries = 0

    async def take(self, request: web.BaseRequest) -> web.StreamResponse:
        """Take one delivery, or refuse it."""
        body, now = await request.read(), time()
        self._deliveries += 1
        await asyncio.sleep(self._takes)
        if self._fails_every and self._deliveries % self._fails_every == 0:
            return web.Response(status=500)
        self.taken.append(body)
        self.times.append(now)
        return web.Response(status=204)

    def heal(self) -> None:
        """Take everything from now on, at once."""
        self._fails_every, self._takes = None, 0.0


class Listeners(NamedTuple):
    """One of each kind. A dead one has an address at which nobody is.

    Only the good one keeps up: each failure costs the failing one five seconds.
    """

    good: WebhookListener
    failing: WebhookListener
    slow: WebhookListener


@asynccontextmanager
async def listening() -> AsyncGenerator[Listeners]:
    """They listen on loopback until the block ends."""
    listeners = Listeners(
        WebhookListener("the good webhook"),
        WebhookListener("the failing webhook", fails_every=FAILS_EVERY),
        WebhookListener("the slow webhook", takes=SLOW),
    )
    async with AsyncExitStack() as stack:
        for listener in listeners:
            await stack.enter_async_context(served(listener))
        yield listeners


@asynccontextmanager
async def served(listener: WebhookListener, port: int = 0) -> AsyncGenerator[None]:
    """It listens on loopback until the block ends. port: 0: any."""
    async with http_server(listener.take, port=port) as origin:
        listener.url = f"{origin}/events"
        yield


class EventReader:
    """Reads the event log page by page, each once."""

    def __init__(self, motte: Motte, *, random: Random) -> None:
        self.read: list[bytes] = []
        self._motte = motte
        self._random = random
        self._cursor: str | None = None

    async def follow(self, over: asyncio.Event) -> None:
        """Read until it is over."""
        while not over.is_set():
            with suppress(aiohttp.ClientError):
                await self.turn()
            await asyncio.sleep(self._random.uniform(*RESTS))

    async def finish(self) -> None:
        """Read what is left."""
        while await self.turn():
            pass

    async def turn(self) -> int:
        """Read the next page; returns how many events are on it."""
        page = await page_of_events(self._motte, self._cursor)
        self._cursor = page.next_cursor or self._cursor
        self.read += page.events
        return len(page.events)
