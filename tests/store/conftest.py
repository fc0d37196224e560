from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store.ports.keys import KeyStore
from store.ports.leases import LeaseStore
from store.ports.messages import MessageStore
from store.ports.sessions import SessionStore
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore
from tests.store.samples import session


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "motte.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    async with await Database.open(path, boot_id="boot-1") as database:
        yield database


@pytest.fixture
def store(database: Database) -> SqliteStore:
    return SqliteStore(database)


@pytest.fixture
def sessions(store: SqliteStore) -> SessionStore:
    return store.sessions


@pytest.fixture
def leases(store: SqliteStore) -> LeaseStore:
    return store.leases


@pytest.fixture
def keys(store: SqliteStore) -> KeyStore:
    return store.keys


@pytest.fixture
def messages(store: SqliteStore) -> MessageStore:
    return store.messages


@pytest.fixture
async def two(store: SqliteStore) -> SqliteStore:
    """A store with the sessions a and b."""
    for name in ("a", "b"):
        await store.sessions.add(session(name))
    return store
