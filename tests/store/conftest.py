from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store.sqlite.database import Database
from store.sqlite.keys import Keys
from store.sqlite.leases import Leases
from store.sqlite.messages import Messages
from store.sqlite.sessions import Sessions


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "motte.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    async with await Database.open(path, boot_id="boot-1") as database:
        yield database


@pytest.fixture
def sessions(database: Database) -> Sessions:
    return Sessions(database)


@pytest.fixture
def leases(database: Database) -> Leases:
    return Leases(database)


@pytest.fixture
def keys(database: Database) -> Keys:
    return Keys(database)


@pytest.fixture
def messages(database: Database) -> Messages:
    return Messages(database)
