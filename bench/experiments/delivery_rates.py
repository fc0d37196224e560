"""Deliveries of webhooks next to a plain client, and what they cost the requests."""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from itertools import cycle
from statistics import quantiles
from time import perf_counter
from typing import Any

from bench.baseline import Baseline
from bench.rows import Row, Samples
from bench.stage import Stage, opened
from store.records.events import EventLimits, NewEvent
from store.sqlite.event_rows import add_events
from tests.chaos.observers import page_of_events
from tests.support.event_readers import events_after

PLAIN = "deliveries.py, a plain aiohttp client with the same signed bytes, one in flight in each lane"
RATE: dict[str, Any] = {"unit": "deliveries/s", "direction": "at-least"}

ROWS = (
    Row(
        name="deliveries-1-lane",
        what="events of one session to one webhook",
        goal=None,
        against=PLAIN,
        **RATE,
    ),
    Row(name="deliveries-50-lanes", what="the same of 50 sessions", goal=None, against=PLAIN, **RATE),
    Row(
        name="read-during-deliveries",
        what="GET /sessions/{id}, the 95th percentile, with 200 deliveries/s and 20 dead webhooks",
        unit="ms",
        direction="at-most",
        goal=1.2,
        against="the same Motte without webhooks",
    ),
    Row(name="deliveries-meanwhile", what="deliveries while these requests were made", goal=190, **RATE),
)

BUDGET = 40

#: Events of one round, and rounds.
EVENTS, ROUNDS = 2000, 3

#: What an event of a short message has for data, about.
DATA = '{"id":"3EB0C767D71D0C5E1F4A","text":"' + "x" * 400 + '"}'

#: Webhooks that take events at once, that refuse connections, and that never answer.
GOOD, REFUSING, SILENT = 10, 10, 10

#: Events a second, each at every good webhook.
EVENT_RATE = 20

#: Seconds of one measurement, and until a new webhook has its first deliveries. And how many there are.
SPAN, SETTLING, TURNS = 2.5, 1.0, 3

#: Seconds between two requests.
PAUSE = 0.004

SESSIONS = [f"s{number}" for number in range(4)]


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    async with (
        opened(MOTTE_ALLOW_PRIVATE_WEBHOOKS="1") as stage,
        Baseline.started("consumer.py") as consumer,
        Baseline.started("deliveries.py") as plain,
    ):
        addresses = await consumer.until("addresses")
        for lanes in (1, 50):
            await _deliver(stage, consumer, plain, samples, lanes=lanes, url=addresses["good"])
        for session_id in SESSIONS:
            await stage.motte.create(session_id)
            await stage.motte.tell(session_id, "stop")
        await _read(stage, consumer, samples, addresses)


async def _deliver(
    stage: Stage, consumer: Baseline, plain: Baseline, samples: Samples, *, lanes: int, url: str
) -> None:
    """Measures the replays of a log, and the plain client with the same events."""
    name = f"deliveries-{lanes}-lane{'s' if lanes > 1 else ''}"
    _, cursor = await events_after(stage.motte)
    made = await stage.motte.ask("POST", "/webhooks", json={"url": url})
    assert made.status == 201, made.body
    await consumer.ask(count=EVENTS)
    await consumer.until("ready")
    _log(stage, [f"{lanes}-{number % lanes}" for number in range(EVENTS)])
    await consumer.until("took")
    bodies = await _bodies(stage, cursor)
    for _ in range(ROUNDS):
        await consumer.ask(count=EVENTS)
        await consumer.until("ready")
        answer = await stage.motte.ask("POST", f"/webhooks/{made.body['id']}/replay", json={"after": cursor})
        assert answer.status == 202, answer.body
        samples.add(name, EVENTS / float(await consumer.until("took")))
        await plain.ask(url=url, secret=made.body["secret"], lanes=list(bodies.values()))
        samples.add_baseline(name, EVENTS / float(await plain.until("posted")))
    await stage.motte.ask("DELETE", f"/webhooks/{made.body['id']}")


def _log(stage: Stage, session_ids: list[str]) -> None:
    """Adds an event of each of these sessions to the log. Events outlive their session: none has to exist."""
    limits = EventLimits(number=10**6, bytes=2**40)
    with closing(sqlite3.connect(stage.serve.folder.database, timeout=30)) as database, database:
        database.row_factory = sqlite3.Row
        for session_id in session_ids:
            event = NewEvent(type="message.received", at=time.time_ns() // 10**6, data=DATA)
            add_events(database, session_id, [event], limits)


async def _bodies(stage: Stage, cursor: str) -> dict[str, list[tuple[str, str]]]:
    """Returns id and bytes of each event after a cursor, by session."""
    found: dict[str, list[tuple[str, str]]] = {}
    page = await page_of_events(stage.motte, cursor)
    while page.events:
        for body in page.events:
            event = json.loads(body)
            found.setdefault(event["sessionId"], []).append((event["id"], body.decode()))
        page = await page_of_events(stage.motte, page.next_cursor)
    return found


async def _read(stage: Stage, consumer: Baseline, samples: Samples, addresses: dict[str, str]) -> None:
    """Measures requests by turns: with webhooks and without, and with the same events both times."""
    async with _changing(stage):
        for _ in range(TURNS):
            samples.add_baseline("read-during-deliveries", await _p95(stage))
            urls = (
                [addresses["good"]] * GOOD + ["http://127.0.0.1:9/"] * REFUSING + [addresses["dead"]] * SILENT
            )
            made = [await stage.motte.ask("POST", "/webhooks", json={"url": url}) for url in urls]
            await asyncio.sleep(SETTLING)
            await consumer.ask(rate=True)
            await consumer.until("came")
            begun = perf_counter()
            samples.add("read-during-deliveries", await _p95(stage))
            await consumer.ask(rate=True)
            came = await consumer.until("came")
            samples.add("deliveries-meanwhile", came / (perf_counter() - begun))
            for answer in made:
                await stage.motte.ask("DELETE", f"/webhooks/{answer.body['id']}")
            await asyncio.sleep(SETTLING)


@asynccontextmanager
async def _changing(stage: Stage) -> AsyncGenerator[None]:
    """Gives sessions new names while the block runs: each is an event."""

    async def change() -> None:
        due = perf_counter()
        for number, session_id in enumerate(cycle(SESSIONS)):
            await stage.motte.ask("PATCH", f"/sessions/{session_id}", json={"name": f"name {number}"})
            due += 1 / EVENT_RATE
            await asyncio.sleep(max(0.0, due - perf_counter()))

    task = asyncio.create_task(change())
    try:
        yield
    finally:
        task.cancel()


async def _p95(stage: Stage) -> float:
    """Returns the 95th percentile of the requests of some seconds, one after the other, in milliseconds."""
    spans = []
    until = perf_counter() + SPAN
    while (begun := perf_counter()) < until:
        await stage.motte.look(SESSIONS[0])
        spans.append((perf_counter() - begun) * 1000)
        await asyncio.sleep(PAUSE)
    return quantiles(spans, n=20)[-1]
