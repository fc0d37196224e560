"""`motte cleanup` where Motte does not run: what goes, and what must never go."""

import json
import socket
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.cli.cleanup.leftovers import Kind, Search
from server.cli.cleanup.removal import Removal, RemovalResult
from server.cluster.leader_lock import LeaderLock
from server.connectors.credentials import is_linked
from server.core.checked_clock import Moment, Record
from server.core.clock import SystemClock
from server.core.paths import StateFolder
from server.core.trash import Trash
from store.records.sessions import Session, Status
from store.sqlite.sessions import SqliteSessionStore
from store.sqlite.store import SqliteStore
from tests.cli.conftest import Run
from tests.cli.samples import DAY, add, furnish_session, ids, in_store, messages, receive, rewrite
from tests.support.clock import TurnedClock


def found(run: Run, *arguments: str) -> set[tuple[str, str]]:
    result = run("cleanup", "--dry-run", "--output", "json", *arguments)
    assert result.exit_code == 0, result.output
    return {(item["kind"], item["name"]) for item in json.loads(result.stdout)["items"]}


def answering(answers: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["cleanup", *arguments], input=answers)


@pytest.mark.parametrize("status", ["starting", "qr_waiting", "stopped", "failed"])
def test_a_session_that_was_never_paired_is_removed_with_its_folder_and_log(
    run: Run, motte: StateFolder, status: str
) -> None:
    add(motte, "shop", Status(status))
    result = run("cleanup", "--yes")
    assert result.exit_code == 0
    assert f"not paired, {status} for 30d" in result.stdout
    assert "Removed 1 session." in result.stdout
    assert ids(motte) == set()
    assert list(motte.sessions.iterdir()) == []
    assert list(motte.logs.iterdir()) == []


@pytest.mark.parametrize("status", ["logged_out", "qr_waiting"])
def test_a_session_is_kept_as_long_as_its_messages(run: Run, motte: StateFolder, status: str) -> None:
    add(motte, "shop", Status(status))
    receive(motte, "shop", "unread")
    assert run("cleanup", "--yes").stdout == "There is nothing to clean up.\n"
    assert messages(motte, "shop") == ["unread"]
    in_store(motte, lambda store: store.messages.forget(SystemClock().wall()))
    assert found(run) == {("session", "shop")}


def test_a_session_with_messages_that_are_not_stored_yet_is_kept(run: Run, motte: StateFolder) -> None:
    add(motte, "shop", Status.LOGGED_OUT)
    with closing(sqlite3.connect(motte.session("shop").path / "connector.db")) as connection, connection:
        connection.execute("CREATE TABLE spool (seq INTEGER PRIMARY KEY, event TEXT)")
        connection.execute("""INSERT INTO spool (event) VALUES ('{"event": "message_received"}')""")
    assert found(run) == set()


@pytest.mark.parametrize("status", ["connected", "disconnected", "pairing", "stopped", "failed"])
def test_a_paired_session_is_never_touched(run: Run, motte: StateFolder, status: str) -> None:
    add(motte, "shop", Status(status), phone="15551234567", linked=True)
    result = run("cleanup", "--yes", "--older-than", "0m")
    assert result.stdout == "There is nothing to clean up.\n"
    assert ids(motte) == {"shop"}
    assert (motte.session("shop").path / "connector.db").exists()


def test_a_session_during_its_pairing_is_kept_though_it_has_no_number_yet(
    run: Run, motte: StateFolder
) -> None:
    add(motte, "shop", Status.PAIRING)
    assert found(run) == set()


def test_a_session_with_linked_credentials_is_kept_even_if_the_database_does_not_know_the_account(
    run: Run, motte: StateFolder
) -> None:
    add(motte, "shop", Status.QR_WAITING, linked=True)
    assert found(run) == set()


def test_credentials_that_cannot_be_read_are_kept(run: Run, motte: StateFolder) -> None:
    add(motte, "shop", Status.QR_WAITING)
    (motte.session("shop").path / "connector.db").write_text("torn " * 1000)
    assert found(run) == set()


@pytest.mark.parametrize("status", ["logged_out", "qr_waiting"])
def test_a_session_is_removed_after_a_week_without_a_change(
    run: Run, motte: StateFolder, status: str
) -> None:
    add(motte, "late", Status(status), changed=SystemClock().wall() - 7 * DAY - 60_000)
    add(motte, "shop", Status(status), changed=SystemClock().wall() - 7 * DAY + 60_000)
    assert found(run) == {("session", "late")}


@pytest.mark.parametrize("status", ["logged_out", "qr_waiting"])
@pytest.mark.parametrize(("span", "goes"), [("30m", True), ("1h", True), ("12h", False), ("7d", False)])
def test_how_long_a_session_may_go_without_a_change_can_be_chosen(
    run: Run, motte: StateFolder, span: str, goes: bool, status: str
) -> None:
    add(motte, "shop", Status(status), changed=SystemClock().wall() - 2 * 3_600_000)
    assert bool(found(run, "--older-than", span)) is goes


@pytest.mark.parametrize("span", ["", "1", "d", "1w", "-1d", "1.5h", "1d "])
def test_an_invalid_age_is_wrong_usage(run: Run, motte: StateFolder, span: str) -> None:
    assert run("cleanup", f"--older-than={span}").exit_code == 2


