"""A deliverer on a real store, with consumers on loopback and a time that tests turn."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from server.core.tasks import in_background
from server.events.notifier import Notifier
from server.webhooks.deliverer import Deliverer
from server.webhooks.http_client import WebhookClient
from server.webhooks.metrics import WebhookMetrics
from server.webhooks.signatures import new_secret
from store.ports.unit_of_work import UnitOfWork
from store.records.events import NewEvent
from store.records.webhooks import Lane, Webhook
from store.sqlite import database
from store.sqlite.store import SqliteStore, open_store
from tests.store.samples import session
from tests.support.consumer import Consumer, consumer
from tests.support.eventually import eventually
from tests.support.time import TurnedTime

#: More webhooks than a test makes.
MAX_WEBHOOKS = 1000

#: Seconds for which a write waits for another process, if a test holds the database.
BUSY = 0.05


@dataclass
class Bench:
    """What a test holds in its hands."""

    store: SqliteStore
    notifier: Notifier
    time: TurnedTime
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.metrics = WebhookMetrics(self.registry)
        self.changes = Notifier()

    async def add(self, url: str, webhook_id: str = "wh_1", **others: Any) -> Webhook:
        """A webhook that begins now."""
        webhook = Webhook(
            id=webhook_id,
            url=url,
            secret=new_secret(),
            give_up_after=86_400,
            created_at=self.time.clock.wall(),
        )
        made = await self.store.webhooks.add(replace(webhook, **others), most=MAX_WEBHOOKS)
        self.changes.notify()
        return made

    async def sessions(self, *names: str) -> None:
        for name in names:
            await self.store.sessions.add(session(name))

    async def give_again(self, session_id: str) -> None:
        """Deletes a session, and makes another one with its id."""
        await self.store.sessions.delete(session_id, token=None)
        await self.sessions(session_id)

    async def happen(self, session_id: str, *data: Any, kind: str = "message.received") -> None:
        """Adds an event to the log for each of `data`, in one transaction."""
        at = self.time.clock.wall()

        def work(unit: UnitOfWork) -> None:
            for one in data:
                unit.add_event(NewEvent(type=kind, at=at, data=json.dumps(one)))

        found = await self.store.sessions.require(session_id)
        assert found
        await self.store.transact(session_id, work, token=await self._token(session_id))

    async def _token(self, session_id: str) -> int:
        return await self.store.database.read(
            lambda connection: int(
                connection.execute("SELECT token FROM sessions WHERE id = ?", (session_id,)).fetchone()[0]
            )
        )

    @asynccontextmanager
    async def delivering(self, *, allow_private: bool = True) -> AsyncGenerator[Deliverer]:
        """A deliverer at work, until the block ends."""
        async with WebhookClient(allow_private=allow_private) as client:
            deliverer = Deliverer(
                self.store.webhooks,
                self.store.events,
                self.time.clock,
                client,
                self.notifier,
                self.changes,
                self.metrics,
            )
            async with in_background("webhooks", deliverer.run):
                yield deliverer

    async def lane(self, session_id: str = "a", webhook_id: str = "wh_1") -> Lane | None:
        return next(
            (one for one in await self.store.webhooks.lanes(webhook_id) if one.session_id == session_id), None
        )

    async def tried(self, times: int, session_id: str = "a") -> Lane:
        """The lane, once its next event has failed so often and the store has it."""

        async def look() -> Lane | None:
            lane = await self.lane(session_id)
            return lane if lane is not None and lane.tries == times else None

        return await eventually(look)

    async def arrived(self, *names: str) -> None:
        """Returns once the store has that all events of these sessions were delivered."""

        async def look() -> bool:
            newest = await self.store.webhooks.newest()
            lanes = [await self.lane(name) for name in names]
            return all(lane is not None and lane.done == newest[lane.session_id] for lane in lanes)

        await eventually(look)

    async def dead(self, number: int, webhook_id: str = "wh_1") -> Sequence[Any]:
        """The dead letters of a webhook, once there are so many."""

        async def look() -> Sequence[Any] | None:
            found = await self.store.webhooks.dead(webhook_id, after=0, limit=100)
            return found if len(found) == number else None

        return await eventually(look)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncGenerator[Bench]:
    notifier = Notifier()
    async with open_store(
        tmp_path / "motte.db", boot_id="boot-1", on_events=lambda _: notifier.notify()
    ) as store:
        bench = Bench(store, notifier, TurnedTime(asyncio.get_running_loop()))
        await bench.sessions("a", "b")
        yield bench


class Held:
    """Keeps everybody from writing, as a full disk does."""

    def __init__(self, bench: Bench) -> None:
        self._connection = sqlite3.connect(bench.store.database._path, isolation_level=None)

    def begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def held(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Generator[Held]:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", BUSY)
    with closing(Held(bench)) as made:
        yield made


@pytest.fixture
async def good() -> AsyncGenerator[Consumer]:
    async with consumer() as found:
        yield found


@pytest.fixture
async def bad() -> AsyncGenerator[Consumer]:
    async with consumer() as found:
        yield found


@pytest.fixture
async def client() -> AsyncGenerator[WebhookClient]:
    """One that may connect to every address."""
    async with WebhookClient(allow_private=True) as client:
        yield client
