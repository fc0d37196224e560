"""Webhooks in real time: the front is killed, and consumers are slow, dead and faulty."""

import asyncio
import json
import logging
import os
import resource
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from server.core.clock import SystemClock
from server.events.notifier import Notifier
from store.sqlite.store import open_store
from tests.server.webhooks.conftest import Bench
from tests.support.consumer import Consumer, Delivery, consumer, status
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, BO, Phones

log = logging.getLogger(__name__)

#: Messages of the run with kills, and how many deliveries kill the front.
MESSAGES, KILLS = 40, 8

#: Events of the run with bad consumers, and the sessions that they are of.
EVENTS, SESSIONS = 10_000, 20
#: In one transaction.
AT_ONCE = 10
#: Seconds. The bar for the 95th percentile of what the good consumer waits.
LAG = 2.0
#: MiB that the process may grow.
GROWTH = 20


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"MOTTE_ALLOW_PRIVATE_WEBHOOKS": "1"}


@pytest.fixture
async def good() -> AsyncGenerator[Consumer]:
    async with consumer() as found:
        yield found


async def test_a_front_that_is_killed_between_delivery_and_cursor_loses_nothing(
    motte: Motte, phones: Phones, good: Consumer
) -> None:
    body = {"url": good.url, "types": ["message.received"]}
    made = (await motte.ask("POST", "/webhooks", json=body)).session(201)
    await motte.connect()
    killed: set[str] = set()
    lethal = {str(number) for number in range(2, MESSAGES, MESSAGES // KILLS)}

    taken: list[Delivery] = []

    async def kill_some(delivery: Delivery) -> web.StreamResponse:
        """Every other kill comes before the consumer has taken the event: it dies with the front."""
        text = delivery.event["data"]["text"]
        if text in lethal - killed:
            killed.add(text)
            os.kill(json.loads(motte.folder.front.read_text())["pid"], 9)
            if len(killed) % 2:
                return await status(503)(delivery)
        taken.append(delivery)
        return await status(204)(delivery)

    good.answer = kill_some
    for number in range(MESSAGES):
        await phones.write(str(number), phone=BO, to=ANN)
        await asyncio.sleep(0.1)

    async def all_came() -> bool:
        return {one.event["data"]["text"] for one in taken} >= set(map(str, range(MESSAGES)))

    await eventually(all_came, within=60)
    await motte.ready()
    bodies: dict[str, set[bytes]] = defaultdict(set)
    for one in taken:
        Webhook(made["secret"]).verify(one.body, one.headers)
        bodies[one.id].add(one.body)
    first_seen = list(dict.fromkeys(one.event["data"]["text"] for one in taken))
    log.info("%d kills, %d deliveries more than %d", len(killed), len(taken) - MESSAGES, MESSAGES)

    assert killed == lethal
    assert first_seen == [str(number) for number in range(MESSAGES)]
    assert len(bodies) == MESSAGES, "a repeated delivery has the id of the first"
    assert all(len(found) == 1 for found in bodies.values())
    assert (await motte.ask("DELETE", f"/webhooks/{made['id']}")).status == 204
    await motte.clear()


class RealTime:
    """What a bench asks of a time."""

    def __init__(self) -> None:
        self.clock = SystemClock()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncGenerator[Bench]:
    """A bench whose clock runs."""
    notifier = Notifier()
    async with open_store(
        tmp_path / "motte.db", boot_id="boot-1", on_events=lambda _: notifier.notify()
    ) as store:
        yield Bench(store, notifier, RealTime())  # type: ignore[arg-type]


async def test_a_slow_a_dead_and_a_faulty_consumer_delay_nobody(bench: Bench) -> None:
    names = [f"s{number}" for number in range(SESSIONS)]
    await bench.sessions(*names)
    lags: list[float] = []
    seen: dict[str, list[int]] = defaultdict(list)

    async def note(delivery: Delivery) -> web.StreamResponse:
        event = delivery.event
        lags.append(time.time() - event["data"]["at"])
        seen[event["sessionId"]].append(event["data"]["n"])
        return await status(204)(delivery)

    async def slowly(delivery: Delivery) -> web.StreamResponse:
        await asyncio.sleep(5)
        return await status(204)(delivery)

    over = asyncio.Event()

    async def never(delivery: Delivery) -> web.StreamResponse:
        await over.wait()
        return await status(204)(delivery)

    turn = 0

    async def two_of_three(delivery: Delivery) -> web.StreamResponse:
        nonlocal turn
        turn += 1
        return await status(503 if turn % 3 == 0 else 204)(delivery)

    async with consumer() as good, consumer() as slow, consumer() as dead, consumer() as faulty:
        for found, answer in ((good, note), (slow, slowly), (dead, never), (faulty, two_of_three)):
            found.answer = answer
            found.keeps = False
            await bench.add(found.url, f"wh_{found.url[-10:-5]}")
        before = _memory()
        async with bench.delivering():
            for first in range(0, EVENTS, AT_ONCE):
                name = names[first // AT_ONCE % SESSIONS]
                now = time.time()
                await bench.happen(name, *({"n": first + n, "at": now} for n in range(AT_ONCE)))
                await asyncio.sleep(0.01)
            await eventually(lambda: _all(seen), within=60)
            grown = _memory() - before
        over.set()
        p50, p95 = (statistics.quantiles(lags, n=100)[at - 1] for at in (50, 95))
    log.info("lag of the good one: p50 %.3f s, p95 %.3f s; grown by %.1f MiB", p50, p95, grown)

    assert all(numbers == sorted(set(numbers)) for numbers in seen.values())
    assert p95 < LAG
    assert grown < GROWTH


async def _all(seen: dict[str, list[int]]) -> bool:
    return sum(map(len, seen.values())) >= EVENTS


def _memory() -> float:
    """MiB of this process, resident."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20
