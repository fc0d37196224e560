"""A process that delivers cannot begin, or ends at once: it is tried again."""

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from server.webhooks import keeper
from store.sqlite.schema import MIGRATIONS
from tests.server.webhooks.keeper.conftest import Kept
from tests.support.consumer import Consumer
from tests.support.eventually import eventually


async def test_a_process_that_cannot_begin_says_why_and_is_tried_again(
    kept: Kept, good: Consumer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeper, "VERSION", "0.0.1")
    await kept.bench.add(good.url)
    await kept.refuses_twice()
    assert "event=webhook_deliverer_ended code=1" in caplog.text
    assert kept.metric("motte_webhook_deliverer_running") == 0


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the program, from which the front starts its processes."""
    installed = tmp_path / "installed"
    for package in ("server", "store"):
        shutil.copytree(keeper.ROOT / package, installed / package)
    monkeypatch.setattr(keeper, "ROOT", installed)
    return installed


async def test_a_new_version_installed_beneath_a_front_delivers_nothing(
    kept: Kept, good: Consumer, installed: Path
) -> None:
    (installed / "server" / "core" / "version.py").write_text('VERSION = "999.0.0"\n')

    await kept.bench.add(good.url)
    await kept.bench.happen("a", 0)
    await kept.refuses_twice()
    assert good.got == []


async def test_a_new_schema_installed_beneath_a_front_is_not_given_to_its_database(
    kept: Kept, good: Consumer, installed: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A source folder keeps its version from one migration to the next."""
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
