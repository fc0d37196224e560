from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store.ports import KeyStore, LeaseStore, MessageStore, SessionStore
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "motte.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    async with await Database.open(path, boot_id="boot-1") as database:
        yield database


@pytest.fixture
def sessions(database: Database) -> SessionStore:
    return SqliteStore(database).sessions


@pytest.fixture
def leases(database: Database) -> LeaseStore:
    return SqliteStore(database).leases


@pytest.fixture
def keys(database: Database) -> KeyStore:
    return SqliteStore(database).keys


@pytest.fixture
def messages(database: Database) -> MessageStore:
    return SqliteStore(database).messages
