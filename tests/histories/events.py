"""Judges events: every consumer gets each of them, in the order of its session, with the same bytes."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from tests.histories import findings
from tests.histories.findings import Finding
from tests.histories.history import Consumer, Heard, History, Recorded

#: A status is ahead of all that stand before it. A message that was sent does not fail any more.
RANKS = {"queued": 0, "handed": 1, "sent": 2, "failed": 2, "delivered": 3, "read": 4, "played": 5}


def check_events(history: History) -> Iterator[Finding]:
    """Yields what is wrong with the log and its consumers. Without a log there is nothing to compare."""
    if history.log is None:
        return
    for event, times in Counter(event.id for event in history.log).items():
        if times > 1:
            yield findings.LoggedTwice(event, times)
    yield from _check_statuses(history.log, history.outbound)
    for consumer in history.consumers:
        yield from _check_consumer(consumer, history.log)


def _check_statuses(log: Sequence[Heard], outbound: Sequence[Recorded] | None) -> Iterator[Finding]:
    last: dict[str, str] = {}
    for event in log:
        if event.type != "message.status" or event.message is None or event.status is None:
            continue
        before = last.get(event.message)
        if before is not None and RANKS[event.status] <= RANKS[before]:
            yield findings.FellBack(event.message, before, event.status)
        last[event.message] = event.status
    for message in outbound or ():
        if message.status != "queued" and last.get(message.id) != message.status:
            yield findings.OtherLastStatus(message.id, last.get(message.id), message.status)


def _check_consumer(consumer: Consumer, log: Sequence[Heard]) -> Iterator[Finding]:
    places = {event.id: place for place, event in enumerate(log)}
    begins = -1 if consumer.after is None else places[consumer.after]
    wanted = {
        event.id for event in log[begins + 1 :] if consumer.types is None or event.type in consumer.types
    }
    times = Counter(event.id for event in consumer.heard)
    last = _last_heard(consumer, places) if consumer.is_behind else None
    for event in log:
        is_due = last is None or places[event.id] < last.get(event.session, -1)
        if is_due and event.id in wanted and event.id not in times and event.id not in consumer.dead:
            yield findings.NotDelivered(consumer.name, event.id, event.type)
    for event in {event.id: event for event in consumer.heard}.values():
        if event.id not in places:
            yield findings.NotInTheLog(consumer.name, event.id, event.type)
        elif event.id not in wanted:
            yield findings.NotWanted(consumer.name, event.id, event.type)
        if times[event.id] > 1 and consumer.kind == "reader":
            yield findings.ReadTwice(consumer.name, event.id, times[event.id])
    yield from _check_bytes(consumer, log)
    yield from _check_order(consumer, places)


def _last_heard(consumer: Consumer, places: dict[str, int]) -> dict[str, int]:
    """The place of the last event of each session that the consumer has."""
    last: defaultdict[str, int] = defaultdict(lambda: -1)
    for event in consumer.heard:
        last[event.session] = max(last[event.session], places.get(event.id, -1))
    return last


def _check_bytes(consumer: Consumer, log: Sequence[Heard]) -> Iterator[Finding]:
    bodies: defaultdict[str, set[bytes]] = defaultdict(set)
    for event in [*log, *consumer.heard]:
        bodies[event.id].add(event.body)
    for event_id, different in bodies.items():
        if len(different) > 1:
            yield findings.OtherBytes(consumer.name, event_id)


def _check_order(consumer: Consumer, places: dict[str, int]) -> Iterator[Finding]:
    """A webhook may get an event again, after a kill. Its first copies are in order."""
    latest: dict[str, Heard] = {}
    seen = set[str]()
    for event in consumer.heard:
        if event.id in seen or event.id not in places:
            continue
        seen.add(event.id)
        before = latest.setdefault(event.session, event)
        if places[event.id] < places[before.id]:
            yield findings.DeliveredOutOfOrder(consumer.name, event.session, event.id, before.id)
        else:
            latest[event.session] = event
