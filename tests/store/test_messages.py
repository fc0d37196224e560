"""Messages in the record."""

import sqlite3
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.database import Database
from store.messages import BATCH, Messages
from store.records import Message, Session
from store.sessions import Sessions
from tests.store.samples import INTEGERS, TEXTS, session

CONTACT = "4915112345678@s.whatsapp.net"

ANY_MESSAGE = st.builds(
    Message,
    number=st.just(0),
    id=TEXTS,
    chat=TEXTS,
    sender=TEXTS,
    from_me=st.booleans(),
    push_name=st.none() | TEXTS,
    sent_at=INTEGERS,
    received_at=INTEGERS,
    kind=TEXTS,
    text=st.none() | TEXTS,
)


def letter(text: str, *, received_at: int = 1000) -> Message:
    """A message that says so."""
    return Message(
        id="1",
        chat=CONTACT,
        sender=CONTACT,
        from_me=False,
        sent_at=1,
        received_at=received_at,
        kind="text",
        text=text,
    )


async def store(sessions: Sessions, *messages: Message, session_id: str = "shop") -> None:
    """As the front does: each with its sequence number."""

    def heard(before: Session) -> Session:
        return replace(before, have=before.have + 1)

    for message in messages:
        await sessions.change(session_id, heard, message=message)


async def texts(messages: Messages, session_id: str = "shop", *, after: int = 0) -> list[str | None]:
    return [message.text for message in await messages.page(session_id, after=after, limit=1000)]


@given(message=ANY_MESSAGE)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_message_is_read_as_it_was_stored(
    sessions: Sessions, messages: Messages, message: Message
) -> None:
    await sessions.delete("shop")
    await sessions.add(session())
    await store(sessions, message)
    [found] = await messages.page("shop", after=0, limit=10)
    assert replace(found, number=0) == message


async def test_a_page_begins_behind_a_number_and_ends_with_its_limit(
    sessions: Sessions, messages: Messages
) -> None:
    await sessions.add(session())
    await store(sessions, *(letter(str(n)) for n in range(5)))
    first = await messages.page("shop", after=0, limit=2)
    second = await messages.page("shop", after=first[-1].number, limit=2)
    assert [message.text for message in first + second] == ["0", "1", "2", "3"]


async def test_sessions_do_not_see_each_others_messages(sessions: Sessions, messages: Messages) -> None:
    await sessions.add(session("a"))
    await sessions.add(session("b"))
    await store(sessions, letter("for a"), session_id="a")
    await store(sessions, letter("for b"), session_id="b")
    assert await texts(messages, "a") == ["for a"]


async def test_a_message_is_not_stored_where_its_session_does_not_change(
    sessions: Sessions, messages: Messages
) -> None:
    await sessions.add(session())
    await sessions.change("shop", lambda before: before, message=letter("heard before"))
    assert await texts(messages) == []


async def test_a_message_that_cannot_be_stored_leaves_its_sequence_number_unheard(
    database: Database, sessions: Sessions
) -> None:
    await sessions.add(session())
    await database.write(lambda connection: connection.execute("DROP TABLE messages"))
    with pytest.raises(sqlite3.OperationalError):
        await store(sessions, letter("lost?"))
    found = await sessions.get("shop")
    assert found is not None
    assert found.have == 0


async def test_messages_go_with_their_session(sessions: Sessions, messages: Messages) -> None:
    await sessions.add(session())
    await store(sessions, letter("one"))
    await sessions.delete("shop")
    await sessions.add(session())
    assert await texts(messages) == []


async def test_a_number_is_never_given_twice(sessions: Sessions, messages: Messages) -> None:
    await sessions.add(session())
    await store(sessions, letter("one"))
    [first] = await messages.page("shop", after=0, limit=1)
    await sessions.delete("shop")
    await sessions.add(session())
    await store(sessions, letter("two"))
    assert await texts(messages, after=first.number) == ["two"]


async def test_what_is_too_old_is_forgotten_in_steps(sessions: Sessions, messages: Messages) -> None:
    await sessions.add(session())
    old = [letter(str(n), received_at=999) for n in range(BATCH + 1)]
    await store(sessions, *old, letter("young"))
    assert await messages.forget(1000)
    assert not await messages.forget(1000)
    assert await texts(messages) == ["young"]


def test_what_somebody_wrote_is_in_no_representation() -> None:
    assert "secret" not in repr(letter("secret"))
