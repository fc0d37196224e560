"""What waits to be sent, counted for all sessions."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from store.ports.unit_of_work import UnitOfWork
from store.records.messages import Message, MessageLimits, MessageStatus, Via
from store.records.outbox import OutboxTotals, SendTerms
from store.sqlite import outbox as module
from store.sqlite.database import Database
from store.sqlite.message_bound import MessageBound, size_of
from store.sqlite.messages import messages_with
from store.sqlite.outbox_bound import OutboxBound
from store.sqlite.outbox_rows import SqliteOutboxRows
from store.sqlite.store import SqliteStore, open_store
from tests.store.samples import older_database, session
from tests.store.steps import Steps, counted
from tests.store.webhook_samples import statements

TERMS = SendTerms(until=1e9, until_wall=10**15, boot_id="boot-1")

BO = "4915112345678@s.whatsapp.net"
LID = "909913313250243@lid"


def message(number: int) -> Message:
    return Message(
        id=f"3EB0{number}",
        chat=BO,
        sender=BO,
        from_me=True,
        via=Via.API,
        kind="text",
        status=MessageStatus.QUEUED,
        queued_at=number,
        received_at=number,
    )


async def queue(store: SqliteStore, *numbers: int, session_id: str = "shop") -> None:
    def add(unit: UnitOfWork) -> None:
        for number in numbers:
            unit.outbox.add(message(number), TERMS)

    await store.transact(session_id, add, token=None)


async def settle(store: SqliteStore, *numbers: int) -> None:
    def remove(unit: UnitOfWork) -> None:
        for number in numbers:
            unit.outbox.remove(f"3EB0{number}", at=1)

    await store.transact("shop", remove, token=None)


async def test_what_waits_in_all_sessions_is_counted_with_the_moment_of_the_oldest(
    store: SqliteStore,
) -> None:
    for name in ("shop", "cafe"):
        await store.sessions.add(session(name))
    assert await store.outbox.totals() == OutboxTotals(queued=0, handed=0, oldest=None)
    await queue(store, 10, 20)
    await queue(store, 30, session_id="cafe")
    await store.transact("shop", lambda unit: unit.outbox.mark_handed("3EB020"), token=None)
    assert await store.outbox.totals() == OutboxTotals(queued=2, handed=1, oldest=10)
    await settle(store, 10)
    assert await store.outbox.totals() == OutboxTotals(queued=1, handed=1, oldest=20)


async def test_the_cost_of_the_totals_does_not_grow_with_the_messages_that_are_stored(
    store: SqliteStore, database: Database
) -> None:
    await store.sessions.add(session("shop"))
    await queue(store, 1, 2)
    before = await steps_of_totals(database, store)
    await queue(store, *range(3, 2003))
    await settle(store, *range(3, 2003))
    assert await steps_of_totals(database, store) <= before + 50


async def test_the_look_whether_a_message_is_next_does_not_grow_with_what_waits_behind_it(
    store: SqliteStore,
) -> None:
    await store.sessions.add(session("shop"))
    await queue(store, 1, 2)
    before = await steps_of(store, lambda unit: unit.outbox.is_next("3EB01"))
    await queue(store, *range(3, 2003))
    assert await steps_of(store, lambda unit: unit.outbox.is_next("3EB01")) <= before + 50


async def test_the_look_whether_an_outbox_is_full_does_not_grow_with_what_waits(store: SqliteStore) -> None:
    await store.sessions.add(session("shop"))
    await queue(store, 1)
    assert not await is_full(store)
    before = await steps_of(store, lambda unit: unit.outbox.reached(number=10_000, size=2**40))
    await queue(store, *range(2, 2002))
    assert not await is_full(store)
    assert await steps_of(store, lambda unit: unit.outbox.reached(number=10_000, size=2**40)) <= before


async def test_an_outbox_is_full_once_any_front_has_filled_it(store: SqliteStore, path: Path) -> None:
    await store.sessions.add(session("shop"))
    await queue(store, *range(1, 6))
    assert not await is_full(store, number=10)
    async with open_store(path, boot_id="boot-1") as other:
        await queue(other, *range(6, 10))
        assert not await is_full(store, number=10)
        await queue(other, 10)
    assert await is_full(store, number=10)
    assert await is_full(store, size=10 * size_of(message(1)))
    await settle(store, 1)
    assert not await is_full(store, number=10)
    assert not await is_full(store, size=10 * size_of(message(1)))


async def is_full(store: SqliteStore, *, number: int = 10_000, size: int = 2**40) -> bool:
    reached = await store.transact(
        "shop", lambda unit: unit.outbox.reached(number=number, size=size), token=None
    )
    return reached is not None


async def steps_of(store: SqliteStore, look: Callable[[UnitOfWork], object]) -> int:
    """Returns the instructions that a look takes."""

    def watched(unit: UnitOfWork) -> int:
        assert isinstance(unit.outbox, SqliteOutboxRows)
        return counted(lambda _: look(unit), unit.outbox._connection)[1]

    return await store.transact("shop", watched, token=None)


async def test_what_waits_for_a_lid_is_in_the_chat_of_its_number_once_that_is_known(
    store: SqliteStore,
) -> None:
    await store.sessions.add(session("shop"))
    await store.sessions.add(session("cafe"))
    for name in ("shop", "cafe"):
        await store.transact(
            name, lambda unit: unit.outbox.add(replace(message(1), chat=LID), TERMS), token=None
        )
    await queue(store, 2)
    assert await next_ones(store) == [1, 2]
    await store.transact("shop", lambda unit: unit.contacts.link(BO[:13], LID, at=1), token=None)
    assert [entry.chat for entry in await store.outbox.entries("shop")] == [BO, BO]
    assert await next_ones(store) == [1]
    assert [entry.chat for entry in await store.outbox.entries("cafe")] == [LID]


async def test_what_waits_for_two_numbers_of_one_lid_is_in_one_chat(store: SqliteStore) -> None:
    """The person has another number now."""
    other = "4915199999999"
    await store.sessions.add(session("shop"))
    await link(store, BO[:13])
    await queue(store, 1)
    await store.transact(
        "shop", lambda unit: unit.outbox.add(replace(message(3), chat=LID), TERMS), token=None
    )
    await link(store, other)
    await store.transact(
        "shop", lambda unit: unit.outbox.add(replace(message(2), chat=f"{other}{BO[13:]}"), TERMS), token=None
    )
    assert [entry.chat for entry in await store.outbox.entries("shop")] == [f"{other}{BO[13:]}"] * 3
    assert await next_ones(store) == [1]
    assert await store.outbox.addresses("shop", LID) == [f"{other}{BO[13:]}", LID]
    assert await store.outbox.addresses("shop", BO) == [BO]


async def link(store: SqliteStore, number: str) -> None:
    assert await store.transact("shop", lambda unit: unit.contacts.link(number, LID, at=1), token=None)


async def test_one_that_a_connector_has_comes_before_an_older_one_of_its_chat(store: SqliteStore) -> None:
    await store.sessions.add(session("shop"))
    await queue(store, 1, 2)
    await store.transact("shop", lambda unit: unit.outbox.mark_handed("3EB02"), token=None)
    assert await next_ones(store) == []
    await settle(store, 2)
    assert await next_ones(store) == [1]


async def next_ones(store: SqliteStore) -> list[int]:
    return await store.transact(
        "shop",
        lambda unit: [
            one for one in (1, 2) if unit.outbox.get(f"3EB0{one}") and unit.outbox.is_next(f"3EB0{one}")
        ],
        token=None,
    )


async def test_what_waited_for_a_lid_before_chats_had_lanes_is_in_the_chat_of_its_number(path: Path) -> None:
    with older_database(path, "0023_lanes.sql") as connection:
        connection.execute(
            "INSERT INTO contacts (session_id, number, lid) VALUES ('shop', '4915', '909@lid')"
        )
        for number, chat in enumerate(("909@lid", "4915@s.whatsapp.net", "8@lid"), 1):
            connection.execute(
                "INSERT INTO messages (number, session_id, place, id, chat, sender, from_me, kind,"
                " received_at, size) VALUES (:number, 'shop', :number, :number, :chat, '1', 1, 'text', 1, 1)",
                {"number": number, "chat": chat},
            )
            connection.execute(
                "INSERT INTO outbox (number, session_id, chat, size, handed, typing, on_doubt, until,"
                " until_wall, boot_id) VALUES (:number, 'shop', :chat, 1, 0, 0, 'resend', 1, 1, 'boot-1')",
                {"number": number, "chat": chat},
            )
    async with open_store(path, boot_id="boot-1") as store:
        entries = await store.outbox.entries("shop")
    assert [entry.chat for entry in entries] == ["4915@s.whatsapp.net", "4915@s.whatsapp.net", "8@lid"]


async def steps_of_totals(database: Database, store: SqliteStore) -> int:
    """Returns the instructions that the totals take."""
    steps = Steps()
    await database.read(steps.begin)
    await store.outbox.totals()
    await database.read(steps.end)
    return steps.count


async def test_the_work_for_one_message_does_not_grow_with_the_messages_of_its_session(
    database: Database,
) -> None:
    store = SqliteStore(database)
    await store.sessions.add(session())

    def of(message_id: str, connection: sqlite3.Connection) -> list[int]:
        rows = SqliteOutboxRows(
            connection, "shop", messages=MessageBound(MessageLimits()), waiting=OutboxBound()
        )
        works: list[Callable[[sqlite3.Connection], object]] = [
            lambda connection: messages_with(connection, "shop", message_id, after=1),
            lambda _: rows.get(message_id),
            lambda _: rows.is_next(message_id),
            lambda _: rows.mark_handed(message_id),
            lambda _: rows.remove(message_id, at=1),
        ]
        return [counted(work, connection)[1] for work in works]

    await queue(store, *range(10))
    few = await database.write(partial(of, "3EB05"))
    await queue(store, *range(10, 1000))
    many = await database.write(partial(of, "3EB06"))
    assert all(after <= before + 100 for before, after in zip(few, many, strict=True)), (few, many)


async def test_old_idempotency_keys_leave_the_lock_to_others_after_some(
    two: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    for name in ("a", "b"):
        for ended_at in (1, 2, 9):
            await two.database.write(partial(insert_key, session_id=name, ended_at=ended_at))

    async with statements(two) as forgotten:
        await two.outbox.forget_keys(9)

    left = await two.database.read(
        lambda connection: connection.execute("SELECT ended_at FROM idempotency").fetchall()
    )
    assert [row["ended_at"] for row in left] == [9, 9]
    assert forgotten.count("BEGIN IMMEDIATE") == 3


def insert_key(connection: sqlite3.Connection, *, session_id: str, ended_at: int) -> None:
    connection.execute(
        """
        INSERT INTO idempotency (session_id, key, request_sha256, message_id, ended_at)
        VALUES (:session_id, :key, '', '', :ended_at)
        """,
        {"session_id": session_id, "key": f"key {ended_at}", "ended_at": ended_at},
    )
