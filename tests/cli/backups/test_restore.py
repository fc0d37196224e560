"""`motte restore`: what is replaced, and when it is refused."""

import json
import socket
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from sqlite3 import Connection

import pytest

from server.cluster.leader_lock import LeaderLock
from server.connectors.credentials import is_linked
from server.core.clock import SystemClock
from server.core.paths import StateFolder
from store.ports.unit_of_work import UnitOfWork
from store.records.events import Event, NewEvent
from store.records.messages import MessageStatus
from store.records.outbox import SendTerms
from store.records.sessions import Status
from store.sqlite.store import SqliteStore
from tests.cli.backups.conftest import credentials
from tests.cli.conftest import Run
from tests.cli.samples import add, ids, in_store
from tests.server.outbound.test_progress import QUEUED as OUTGOING

#: In their package the commands have the names of their files.
RESTORE = import_module("server.cli.backup.restore")


def test_codes_leases_and_requests_of_the_backup_are_not_restored(
    run: Run, motte: StateFolder, other: StateFolder, file: Path
) -> None:
    now = SystemClock().boot()

    async def fill(store: SqliteStore) -> None:
        await store.requests.add("shop", "delete", "{}", until=now + 600)
        await store.leases.take("shop", owner="one", now=now, ttl=600)

    in_store(motte, fill)
    run("backup", str(file))
    run("restore", str(file), "--state", str(other.path))
    assert in_store(other, lambda store: store.requests.open(now)) == []
    assert in_store(other, lambda store: store.leases.get("shop")) is None


def test_a_restore_begins_another_event_log_with_the_events_of_the_backup(
    run: Run, motte: StateFolder, other: StateFolder, file: Path
) -> None:
    """A cursor of what came after the backup must mean no event that comes after the restore."""

    async def happen(store: SqliteStore) -> tuple[str, list[Event]]:
        event = NewEvent(type="session.status", at=1, data="{}")
        await store.sessions.delete("shop", token=None, event=event)
        return await store.events.cursor(await store.events.newest()), await store.events.after(0, limit=9)

    cursor, events = in_store(motte, happen)
    run("backup", str(file))
    run("restore", str(file), "--state", str(other.path))

    assert len(events) == 1
    assert in_store(other, lambda store: store.events.number(cursor)) is None
    assert in_store(other, lambda store: store.events.after(0, limit=9)) == events
    assert in_store(motte, lambda store: store.events.number(cursor)) is not None


@pytest.mark.parametrize(("options", "status"), [((), "failed"), (("--resend",), "queued")])
def test_what_waited_in_the_backup_fails_unless_it_is_to_be_sent_again(
    run: Run, motte: StateFolder, other: StateFolder, file: Path, options: tuple[str, ...], status: str
) -> None:
    message = replace(OUTGOING, status=MessageStatus.QUEUED)
    terms = SendTerms(until=1e9, until_wall=2**50, boot_id="boot")

    async def queue(store: SqliteStore) -> None:
        await store.transact("shop", lambda unit: unit.outbox.add(message, terms), token=None)

    in_store(motte, queue)
    run("backup", str(file))
    run("restore", str(file), *options, "--state", str(other.path))
    [restored] = in_store(other, lambda store: store.messages.with_id("shop", message.id))
    assert restored.status == status
    assert in_store(other, lambda store: store.outbox.session_ids()) == (["shop"] if options else [])
    if not options:
        assert restored.status_reason is not None
        assert restored.status_reason.code == "restored"


def test_each_message_that_a_restore_fails_is_an_event_of_the_new_log(
    run: Run, motte: StateFolder, other: StateFolder, file: Path
) -> None:
    messages = [replace(OUTGOING, id=f"3EB0{n}", status=MessageStatus.QUEUED) for n in range(2)]
    terms = SendTerms(until=1e9, until_wall=2**50, boot_id="boot")

    def queue(unit: UnitOfWork) -> None:
        for message in messages:
            unit.outbox.add(message, terms)
        unit.outbox.mark_handed(messages[0].id)

    in_store(motte, lambda store: store.transact("shop", queue, token=None))
    run("backup", str(file))
    run("restore", str(file), "--state", str(other.path))
    events = in_store(other, lambda store: store.events.of("shop", 0, 9))
    assert [event.type for event in events] == ["message.status"] * 2
    data = [json.loads(event.data) for event in events]
    assert [(one["id"], one["status"], one["statusReason"]["code"]) for one in data] == [
        (message.id, "failed", "restored") for message in messages
    ]
    assert in_store(other, lambda store: store.events.number(events[1].cursor)) == events[1].number


def test_the_connectors_of_restored_sessions_are_to_be_told(
    run: Run, motte: StateFolder, other: StateFolder, file: Path
) -> None:
    run("backup", str(file))
    run("restore", str(file), "--state", str(other.path))
    assert [one.is_restored for one in in_store(other, lambda store: store.sessions.all())] == [True, True]
    assert not any(one.is_restored for one in in_store(motte, lambda store: store.sessions.all()))


