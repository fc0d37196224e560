"""A front on real pipes and a real database, with fake connectors and a time that tests turn."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession
from aiohttp.test_utils import TestClient

from server.api.http_server import Runner
from server.app import make_app
from server.assembly import Gateway, gateway
from server.auth.key_texts import digest
from server.core.paths import StateFolder
from server.core.settings.model import Settings
from server.sessions.parts import SessionParts
from server.sessions.service import Sessions
from server.webhooks.deliverer import Deliverer
from store.ports.leases import LeaseStore
from store.records.sessions import Session
from store.sqlite.store import open_store
from tests.api.described import HeldServer
from tests.support.connector import FakeConnector
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime, patience, until
from tests.support.whatsapp import FakeWhatsApp

ADMIN_KEY = "motte_test"
READ_KEY = "motte_read"

#: Connectors that may be starting at once.
AT_ONCE = 4


@dataclass
class Front:
    """What a test holds in its hands."""

    client: TestClient[Any, Any]
    whole: Gateway
    supervisor: FakeSupervisor
    whatsapp: FakeWhatsApp
    time: TurnedTime
    folder: StateFolder
    stack: AsyncExitStack

    async def get(self, path: str, **options: Any) -> ClientResponse:
        return await self.client.get(path, **options)

    async def stop(self) -> None:
        """End this front; its connectors go on."""
        await self.stack.aclose()

    def leases(self) -> LeaseStore:
        return self.whole.store.leases

    @property
    def owner(self) -> SessionParts:
        """The parts of a front that holds the pipes."""
        assert isinstance(self.whole.service, Sessions)
        return self.whole.service.parts

    async def row(self, session_id: str = "shop") -> Session:
        return await self.whole.store.sessions.require(session_id)

    async def key(self, name: str, *scopes: str, sessions: Sequence[str] | None = None) -> dict[str, str]:
        """Headers with a new key of that name."""
        now = self.time.clock.wall()
        await self.whole.store.keys.add(name, digest(name), scopes, now, sessions=sessions)
        return {"Authorization": f"Bearer {name}"}

    def stranger(self) -> ClientSession:
        """A client that has no key of its own."""
        return ClientSession(self.client.make_url("/"))

    async def create(self, session_id: str = "shop") -> dict[str, Any]:
        """A session that waits for its first scan."""
        response = await self.client.post("/sessions", json={"id": session_id})
        assert response.status == 201, await response.text()
        return dict(await response.json())

    async def scan(self, session_id: str = "shop", phone_number: str = "15551234567") -> None:
        """A phone scans the session's code. Return once the session is connected."""
        self.connector(session_id).scan(phone_number)
        self.connector(session_id).restart()
        await self.until("connected", session_id)

    async def pair(self, session_id: str = "shop") -> None:
        """A session that a phone has scanned, and that is connected."""
        await self.create(session_id)
        await self.scan(session_id)

    async def read(self, session_id: str = "shop", **options: Any) -> dict[str, Any]:
        response = await self.client.get(f"/sessions/{session_id}", **options)
        assert response.status == 200, await response.text()
        return dict(await response.json())

    async def ask(self, verb: str, session_id: str = "shop", **body: Any) -> dict[str, Any]:
        """What the session says once it was asked to start, stop, restart or log out."""
        response = await self.client.post(f"/sessions/{session_id}/{verb}", json=body or None)
        assert response.status == 200, await response.text()
        return dict(await response.json())

    async def refused(self, verb: str, session_id: str = "shop", **body: Any) -> dict[str, Any]:
        """The problem that the same request is answered with."""
        response = await self.client.post(f"/sessions/{session_id}/{verb}", json=body or None)
        assert response.status >= 400, await response.text()
        return dict(await response.json())

    async def said(self, command: str, session_id: str = "shop") -> None:
        """Return once the connector was sent this command."""
        commands = self.connector(session_id).commands
        await until(lambda: command in {line["command"] for line in commands})

    def connector(self, session_id: str = "shop") -> FakeConnector:
        return self.supervisor.connectors[session_id]

    async def started(self, session_id: str = "shop") -> FakeConnector:
        """The session's connector, once there is one."""
        return await self.supervisor.started(session_id)

    async def restarted(self, session_id: str = "shop") -> FakeConnector:
        """The session's connector, once it was started a second time."""
        await until(lambda: self.supervisor.starts.get(session_id, 0) > 1)
        return await self.started(session_id)

    async def asleep(self, session_id: str = "shop") -> None:
        """Return once the session has no connector, and the front knows."""
        with self.owner.subscriptions.subscribe(session_id) as subscription:
            async with patience(f"{session_id} without a code"):
                while (await self.row(session_id)).qr is not None:
                    await subscription.next()
        await until(lambda: session_id not in self.supervisor.connectors)

    async def closed(self, session_id: str = "shop") -> None:
        """Return once the front knows that the session's socket is gone, whatever its row says."""
        session = await self.row(session_id)
        await until(lambda: self.whole.expiry.live(session) is None)

    async def flying(self, session_id: str = "shop") -> None:
        """Return once somebody waits for a code of the session."""
        await until(lambda: self.owner.single_flight.is_flying(session_id))

    async def watched(self, session_id: str = "shop") -> None:
        """Return once a read waits for news of the session."""
        await until(lambda: self.owner.subscriptions.is_awaited(session_id))

    async def until(self, status: str, session_id: str = "shop") -> dict[str, Any]:
        """The session once it has this status."""
        with self.owner.subscriptions.subscribe(session_id) as subscription:
            if (await self.row(session_id)).status != status:
                async with patience(f"the status {status} of {session_id}"):
                    async for change in subscription:
                        if change.session is not None and change.session.status == status:
                            break
        return await self.read(session_id, params={"refresh": "false"})


