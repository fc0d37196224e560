"""Metrics of messages for Prometheus, counted from the events that this front has written."""

from collections.abc import Sequence

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge

from server.events.types import EventType
from server.protocol.message_failures import TABLE
from store.records.events import NewEvent
from store.records.messages import MessageStatus
from store.records.outbox import OutboxTotals

#: Types of events of messages that came, or that an account wrote on its phone.
RECEIVED = frozenset(
    {
        EventType.MESSAGE_RECEIVED,
        EventType.MESSAGE_REACTION,
        EventType.MESSAGE_EDITED,
        EventType.MESSAGE_REVOKED,
    }
)

#: Statuses that the other side's devices report.
RECEIPTS = (MessageStatus.DELIVERED, MessageStatus.READ, MessageStatus.PLAYED)

#: Why messages fail.
REASONS = frozenset(TABLE)

#: Stands for every other reason: a connector could name any.
OTHER = "other"


class _Reason(msgspec.Struct):
    code: str


class _Message(msgspec.Struct, rename="camel"):
    """What is counted of the message in an event. Its other members are not read."""

    from_me: bool
    status: MessageStatus | None
    status_reason: _Reason | None


_decoder = msgspec.json.Decoder(_Message)


class MessageMetrics:
    """Sums over all sessions: no label names one, a chat or a number."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._queued = Counter(
            "motte_messages_queued", "Messages that callers gave this front to send.", registry=registry
        )
        self._sent = Counter("motte_messages_sent", "Messages that WhatsApp confirmed.", registry=registry)
        self._failed = Counter(
            "motte_messages_failed", "Messages that are not sent any more.", ["reason"], registry=registry
        )
        self._receipts = Counter(
            "motte_message_receipts",
            "Messages that a device of the other side has: `delivered`, `read` or `played`.",
            ["status"],
            registry=registry,
        )
        self._received = Counter(
            "motte_messages_received",
            "Messages that came from `others`, or that accounts wrote on their `phone`.",
            ["writer"],
            registry=registry,
        )
        self._outbox = Gauge(
            "motte_outbox_messages",
            "Messages that are neither sent nor failed: `queued`, or `handed` to a connector.",
            ["status"],
            registry=registry,
        )
        self._oldest = Gauge(
            "motte_outbox_oldest_seconds",
            "Seconds since the oldest message that is neither sent nor failed was queued.",
            registry=registry,
        )
        self._begin_at_zero()

    def written(self, events: Sequence[NewEvent]) -> None:
        """Called after each commit of events, in the front that wrote them."""
        for event in events:
            if event.type == EventType.MESSAGE_STATUS:
                self._count_status(_decoder.decode(event.data))
            elif event.type in RECEIVED:
                self._received.labels("phone" if _decoder.decode(event.data).from_me else "others").inc()

    def show_outbox(self, totals: OutboxTotals, *, now: int) -> None:
        """Called at each scrape. now: milliseconds since 1970."""
        self._outbox.labels("queued").set(totals.queued)
        self._outbox.labels("handed").set(totals.handed)
        waited = 0 if totals.oldest is None else now - totals.oldest
        self._oldest.set(max(0, waited) / 1000)

    def _count_status(self, message: _Message) -> None:
        match message.status:
            case MessageStatus.QUEUED:
                self._queued.inc()
            case MessageStatus.SENT:
                self._sent.inc()
            case MessageStatus.FAILED:
                code = OTHER if message.status_reason is None else message.status_reason.code
                self._failed.labels(code if code in REASONS else OTHER).inc()
            case status if status in RECEIPTS:
                self._receipts.labels(status).inc()

    def _begin_at_zero(self) -> None:
        """Creates every series with 0, so that an alert sees the first increase."""
        for code in (*sorted(REASONS), OTHER):
            self._failed.labels(code)
        for status in RECEIPTS:
            self._receipts.labels(status)
        for writer in ("others", "phone"):
            self._received.labels(writer)
        self.show_outbox(OutboxTotals(queued=0, handed=0, oldest=None), now=0)
