"""A thousand webhooks on a hundred sessions, and a thousand callers that poll: nobody starves."""

import asyncio
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from server.cli.sandbox.gateway import processes_of
from server.core.clock import SystemClock
from store.records.sessions import Status
from store.sqlite.store import open_store
from tests.slow.second import a_free_port
from tests.store.samples import session
from tests.support.event_readers import JSON, events_after
from tests.support.eventually import eventually
from tests.support.http_server import http_server
from tests.support.motte import Motte
from tests.support.phones import Phones, Sandbox
from tests.support.serve import API_KEY, Serve
from tests.support.spares import warm_spare

SESSIONS = [f"s{number:03}" for number in range(100)]

#: Webhooks by what their servers do: answer at once, after a while, never; the last ones do not exist.
GOOD, SLOW, SILENT, AWAY = 200, 200, 300, 300
#: Seconds after which a slow one answers.
SLOW_SECONDS = 1.5
#: Seconds within which each good one gets its first event, while all thousand are new; and all of a hundred.
FIRST_WITHIN, ALL_WITHIN = 60.0, 120.0

POLLERS = 1000
#: Events that each gets.
EVENTS = 30
#: Seconds between two, and until the last one has reached everybody.
PAUSE, REACH_WITHIN = 0.2, 60.0

#: Seconds. The bar for the 95th percentile of other requests meanwhile.
READ_WITHIN = 1.0
#: MiB that all processes of Motte may grow by. One of them may be new: the process that delivers, with 30.
GROWTH = 80


@pytest.fixture
async def many(sandbox: Sandbox, phones: Phones) -> AsyncGenerator[Motte]:
    """A Motte with a hundred sessions that nobody has started: a new name is an event of each."""
    serve = Serve({**sandbox.settings, "MOTTE_ALLOW_PRIVATE_WEBHOOKS": "1"})
    serve.folder.path.mkdir(mode=0o700)
    async with open_store(serve.folder.database, boot_id=SystemClock().boot_id) as store:
        for name in SESSIONS:
            await store.sessions.add(session(name, status=Status.STOPPED))
    try:
        async with Motte.opened(serve, phones) as motte:
            await warm_spare(motte)  # its memory is not the price of a subscriber
            yield motte
    finally:
        await asyncio.to_thread(serve.stop)
        sys.stdout.write(serve.logs()[-20_000:])  # shown where the test has failed
        serve.remove()


class Servers:
    """The servers of all webhooks, at one address: the path says which, and what it does."""

    def __init__(self) -> None:
        self.url = ""
        #: By webhook: the new names of each session, as they came.
        self.got: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        event = json.loads(await request.read())
        self.got[request.path][event["sessionId"]].append(event["data"]["name"])
        if request.path.startswith("/slow"):
            await asyncio.sleep(SLOW_SECONDS)
        elif request.path.startswith("/silent"):
            await asyncio.Event().wait()
        return web.Response(status=204)

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> AsyncGenerator["Servers"]:
        servers = cls()
        async with http_server(servers.respond, backlog=1024) as servers.url:
            yield servers

    async def all_have(self, kind: str, number: int, *, events: int) -> bool | None:
        """Whether so many webhooks of a kind got so many events each."""
        paths = [f"/{kind}/{one}" for one in range(number)]
        return all(sum(map(len, self.got[path].values())) >= events for path in paths) or None


