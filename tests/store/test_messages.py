"""Messages in the store."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.ports.messages import MessageStore
from store.ports.sessions import SessionStore
from store.ports.store import Store
from store.records.messages import UNDECRYPTABLE, VIEW_ONCE, Message, MessageStatus, Via
from store.records.reason import Reason
from store.records.sessions import Session
from store.sqlite.database import Database
from store.sqlite.messages import BATCH
from store.sqlite.store import SqliteStore
from tests.store.samples import INTEGERS, TEXTS, change, older_database, session

CONTACT = "4915112345678@s.whatsapp.net"
OTHER = "4915187654321@s.whatsapp.net"
LID = "909913313250243@lid"
GROUP = "120363041234567890@g.us"
BY_BOTH = {"chat_lid": LID, "sender_lid": LID}
BY_LID = BY_BOTH | {"chat": LID, "sender": LID}

ANY_MESSAGE = st.builds(
    Message,
    number=st.just(0),
    id=TEXTS,
    chat=TEXTS,
    chat_lid=st.none() | TEXTS,
    sender=TEXTS,
    sender_lid=st.none() | TEXTS,
    from_me=st.booleans(),
    via=st.none() | st.sampled_from(Via),
    push_name=st.none() | TEXTS,
    kind=TEXTS,
    text=st.none() | TEXTS,
    content=st.none() | TEXTS,
    status=st.none() | st.sampled_from(MessageStatus),
    status_reason=st.none() | st.builds(Reason, TEXTS, TEXTS),
    attempts=INTEGERS,
    queued_at=st.none() | INTEGERS,
    sent_at=st.none() | INTEGERS,
    delivered_at=st.none() | INTEGERS,
    read_at=st.none() | INTEGERS,
    received_at=INTEGERS,
)


def letter(text: str | None, **fields: Any) -> Message:
    """A message that says so."""
    message: dict[str, Any] = {
        "id": "1",
        "chat": CONTACT,
        "sender": CONTACT,
        "from_me": False,
        "sent_at": 1,
        "received_at": 1000,
        "kind": "text",
    }
    return Message(text=text, **(message | fields))


def unreadable(**fields: Any) -> Message:
    """A message of which no copy could be read."""
    return letter(None, kind=UNDECRYPTABLE, **fields)


async def receive(store: Store, *messages: Message, session_id: str = "shop") -> None:
    """As the front does: each with its sequence number."""

    def heard(before: Session) -> Session:
        return replace(before, have=before.have + 1)

    for message in messages:
        await change(store, heard, message, session_id=session_id)


async def texts(messages: MessageStore, session_id: str = "shop", *, after: int = 0) -> list[str | None]:
    return [message.text for message in await messages.page(session_id, after=after, limit=1000)]


@given(message=ANY_MESSAGE)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_message_is_read_as_it_was_stored(
    store: Store, sessions: SessionStore, messages: MessageStore, message: Message
) -> None:
    await sessions.delete("shop", token=None)
    await sessions.add(session())
    await receive(store, message)
    [found] = await messages.page("shop", after=0, limit=10)
    assert replace(found, number=0) == message


async def test_a_page_begins_behind_a_number_and_ends_with_its_limit(
    store: Store, sessions: SessionStore, messages: MessageStore
) -> None:
    await sessions.add(session())
    await receive(store, *(letter(str(n)) for n in range(5)))
    first = await messages.page("shop", after=0, limit=2)
    second = await messages.page("shop", after=first[-1].number, limit=2)
    assert [message.text for message in first + second] == ["0", "1", "2", "3"]


async def test_sessions_do_not_see_each_others_messages(
    store: Store, sessions: SessionStore, messages: MessageStore
) -> None:
    await sessions.add(session("a"))
    await sessions.add(session("b"))
    await receive(store, letter("for a"), session_id="a")
    await receive(store, letter("for b"), session_id="b")
    assert await texts(messages, "a") == ["for a"]


async def test_a_message_that_cannot_be_stored_leaves_its_sequence_number_unheard(
    store: Store, database: Database, sessions: SessionStore
) -> None:
    await sessions.add(session())
    await database.write(lambda connection: connection.execute("DROP TABLE messages"))
    with pytest.raises(sqlite3.OperationalError):
        await receive(store, letter("lost?"))
    found = await sessions.get("shop")
    assert found is not None
    assert found.have == 0


async def test_messages_go_with_their_session(
    store: Store, sessions: SessionStore, messages: MessageStore
) -> None:
    await sessions.add(session())
    await receive(store, letter("one"))
    await sessions.delete("shop", token=None)
    await sessions.add(session())
    assert await texts(messages) == []


async def test_no_two_messages_of_a_session_have_one_number(
    store: Store, sessions: SessionStore, messages: MessageStore
) -> None:
    await sessions.add(session())
    await receive(store, letter("one"))
    [first] = await messages.page("shop", after=0, limit=1)
    await messages.forget(2000)
    await receive(store, letter("two"))
    assert await texts(messages, after=first.number) == ["two"]


async def test_the_numbers_of_a_session_count_its_own_messages_alone(
    store: Store, sessions: SessionStore, messages: MessageStore
) -> None:
    for name in ("shop", "cafe"):
        await sessions.add(session(name))
    for _ in range(3):
        await receive(store, *(letter("for others") for _ in range(5)), session_id="cafe")
        await receive(store, letter("for us"))
    assert [message.number for message in await messages.page("shop", after=0, limit=10)] == [1, 2, 3]


async def test_after_a_number_that_a_session_never_had_comes_its_oldest_message(
    store: Store, sessions: SessionStore, messages: MessageStore
) -> None:
    await sessions.add(session())
    await receive(store, letter("one"), letter("two"))
    assert await texts(messages, after=2) == []
    assert await texts(messages, after=3) == ["one", "two"]


async def test_the_numbers_of_an_older_motte_stay_and_later_ones_are_above_them(tmp_path: Path) -> None:
    path = tmp_path / "motte.db"
    with older_database(path, "0014_message_places.sql") as connection:
        connection.executemany(
            "INSERT INTO messages (number, session_id, id, text, chat, sender, from_me, sent_at, "
            "received_at, kind) VALUES (?, 'shop', ?, ?, 'c', 'c', 0, 1, 1, 'text')",
            [(7, "1", "one"), (4711, "2", "two")],
        )
    async with await Database.open(path, boot_id="boot-1") as database:
        store = SqliteStore(database)
        assert await texts(store.messages, after=7) == ["two"]
        await receive(store, letter("three"))
        assert await texts(store.messages, after=4711) == ["three"]
        assert await texts(store.messages, after=4712) == ["three"], "of a session that was deleted, perhaps"


async def test_messages_of_a_motte_that_did_not_send_stay_and_no_number_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "motte.db"
    came = letter("came", chat_lid=LID, sender_lid=LID, push_name="Bo")
    with older_database(path, "0016_messages_of_both_directions.sql") as connection:
        connection.executemany(
            "INSERT INTO messages (number, session_id, place, id, text, chat, chat_lid, sender, sender_lid, "
            "push_name, from_me, sent_at, received_at, kind, size) "
            "VALUES (?, 'shop', ?, '1', ?, ?, ?, ?, ?, 'Bo', ?, 1, 1000, 'text', 410)",
            [
                (5, 1, "came", CONTACT, LID, CONTACT, LID, 0),
                (6, 2, "from the phone", CONTACT, LID, CONTACT, LID, 1),
            ],
        )
        connection.execute(
            "INSERT INTO messages SELECT 99, session_id, '9', chat, sender, from_me, push_name, "
            "sent_at, received_at, kind, text, chat_lid, sender_lid, size, 3 FROM messages WHERE number = 5"
        )
        connection.execute("DELETE FROM messages WHERE number = 99")
        connection.execute("UPDATE sessions SET last_place = 3")
    async with await Database.open(path, boot_id="boot-1") as database:
        store = SqliteStore(database)
        await receive(store, letter("new"))
        found = await store.messages.page("shop", after=0, limit=10)
        numbers = await database.read(
            lambda connection: [row[0] for row in connection.execute("SELECT number FROM messages")]
        )
    assert replace(found[0], number=0) == came
    assert [(message.text, message.via) for message in found] == [
        ("came", None),
        ("from the phone", Via.PHONE),
        ("new", None),
    ]
    assert numbers == [5, 6, 100]


async def test_what_is_too_old_is_forgotten_in_steps(
    store: Store, sessions: SessionStore, messages: MessageStore
) -> None:
    await sessions.add(session())
    old = [letter(str(n), received_at=999) for n in range(BATCH + 1)]
    await receive(store, *old, letter("young"))
    assert await messages.forget(1000)
    assert not await messages.forget(1000)
    assert await texts(messages) == ["young"]


def test_what_somebody_wrote_is_in_no_representation() -> None:
    assert "secret" not in repr(letter("secret"))


@pytest.mark.parametrize(
    ("stub", "copy"),
    [
        ({}, {}),
        (BY_LID, BY_BOTH),
        (BY_BOTH, BY_LID),
        ({"chat": GROUP}, {"chat": GROUP, "sender_lid": LID}),
    ],
)
async def test_a_copy_that_can_be_read_takes_the_place_of_one_that_could_not(
    store: Store, sessions: SessionStore, messages: MessageStore, stub: dict[str, Any], copy: dict[str, Any]
) -> None:
    await sessions.add(session())
    await receive(store, unreadable(**stub), letter("behind it", id="2"), letter("readable", **copy))
    assert await texts(messages) == ["behind it", "readable"]


async def test_what_can_be_viewed_once_and_comes_all_the_same_takes_the_place_of_its_notice(
    store: Store, sessions: SessionStore, messages: MessageStore
) -> None:
    await sessions.add(session())
    notice = letter(None, kind=VIEW_ONCE, id="1")
    await receive(store, notice, letter("behind it", id="2"), letter("Once", kind="image", id="1"))
    assert await texts(messages) == ["behind it", "Once"]


@pytest.mark.parametrize(
    "other", [{"id": "2"}, {"chat": GROUP}, {"sender": OTHER}, {"chat": OTHER, "sender": OTHER}]
)
async def test_a_message_that_could_not_be_read_stays_where_another_one_comes(
    store: Store, sessions: SessionStore, messages: MessageStore, other: dict[str, Any]
) -> None:
    await sessions.add(session("a"))
    await sessions.add(session("b"))
    await receive(store, unreadable(), letter("another", **other), session_id="a")
    await receive(store, letter("of another session"), session_id="b")
    assert await texts(messages, "a") == [None, "another"]


async def test_a_message_that_could_be_read_stays_where_its_id_comes_again(
    store: Store, sessions: SessionStore, messages: MessageStore
) -> None:
    await sessions.add(session())
    await receive(store, letter("first"), letter("again"))
    assert await texts(messages) == ["first", "again"]
