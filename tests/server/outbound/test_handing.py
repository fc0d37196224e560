"""The transaction that hands a message to a connector."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from server.domain.transitions import Now
from server.outbound.handing import NotHanded, hand_over
from store.records import Message, MessageStatus, SendTerms, Via
from store.sqlite.store import SqliteStore, open_store
from tests.store.samples import session

BO = "4915112345678@s.whatsapp.net"

#: The time of the message is over 60 seconds after it was queued.
QUEUED_AT, ENDS_AT = 1000.0, 1060.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqliteStore]:
    async with open_store(tmp_path / "motte.db", boot_id="boot-1") as opened:
        await opened.sessions.add(session("shop"))
        yield opened


def at(boot: float) -> Now:
    return Now(wall=round(boot * 1000), boot=boot, boot_id="boot-1")


async def queue(store: SqliteStore) -> Message:
    message = Message(
        id="3EB0AA",
        chat=BO,
        sender="15551234567@s.whatsapp.net",
        from_me=True,
        via=Via.API,
        kind="text",
        text="one",
        status=MessageStatus.QUEUED,
        queued_at=at(QUEUED_AT).wall,
        received_at=at(QUEUED_AT).wall,
    )
    terms = SendTerms(until=ENDS_AT, until_wall=at(ENDS_AT).wall, boot_id="boot-1")
    return await store.transact("shop", lambda unit: unit.outbox.add(message, terms), token=None)


async def hand(store: SqliteStore, message: Message, now: Now) -> tuple[object, MessageStatus | None]:
    """What the hand-over gives, and the status of the message after it."""
    found = await store.transact("shop", lambda unit: hand_over(unit, message.id, now), token=None)
    [stored] = await store.messages.with_id("shop", message.id)
    return found, stored.status


async def test_a_message_is_handed_over_until_its_time_is_over(store: SqliteStore) -> None:
    message = await queue(store)
    found, status = await hand(store, message, at(ENDS_AT - 0.1))
    assert not isinstance(found, NotHanded)
    assert status is MessageStatus.HANDED


async def test_a_message_whose_time_is_over_expires_in_the_transaction_that_would_hand_it_over(
    store: SqliteStore,
) -> None:
    message = await queue(store)
    assert await hand(store, message, at(ENDS_AT)) == (NotHanded.ENDED, MessageStatus.FAILED)
    assert await store.outbox.entries("shop") == []


async def test_a_message_that_a_connector_has_does_not_expire_here(store: SqliteStore) -> None:
    message = await queue(store)
    await hand(store, message, at(QUEUED_AT))
    found, status = await hand(store, message, at(ENDS_AT))
    assert not isinstance(found, NotHanded)
    assert status is MessageStatus.HANDED
