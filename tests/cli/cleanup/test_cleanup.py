"""`motte cleanup` where Motte does not run: what it asks and reports, and what others do meanwhile."""

import json
import socket
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from server.cli.cleanup.leftovers import Kind, Search
from server.cli.cleanup.removal import Removal, RemovalResult
from server.cluster.leader_lock import LeaderLock
from server.core.clock import SystemClock
from server.core.paths import StateFolder
from store.records.sessions import Session, Status
from store.sqlite.sessions import SqliteSessionStore
from store.sqlite.store import SqliteStore
from tests.cli.cleanup.leftovers import answering
from tests.cli.conftest import Run
from tests.cli.samples import add, furnish_session, ids, in_store, rewrite


def test_a_dry_run_removes_nothing(run: Run, motte: StateFolder) -> None:
    add(motte, "shop", Status.QR_WAITING)
    shown = run("cleanup", "--dry-run", "--yes")
    assert "shop" in shown.stdout
    assert ids(motte) == {"shop"}


def test_cleanup_asks_first_and_shows_how_much(motte: StateFolder) -> None:
    add(motte, "shop", Status.QR_WAITING)
    add(motte, "cafe", Status.LOGGED_OUT)
    refused = answering("n\n")
    assert refused.exit_code == 1
    assert "Remove 2 sessions?" in refused.stderr
    assert answering("").exit_code == 1
    assert ids(motte) == {"shop", "cafe"}
    assert answering("y\n").exit_code == 0
    assert ids(motte) == set()


def test_the_json_has_the_result_of_each_leftover(run: Run, motte: StateFolder) -> None:
    add(motte, "shop", Status.LOGGED_OUT)
    (item,) = json.loads(run("cleanup", "--yes", "--output", "json").stdout)["items"]
    assert item == {
        "kind": "session",
        "name": "shop",
        "why": "logged out for 30d",
        "removed": True,
        "error": None,
    }


def test_a_leftover_that_cannot_be_removed_is_reported_and_the_others_are_removed(
    run: Run, motte: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(motte, "shop", Status.LOGGED_OUT)
    furnish_session(motte, "gone")

    async def refuse(*_: object) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(SqliteSessionStore, "if_absent", refuse)
    result = run("cleanup", "--yes")
    assert result.exit_code == 1
    assert "folder gone: [Errno 13] Permission denied" in result.stderr
    assert ids(motte) == set()


def test_a_session_that_is_used_again_after_the_search_is_kept(
    run: Run, motte: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(motte, "shop", Status.LOGGED_OUT)
    searched = Search.run

    async def search(self: Search, programs: Any) -> Any:
        found = await searched(self, programs)
        await rewrite(self._store, "shop", lambda session: replace(session, status=Status.CONNECTED))
        return found

    monkeypatch.setattr(Search, "run", search)
    result = run("cleanup", "--yes")
    assert result.exit_code == 1
    assert "session shop: it is used again" in result.stderr
    assert ids(motte) == {"shop"}


def test_a_session_created_after_the_search_keeps_its_process_and_its_log(
    motte: StateFolder,
) -> None:
    """While the question was on the screen, somebody made one of that name."""
    furnish_session(motte, "shop")
    stopped: list[str] = []

    class Beside:
        async def delete(self, session_id: str) -> None:
            raise AssertionError

        async def stop(self, session_id: str) -> None:
            stopped.append(session_id)

    async def clean(store: SqliteStore) -> list[RemovalResult]:
        search = Search(motte, store, SystemClock(), older_than=0)
        removal = Removal(motte, store, SystemClock(), search=search, remover=Beside())
        found = await search.run(["shop", "other"])
        await store.sessions.add(Session(id="shop", status=Status.PAIRING, created_at=0, updated_at=0))
        return [await removal.remove(leftover) for leftover in found]

    removed = in_store(motte, clean)
    told = {(outcome.leftover.kind, outcome.leftover.name): outcome.error for outcome in removed}
    again = "there is a session of that name again"
    assert told == {
        (Kind.PROGRAM, "shop"): again,
        (Kind.PROGRAM, "other"): None,
        (Kind.FOLDER, "shop"): again,
        (Kind.LOG, "connector-shop.log"): again,
    }
    assert stopped == ["other"]
    assert (motte.logs / "connector-shop.log").exists()


def test_a_front_that_starts_meanwhile_waits(
    run: Run, motte: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    searched = Search.run

    async def search(self: Search, programs: Any) -> Any:
        with closing(LeaderLock(motte)) as front:
            taken.append(front.take())
        return await searched(self, programs)

    monkeypatch.setattr(Search, "run", search)
    assert run("cleanup", "--yes").exit_code == 0
    with closing(LeaderLock(motte)) as front:
        assert (taken, front.take()) == ([False], True)


def test_a_supervisord_without_its_front_is_not_worked_behind(run: Run, motte: StateFolder) -> None:
    with socket.socket(socket.AF_UNIX) as supervisord:
        supervisord.bind(str(motte.supervisor_socket))
        supervisord.listen()
        result = run("cleanup", "--yes")
    assert result.exit_code == 1
    assert "without the REST API" in result.stderr


def test_a_front_that_cannot_be_reached_is_3(run: Run, motte: StateFolder) -> None:
    with closing(LeaderLock(motte)) as front:
        front.take()
        assert run("cleanup", "--yes").exit_code == 3


def test_nothing_is_made_in_a_folder_without_motte(run: Run, folder: StateFolder) -> None:
    assert run("cleanup", "--yes").exit_code == 1
    assert not folder.path.exists()
