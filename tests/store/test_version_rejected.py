"""Sessions that an older Motte left `failed` because WhatsApp rejected their version."""

from pathlib import Path

import pytest

from store.records.reason import Reason
from store.records.sessions import Status
from store.sqlite import schema
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore
from tests.store.samples import session

REJECTED, BANNED = Reason("version-rejected", "405"), Reason("account-banned", "403")

#: The migration that has them wait for another version.
NAME = "0010_version_rejected.sql"


@pytest.mark.parametrize(
    ("status", "reason", "phone_number", "after"),
    [
        (Status.FAILED, REJECTED, "15551234567", Status.DISCONNECTED),
        (Status.FAILED, REJECTED, None, Status.STARTING),
        (Status.FAILED, BANNED, "15551234567", Status.FAILED),
        (Status.STOPPED, REJECTED, "15551234567", Status.STOPPED),
        (Status.CONNECTED, None, "15551234567", Status.CONNECTED),
    ],
)
async def test_they_wait_for_another_version_from_the_first_start_on(
    tmp_path: Path, status: Status, reason: Reason | None, phone_number: str | None, after: Status
) -> None:
    path = tmp_path / "motte.db"
    before = session(status=status, reason=reason, phone_number=phone_number)
    async with await Database.open(path, boot_id="boot-1") as database:
        await SqliteStore(database).sessions.add(before)
        (script,) = [file.read_text() for file in schema.MIGRATIONS if file.name == NAME]
        await database.write(lambda connection: [*map(connection.execute, schema._statements(script))])
        (found,) = await SqliteStore(database).sessions.all()
    assert (found.status, found.reason, found.phone_number) == (after, reason, phone_number)
