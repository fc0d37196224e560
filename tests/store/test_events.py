"""The event log in the store."""

import asyncio
import sqlite3
import threading
from base64 import urlsafe_b64decode
from collections import Counter
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from store.event_cursors import CURSOR_LENGTH, EventCursors
from store.ports.store import Store
from store.ports.unit_of_work import UnitOfWork
from store.records.events import EventLimits, NewEvent
from store.records.messages import Message
from store.sqlite import event_pages, event_removal, event_rows
from store.sqlite.event_removal import BATCH
from store.sqlite.store import SqliteStore, open_store
from tests.store.samples import session

DAY = 86_400_000
YEAR = 366 * DAY


def happened(data: str = "{}", *, kind: str = "message.received", at: int = 1) -> NewEvent:
    return NewEvent(type=kind, at=at, data=data)


async def log(store: Store, session_id: str, *events: NewEvent) -> None:
    """Adds events in one transaction of their session."""

    def work(unit: UnitOfWork) -> None:
        for event in events:
            unit.add_event(event)

    await store.transact(session_id, work, token=1)


def reported(message: Message) -> NewEvent:
    return happened(message.id, kind="message.status")


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


async def test_a_session_may_have_so_many_events_and_one_more_costs_the_oldest(path: Path) -> None:
    removed: list[tuple[str, int]] = []
    async with open_store(
        path, boot_id="boot-1", on_events_removed=lambda *what: removed.append(what)
    ) as store:
        store.events._limits = EventLimits(number=20, bytes=2**30)
        await store.sessions.add(session("loud"))
        await store.sessions.add(session("calm"))
        await log(store, "calm", happened())
        await log(store, "loud", *[happened()] * 20)
        at_the_limit = await store.events.after(0, limit=100)
        await log(store, "loud", happened())

        kept = await store.events.after(0, limit=100)

        assert Counter(event.session_id for event in at_the_limit) == {"calm": 1, "loud": 20}
        assert Counter(event.session_id for event in kept) == {"calm": 1, "loud": 19}
        assert kept[-1].number == 22
        assert removed == [("loud", 2)]
        assert await store.events.whole_after() == await store.events.whole_after(["loud"]) == 3
        assert await store.events.whole_after(["calm"]) == 0
        assert await store.events.newest(["calm"]) == 1


async def test_a_session_may_have_so_many_bytes_of_events_and_one_more_costs_the_oldest(path: Path) -> None:
    async with open_store(path, boot_id="boot-1") as store:
        size = event_rows.ROW_BYTES + 100
        store.events._limits = EventLimits(number=1000, bytes=20 * size)
        await store.sessions.add(session())
        await log(store, "shop", *[happened("x" * 100)] * 20)
        assert len(await store.events.after(0, limit=100)) == 20

        await log(store, "shop", happened(""))

        assert (await store.events.after(0, limit=1))[0].number > 1


async def test_old_events_are_forgotten_and_held_ones_stay(two: SqliteStore) -> None:
    await log(two, "a", happened(at=1), happened(at=2), happened(at=DAY))

    assert not await two.events.forget(DAY, below=2)
    assert [event.number for event in await two.events.after(0, limit=10)] == [2, 3]
    assert await two.events.whole_after() == 1

    assert not await two.events.forget(DAY)
    assert [event.number for event in await two.events.after(0, limit=10)] == [3]
    assert await two.events.whole_after() == await two.events.whole_after(["a", "b"]) == 2
    assert await two.events.whole_after(["b"]) == 0
    assert await two.events.newest() == 3


async def test_forgetting_goes_in_steps(two: SqliteStore) -> None:
    await log(two, "a", *[happened()] * (BATCH + 1))

    assert await two.events.forget(DAY)
    assert not await two.events.forget(DAY)
    assert await two.events.after(0, limit=10) == []


async def test_events_that_a_clock_stamped_ahead_keep_no_old_event_behind_them(two: SqliteStore) -> None:
    await log(two, "a", *[happened(at=YEAR)] * (BATCH + 100))
    await log(two, "a", *[happened()] * (2 * BATCH))
    await log(two, "b", happened(at=DAY))

    while await two.events.forget(DAY):
        pass

    ahead = BATCH + 100
    left = await two.events.after(0, limit=9000)
    assert [event.number for event in left] == [*range(1, ahead + 1), ahead + 2 * BATCH + 1]
    assert await two.events.whole_after(["a"]) == ahead + 2 * BATCH
    await two.events.forget(YEAR + 1)
    assert await two.events.whole_after(["a"]) == ahead + 2 * BATCH, "it never goes back"


async def test_old_events_are_found_without_reading_the_others(two: SqliteStore) -> None:
    """The log may have millions of them."""
    await log(two, "a", *[happened(at=YEAR)] * 3000)
    await log(two, "a", happened())
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    with closing(sqlite3.connect(two.database._path)) as connection:
        connection.row_factory = sqlite3.Row
        connection.set_progress_handler(step, 1000)
        assert event_removal.find_old(connection, DAY, None) == [3001]

    assert steps == 0, "a thousand steps of SQLite"


async def test_numbers_grow_though_every_event_is_forgotten(two: SqliteStore) -> None:
    await log(two, "a", happened())
    await two.events.forget(DAY)
    await log(two, "a", happened())

    assert [event.number for event in await two.events.after(0, limit=10)] == [2]


async def test_of_a_deleted_session_the_log_knows_for_long_that_events_are_missing(
    two: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_removal, "MAX_EMPTY_TOTALS", 2)
    for number in range(4):
        name = f"short-{number}"
        await two.sessions.add(session(name), event=happened())
        await two.sessions.delete(name, token=1)
    await log(two, "b", happened())
    await two.events.forget(DAY)

    known = [await two.events.whole_after([f"short-{number}"]) for number in range(4)]

    assert known == [0, 0, 0, 4]
    assert await two.events.whole_after(["b"]) == 5


