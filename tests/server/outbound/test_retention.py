"""How many chats and contacts a session keeps."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from server.outbound import retention
from server.outbound.retention import OutboundRetention
from store.ports.unit_of_work import UnitOfWork
from store.sqlite.store import SqliteStore, open_store
from tests.store.samples import session

DAY = 86_400_000
CONTACTS = 20


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[SqliteStore]:
    monkeypatch.setattr(retention, "MAX_CONTACTS", CONTACTS)
    async with open_store(tmp_path / "motte.db", boot_id="boot-1") as opened:
        for name in ("shop", "calm"):
            await opened.sessions.add(session(name))
        yield opened


def address(number: int) -> str:
    return f"{4_915_100_000_000 + number}@s.whatsapp.net"


async def meet(store: SqliteStore, number: int, *, day: int, session_id: str = "shop") -> None:
    """A message in a chat whose other side has a number and a LID."""

    def work(unit: UnitOfWork) -> None:
        unit.contacts.meet([address(number)], has_answered=True, at=day * DAY)
        unit.contacts.link(str(4_915_100_000_000 + number), f"{number}@lid", at=day * DAY)

    await store.transact(session_id, work, token=None)


async def kept(store: SqliteStore, session_id: str = "shop", most: int = CONTACTS + 5) -> list[int]:
    """The chats that are known, which are those of the known LIDs."""
    numbers = range(most)
    acquaintances = await store.outbox.acquaintances(session_id, [address(n) for n in numbers])
    known = [n for n in numbers if acquaintances[address(n)].is_known]
    assert known == [n for n in numbers if len(await store.outbox.addresses(session_id, address(n))) == 2]
    return known


async def forget(store: SqliteStore) -> None:
    await OutboundRetention(store.outbox, lambda: None).forget()


async def test_so_many_chats_are_kept_and_one_more_costs_those_that_were_calm_for_longest(
    store: SqliteStore,
) -> None:
    for number in range(CONTACTS):
        await meet(store, number, day=number + 1)
    await forget(store)
    assert await kept(store) == list(range(CONTACTS))
    await meet(store, 0, day=100)
    await meet(store, CONTACTS, day=100)
    await forget(store)
    assert await kept(store) == [0, *range(3, CONTACTS + 1)]


async def test_a_crowded_session_costs_others_nothing(store: SqliteStore) -> None:
    await meet(store, 0, day=1, session_id="calm")
    for number in range(CONTACTS + 1):
        await meet(store, number, day=100)
    await forget(store)
    assert await kept(store, "calm") == [0]


async def test_a_chat_that_answered_once_has_answered_whatever_comes_later(store: SqliteStore) -> None:
    await meet(store, 0, day=1)
    await store.transact(
        "shop",
        lambda unit: unit.contacts.meet([address(0)], has_answered=False, at=2 * DAY),
        token=None,
    )
    acquaintances = await store.outbox.acquaintances("shop", [address(0)])
    assert acquaintances[address(0)].has_answered
