"""Messages are counted from what the event log says of them."""

from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from server.documents.message import message_document
from server.events.types import EventType, event, message_received, session_deleted
from server.observability.message_metrics import OTHER, REASONS, MessageMetrics
from store.records.events import NewEvent
from store.records.messages import Message, MessageStatus, Via
from store.records.outbox import OutboxTotals
from store.records.reason import Reason


class Counted:
    """What was counted of some events."""

    def __init__(self, *events: NewEvent) -> None:
        self._registry = CollectorRegistry()
        self.metrics = MessageMetrics(self._registry)
        self.metrics.written(events)

    def value(self, name: str, **labels: str) -> float | None:
        return self._registry.get_sample_value(f"motte_{name}", labels)

    def all(self) -> dict[str, float]:
        """Every number that is not 0, with the values of its labels. Not when each series began."""
        return {
            " ".join([sample.name.removeprefix("motte_"), *sample.labels.values()]): sample.value
            for family in self._registry.collect()
            for sample in family.samples
            if sample.value and not sample.name.endswith("_created")
        }


def message(**others: Any) -> Message:
    """A message whose text looks like the members that are counted."""
    text = '{"fromMe":true,"status":"failed"}'
    bo = "4915112345678@s.whatsapp.net"
    made = Message(
        id="3EB0AA", chat=bo, sender=bo, from_me=False, sent_at=1, received_at=1, kind="text", text=text
    )
    return replace(made, **others)


def moved(status: MessageStatus, code: str | None = None) -> NewEvent:
    reason = None if code is None else Reason(code, "why")
    changed = message(from_me=True, via=Via.API, status=status, status_reason=reason)
    return event(EventType.MESSAGE_STATUS, message_document(changed), 1)


def test_each_status_of_a_message_of_a_caller_is_counted_once() -> None:
    assert Counted(*map(moved, MessageStatus)).all() == {
        "messages_queued_total": 1,
        "messages_sent_total": 1,
        "message_receipts_total delivered": 1,
        "message_receipts_total read": 1,
        "message_receipts_total played": 1,
        "messages_failed_total other": 1,
    }


def test_a_failure_is_counted_by_its_reason_and_a_reason_that_nobody_knows_makes_no_series() -> None:
    failed = MessageStatus.FAILED
    counted = Counted(
        *(moved(failed, code) for code in ("not-on-whatsapp", "in-doubt", "4915112345678", "x"))
    )
    assert counted.all() == {
        "messages_failed_total not-on-whatsapp": 1,
        "messages_failed_total in-doubt": 1,
        "messages_failed_total other": 2,
    }


def test_what_came_is_told_from_what_the_phone_wrote_and_no_other_event_counts() -> None:
    counted = Counted(
        message_received(message()),
        message_received(message(kind="reaction")),
        message_received(message(from_me=True, via=Via.PHONE)),
        session_deleted("shop", 1),
    )
    assert counted.all() == {"messages_received_total others": 2, "messages_received_total phone": 1}


def test_every_series_begins_at_zero_so_that_an_alert_sees_the_first_increase() -> None:
    counted = Counted()
    assert counted.value("messages_failed_total", reason="restricted") == 0
    assert counted.value("message_receipts_total", status="read") == 0
    assert counted.value("messages_received_total", writer="others") == 0
    assert counted.value("outbox_oldest_seconds") == 0


def test_no_reason_is_called_like_all_that_have_no_label() -> None:
    assert OTHER not in REASONS


@pytest.mark.parametrize(("oldest", "seconds"), [(None, 0), (40_000, 60), (200_000, 0)])
def test_the_age_of_the_outbox_is_that_of_its_oldest_message_and_never_negative(
    oldest: int | None, seconds: float
) -> None:
    counted = Counted()
    counted.metrics.show_outbox(OutboxTotals(queued=3, handed=1, oldest=oldest), now=100_000)
    assert counted.value("outbox_oldest_seconds") == seconds
    assert counted.value("outbox_messages", status="queued") == 3
