from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store.sqlite.database import Database
from store.sqlite.keys import KeyStore
from store.sqlite.leases import LeaseStore
from store.sqlite.messages import MessageStore
from store.sqlite.sessions import SessionStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "motte.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    async with await Database.open(path, boot_id="boot-1") as database:
        yield database


@pytest.fixture
def sessions(database: Database) -> SessionStore:
    return SessionStore(database)


@pytest.fixture
def leases(database: Database) -> LeaseStore:
    return LeaseStore(database)


@pytest.fixture
def keys(database: Database) -> KeyStore:
    return KeyStore(database)


@pytest.fixture
def messages(database: Database) -> MessageStore:
    return MessageStore(database)
