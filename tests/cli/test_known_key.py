"""When a start needs nothing of the database but a look."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from server.cli.serve.first_key import prepare_database
from server.cli.serve.known_key import finds_key
from server.core.paths import StateFolder
from store.sqlite import schema

#: A key of the environment.
GIVEN = "motte_chosen-by-a-person-0123456789"


@pytest.fixture
def motte(folder: StateFolder) -> StateFolder:
    """A state folder after its first start."""
    folder.path.mkdir(mode=0o700)
    asyncio.run(prepare_database(folder, given=GIVEN))
    return folder


def change(folder: StateFolder, statement: str) -> None:
    with closing(sqlite3.connect(folder.database)) as connection, connection:
        connection.execute(statement)


def test_a_second_start_finds_its_key(motte: StateFolder) -> None:
    assert finds_key(motte, given=GIVEN)
    assert finds_key(motte, given=None)


def test_a_first_start_finds_none_and_makes_no_file(folder: StateFolder) -> None:
    folder.path.mkdir(mode=0o700)
    assert not finds_key(folder, given=None)
    assert list(folder.path.iterdir()) == []


def test_a_new_key_of_the_environment_is_not_found(motte: StateFolder) -> None:
    assert not finds_key(motte, given=f"{GIVEN}-another")


def test_a_key_of_the_environment_that_is_no_admin_key_is_not_found(motte: StateFolder) -> None:
    change(motte, "UPDATE keys SET scopes = 'sessions:read'")
    assert not finds_key(motte, given=GIVEN)


def test_a_database_without_a_key_is_not_enough(motte: StateFolder) -> None:
    change(motte, "DELETE FROM keys")
    assert not finds_key(motte, given=None)


@pytest.mark.parametrize(
    "statement",
    [
        f"PRAGMA user_version = {len(schema.MIGRATIONS) - 1}",
        f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}",
        "ALTER TABLE sessions RENAME COLUMN push_name TO pushed",
    ],
)
def test_a_database_that_is_not_as_this_version_makes_it_is_left_to_the_long_way(
    motte: StateFolder, statement: str
) -> None:
    change(motte, statement)
    assert not finds_key(motte, given=GIVEN)


@pytest.mark.parametrize(
    "content", [b"", b"no database at all " * 100, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_that_is_no_database_is_left_to_the_long_way(folder: StateFolder, content: bytes) -> None:
    folder.path.mkdir(mode=0o700)
    folder.database.write_bytes(content)
    assert not finds_key(folder, given=GIVEN)


def test_what_a_killed_front_has_left_to_be_recovered_is_read(motte: StateFolder) -> None:
    with closing(sqlite3.connect(motte.database)) as connection:
        connection.execute("DELETE FROM keys")
        connection.commit()
        copies = {suffix: motte.path / f"copy{suffix}" for suffix in ("", "-wal")}
        for suffix, copy in copies.items():
            copy.write_bytes((motte.path / f"motte.db{suffix}").read_bytes())
    for suffix, copy in copies.items():
        copy.rename(motte.path / f"motte.db{suffix}")
    (motte.path / "motte.db-shm").unlink(missing_ok=True)
    assert not finds_key(motte, given=None)