async def test_a_thousand_webhooks_get_the_events_of_a_hundred_sessions_and_bad_ones_delay_no_good_one(
    many: Motte,
) -> None:
    nobody = f"http://127.0.0.1:{a_free_port()}"
    async with Servers.opened() as servers:
        kinds = {"good": GOOD, "slow": SLOW, "silent": SILENT, "away": AWAY}
        names = [f"/{kind}/{one}" for kind, number in kinds.items() for one in range(number)]
        # In turn: a good one is neither before all others nor behind them.
        names.sort(key=lambda name: int(name.rpartition("/")[2]))
        for name in names:
            url = f"{nobody if name.startswith('/away') else servers.url}{name}"
            assert (await many.ask("POST", "/webhooks", json={"url": url})).status == 201
        before = memory(many)
        async with reading(many) as spans:
            first = await lasted(rename(many, SESSIONS[:1], "first"), servers, events=1, within=FIRST_WITHIN)
            rest = await lasted(
                rename(many, SESSIONS, "second"), servers, events=1 + len(SESSIONS), within=ALL_WITHIN
            )
        grown = memory(many) - before
        read = statistics.quantiles(spans, n=20)[-1]
        sys.stdout.write(
            f"1,000 webhooks: the first event at {GOOD} good ones after {first:.1f} s, "
            f"{len(SESSIONS)} more after {rest:.1f} s; a read p95 {read * 1000:.0f} ms; "
            f"Motte grew by {grown:.0f} MiB\n"
        )
        for one in range(GOOD):
            wanted = {name: ["second"] for name in SESSIONS} | {SESSIONS[0]: ["first", "second"]}
            assert servers.got[f"/good/{one}"] == wanted
        await eventually(lambda: servers.all_have("slow", SLOW, events=1))
        await eventually(lambda: servers.all_have("silent", SILENT, events=1), within=60)
        assert read < READ_WITHIN
        assert grown < GROWTH


async def lasted(doing: Any, servers: Servers, *, events: int, within: float) -> float:
    """Seconds until each good webhook has so many events."""
    begun = perf_counter()
    await doing
    await eventually(lambda: servers.all_have("good", GOOD, events=events), within=within, every=0.1)
    return perf_counter() - begun


async def rename(motte: Motte, names: list[str], name: str) -> None:
    """Each of these sessions has an event."""
    for session_id in names:
        answer = await motte.ask("PATCH", f"/sessions/{session_id}", json={"name": name})
        assert answer.status == 200, answer.body


async def test_a_thousand_callers_that_poll_get_each_event_once_and_in_order(many: Motte) -> None:
    _, beginning = await events_after(many)
    got: list[list[str]] = [[] for _ in range(POLLERS)]
    wanted = [f"name {number}" for number in range(EVENTS)]
    limitless = aiohttp.TCPConnector(limit=0)
    headers = {**JSON, "Authorization": f"Bearer {API_KEY}", "Prefer": "wait=60"}
    before = memory(many)
    async with aiohttp.ClientSession(connector=limitless, headers=headers) as http, reading(many) as spans:

        async def poll(found: list[str]) -> None:
            after = beginning
            while len(found) < EVENTS:
                params = {"after": after}
                async with http.get(f"{many.serve.url()}/events", params=params) as response:
                    body = await response.json()
                    assert response.status == 200, body
                found += [event["data"]["name"] for event in body["items"]]
                after = body["nextCursor"]

        async with asyncio.TaskGroup() as tasks, asyncio.timeout(REACH_WITHIN):
            for found in got:
                tasks.create_task(poll(found))
            for name in wanted:
                await asyncio.sleep(PAUSE)
                await rename(many, SESSIONS[:1], name)
            written = perf_counter()
        reached = perf_counter() - written
    grown = memory(many) - before
    read = statistics.quantiles(spans, n=20)[-1]
    sys.stdout.write(
        f"1,000 pollers: the last of {EVENTS} events at all of them after {reached:.1f} s; "
        f"a read p95 {read * 1000:.0f} ms; Motte grew by {grown:.0f} MiB\n"
    )
    assert got == [wanted] * POLLERS
    assert read < READ_WITHIN
    assert grown < GROWTH


@asynccontextmanager
async def reading(motte: Motte) -> AsyncGenerator[list[float]]:
    """Somebody who reads a session again and again until the block ends: how many seconds each read took."""
    spans: list[float] = []

    async def read() -> None:
        for number in count():
            begun = perf_counter()
            await motte.look(SESSIONS[number % len(SESSIONS)])
            spans.append(perf_counter() - begun)
            await asyncio.sleep(0.05)

    reader = asyncio.create_task(read())
    try:
        yield spans
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader


def memory(motte: Motte) -> float:
    """MiB of all processes of Motte."""
    return sum(proportional(pid) for pid in processes_of(motte.folder))


def proportional(pid: int) -> float:
    """MiB of a process; what it shares with others counts in part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:  # it has just ended
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