async def test_sessions_and_the_number_of_their_newest_event_are_of_one_moment(two: SqliteStore) -> None:
    await log(two, "a", happened())
    await log(two, "b", happened())

    sessions, number = await two.events.sessions_now()

    assert ([session.id for session in sessions], number) == (["a", "b"], 2)
    sessions, number = await two.events.sessions_now(["a"])
    assert ([session.id for session in sessions], number) == (["a"], 1)
    assert await two.events.sessions_now([]) == ([], 0)


async def test_the_text_of_a_forgotten_event_is_in_no_page_of_the_file(path: Path) -> None:
    async with open_store(path, boot_id="boot-1") as store:
        await store.sessions.add(session())
        await log(store, "shop", happened("a very private text"))
        await store.events.forget(DAY)
    content = await asyncio.to_thread(path.read_bytes)

    assert b"a very private text" not in content


async def test_cursors_of_the_log_survive_a_restart_and_those_before_a_restore_mean_nothing(
    path: Path,
) -> None:
    async with open_store(path, boot_id="boot-1") as store:
        await store.sessions.add(session())
        await log(store, "shop", happened(), happened())
        before = await store.events.after(0, limit=10)
        name = await store.events.log_id()
    async with open_store(path, boot_id="boot-1") as store:
        assert [await store.events.number(event.cursor) for event in before] == [1, 2]
        assert await store.events.log_id() == name

        await store.forget_transient(resends=False, now=1, report=reported)

        assert await store.events.log_id() != name
        assert [await store.events.number(event.cursor) for event in before] == [None, None]
        assert await store.events.after(0, limit=10) == before  # whatever is delivered again has its bytes
        assert await store.events.number(await store.events.cursor(1)) == 1
        await log(store, "shop", happened())
        assert await store.events.number((await store.events.after(2, limit=1))[0].cursor) == 3


async def test_two_databases_have_two_logs(tmp_path: Path) -> None:
    async with (
        open_store(tmp_path / "1.db", boot_id="boot-1") as one,
        open_store(tmp_path / "2.db", boot_id="boot-1") as other,
    ):
        assert await other.events.number(await one.events.cursor(0)) is None


async def test_a_cursor_beyond_the_newest_event_was_never_made(two: SqliteStore) -> None:
    await log(two, "a", happened())

    assert await two.events.number(await two.events.cursor(1)) == 1
    assert await two.events.number(await two.events.cursor(2)) is None
    assert await two.events.number(await two.events.cursor(2**64 - 1)) is None


@pytest.mark.parametrize("cursor", ["", "x", "ä" * CURSOR_LENGTH, "A" * 21, "A" * 23, "WzQxXQ", "\x00" * 22])
def test_text_that_is_no_cursor_has_no_number(cursor: str) -> None:
    assert EventCursors.of_another_log().number(cursor) is None


def test_a_cursor_tells_its_number_to_its_log_alone() -> None:
    cursors = EventCursors.of_another_log()
    numbers = [0, 1, 2, 255, 2**32 - 1, 2**32, 2**62]

    made = [cursors.cursor(number) for number in numbers]

    assert [cursors.number(cursor) for cursor in made] == numbers
    assert {len(cursor) for cursor in made} == {CURSOR_LENGTH}
    assert all(EventCursors.of_another_log().number(cursor) is None for cursor in made)


def test_cursors_of_neighbours_have_nothing_in_common_but_their_log() -> None:
    """Half of the 64 bits differ, as of random numbers; a counter would differ in two or so."""
    cursors = EventCursors.of_another_log()
    hidden = [_hidden(cursors.cursor(number)) for number in range(1000)]

    different = [(one ^ other).bit_count() for one, other in pairwise(hidden)]

    assert 30 < sum(different) / len(different) < 34
    assert min(different) > 8


def _hidden(cursor: str) -> int:
    return int.from_bytes(urlsafe_b64decode(cursor + "==")[-8:])


async def test_whoever_waits_is_called_in_the_loop_after_the_commit(path: Path) -> None:
    rung: list[tuple[int, int]] = []
    here = threading.get_ident()

    async with open_store(
        path, boot_id="boot-1", on_events=lambda events: rung.append((threading.get_ident(), len(events)))
    ) as store:
        await store.sessions.add(session())
        assert rung == []
        await log(store, "shop", happened())
        await asyncio.sleep(0)
        assert rung == [(here, 1)]


async def test_an_event_of_a_transaction_that_failed_is_told_to_nobody(path: Path) -> None:
    told: list[str] = []

    def fail(unit: UnitOfWork) -> None:
        unit.add_event(happened(kind="message.received"))
        raise ZeroDivisionError

    async with open_store(
        path, boot_id="boot-1", on_events=lambda events: told.extend(event.type for event in events)
    ) as store:
        await store.sessions.add(session())
        with pytest.raises(ZeroDivisionError):
            await store.transact("shop", fail, token=None)
        await log(store, "shop", happened(kind="session.status"))
        await asyncio.sleep(0)
        assert told == ["session.status"]


async def test_a_caller_that_is_cancelled_after_its_commit_rings_too(path: Path) -> None:
    rung = asyncio.Event()

    async with open_store(path, boot_id="boot-1", on_events=lambda _: rung.set()) as store:
        await store.sessions.add(session())
        task = asyncio.ensure_future(log(store, "shop", happened()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait_for(rung.wait(), 5)
        assert await store.events.newest() == 1
