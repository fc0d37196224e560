"""Sessions in the store."""

import sqlite3
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from store.errors import SessionExists, TooManySessions
from store.ports.leases import LeaseStore
from store.ports.sessions import SessionStore
from store.records.sessions import Session, Status
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore
from tests.store.samples import QR, any_session, change, session

with_any_session = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(before=any_session("shop"))
@with_any_session
async def test_a_session_is_read_as_it_was_added(sessions: SessionStore, before: Session) -> None:
    await sessions.delete("shop", token=None)

    await sessions.add(before)

    assert await sessions.get("shop") == before


@given(before=any_session("shop"), after=any_session("shop"))
@with_any_session
async def test_a_change_stores_all_that_it_changed(
    store: SqliteStore, sessions: SessionStore, before: Session, after: Session
) -> None:
    await sessions.delete("shop", token=None)
    await sessions.add(before)

    assert await change(store, lambda _: after, token=before.created_at) == (before, after)
    assert await sessions.get("shop") == after


async def test_an_id_that_is_taken_is_refused_and_its_session_stays(sessions: SessionStore) -> None:
    first = session(qr=QR)
    await sessions.add(first)

    with pytest.raises(SessionExists, match="shop"):
        await sessions.add(session(name="another", qr=replace(QR, ordinal=2)))

    assert await sessions.get("shop") == first


async def test_a_session_beyond_the_number_that_there_may_be_leaves_nothing(sessions: SessionStore) -> None:
    await sessions.add(session("a"), most=2)
    await sessions.add(session("b", qr=QR), most=2)

    with pytest.raises(TooManySessions):
        await sessions.add(session("c", qr=QR), most=2)
    with pytest.raises(SessionExists):
        await sessions.add(session("a"), most=2)

    assert [one.id for one in await sessions.all()] == ["a", "b"]


async def test_an_unknown_session_is_none_to_a_read_and_to_a_change(
    store: SqliteStore, sessions: SessionStore
) -> None:
    assert await sessions.get("shop") is None
    assert await change(store, lambda before: before) is None


async def test_a_change_that_raises_leaves_the_session_as_it_was(
    store: SqliteStore, sessions: SessionStore
) -> None:
    first = session(qr=QR)
    await sessions.add(first)

    def refuse(_: Session) -> Session:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change(store, refuse)

    assert await sessions.get("shop") == first


async def test_a_change_that_changes_nothing_writes_nothing(
    store: SqliteStore, database: Database, sessions: SessionStore
) -> None:
    await sessions.add(session(qr=QR))
    written = await database.read(_rows_written)

    before, after = await change(store, lambda before: replace(before)) or (None, None)

    assert before == after == session(qr=QR)
    assert await database.read(_rows_written) == written


async def test_a_session_has_one_code_the_newest(
    store: SqliteStore, database: Database, sessions: SessionStore
) -> None:
    await sessions.add(session(qr=QR))

    await change(store, lambda before: replace(before, qr=replace(QR, ordinal=2)))

    assert await database.read(_codes) == [("shop", 2)]


async def test_a_code_that_is_taken_back_is_gone_from_the_disk(
    store: SqliteStore, database: Database, sessions: SessionStore
) -> None:
    await sessions.add(session(qr=QR))

    await change(store, lambda before: replace(before, qr=None))

    assert await database.read(_codes) == []


async def test_a_deleted_session_takes_its_code_along(database: Database, sessions: SessionStore) -> None:
    await sessions.add(session(qr=QR))

    assert await sessions.delete("shop", token=None)

    assert await sessions.get("shop") is None
    assert await database.read(_codes) == []


async def test_deleting_what_is_not_there_says_so(sessions: SessionStore) -> None:
    assert not await sessions.delete("shop", token=None)


async def test_a_deleted_session_gives_its_lease_back_and_the_token_goes_on_growing(
    sessions: SessionStore, leases: LeaseStore
) -> None:
    await sessions.add(session())
    first = await leases.take("shop", owner="front", now=10.0, ttl=15.0)

    await sessions.delete("shop", token=None)

    assert (first, await leases.take("shop", owner="front", now=11.0, ttl=15.0)) == (1, 2)


async def test_pages_hold_each_session_once_the_oldest_first(sessions: SessionStore) -> None:
    for name, created_at in [("d", 2), ("b", 1), ("a", 2), ("c", 1), ("e", 0)]:
        await sessions.add(session(name, created_at=created_at))

    first = await sessions.page(limit=2)
    second = await sessions.page(limit=2, after=(first[-1].created_at, first[-1].id))
    third = await sessions.page(limit=2, after=(second[-1].created_at, second[-1].id))

    assert [[one.id for one in page] for page in (first, second, third)] == [["e", "b"], ["c", "a"], ["d"]]


async def test_a_session_made_or_deleted_between_two_pages_moves_no_other(sessions: SessionStore) -> None:
    for number in range(4):
        await sessions.add(session(f"old-{number}", created_at=number))
    first = await sessions.page(limit=2)

    await sessions.delete("old-0", token=None)
    await sessions.add(session("new", created_at=9))

    after = (first[-1].created_at, first[-1].id)
    assert [one.id for one in await sessions.page(limit=9, after=after)] == ["old-2", "old-3", "new"]


async def test_a_page_of_some_statuses_leaves_the_others_out(sessions: SessionStore) -> None:
    await sessions.add(session("a", status=Status.CONNECTED))
    await sessions.add(session("b", status=Status.FAILED))
    await sessions.add(session("c", status=Status.CONNECTED))
    await sessions.add(session("d", status=Status.STOPPED))

    async def ids(*statuses: Status) -> list[str]:
        return [one.id for one in await sessions.page(statuses=statuses, limit=9)]

    assert await ids(Status.CONNECTED) == ["a", "c"]
    assert await ids(Status.STOPPED, Status.CONNECTED, Status.STOPPED) == ["a", "c", "d"]
    assert await ids() == []


async def test_a_page_shows_the_codes_too(sessions: SessionStore) -> None:
    await sessions.add(session(qr=QR))

    assert await sessions.page(limit=1) == await sessions.all() == [session(qr=QR)]


def _rows_written(connection: sqlite3.Connection) -> int:
    return connection.total_changes


def _codes(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    return [tuple(row) for row in connection.execute("SELECT session_id, ordinal FROM qrs")]
