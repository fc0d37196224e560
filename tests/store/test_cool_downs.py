"""Cool-downs: one row a session, one for the host."""

from dataclasses import replace
from pathlib import Path

from store.records.cool_downs import CoolDown
from store.records.reason import Reason
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore

SHOP = CoolDown(
    session_id="shop",
    refusals=2,
    reason=Reason("whatsapp-refused", "status 401"),
    length=120.0,
    until=1120.0,
    until_wall=1_779_710_520_000,
    boot_id="boot-1",
)


async def test_the_newest_cool_down_of_a_session_counts(database: Database) -> None:
    cool_downs = SqliteStore(database).cool_downs
    await cool_downs.put(SHOP)
    host = replace(SHOP, session_id="")
    await cool_downs.put(host)
    longer = replace(SHOP, refusals=3, until=1300.0)
    await cool_downs.put(longer)
    assert await cool_downs.all() == [host, longer]


async def test_a_cool_down_outlives_the_database_and_the_boot(path: Path) -> None:
    async with await Database.open(path, boot_id="boot-1") as database:
        await SqliteStore(database).cool_downs.put(SHOP)
    async with await Database.open(path, boot_id="boot-2") as database:
        assert await SqliteStore(database).cool_downs.all() == [SHOP]


async def test_a_cool_down_that_is_over_can_be_forgotten(database: Database) -> None:
    cool_downs = SqliteStore(database).cool_downs
    await cool_downs.put(SHOP)
    await cool_downs.delete("shop")
    await cool_downs.delete("shop")
    assert await cool_downs.all() == []
