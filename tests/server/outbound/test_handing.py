"""The transaction that hands a message to a connector."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from server.domain.message_content import Content, encode_content
from server.domain.transitions import Now
from server.outbound.handing import Handed, NotHanded, hand_over
from server.outbound.status_changes import move
from server.outbound.windows import EDIT_WINDOW_MS, GRACE_MS, REVOKE_WINDOW_MS
from server.protocol.content import MessageReference
from store.records.messages import Message, MessageStatus, Via
from store.records.outbox import SendTerms
from store.records.reason import Reason
from store.sqlite.store import SqliteStore, open_store
from tests.store.samples import session

BO = "4915112345678@s.whatsapp.net"
OURS = "15551234567@s.whatsapp.net"

#: The time of the message is over 60 seconds after it was queued.
QUEUED_AT, ENDS_AT = 1000.0, 1060.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqliteStore]:
    async with open_store(tmp_path / "motte.db", boot_id="boot-1") as opened:
        await opened.sessions.add(session("shop"))
        yield opened


def at(boot: float) -> Now:
    return Now(wall=round(boot * 1000), boot=boot, boot_id="boot-1")


async def queue(
    store: SqliteStore, *, kind: str = "text", target: str | None = None, ends_at: float = ENDS_AT
) -> Message:
    about = None if target is None else MessageReference(id=target, chat=BO, sender=OURS)
    message = Message(
        id=f"3EB0{kind}",
        chat=BO,
        sender=OURS,
        from_me=True,
        via=Via.API,
        kind=kind,
        content=encode_content(Content(target=about)),
        status=MessageStatus.QUEUED,
        queued_at=at(QUEUED_AT).wall,
        received_at=at(QUEUED_AT).wall,
    )
    terms = SendTerms(until=ends_at, until_wall=at(ends_at).wall, boot_id="boot-1")
    return await store.transact("shop", lambda unit: unit.outbox.add(message, terms), token=None)


async def settle(store: SqliteStore, message: Message, code: str | None = None) -> None:
    """WhatsApp takes the message when it was queued, or it fails for this reason."""
    status = MessageStatus.SENT if code is None else MessageStatus.FAILED
    reason = None if code is None else Reason(code, "as the test wants it")
    wall = at(QUEUED_AT).wall
    await store.transact(
        "shop", lambda unit: move(unit, message, status, at=wall, now=wall, reason=reason), token=None
    )


async def hand(store: SqliteStore, message: Message, now: Now) -> tuple[object, MessageStatus | None]:
    """What the hand-over gives, and the status of the message after it."""
    found = await store.transact("shop", lambda unit: hand_over(unit, message.id, now), token=None)
    [stored] = await store.messages.with_id("shop", message.id)
    return found, stored.status


async def test_a_message_is_handed_over_until_its_time_is_over(store: SqliteStore) -> None:
    message = await queue(store)
    found, status = await hand(store, message, at(ENDS_AT - 0.1))
    assert isinstance(found, Handed)
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
    assert isinstance(found, Handed)
    assert status is MessageStatus.HANDED


@pytest.mark.parametrize(("kind", "window"), [("edit", EDIT_WINDOW_MS), ("revoke", REVOKE_WINDOW_MS)])
async def test_an_edit_and_a_revoke_are_handed_over_as_long_as_they_are_of_use_to_what_they_change(
    store: SqliteStore, kind: str, window: int
) -> None:
    ends_at = QUEUED_AT + (window + GRACE_MS) / 1000
    text = await queue(store)
    change = await queue(store, kind=kind, target=text.id, ends_at=1e6)
    await settle(store, text)
    found, _ = await hand(store, change, at(ends_at - 0.1))
    assert isinstance(found, Handed)
    assert found.until == pytest.approx(ends_at)


@pytest.mark.parametrize(("kind", "window"), [("edit", EDIT_WINDOW_MS), ("revoke", REVOKE_WINDOW_MS)])
async def test_one_that_waited_for_longer_expires(store: SqliteStore, kind: str, window: int) -> None:
    text = await queue(store)
    change = await queue(store, kind=kind, target=text.id, ends_at=1e6)
    await settle(store, text)
    await hand(store, change, at(QUEUED_AT + (window + GRACE_MS) / 1000))
    assert await reason_of(store, change) == "expired"


@pytest.mark.parametrize("kind", ["edit", "revoke", "reaction"])
async def test_what_is_about_a_message_that_failed_is_not_sent(store: SqliteStore, kind: str) -> None:
    text = await queue(store)
    change = await queue(store, kind=kind, target=text.id)
    await settle(store, text, "rejected")
    assert await hand(store, change, at(QUEUED_AT)) == (NotHanded.ENDED, MessageStatus.FAILED)
    assert await reason_of(store, change) == "target-failed"


async def test_what_is_about_a_message_that_somebody_may_have_is_sent(store: SqliteStore) -> None:
    text = await queue(store)
    revoke = await queue(store, kind="revoke", target=text.id)
    await settle(store, text, "in-doubt")
    found, _ = await hand(store, revoke, at(QUEUED_AT))
    assert isinstance(found, Handed)


async def reason_of(store: SqliteStore, message: Message) -> str | None:
    [stored] = await store.messages.with_id("shop", message.id)
    return None if stored.status_reason is None else stored.status_reason.code