def test_folders_programs_and_logs_without_a_session_are_removed(run: Run, motte: StateFolder) -> None:
    furnish_session(motte, "gone")
    (motte.logs / "connector-gone.log.1").touch()
    assert found(run) == {
        ("folder", "gone"),
        ("log", "connector-gone.log"),
        ("log", "connector-gone.log.1"),
    }
    assert "Removed 1 folder, 2 logs." in run("cleanup", "--yes").stdout
    assert found(run) == set()


def test_credentials_of_a_session_that_the_database_does_not_know_are_left_alone(
    run: Run, motte: StateFolder
) -> None:
    furnish_session(motte, "gone", linked=True)
    (motte.logs / "connector-gone.log").unlink()
    shown = run("cleanup", "--yes")
    assert (shown.exit_code, shown.stdout) == (0, "There is nothing to clean up.\n")
    assert f"{motte.sessions}/gone is kept: it holds the credentials of an account" in shown.stderr
    assert is_linked(motte.session("gone").path)
    told = json.loads(run("cleanup", "--yes", "--output", "json").stdout)
    why = "its session is gone, it holds the credentials of an account"
    assert told == {"dryRun": False, "items": [], "kept": [{"kind": "folder", "name": "gone", "why": why}]}


def test_they_go_to_the_trash_when_they_are_asked_for(run: Run, motte: StateFolder) -> None:
    furnish_session(motte, "gone", linked=True)
    asked = answering("n\n", "--linked-orphans")
    assert asked.exit_code == 1
    assert "it holds the credentials of an account" in asked.stdout
    assert is_linked(motte.session("gone").path)
    assert run("cleanup", "--yes", "--linked-orphans").exit_code == 0
    assert not motte.session("gone").path.exists()
    (kept,) = motte.trash.iterdir()
    assert is_linked(kept)
    assert found(run) == set()


def test_a_folder_without_a_session_with_unstored_messages_goes_to_the_trash(
    run: Run, motte: StateFolder
) -> None:
    furnish_session(motte, "gone", linked=False)
    with closing(sqlite3.connect(motte.session("gone").path / "connector.db")) as connection, connection:
        connection.execute("CREATE TABLE spool (seq INTEGER PRIMARY KEY, event TEXT)")
        connection.execute("""INSERT INTO spool (event) VALUES ('{"event": "message_received"}')""")
    assert "Removed 1 folder, 1 log." in run("cleanup", "--yes").stdout
    (kept,) = motte.trash.iterdir()
    assert (kept / "connector.db").exists()


def test_folders_that_were_discarded_a_week_ago_are_removed(run: Run, motte: StateFolder) -> None:
    for session_id, days in (("late", 8), ("shop", 6)):
        furnish_session(motte, session_id, linked=True)
        (motte.logs / f"connector-{session_id}.log").unlink()
        clock = TurnedClock(wall=SystemClock().wall() - days * DAY)
        kept = Trash(motte, clock).keep(session_id, motte.session(session_id).path)
        assert (("discarded folder", kept.name) in found(run)) is (days == 8)
    assert "Removed 1 discarded folder." in run("cleanup", "--yes").stdout
    assert [path.name.partition(".")[0] for path in motte.trash.iterdir()] == ["shop"]


def test_ages_count_by_what_the_front_believes(run: Run, motte: StateFolder) -> None:
    """The wall clock is 30 days ahead of that here."""
    clock = SystemClock()
    believed = Moment(clock.wall() - 30 * DAY, clock.boot(), clock.boot_id)
    motte.clock.write_bytes(msgspec.json.encode(Record(believed)))
    add(motte, "shop", Status.LOGGED_OUT)  # 30 days ago by the wall clock
    furnish_session(motte, "late", linked=True)
    (motte.logs / "connector-late.log").unlink()
    Trash(motte, TurnedClock(wall=clock.wall() - 30 * DAY)).keep("late", motte.session("late").path)
    assert found(run) == set()
    motte.clock.unlink()
    assert {kind for kind, _ in found(run)} == {"session", "discarded folder"}


def test_files_that_motte_did_not_make_are_kept(run: Run, motte: StateFolder) -> None:
    outside = motte.path.parent / "outside"
    outside.mkdir()
    (motte.sessions / "link").symlink_to(outside)
    (motte.sessions / "lost+found").mkdir()
    (motte.sessions / "letter.txt").touch()
    (motte.logs / "front.log").touch()
    assert run("cleanup", "--yes").stdout == "There is nothing to clean up.\n"
    assert outside.exists()


def test_a_removal_that_was_cut_off_is_finished_by_the_next(run: Run, motte: StateFolder) -> None:
    (motte.sessions / ".gone-0123456789abcdef").mkdir()
    run("cleanup", "--yes")
    assert list(motte.sessions.iterdir()) == []


def test_expired_requests_and_leases_without_a_session_are_removed_and_others_are_kept(
    run: Run, motte: StateFolder
) -> None:
    now = SystemClock().boot()

    async def fill(store: SqliteStore) -> None:
        await store.requests.add("late", "refresh", "{}", until=now - 1)
        await store.requests.add("awaited", "refresh", "{}", until=now + 600)
        for session_id in ("gone", "shop"):
            await store.leases.take(session_id, owner="one", now=now, ttl=4)

    add(motte, "shop", Status.CONNECTED, phone="15551234567")
    in_store(motte, fill)
    assert found(run) == {("errand", "late"), ("lease", "gone")}
    assert run("cleanup", "--yes").exit_code == 0
    assert found(run) == set()
    assert len(in_store(motte, lambda store: store.requests.open(now))) == 1
    assert in_store(motte, lambda store: store.leases.get("shop")) is not None


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
