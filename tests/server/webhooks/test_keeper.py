"""The process that delivers to webhooks, as a front keeps it: real processes, killed at any moment."""

import asyncio
import logging
import os
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from server.core.clock import SystemClock
from server.core.paths import StateFolder
from server.core.settings.model import Isolation, Settings
from server.core.tasks import in_background
from server.events.notifier import Notifier
from server.webhooks import keeper
from server.webhooks.keeper import DelivererKeeper
from store.sqlite.schema import MIGRATIONS
from store.sqlite.store import open_store
from tests.chaos.processes import deliverers
from tests.server.webhooks.conftest import Bench
from tests.support.consumer import Consumer, Delivery, status
from tests.support.eventually import eventually

#: Events of the run with kills, and those whose delivery kills.
EVENTS = 60
LETHAL = {5, 15, 30, 50}


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


def said_of(pid: int, file: str) -> str:
    """What the kernel says of a process."""
    return Path(f"/proc/{pid}/{file}").read_text(errors="replace")


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


async def test_a_process_begins_with_the_first_webhook_and_ends_with_its_front(
    kept: Kept, good: Consumer
) -> None:
    async with kept.keeping():
        await asyncio.sleep(0.1)
        assert deliverers(kept.folder) == []

        await kept.bench.add(good.url)
        await kept.process()
        await kept.bench.happen("a", 1, 2)
        await good.until(2)

        async def is_counted() -> bool:
            return kept.metric("motte_webhook_tries_total", outcome="delivered") == 2

        await eventually(is_counted)
        assert kept.metric("motte_webhook_lag_seconds_count") == 2
        assert kept.metric("motte_webhooks", status="active") == 1
        assert kept.metric("motte_webhook_deliverer_running") == 1
        await kept.bench.happen("a", 3, 4, 5)
        await good.until(5)
    assert deliverers(kept.folder) == []
    assert kept.metric("motte_webhook_deliverer_running") == 0
    assert kept.metric("motte_webhook_deliverer_crashes_total") == 0
    lane = await kept.bench.lane("a")
    assert lane is not None
    assert lane.done >= 4, "what it has delivered is written before its end"


async def test_without_a_webhook_metrics_show_none_whatever_the_last_process_reported(kept: Kept) -> None:
    metrics = kept.bench.metrics
    metrics.show_dead(3)
    metrics.show_failing(60)
    metrics.show_webhooks(active=1, failing=1)

    async def is_none() -> bool:
        return not any(
            (
                kept.metric("motte_webhook_dead_letters"),
                kept.metric("motte_webhook_failing_seconds"),
                kept.metric("motte_webhooks", status="active"),
                kept.metric("motte_webhooks", status="failing"),
            )
        )

    async with kept.keeping():
        await eventually(is_none)


async def test_an_event_is_delivered_at_once_though_the_process_sleeps(kept: Kept, good: Consumer) -> None:
    """The notifier reaches it: it looks by itself once a second."""
    await kept.bench.add(good.url)
    loop = asyncio.get_running_loop()
    async with kept.keeping():
        await kept.bench.happen("a", 0)
        await good.until(1)
        waits = []
        for number in range(1, 6):
            await asyncio.sleep(0.05)
            began = loop.time()
            await kept.bench.happen("a", number)
            await good.until(number + 1)
            waits.append(loop.time() - began)
    assert min(waits) < 0.25


