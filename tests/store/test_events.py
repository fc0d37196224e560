"""The event log in the store."""

from dataclasses import replace

import pytest

from store.ports.unit_of_work import UnitOfWork
from store.sqlite import event_pages
from store.sqlite.store import SqliteStore
from tests.store.event_samples import happened, log
from tests.store.samples import session


async def test_events_are_read_in_the_order_in_which_they_were_written(two: SqliteStore) -> None:
    await log(two, "a", happened('{"n":1}'), happened('{"n":2}'))
    await log(two, "b", happened('{"n":3}'))

    found = await two.events.after(0, limit=10)

    assert [(event.session_id, event.data) for event in found] == [
        ("a", '{"n":1}'),
        ("a", '{"n":2}'),
        ("b", '{"n":3}'),
    ]
    assert len({event.id for event in found}) == len({event.cursor for event in found}) == 3
    assert await two.events.after(found[1].number, limit=10) == found[2:]
    assert await two.events.of("a", found[0].number, 10) == found[1:2]
    assert await two.events.newest() == found[-1].number


async def test_a_transaction_that_fails_leaves_no_event_and_uses_no_number(two: SqliteStore) -> None:
    def work(unit: UnitOfWork) -> None:
        unit.add_event(happened())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await two.transact("a", work, token=1)

    assert await two.events.newest() == 0
    assert await two.events.after(0, limit=10) == []


async def test_a_session_and_its_event_are_added_and_deleted_in_one_transaction(store: SqliteStore) -> None:
    await store.sessions.add(session(), event=happened(kind="session.status"))
    await store.sessions.delete("shop", token=1, event=happened(kind="session.deleted"))

    assert not await store.sessions.delete("shop", token=1, event=happened(kind="session.deleted"))
    assert [event.type for event in await store.events.after(0, limit=10)] == [
        "session.status",
        "session.deleted",
    ]


async def test_types_and_sessions_narrow_what_is_read(two: SqliteStore) -> None:
    await log(two, "a", happened(kind="call.received"), happened())
    await log(two, "b", happened(kind="call.received"))

    page = await two.events.page(0, limit=10, sessions=["a"], types=["call.received"])

    assert [event.number for event in page.events] == [1]
    assert page.reached == 2  # what follows is of another session
    assert [event.number for event in await two.events.after(0, limit=10, types=["call.received"])] == [1, 3]
    assert await two.events.page(0, limit=10, sessions=[]) == replace(page, events=[], reached=0)


async def test_a_page_looks_at_some_events_only_and_says_how_far_it_came(
    two: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_pages, "SCANNED", 3)
    await log(two, "a", *[happened()] * 5, happened(kind="call.received"))

    page = await two.events.page(0, limit=10, types=["call.received"])
    rest = await two.events.page(page.reached, limit=10, types=["call.received"])

    assert (page.events, page.reached) == ([], 3)
    assert [event.number for event in rest.events] == [6]


async def test_a_page_ends_after_the_event_that_exceeds_its_bytes(
    two: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_pages, "PAGE_BYTES", 200)
    await log(two, "a", *[happened("x" * 100)] * 5)

    assert len(await two.events.after(0, limit=10)) == 3  # at the limit one more is read
    assert len(await two.events.after(3, limit=10)) == 2


async def test_sessions_and_the_number_of_their_newest_event_are_of_one_moment(two: SqliteStore) -> None:
    await log(two, "a", happened())
    await log(two, "b", happened())

    sessions, number = await two.events.sessions_now()

    assert ([session.id for session in sessions], number) == (["a", "b"], 2)
    sessions, number = await two.events.sessions_now(["a"])
    assert ([session.id for session in sessions], number) == (["a"], 1)
    assert await two.events.sessions_now([]) == ([], 0)
