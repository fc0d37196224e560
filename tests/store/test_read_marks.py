"""Read marks that WhatsApp has not confirmed."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from store.ports.unit_of_work import UnitOfWork
from store.records.messages import Message
from store.sqlite.store import SqliteStore, open_store
from tests.store.samples import session

BO, EVE = "4915112345678@s.whatsapp.net", "4915187654321@s.whatsapp.net"
GROUP = "120363041234567890@g.us"

TEXT = Message(
    id="A",
    chat=BO,
    chat_lid=None,
    sender=BO,
    sender_lid=None,
    from_me=False,
    push_name=None,
    sent_at=1,
    received_at=1,
    kind="text",
    text="Hello",
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqliteStore]:
    async with open_store(tmp_path / "motte.db", boot_id="boot-1") as opened:
        for name in ("shop", "calm"):
            await opened.sessions.add(session(name))
        yield opened


async def receive(store: SqliteStore, *messages: Message, session_id: str = "shop") -> None:
    def work(unit: UnitOfWork) -> None:
        for message in messages:
            unit.add_message(message)

    await store.transact(session_id, work, token=None)


async def read(store: SqliteStore, chat: str, session_id: str = "shop") -> None:
    await store.transact(
        session_id, lambda unit: unit.mark_read([chat], last=None, most=200, at=2), token=None
    )


async def settle(store: SqliteStore, chat: str, *keys: tuple[str, str], session_id: str = "shop") -> None:
    await store.transact(session_id, lambda unit: unit.read_marks.settle(chat, keys), token=None)


async def owed(store: SqliteStore, most: int = 10, session_id: str = "shop") -> list[tuple[str, str, str]]:
    found = await store.transact(session_id, lambda unit: unit.read_marks.owed(most), token=None)
    return [(message.chat, message.id, message.sender) for message in found]


async def test_a_mark_is_owed_until_it_is_settled_in_its_chat_by_its_id_and_its_sender(
    store: SqliteStore,
) -> None:
    group = [replace(TEXT, chat=GROUP, sender=sender) for sender in (BO, EVE)]
    await receive(store, TEXT, *group)
    for chat in (BO, GROUP):
        await read(store, chat)
    assert await owed(store) == [(BO, "A", BO), (GROUP, "A", BO), (GROUP, "A", EVE)]
    await settle(store, GROUP, ("A", EVE), ("B", BO))
    await settle(store, EVE, ("A", BO))
    assert await owed(store) == [(BO, "A", BO), (GROUP, "A", BO)]


async def test_a_session_is_owed_its_own_marks_alone(store: SqliteStore) -> None:
    for session_id in ("shop", "calm"):
        await receive(store, TEXT, session_id=session_id)
        await read(store, BO, session_id)
    await settle(store, BO, ("A", BO))
    assert await owed(store) == []
    assert await owed(store, session_id="calm") == [(BO, "A", BO)]
    await store.transact("shop", lambda unit: unit.read_marks.forget(), token=None)
    assert len(await owed(store, session_id="calm")) == 1
    await store.transact("calm", lambda unit: unit.read_marks.forget(), token=None)
    assert await owed(store, session_id="calm") == []


async def test_the_newest_marks_are_given_and_the_oldest_of_them_first(store: SqliteStore) -> None:
    await receive(store, *(replace(TEXT, id=str(number)) for number in range(5)))
    await read(store, BO)
    assert [message_id for _, message_id, _ in await owed(store, most=3)] == ["2", "3", "4"]


async def test_a_message_that_is_removed_takes_its_mark_with_it(store: SqliteStore) -> None:
    await receive(store, TEXT)
    await read(store, BO)
    await store.messages.forget(2)
    assert await owed(store) == []
