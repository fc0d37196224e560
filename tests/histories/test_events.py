"""What the history checker finds in events and in what their consumers got."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.histories import findings
from tests.histories.check import check
from tests.histories.history import Consumer, Heard, History
from tests.histories.samples import GOOD, LOG, received, sent, status

HOOK, READER = "the webhook", "the reader"


def heard_by_webhook(*events: Heard, dead: frozenset[str] = frozenset()) -> History:
    webhook = Consumer(name=HOOK, kind="webhook", heard=events, dead=dead)
    return replace(GOOD, consumers=[webhook])


def heard_by_reader(*events: Heard) -> History:
    return replace(GOOD, consumers=[Consumer(name=READER, kind="reader", heard=events)])


def swapped(events: Sequence[Heard], one: int, other: int) -> list[Heard]:
    found = list(events)
    found[one], found[other] = found[other], found[one]
    return found


def test_an_event_that_a_webhook_did_not_get_is_found() -> None:
    history = heard_by_webhook(*LOG[:3], *LOG[4:])
    assert check(history) == [findings.NotDelivered(HOOK, "evt-there", "message.received")]


def test_an_event_of_which_motte_says_that_it_gave_up_is_not_missing() -> None:
    assert check(heard_by_webhook(*LOG[:3], *LOG[4:], dead=frozenset({"evt-there"}))) == []


def test_a_webhook_that_is_behind_lacks_none_before_its_last_event_of_a_session() -> None:
    behind = Consumer(name=HOOK, kind="webhook", heard=LOG[:5], is_behind=True)
    assert check(replace(GOOD, consumers=[behind])) == []

    with_a_gap = replace(behind, heard=[*LOG[:3], LOG[4]])
    assert check(replace(GOOD, consumers=[with_a_gap])) == [
        findings.NotDelivered(HOOK, "evt-there", "message.received")
    ]


def test_an_event_that_a_reader_did_not_read_is_found() -> None:
    assert check(heard_by_reader(*LOG[1:])) == [findings.NotDelivered(READER, "evt-hi", "message.received")]


def test_a_webhook_may_get_an_event_again_with_the_same_bytes() -> None:
    assert check(heard_by_webhook(*LOG[:4], *LOG[1:])) == []


def test_a_reader_must_not_get_an_event_again() -> None:
    assert check(heard_by_reader(*LOG, LOG[-1])) == [findings.ReadTwice(READER, LOG[-1].id, 2)]


def test_other_bytes_under_the_same_id_are_found() -> None:
    again = LOG[1]._replace(body=b"other")
    assert check(heard_by_webhook(*LOG[:2], again, *LOG[2:])) == [findings.OtherBytes(HOOK, LOG[1].id)]


def test_other_bytes_than_the_log_has_are_found() -> None:
    history = heard_by_reader(LOG[0]._replace(body=b"other"), *LOG[1:])
    assert check(history) == [findings.OtherBytes(READER, LOG[0].id)]


def test_a_wrong_order_within_a_session_is_found() -> None:
    assert check(heard_by_webhook(*swapped(LOG, 0, 1))) == [
        findings.DeliveredOutOfOrder(HOOK, "shop", LOG[0].id, LOG[1].id)
    ]
    assert check(heard_by_reader(*swapped(LOG, 0, 1))) == [
        findings.DeliveredOutOfOrder(READER, "shop", LOG[0].id, LOG[1].id)
    ]


def test_an_event_that_comes_late_behind_many_is_found_once() -> None:
    assert check(heard_by_webhook(*LOG[1:], LOG[0])) == [
        findings.DeliveredOutOfOrder(HOOK, "shop", LOG[0].id, LOG[-1].id)
    ]


def test_events_of_two_sessions_may_come_in_any_order() -> None:
    assert LOG[5].session != LOG[4].session
    assert check(heard_by_webhook(*swapped(LOG, 4, 5))) == []


def test_an_event_that_is_not_in_the_log_is_found() -> None:
    history = heard_by_webhook(*LOG, received("x"))
    assert check(history) == [findings.NotInTheLog(HOOK, "evt-x", "message.received")]


def test_a_webhook_gets_only_what_came_after_it() -> None:
    young = Consumer(name=HOOK, kind="webhook", heard=LOG[4:], after=LOG[3].id)
    assert check(replace(GOOD, consumers=[young])) == []
    early = replace(young, heard=LOG[3:])
    assert check(replace(GOOD, consumers=[early])) == [
        findings.NotWanted(HOOK, "evt-there", "message.received")
    ]


def test_a_webhook_gets_only_the_types_that_it_asked_for() -> None:
    types = frozenset({"message.received"})
    wanted = [event for event in LOG if event.type in types]
    webhook = Consumer(name=HOOK, kind="webhook", heard=wanted, types=types)
    assert check(replace(GOOD, consumers=[webhook])) == []
    assert check(replace(GOOD, consumers=[replace(webhook, heard=[*wanted, LOG[-1]])])) == [
        findings.NotWanted(HOOK, LOG[-1].id, "message.status")
    ]


def test_an_id_that_the_log_has_twice_is_found() -> None:
    assert check(replace(GOOD, log=[*LOG, LOG[5]], inbound=None, written=[], consumers=[]))[-1] == (
        findings.LoggedTwice(LOG[5].id, 2)
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [("delivered", "sent"), ("read", "delivered"), ("sent", "sent"), ("sent", "failed"), ("failed", "sent")],
)
def test_a_status_that_falls_back_is_found(before: str, after: str) -> None:
    log = [status("a", before), status("a", after)._replace(id="evt-second")]
    assert check(History(log=log)) == [findings.FellBack("id-a", before, after)]


def test_a_status_may_skip_those_between() -> None:
    assert check(History(log=[status("a", "sent"), status("a", "played")])) == []


def test_a_message_whose_last_event_is_not_its_status_is_found() -> None:
    history = History(log=[status("a", "sent")], outbound=[sent("a"), sent("b")])
    assert check(history) == [
        findings.OtherLastStatus("id-a", "sent", "delivered"),
        findings.OtherLastStatus("id-b", None, "delivered"),
    ]
