"""How far a message is, whatever order news come in."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.outbound.progress import SETTLED, advanced
from store.records.messages import Message, MessageStatus, Via
from store.records.reason import Reason

QUEUED = Message(
    id="3EB0AA",
    chat="4915112345678@s.whatsapp.net",
    sender="15551234567@s.whatsapp.net",
    from_me=True,
    via=Via.API,
    kind="text",
    text="Hello",
    status=MessageStatus.QUEUED,
    queued_at=1,
    received_at=1,
)
ORDER = [MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ, MessageStatus.PLAYED]
RANK = {status: rank for rank, status in enumerate(MessageStatus)}


@pytest.mark.parametrize("order", list(permutations(ORDER)))
def test_in_whatever_order_receipts_come_the_furthest_counts(order: tuple[MessageStatus, ...]) -> None:
    message = QUEUED
    for at, status in enumerate(order, start=2):
        before, message = message, advanced(message, status, at=at)
        assert RANK[message.status or status] >= RANK[before.status or status]
    assert message.status is MessageStatus.PLAYED
    assert None not in (message.sent_at, message.delivered_at, message.read_at)


def test_what_a_later_status_implies_has_its_moment() -> None:
    read = advanced(QUEUED, MessageStatus.READ, at=7)
    assert (read.sent_at, read.delivered_at, read.read_at) == (7, 7, 7)


def test_news_that_are_old_change_nothing() -> None:
    sent = advanced(QUEUED, MessageStatus.SENT, at=2)
    assert advanced(sent, MessageStatus.SENT, at=9) is sent
    assert advanced(sent, MessageStatus.HANDED, at=9) is sent


@pytest.mark.parametrize("settled", sorted(SETTLED))
def test_what_was_sent_or_has_failed_does_not_fail(settled: MessageStatus) -> None:
    message = advanced(QUEUED, settled, at=2, reason=Reason("expired", "late"))
    assert advanced(message, MessageStatus.FAILED, at=3, reason=Reason("rejected", "no")) == message


def test_what_failed_stays_failed() -> None:
    failed = advanced(QUEUED, MessageStatus.FAILED, at=2, reason=Reason("expired", "late"))
    assert advanced(failed, MessageStatus.DELIVERED, at=3) is failed


@given(st.lists(st.tuples(st.sampled_from(MessageStatus), st.integers(2, 99), st.integers(0, 3))))
def test_a_status_never_goes_back_and_no_moment_changes(
    news: list[tuple[MessageStatus, int, int]],
) -> None:
    message = QUEUED
    for status, at, attempts in news:
        before, message = message, advanced(message, status, at=at, attempts=attempts)
        assert RANK[message.status or status] >= RANK[before.status or status]
        assert message.attempts >= before.attempts
        for moment in ("sent_at", "delivered_at", "read_at"):
            assert getattr(before, moment) in (None, getattr(message, moment))
