"""The token of a session: what a former owner writes late changes nothing."""

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from store.errors import NotOwner
from store.ports.messages import MessageStore
from store.ports.sessions import SessionStore
from store.ports.store import Store
from store.ports.unit_of_work import UnitOfWork
from store.records.events import NewEvent
from store.records.messages import Message
from store.records.sessions import Session, Status
from store.sqlite.database import Database
from tests.store.samples import QR, change, session

MESSAGE = Message(
    id="3EB0", chat="c", sender="c", from_me=False, sent_at=1, received_at=1, kind="text", text="late"
)


async def paired(store: Store, token: int) -> object:
    return await change(store, lambda before: replace(before, status=Status.PAIRING), token=token)


async def without_code(store: Store, token: int) -> object:
    return await change(store, lambda before: replace(before, qr=None), token=token)


async def with_message(store: Store, token: int) -> object:
    return await change(store, lambda before: before, MESSAGE, token=token)


async def deleted(store: Store, token: int) -> object:
    return await store.sessions.delete("shop", token=token)


WRITES = [paired, without_code, with_message, deleted]


@pytest.mark.parametrize("write", WRITES)
async def test_a_late_write_of_a_former_owner_changes_nothing(
    store: Store, messages: MessageStore, write: Callable[[Store, int], Awaitable[object]]
) -> None:
    token = await store.sessions.add(session(qr=QR))
    await store.sessions.take_over("local")

    with pytest.raises(NotOwner):
        await write(store, token)

    assert await store.sessions.get("shop") == session(qr=QR)
    assert await messages.page("shop", after=0, limit=10) == []


@pytest.mark.parametrize("write", WRITES)
async def test_the_present_owner_writes(
    store: Store, write: Callable[[Store, int], Awaitable[object]]
) -> None:
    await store.sessions.add(session(qr=QR))
    tokens = await store.sessions.take_over("local")

    assert await write(store, tokens["shop"])


async def test_the_work_of_a_former_owner_is_not_even_begun(store: Store) -> None:
    token = await store.sessions.add(session())
    await store.sessions.take_over("local")

    def begin(_: Session) -> Session:
        raise AssertionError

    with pytest.raises(NotOwner):
        await change(store, begin, token=token)


async def test_each_owner_has_a_greater_token_than_the_one_before(sessions: SessionStore) -> None:
    first = await sessions.add(session())
    second = (await sessions.take_over("local"))["shop"]
    third = (await sessions.take_over("local"))["shop"]

    assert first < second < third


async def test_a_late_write_to_a_session_that_was_made_again_under_the_same_id_changes_nothing(
    store: Store,
) -> None:
    token = await store.sessions.add(session(created_at=1000))
    await store.sessions.delete("shop", token=token)
    await store.sessions.add(session(created_at=2000))

    with pytest.raises(NotOwner):
        await paired(store, token)


async def test_sessions_of_another_node_are_not_taken_over(sessions: SessionStore) -> None:
    await sessions.add(session("here"))
    await sessions.add(session("elsewhere", node="another"))

    assert (await sessions.take_over("local")).keys() == {"here"}


async def test_the_view_of_sessions_has_every_column_of_their_rows(database: Database) -> None:
    """A `SELECT sessions.*` in a view stands for the columns of the day on which the view was made."""

    def columns(connection: sqlite3.Connection, table: str) -> set[str]:
        return {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}

    rows = await database.read(lambda connection: columns(connection, "sessions"))
    view = await database.read(lambda connection: columns(connection, "sessions_with_qrs"))
    assert rows <= view


async def test_what_many_events_change_is_written_once(store: Store, database: Database) -> None:
    token = await store.sessions.add(session())
    statements: list[str] = []
    await database.write(lambda connection: connection.set_trace_callback(statements.append))

    def acknowledge(unit: UnitOfWork) -> None:
        for number in range(1, 4):
            assert unit.session is not None
            unit.put(replace(unit.session, have=number))
            unit.add_event(NewEvent(type="message.status", at=1, data=f'"{number}"'))

    await store.transact("shop", acknowledge, token=token)
    await database.write(lambda connection: connection.set_trace_callback(None))

    assert (await store.sessions.require("shop")).have == 3
    assert [event.data for event in await store.events.of("shop", 0, 10)] == ['"1"', '"2"', '"3"']
    assert sum("UPDATE sessions" in statement for statement in statements) == 1
    assert sum("UPDATE event_log" in statement for statement in statements) == 1