async def test_kills_in_the_middle_of_deliveries_lose_nothing_and_keep_the_order(
    kept: Kept, good: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(keeper, "MAX_PAUSE_SECONDS", 0.01)
    taken: list[Delivery] = []
    killed: set[int] = set()

    async def kill_some(delivery: Delivery) -> web.StreamResponse:
        """Every other kill comes before the consumer has taken the event."""
        number = delivery.event["data"]
        if number in LETHAL - killed:
            killed.add(number)
            [pid] = deliverers(kept.folder)
            os.kill(pid, signal.SIGKILL)
            if len(killed) % 2:
                return await status(503)(delivery)
        taken.append(delivery)
        return await status(204)(delivery)

    good.answer = kill_some
    await kept.bench.add(good.url)
    await kept.bench.happen("a", *range(EVENTS))
    async with kept.keeping():
        await kept.bench.arrived("a")
    bodies = {delivery.id: delivery.body for delivery in taken}
    assert killed == LETHAL
    assert list(dict.fromkeys(delivery.event["data"] for delivery in taken)) == list(range(EVENTS))
    assert len(bodies) == EVENTS, "a repeated delivery has the id of the first"
    assert all(delivery.body == bodies[delivery.id] for delivery in taken)
    assert kept.metric("motte_webhook_deliverer_crashes_total") == len(killed)


async def test_the_log_says_which_process_delivers_at_first_and_after_a_kill(
    kept: Kept, good: Consumer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def lines() -> list[str]:
        said = [record.getMessage() for record in caplog.records]
        return [line for line in said if line.startswith("event=webhook_deliverer_")]

    async def says_started(pid: int) -> None:
        async def look() -> bool:
            return f"event=webhook_deliverer_started pid={pid}" in lines()

        await eventually(look)

    await kept.bench.add(good.url)
    async with kept.keeping():
        first = await kept.process()
        await says_started(first)
        os.kill(first, signal.SIGKILL)
        second = await kept.process(other_than=first)
        await says_started(second)
    assert lines() == [
        f"event=webhook_deliverer_started pid={first}",
        "event=webhook_deliverer_ended code=-9",
        f"event=webhook_deliverer_started pid={second}",
    ]


async def test_two_fronts_have_one_process_that_delivers(kept: Kept, good: Consumer) -> None:
    """The lock keeps the second one waiting, whatever started it."""
    await kept.bench.add(good.url)
    async with kept.keeping():
        await kept.bench.happen("a", 0)
        await good.until(1)
        first = await kept.process()
        async with kept.keeping():
            await kept.waits_for_lock(await kept.process(other_than=first))
            await kept.bench.happen("a", *range(1, 20))
            await good.until(20)
            await asyncio.sleep(0.3)
            assert [delivery.event["data"] for delivery in good.got] == list(range(20))
    await kept.gone()


async def test_a_process_that_hangs_is_killed_and_another_one_delivers(
    kept: Kept, good: Consumer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It may stand still while it writes: then the front cannot write either."""
    monkeypatch.setattr(keeper, "SILENT_SECONDS", 2.0)
    await kept.bench.add(good.url)
    async with kept.keeping():
        await kept.bench.happen("a", 0)
        await good.until(1)
        first = await kept.process()
        os.kill(first, signal.SIGSTOP)
        await kept.bench.happen("a", 1)
        await good.until(2)
        assert await kept.process() != first
    assert "event=webhook_deliverer_silent" in caplog.text


async def test_a_front_that_stood_still_kills_no_process_that_did_not(
    kept: Kept, good: Consumer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeper, "SILENT_SECONDS", 1.5)
    await kept.bench.add(good.url)
    async with kept.keeping():
        await kept.bench.happen("a", 0)
        await good.until(1)
        first = await kept.process()

        async def has_reported() -> bool:
            return kept.metric("motte_webhook_deliverer_running") == 1

        await eventually(has_reported)
        asyncio.get_running_loop().call_soon(time.sleep, 1.7)  # nothing else runs meanwhile
        await asyncio.sleep(0)
        await kept.bench.happen("a", 1)
        await good.until(2)
        assert await kept.process() == first
    assert "event=webhook_deliverer_silent" not in caplog.text
    assert kept.metric("motte_webhook_deliverer_crashes_total") == 0


async def test_a_process_that_cannot_begin_says_why_and_is_tried_again(
    kept: Kept, good: Consumer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeper, "VERSION", "0.0.1")
    await kept.bench.add(good.url)
    await kept.refuses_twice()
    assert "event=webhook_deliverer_ended code=1" in caplog.text
    assert kept.metric("motte_webhook_deliverer_running") == 0


def installed_beneath(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the program that runs in the place of this one from now on."""
    installed = tmp_path / "installed"
    for package in ("server", "store"):
        shutil.copytree(keeper.ROOT / package, installed / package)
    monkeypatch.setattr(keeper, "ROOT", installed)
    return installed


async def test_a_new_version_installed_beneath_a_front_delivers_nothing(
    kept: Kept, good: Consumer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = installed_beneath(tmp_path, monkeypatch)
    (installed / "server" / "core" / "version.py").write_text('VERSION = "999.0.0"\n')

    await kept.bench.add(good.url)
    await kept.bench.happen("a", 0)
    await kept.refuses_twice()
    assert good.got == []


async def test_a_new_schema_installed_beneath_a_front_is_not_given_to_its_database(
    kept: Kept,
    good: Consumer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A source folder keeps its version from one migration to the next."""
    installed = installed_beneath(tmp_path, monkeypatch)
    newer = installed / "store" / "sqlite" / "migrations" / "9999_newer.sql"
    newer.write_text("-- Newer.\n\nCREATE TABLE newer (id TEXT);\n")

    await kept.bench.add(good.url)
    await kept.bench.happen("a", 0)
    await kept.refuses_twice()
    said = capfd.readouterr()
    assert "event=webhook_deliverer_cannot_begin" in said.out + said.err
    assert "Traceback" not in said.out + said.err
    assert good.got == []
    with closing(sqlite3.connect(kept.folder.database)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


async def test_a_process_that_ends_within_a_report_is_a_crash_like_any_other(
    kept: Kept,
    good: Consumer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A process is played that is killed when the kernel has taken a part of its line."""
    torn = tmp_path / "installed" / "torn_report.py"
    torn.parent.mkdir()
    torn.write_text("import os\nos.read(0, 65536)\nos.write(0, b'{\"died\":1')\nos._exit(9)\n")
    monkeypatch.setattr(keeper, "ROOT", torn.parent)
    monkeypatch.setattr(keeper, "MODULE", torn.stem)

    await kept.bench.add(good.url)
    await kept.refuses_twice()
    assert "event=webhook_deliverer_ended code=9" in caplog.text
    assert "background_failed" not in caplog.text
    assert kept.metric("motte_webhook_events_given_up_total") == 0


async def test_a_process_that_cannot_be_started_is_tried_again(
    kept: Kept, good: Consumer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    await kept.bench.add(good.url)
    async with kept.keeping():

        async def has_failed() -> bool:
            return "event=webhook_deliverer_not_started" in caplog.text

        await eventually(has_failed)
        monkeypatch.undo()
        await kept.bench.happen("a", 0)
        await good.until(1)


async def test_it_sees_no_secret_and_does_what_the_settings_say(
    kept: Kept, good: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", "hidden-key")
    monkeypatch.setenv("MOTTE_PROXY", "http://user:hidden-password@proxy.example:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hidden-password@proxy.example:1")
    kept.settings = replace(kept.settings, allow_private_webhooks=False)
    await kept.bench.add(good.url, headers={"Authorization": "hidden-header"})
    await kept.bench.happen("a", 0)
    async with kept.keeping():
        lane = await kept.bench.tried(1)
        assert "no public address" in str(lane.error)
        pid = await kept.process()
        seen = said_of(pid, "cmdline") + said_of(pid, "environ")
        assert "hidden" not in seen
        assert f"MOTTE_STATE={kept.folder.path}" in seen


@pytest.mark.parametrize("isolation", list(Isolation))
async def test_it_delivers_isolated_and_not_isolated(
    kept: Kept, good: Consumer, isolation: Isolation
) -> None:
    kept.settings = replace(kept.settings, connector_isolation=isolation)
    await kept.bench.add(good.url.replace("127.0.0.1", "localhost"))  # a name is looked up
    await kept.bench.happen("a", 0)
    async with kept.keeping():
        await good.until(1)
        lines = said_of(await kept.process(), "status").splitlines()
    assert ("NoNewPrivs:\t1" in lines) == (isolation is Isolation.ON)
