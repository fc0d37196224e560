"""A session has so many messages; above that, the oldest of its loudest chat go."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.ports.unit_of_work import UnitOfWork
from store.records.messages import Message, MessageLimits, MessageStatus, Via
from store.records.outbox import SendTerms
from store.sqlite.database import Database
from store.sqlite.message_bound import REMOVED_TO, ROW_BYTES, MessageBound, Total, size_of
from store.sqlite.store import SqliteStore
from tests.store.samples import change, older_database, session
from tests.store.test_messages import CONTACT, OTHER, letter

#: More than any test here stores.
ANY = 10**9


class Bounded:
    """A store with a bound, and what the bound removed."""

    def __init__(self, database: Database, undelivered_from: int) -> None:
        self.removed: Counter[str] = Counter()
        self._database = database
        self._undelivered_from = undelivered_from

    def within(self, *, number: int = ANY, bytes_: int = ANY) -> SqliteStore:
        limits = MessageLimits(number=number, bytes=bytes_)
        bound = MessageBound(
            limits, on_removed=self._count, undelivered_from=lambda *_: self._undelivered_from
        )
        return SqliteStore(self._database, bound=bound)

    def _count(self, session_id: str, number: int) -> None:
        self.removed[session_id] += number


Making = Callable[..., Bounded]


@pytest.fixture
def making(database: Database) -> Making:
    return lambda undelivered_from=ANY: Bounded(database, undelivered_from)


async def flood(store: SqliteStore, *messages: Message, session_id: str = "shop") -> None:
    """In one transaction, which costs less."""
    await change(
        store, lambda before: replace(before, have=before.have + 1), *messages, session_id=session_id
    )


def numbered(chat: str, *numbers: int) -> list[Message]:
    return [letter(str(number), id=str(number), chat=chat) for number in numbers]


async def queue(store: SqliteStore, *messages: Message) -> None:
    """They wait to be sent."""
    terms = SendTerms(until=1e9, until_wall=2**50, boot_id="boot")
    for message in messages:
        waiting = replace(message, from_me=True, via=Via.API, status=MessageStatus.QUEUED, queued_at=1)
        await store.transact("shop", partial(_add, message=waiting, terms=terms), token=None)


def _add(unit: UnitOfWork, *, message: Message, terms: SendTerms) -> None:
    unit.outbox.add(message, terms)


async def settle(store: SqliteStore, message_id: str) -> None:
    """It does not wait any more."""
    await store.transact("shop", lambda unit: unit.outbox.remove(message_id, at=2), token=None)


async def texts(store: SqliteStore, session_id: str = "shop") -> list[str | None]:
    return [message.text for message in await store.messages.page(session_id, after=0, limit=10_000)]


async def test_as_many_as_the_bound_stay_and_one_more_costs_the_oldest(making: Making) -> None:
    bounded = making()
    store = bounded.within(number=100)
    await store.sessions.add(session())
    await flood(store, *numbered(CONTACT, *range(100)))
    assert len(await texts(store)) == 100
    await flood(store, *numbered(CONTACT, 100))
    assert await texts(store) == [str(number) for number in range(6, 101)]
    assert bounded.removed == {"shop": 6}


async def test_as_many_bytes_as_the_bound_stay_and_one_more_costs_the_oldest(making: Making) -> None:
    one = letter("x" * 100)
    bounded = making()
    store = bounded.within(bytes_=100 * size_of(one))
    await store.sessions.add(session())
    await flood(store, *[one] * 100)
    assert len(await texts(store)) == 100
    await flood(store, letter(""))
    assert len(await texts(store)) == 95
    assert bounded.removed == {"shop": 6}


async def test_a_loud_chat_costs_no_message_of_another(making: Making) -> None:
    store = making().within(number=100)
    await store.sessions.add(session())
    await flood(store, *numbered(OTHER, *range(20)))
    await flood(store, *numbered(CONTACT, *range(20, 1000)))
    assert (await texts(store))[:20] == [str(number) for number in range(20)]
    assert (await texts(store))[-1] == "999"
    assert 95 <= len(await texts(store)) <= 100


async def test_chats_that_are_equally_loud_lose_equally_much(making: Making) -> None:
    store = making().within(number=100)
    await store.sessions.add(session())
    chats = [f"{chat}@s.whatsapp.net" for chat in range(10)]
    await flood(store, *[letter(str(place), chat=chats[place % 10]) for place in range(101)])
    left = Counter(message.chat for message in await store.messages.page("shop", after=0, limit=200))
    assert {chat: left[chat] for chat in chats} == dict.fromkeys(chats, 10) | dict.fromkeys(chats[1:6], 9)


async def test_the_cost_of_a_removal_grows_with_the_number_of_chats_and_not_with_its_square(
    making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Total] = []
    share = MessageBound._share

    def counted(self: MessageBound, total: Total) -> float:
        looks.append(total)
        return share(self, total)

    monkeypatch.setattr(MessageBound, "_share", counted)
    store = making().within(number=1000)
    await store.sessions.add(session())
    await flood(store, *[letter("", chat=f"{place}@s.whatsapp.net") for place in range(1001)])
    assert 0 < len(looks) <= 1000 + 100


async def test_the_loudest_is_found_by_bytes_too(making: Making) -> None:
    store = making().within(bytes_=100_000)
    await store.sessions.add(session())
    await flood(store, *numbered(OTHER, *range(50)))
    await flood(store, *[letter("x" * 10_000)] * 10)
    assert (await texts(store))[:50] == [str(number) for number in range(50)]


async def test_a_flood_from_many_chats_is_bounded_as_well(making: Making) -> None:
    store = making().within(number=100)
    await store.sessions.add(session())
    for number in range(300):
        await flood(store, letter(str(number), chat=f"{number}@s.whatsapp.net"))
    assert len(await texts(store)) <= 100


async def test_sessions_have_bounds_of_their_own(making: Making) -> None:
    bounded = making()
    store = bounded.within(number=100)
    for session_id in ("a", "b"):
        await store.sessions.add(session(session_id))
        await flood(store, *numbered(CONTACT, *range(100)), session_id=session_id)
    assert (len(await texts(store, "a")), len(await texts(store, "b"))) == (100, 100)
    assert not bounded.removed


async def test_what_has_still_to_be_delivered_is_never_removed(making: Making) -> None:
    bounded = making(undelivered_from=4)
    store = bounded.within(number=100)
    await store.sessions.add(session())
    await flood(store, *numbered(CONTACT, *range(200)))
    assert await texts(store) == [str(number) for number in range(3, 200)]
    assert bounded.removed == {"shop": 3}


async def test_what_waits_to_be_sent_is_never_removed_nor_counted_as_removed(making: Making) -> None:
    """Messages that wait are between others of their chat, which go."""
    bounded = making()
    store = bounded.within(number=100)
    await store.sessions.add(session())
    waiting = [str(number) for number in range(0, 210, 3)]
    for number in range(210):
        [message] = numbered(CONTACT, number)
        await (queue if number % 3 == 0 else flood)(store, message)
    kept = await texts(store)
    assert [text for text in kept if text in waiting] == waiting
    assert len(kept) <= 100
    assert bounded.removed == {"shop": 210 - len(kept)}
    assert len(await store.outbox.entries("shop")) == len(waiting)


async def test_what_waits_alone_may_exceed_the_bound_and_goes_once_it_was_sent(making: Making) -> None:
    bounded = making()
    store = bounded.within(number=100)
    await store.sessions.add(session())
    await queue(store, *numbered(CONTACT, *range(150)))
    await flood(store, *numbered(OTHER, *range(150, 160)))
    assert await texts(store) == [str(number) for number in [*range(150), 159]]
    for number in range(150):
        await settle(store, str(number))
    await flood(store, *numbered(OTHER, 160))
    assert await texts(store) == [str(number) for number in [*range(57, 150), 159, 160]]


async def test_what_was_removed_for_its_age_makes_room(making: Making) -> None:
    bounded = making()
    store = bounded.within(number=100)
    await store.sessions.add(session())
    await flood(store, *numbered(CONTACT, *range(100)))
    await store.messages.forget(2000)
    await flood(store, *numbered(CONTACT, *range(100, 200)))
    assert len(await texts(store)) == 100
    assert not bounded.removed


async def test_a_front_that_starts_again_counts_what_is_there(making: Making) -> None:
    first = making().within(number=ANY)
    await first.sessions.add(session())
    await flood(first, *numbered(CONTACT, *range(150)))
    store = making().within(number=100)
    await flood(store, *numbered(CONTACT, 150))
    assert await texts(store) == [str(number) for number in range(56, 151)]


async def test_a_message_that_is_larger_than_the_bound_is_stored_alone(making: Making) -> None:
    store = making().within(bytes_=1000)
    await store.sessions.add(session())
    await flood(store, *numbered(CONTACT, 1), letter("x" * 5000))
    assert await texts(store) == ["x" * 5000]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(min_value=0, max_value=900)), max_size=60),
    st.integers(min_value=1, max_value=40),
    st.integers(min_value=1000, max_value=20_000),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_comes_the_rest_is_within_the_bound_and_in_order(
    making: Making, coming: list[tuple[str, int]], number: int, bytes_: int
) -> None:
    store = making().within(number=number, bytes_=bytes_)
    await store.sessions.delete("shop", token=None)
    await store.sessions.add(session())
    messages = [
        letter(f"{place}{'x' * length}", chat=f"{chat}@s.whatsapp.net")
        for place, (chat, length) in enumerate(coming)
    ]
    await flood(store, *messages)
    found = [replace(message, number=0) for message in await store.messages.page("shop", after=0, limit=100)]
    assert len(found) <= max(number, 1)
    assert sum(map(size_of, found)) <= max(bytes_, *map(size_of, messages), 0) if messages else not found
    assert found == [message for message in messages if message in found]
    assert found[-1:] == messages[-1:]


async def test_messages_of_an_older_motte_have_a_size(tmp_path: Path) -> None:
    path = tmp_path / "motte.db"
    with older_database(path, "0013_message_sizes.sql") as connection:
        connection.executemany(
            "INSERT INTO messages (session_id, id, text, chat, sender, from_me, sent_at, received_at, kind) "
            "VALUES ('shop', ?, ?, 'c', 'c', 0, 1, 1, 'text')",
            [("1", "x" * 100), ("2", None)],
        )
    async with await Database.open(path, boot_id="boot-1") as database:
        sizes = await database.read(
            lambda connection: [row["size"] for row in connection.execute("SELECT size FROM messages")]
        )
    assert sizes == [ROW_BYTES + 100, ROW_BYTES]
    assert 0 < REMOVED_TO < 1