@pytest.fixture
async def time() -> TurnedTime:
    return TurnedTime(asyncio.get_running_loop())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    # Fake connectors take no memory, and a test may start hundreds of them at once.
    return Settings(state=tmp_path, start_concurrency=AT_ONCE, min_free_memory=0)


@pytest.fixture
async def front(settings: Settings, time: TurnedTime) -> AsyncGenerator[Front]:
    async with opened(settings, time) as front:
        yield front


class FrontServer(HeldServer):
    """A test server whose connections speak as those of the real one do.

    They may idle for a day: a client whose clock a test turns could not see that one was closed.
    """

    async def _make_runner(self, **options: Any) -> Runner:
        own = {"keepalive_timeout": 86_400, "handler_cancellation": False}  # aiohttp's test server cancels
        return Runner(self.app, **{**options, **own})


def supervisor_of(settings: Settings, time: TurnedTime) -> FakeSupervisor:
    """A supervisord with a WhatsApp of its own."""
    return FakeSupervisor(StateFolder(settings.state), FakeWhatsApp(), time.clock)


@pytest.fixture
async def supervisor(settings: Settings, time: TurnedTime) -> AsyncGenerator[FakeSupervisor]:
    """One that outlives the fronts of a test."""
    supervisor = supervisor_of(settings, time)
    yield supervisor
    await supervisor.close()


@asynccontextmanager
async def opened(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor | None = None
) -> AsyncGenerator[Front]:
    """A front that answers, until the block ends. Connectors of a supervisor that is given go on."""
    folder = StateFolder(settings.state)
    if settings.whatsapp_version_url is None:  # no test asks WhatsApp's own site
        settings = replace(settings, whatsapp_version=settings.whatsapp_version or "builtin")
    await _add_keys(folder, time)
    programs = supervisor or supervisor_of(settings, time)
    async with AsyncExitStack() as stack:
        whole = await stack.enter_async_context(gateway(settings, time.clock, programs, deliver=deliver_here))
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        client = TestClient(FrontServer(make_app(whole)), headers=headers)
        await stack.enter_async_context(client)
        yield Front(client, whole, programs, programs.whatsapp, time, folder, stack)
    if supervisor is None:
        await programs.close()


async def deliver_here(whole: Gateway) -> None:
    """Delivers to webhooks in this process, whose clock is turned."""
    deliverer = Deliverer(
        whole.store.webhooks,
        whole.store.events,
        whole.clock,
        whole.webhook_client,
        whole.notifier,
        whole.webhook_changes,
        whole.metrics.webhooks,
    )
    await deliverer.run()


async def _add_keys(folder: StateFolder, time: TurnedTime) -> None:
    async with open_store(folder.database, boot_id=time.clock.boot_id) as store:
        keys = store.keys
        await keys.add("admin", digest(ADMIN_KEY), ["admin"], time.clock.wall())
        await keys.add("reader", digest(READ_KEY), ["sessions:read"], time.clock.wall())


@pytest.fixture
async def stranger(front: Front) -> AsyncGenerator[TestClient[Any, Any]]:
    """Somebody who has no key."""
    async with TestClient(HeldServer(make_app(front.whole))) as client:
        yield client
