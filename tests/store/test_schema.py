"""The schema of the database: its migrations, and the databases of other versions."""

import re
import sqlite3
from pathlib import Path

import pytest

from store.errors import SchemaTooNew, SchemaTooOld, SqliteTooOld, StoreUnavailable
from store.sqlite import schema
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore
from tests.store.connections import look, no_thread_is_left, pragma
from tests.store.samples import QR, session


async def test_a_database_of_a_newer_motte_is_refused_and_left_alone(path: Path) -> None:
    async with await Database.open(path, boot_id="boot-1") as database:
        await SqliteStore(database).sessions.add(session(qr=QR))
        await database.write(lambda connection: connection.execute("PRAGMA user_version = 999").close())

    with pytest.raises(SchemaTooNew, match="999"):
        await Database.open(path, boot_id="boot-2")

    assert no_thread_is_left()
    assert look(path, "SELECT count(*) FROM qrs") == 1


async def test_a_migration_that_fails_half_way_leaves_nothing_behind(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "0002_broken.sql"
    broken.write_text("CREATE TABLE half (id TEXT);\nCREATE TABLE half (id TEXT);\n")
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, broken])

    with pytest.raises(StoreUnavailable, match="half already exists"):
        await Database.open(path, boot_id="boot-1")

    assert look(path, "SELECT count(*) FROM sqlite_schema") == 0


async def test_a_database_of_an_older_motte_is_brought_up_to_date_with_what_it_holds(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await Database.open(path, boot_id="boot-1") as database:
        await SqliteStore(database).sessions.add(session())
    newer = tmp_path / "0002_newer.sql"
    newer.write_text("CREATE TABLE hooks (id TEXT);\n")
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, newer])

    async with await Database.open(path, boot_id="boot-1") as database:
        assert await SqliteStore(database).sessions.all() == [session()]
        assert await database.read(pragma("user_version")) == len(schema.MIGRATIONS)


async def test_a_process_that_may_not_migrate_refuses_an_older_schema_and_leaves_it_alone(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await Database.open(path, boot_id="boot-1") as database:
        known = len(schema.MIGRATIONS)
        assert await database.read(pragma("user_version")) == known
    async with await Database.open(path, boot_id="boot-1", migrates=False):
        pass
    newer = tmp_path / "9999_newer.sql"
    newer.write_text("CREATE TABLE newer (id TEXT);\n")
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, newer])

    with pytest.raises(SchemaTooOld, match=f"schema {known}, .* needs {known + 1}"):
        async with await Database.open(path, boot_id="boot-1", migrates=False):
            pass

    assert no_thread_is_left()
    assert look(path, "PRAGMA user_version") == known


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = [int(file.name.partition("_")[0]) for file in schema.MIGRATIONS]

    assert numbers == list(range(1, len(numbers) + 1))


def test_a_migration_begins_with_its_reason() -> None:
    for file in schema.MIGRATIONS:
        assert re.match(r"-- [A-Z](.|\n-- )+\.\n\n", file.read_text()), file


async def test_a_sqlite_without_strict_tables_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))

    with pytest.raises(SqliteTooOld):
        await Database.open(path, boot_id="boot-1")
