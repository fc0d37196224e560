"""A front's keeper of the process that delivers, on a real store and in real time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from server.core.clock import SystemClock
from server.core.paths import StateFolder
from server.core.settings.model import Settings
from server.core.tasks import in_background
from server.events.notifier import Notifier
from server.webhooks.keeper import DelivererKeeper
from store.sqlite.store import open_store
from tests.chaos.processes import deliverers
from tests.server.webhooks.conftest import Bench
from tests.support.eventually import eventually


class RealTime:
    """What a bench asks of a time. The process has a clock of its own, which nobody turns."""

    def __init__(self) -> None:
        self.clock = SystemClock()


class Kept:
    """A bench, whose webhooks are delivered to by processes."""

    def __init__(self, bench: Bench, settings: Settings) -> None:
        self.bench = bench
        self.settings = settings
        self.folder = StateFolder(settings.state)

    @asynccontextmanager
    async def keeping(self) -> AsyncGenerator[None]:
        """A front's keeper at work, until the block ends."""
        bench = self.bench
        kept = DelivererKeeper(
            self.settings, bench.store.webhooks, bench.notifier, bench.changes, bench.metrics
        )
        async with in_background("webhooks", kept.run):
            yield

    async def process(self, *, other_than: int | None = None) -> int:
        """The process that delivers, once there is one."""

        async def look() -> int | None:
            return next((pid for pid in deliverers(self.folder) if pid != other_than), None)

        return await eventually(look)

    async def waits_for_lock(self, pid: int) -> None:
        """Returns a moment after a process has opened the lock."""

        async def look() -> bool:
            return self.folder.deliverer_lock in opened_by(pid)

        await eventually(look)
        await asyncio.sleep(0.5)

    async def refuses_twice(self) -> None:
        """Keeps until two processes have ended."""
        async with self.keeping():

            async def has_ended_twice() -> bool:
                return self.metric("motte_webhook_deliverer_crashes_total") == 2

            await eventually(has_ended_twice)

    async def gone(self) -> None:
        """Returns once it does not exist any longer."""

        async def look() -> bool:
            return not deliverers(self.folder)

        await eventually(look)

    def metric(self, name: str, **labels: str) -> float:
        return self.bench.registry.get_sample_value(name, labels) or 0.0


def opened_by(pid: int) -> set[Path]:
    """The files that a process has open."""
    found = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(file.readlink())
    return found


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncGenerator[Kept]:
    notifier = Notifier()
    async with open_store(
        tmp_path / "motte.db", boot_id="boot-1", on_events=lambda _: notifier.notify()
    ) as store:
        bench = Bench(store, notifier, RealTime())  # type: ignore[arg-type]
        await bench.sessions("a", "b")
        yield Kept(bench, Settings(state=tmp_path, allow_private_webhooks=True))
        assert deliverers(StateFolder(tmp_path)) == []
