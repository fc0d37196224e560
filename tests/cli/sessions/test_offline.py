"""Commands for sessions while Motte does not run: its database is shown."""

import asyncio
import json
import sqlite3
from contextlib import closing

import pytest

from server.core.paths import StateFolder
from store.records.sessions import Qr, Session, Status
from store.sqlite.store import open_store
from tests.cli.conftest import Run
from tests.cli.samples import add, furnish
from tests.cli.sessions.api import CODE


async def _record(folder: StateFolder) -> None:
    qr = Qr(
        payload=CODE, ordinal=1, epoch=1, issued_at=0, expires_at=9e9, shown_expires_at=0, boot_id="boot-1"
    )
    async with open_store(folder.database, boot_id="boot-1") as store:
        for name, status in (("waiting", Status.QR_WAITING), ("paired", Status.CONNECTED)):
            await store.sessions.add(Session(id=name, status=status, qr=qr, created_at=0, updated_at=0))


@pytest.fixture
def resting(folder: StateFolder) -> StateFolder:
    """A Motte that ran once; its address is now somebody else's."""
    folder.path.mkdir(mode=0o700)
    folder.front.write_text(json.dumps({"url": "http://127.0.0.1:1", "pid": 1}))
    folder.lock.touch()
    asyncio.run(_record(folder))
    return folder


def test_without_a_motte_its_database_is_shown_and_no_code(run: Run, resting: StateFolder) -> None:
    listed = run("sessions", "list", "--output", "json")
    items = json.loads(listed.stdout)["items"]
    assert {(item["id"], item["qrCode"]) for item in items} == {("waiting", None), ("paired", None)}
    assert "Motte does not run" in listed.stderr
    shown = json.loads(run("sessions", "show", "paired", "--output", "json").stdout)
    assert shown in items
    paired = json.loads(run("sessions", "list", "--status", "connected", "--output", "json").stdout)
    assert [item["id"] for item in paired["items"]] == ["paired"]


def test_the_oldest_session_comes_first_there_too(run: Run, folder: StateFolder) -> None:
    furnish(folder)
    for session_id in ("zoo", "cafe", "shop"):
        add(folder, session_id, Status.STOPPED)
    ages = {"zoo": 1, "cafe": 3, "shop": 2}
    with closing(sqlite3.connect(folder.database)) as database, database:
        for session_id, created in ages.items():
            database.execute("UPDATE sessions SET created_at = ? WHERE id = ?", (created, session_id))
    items = json.loads(run("sessions", "list", "--output", "json").stdout)["items"]
    assert [item["id"] for item in items] == ["zoo", "shop", "cafe"]


def test_an_unknown_session_is_1_there_too(run: Run, resting: StateFolder) -> None:
    result = run("sessions", "show", "nobody")
    assert result.exit_code == 1
    assert "session-not-found" in result.stderr


@pytest.mark.parametrize("verb", ["create", "qr", "start", "stop", "restart", "logout"])
def test_everything_else_says_in_a_line_that_motte_does_not_run(
    run: Run, resting: StateFolder, verb: str
) -> None:
    result = run("sessions", verb, "shop")
    assert result.exit_code == 3
    assert (
        result.output == f"Error: Motte does not run on the state folder {resting.path}. "
        "To start it: motte serve. If it uses another folder, name that with --state\n"
    )


def test_start_all_reports_that_too(run: Run, resting: StateFolder) -> None:
    result = run("sessions", "start", "--all")
    assert (result.exit_code, result.stdout) == (3, "")
    assert f"Motte does not run on the state folder {resting.path}. To start it: motte serve" in result.stderr


@pytest.mark.parametrize("arguments", [("list",), ("delete", "shop", "--yes")])
def test_a_folder_without_motte_is_an_error(
    run: Run, folder: StateFolder, arguments: tuple[str, ...]
) -> None:
    result = run("sessions", *arguments)
    assert result.exit_code == 1
    assert "there is no Motte in" in result.stderr
    assert not folder.path.exists()
