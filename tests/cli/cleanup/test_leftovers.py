"""What `motte cleanup` removes that belongs to no session: folders, logs, programs, requests, leases."""

import json

import msgspec

from server.connectors.credentials import is_linked
from server.core.checked_clock import Moment, Record
from server.core.clock import SystemClock
from server.core.paths import StateFolder
from server.core.trash import Trash
from store.records.sessions import Status
from store.sqlite.store import SqliteStore
from tests.cli.cleanup.leftovers import answering, found, leave_unstored_message
from tests.cli.conftest import Run
from tests.cli.samples import DAY, add, furnish_session, in_store
from tests.support.clock import TurnedClock


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
    leave_unstored_message(motte, "gone")
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
    assert found(run) == {("request", "late"), ("lease", "gone")}
    assert run("cleanup", "--yes").exit_code == 0
    assert found(run) == set()
    assert len(in_store(motte, lambda store: store.requests.open(now))) == 1
    assert in_store(motte, lambda store: store.leases.get("shop")) is not None