def test_a_login_that_was_ended_since_is_not_restored(
    run: Run, motte: StateFolder, other: StateFolder, file: Path
) -> None:
    async def log_in(store: SqliteStore) -> None:
        await store.keys.add("admin", "digest", ["admin"], 0)
        await store.logins.add("token", key_sha256="digest", wall=0, boot=0.0, ttl=100.0)

    in_store(motte, log_in)
    assert in_store(motte, lambda store: store.logins.key("token", wall=1, boot=1.0, ttl=100.0)) is not None
    run("backup", str(file))
    run("restore", str(file), "--state", str(other.path))
    assert in_store(other, lambda store: store.keys.find("digest")) is not None
    assert in_store(other, lambda store: store.logins.key("token", wall=1, boot=1.0, ttl=100.0)) is None


def test_a_key_that_was_revoked_after_the_backup_is_valid_again(
    run: Run, motte: StateFolder, file: Path
) -> None:
    in_store(motte, lambda store: store.keys.add("bot", "digest", ["sessions:read"], 0))
    run("backup", str(file))
    assert in_store(motte, lambda store: store.keys.delete("bot"))
    assert run("restore", str(file), "--force").exit_code == 0
    assert in_store(motte, lambda store: store.keys.find("digest")) is not None


def test_a_folder_that_holds_sessions_is_restored_only_by_force(
    run: Run, motte: StateFolder, file: Path
) -> None:
    run("backup", str(file))
    add(motte, "later", Status.CONNECTED, phone="1", linked=True)
    result = run("restore", str(file))
    assert result.exit_code == 1
    assert "has sessions already" in result.stderr
    assert ids(motte) == {"shop", "new", "later"}
    result = run("restore", str(file), "--force")
    assert result.exit_code == 0
    assert ids(motte) == {"shop", "new"}
    assert {path.name for path in motte.sessions.iterdir()} == {"shop"}
    assert f"are kept in {motte.trash} for 7 days" in result.stderr
    kept = {path.name.partition(".")[0]: path for path in motte.trash.iterdir()}
    assert set(kept) == {"later", "shop"}
    assert all(is_linked(path) for path in kept.values())


def test_a_restore_succeeds_even_if_the_previous_credentials_cannot_be_kept(
    run: Run, motte: StateFolder, file: Path
) -> None:
    run("backup", str(file))
    motte.trash.write_text("in the way")
    result = run("restore", str(file), "--force")
    assert result.exit_code == 0
    assert "could not be kept" in result.stderr


def test_a_restore_that_fails_half_way_puts_everything_back(
    run: Run, motte: StateFolder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", str(file))
    add(motte, "later", Status.CONNECTED, phone="1", linked=True)
    renamed = Path.rename

    def rename(source: Path, target: Path) -> Path:
        if source.parent.name == "new" and source.name == "sessions":
            raise OSError(5, "Input/output error")
        return renamed(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        result = run("restore", str(file), "--force")
    assert result.exit_code == 1
    assert "nothing was restored: [Errno 5]" in result.stderr
    assert ids(motte) == {"shop", "new", "later"}
    assert credentials(motte, "later")
    assert not list(motte.path.glob("restore.*"))


def test_the_stage_of_a_killed_restore_is_removed(
    run: Run, motte: StateFolder, other: StateFolder, file: Path
) -> None:
    run("backup", str(file))
    other.path.mkdir(mode=0o700)
    (other.path / "restore.killed").mkdir()
    run("restore", str(file), "--state", str(other.path))
    assert not list(other.path.glob("restore.*"))


def test_a_folder_on_which_motte_runs_is_refused_even_by_force(
    run: Run, motte: StateFolder, file: Path
) -> None:
    run("backup", str(file))
    with closing(LeaderLock(motte)) as front:
        front.take()
        assert "stop it first" in run("restore", str(file), "--force").stderr
    with socket.socket(socket.AF_UNIX) as supervisord:
        supervisord.bind(str(motte.supervisor_socket))
        supervisord.listen()
        assert run("restore", str(file), "--force").exit_code == 1
    assert run("restore", str(file), "--force").exit_code == 0


def test_a_full_disk_is_reported_before_anything_is_written(
    run: Run, motte: StateFolder, other: StateFolder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", str(file))
    monkeypatch.setattr(RESTORE, "RESERVED_BYTES", 1 << 60)
    assert "there is no room" in run("restore", str(file), "--state", str(other.path)).stderr
    assert not other.database.exists()


def test_a_database_with_an_invalid_session_id_is_refused(motte: StateFolder) -> None:
    """It would become a path. `motte backup` makes none such; somebody else may have."""

    def rename(connection: Connection) -> None:
        connection.execute("UPDATE sessions SET id = '../../elsewhere' WHERE id = 'shop'")

    in_store(motte, lambda store: store.database.write(rename))
    with pytest.raises(RESTORE.NotRestored, match="with an invalid id"):
        RESTORE._prepare(motte.path, resends=False)
